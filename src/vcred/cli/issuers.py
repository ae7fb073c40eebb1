# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door of an issuer, opened as a command says."""

import click

from vcred.cli.command import clock_of
from vcred.cli.homes import home_of
from vcred.cli.unlocking import existing_unlock
from vcred.home import Role
from vcred.issuer.issuer import Issuer


def open_issuer(context: click.Context, *, key_file: str | None, passphrase_fd: int | None) -> Issuer:
    """Open the issuer of the home that the command names. Errors as `Issuer.open`."""
    home = home_of(context, Role.ISSUER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    return Issuer.open(home, unlock=unlock, clock=clock_of(context))
