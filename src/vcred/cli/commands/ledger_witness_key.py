# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger witness-key`: a new key for an authority's witness."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_of
from vcred.cli.operations import hand_over, out_option
from vcred.cli.output import print_json, say
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.desk.engines.witness_desk import witness_json
from vcred.desk.party import Party
from vcred.errors import UsageError
from vcred.home import Role


@command("witness-key", example="vcred ledger witness-key --home authority-gd --out witness.json")
@click.option(
    "--jurisdiction", metavar="CODE", help="Its code, where the authority is not one of the founders."
)
@out_option
@unlock_options
@json_option
def witness_key(
    context: click.Context,
    *,
    jurisdiction: str | None,
    out: str,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Make a new witness key, ready for a change of the network

    The same key again until it has cosigned. It signs once the network lists it ("vcred ledger change
    --add-witness FILE"). A server reads its keys when it starts: start it again first.
    """
    home = home_of(context, Role.AUTHORITY)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Party.open(home, unlock=unlock, clock=clock_of(context)) as party:
        code = party.jurisdiction or jurisdiction
        if code is None:
            raise UsageError(
                "this authority is not a founder: its jurisdiction is not known here",
                hint="name it with --jurisdiction CODE",
            )
        made = party.witness_desk.make_key()
    hand_over(witness_json(made.name, made.signer.public_key, jurisdiction=code), out)
    if as_json and out != "-":
        print_json({"name": made.name, "jurisdiction": code, "out": out})
    else:
        say(f"witness key {made.name}")
