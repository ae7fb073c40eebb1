# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger handed`: what an authority's own witness watches for."""

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_of
from vcred.cli.names import counted
from vcred.cli.operation_words import say_operation
from vcred.cli.output import print_json, print_line, say
from vcred.cli.times import time_text
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.desk.party import Party
from vcred.home import Role
from vcred.ledger.state import State
from vcred.witness.engines.store import HandedOperation


@command(
    "handed",
    example="vcred ledger handed --home authority-gd\n"
    "vcred ledger handed --drop HhQyXcQxqWnL1QbNm2fDBBkFfNSpkGxzm6N5b5oQ9kEJ --home authority-gd",
)
@click.option(
    "--drop",
    "dropped",
    multiple=True,
    metavar="HASH",
    help="Take back an operation that shall not be logged any more.",
)
@unlock_options
@json_option
def handed(
    context: click.Context,
    *,
    dropped: tuple[str, ...],
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """List what this authority has signed and the ledger has not yet

    Its witness stops cosigning when one of these is missing for longer than the network's
    merge delay. Append it, or take it back if it was a mistake.
    """
    home = home_of(context, Role.AUTHORITY)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    with Party.open(home, unlock=unlock, clock=clock_of(context)) as party:
        desk = party.witness_desk
        if dropped:
            desk.drop(dropped)
        waiting = desk.handed()
    if as_json:
        print_json({"handed": [_row(item) for item in waiting]})
        return
    for item in waiting:
        row = _row(item)
        print_line(f"{row['handed_at']}  {row['hash']}  {row['kind']}")
        print_line(f"  {row['says']}")
    say(f"{counted(len(waiting), 'operation')} {'waits' if len(waiting) == 1 else 'wait'} to be logged")


def _row(item: HandedOperation) -> JsonObject:
    operation = decode_json_object(item.operation)
    return {
        "hash": item.hash,
        "handed_at": time_text(item.handed_at),
        "kind": operation["kind"],
        "says": say_operation(operation, State()),
        "operation": operation,
    }
