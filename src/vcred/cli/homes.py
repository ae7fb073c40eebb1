# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which home a command works in: `--home`, VCRED_HOME, or the platform's data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from vcred.cli.command import given_home
from vcred.clock import Clock
from vcred.errors import StoreError
from vcred.home import Home, Role, default_home, open_home, read_home
from vcred.trust.store import TrustStore


def home_path(context: click.Context, role: Role) -> Path:
    """Return where the home of this role lies, whether it exists or not."""
    return given_home(context) or default_home(role)


def home_of(context: click.Context, role: Role, *others: Role) -> Home:
    """Open the home, which must have `role` or one of `others`.

    Raises:
        StoreError: No home is there.
        UsageError: It is the home of another role.
    """
    with naming_role(role):
        return open_home(home_path(context, role), role, *others)


def any_home(context: click.Context) -> Home:
    """Open the home whatever its role; without a wish, that of the verifier."""
    with naming_role(Role.VERIFIER):
        return read_home(home_path(context, Role.VERIFIER))


def open_trust(home: Home, clock: Clock) -> TrustStore:
    """Open the trust store of a home; close it. Errors as `TrustStore.open`."""
    with naming_role(home.role):
        return TrustStore.open(home, clock=clock)


@contextmanager
def naming_role(role: Role) -> Iterator[None]:
    """Let a hint that says "vcred init ROLE" name the role."""
    try:
        yield
    except StoreError as error:
        if error.hint is not None:
            error.hint = error.hint.replace("vcred init ROLE", f"vcred init {role}")
        raise
