# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who has signed an operation: verified anew, or remembered from when it was.

The rules take one of the two as `SignersOf`. `verified_signers` is for whatever comes from
outside. `claimed_signers` believes what the proofs say of themselves: only for entries that
were verified before, by this version of the rules, and have not changed since, which a
cosigned root shows.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from vcred.codec.json_types import JsonObject
from vcred.keys.public import PublicKey
from vcred.securing.data_integrity.jcs_suites import unsafe_claimed_keys, verify_proofs

PROOF_PURPOSE = "capabilityInvocation"

SignersOf: TypeAlias = Callable[[JsonObject], Sequence[PublicKey]]
"""Give the distinct keys that have signed an operation, or raise RefusedError."""


def verified_signers(operation: JsonObject) -> Sequence[PublicKey]:
    """Verify every proof. Raises RefusedError."""
    return verify_proofs(operation, purpose=PROOF_PURPOSE)


def claimed_signers(operation: JsonObject) -> Sequence[PublicKey]:
    """Read whose the proofs say they are, and verify nothing. Raises RefusedError for the form."""
    return unsafe_claimed_keys(operation)
