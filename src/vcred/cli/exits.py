# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Exit codes: part of the public contract."""

from typing import Final

from vcred.errors import (
    FetchError,
    LedgerError,
    RefusedError,
    ResolutionError,
    StoreError,
    UsageError,
    VcredError,
)

DONE: Final = 0
REJECTED: Final = 1
USAGE: Final = 2
INDETERMINATE: Final = 3
ENVIRONMENT: Final = 4
BUG: Final = 70
INTERRUPTED: Final = 130
TERMINATED: Final = 143


def outcome_of(error: VcredError) -> str | None:
    """Return the outcome with its stable code, "rejected (rollback)"; None of an error without one."""
    if isinstance(error, RefusedError | LedgerError):
        return f"rejected ({error.reason})"
    # Of the environment some have a code of their own, "hsm_missing".
    own = isinstance(error, StoreError) and error.code != StoreError.code
    return f"failed ({error.code})" if own else None


def exit_code_of(error: VcredError) -> int:
    """Return the exit code for an error: refused, unless it is usage or the environment.

    A DID that the evidence held does not know is indeterminate: a newer bundle may know it.
    """
    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, StoreError | FetchError):
        return ENVIRONMENT
    if isinstance(error, ResolutionError) and error.kind == "notFound":
        return INDETERMINATE
    return REJECTED
