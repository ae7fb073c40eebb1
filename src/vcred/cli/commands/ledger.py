# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger`: keep the ledger, read it, check it, publish it."""

import click

from vcred.cli.append_hints import hinting_at_signatures
from vcred.cli.command import HOME, clock_of, command, home_option, json_option
from vcred.cli.groups import Deferred, LazyGroup
from vcred.cli.homes import home_of
from vcred.cli.known_ledger import known_log, ledger_option
from vcred.cli.ledger_places import LEDGER_HELP, LEDGER_PLACE, is_url, remote_log
from vcred.cli.names import counted
from vcred.cli.operation_words import parties, say_operation
from vcred.cli.operations import read_operation, tell_appended
from vcred.cli.output import print_json, print_line, say
from vcred.cli.times import time_text
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.codec.json_types import JsonObject
from vcred.home import Role
from vcred.ledger.entries import Entry, parse_leaf
from vcred.ledger.ledger import Ledger
from vcred.ledger.state import State


def open_ledger(context: click.Context, *, key_file: str | None, passphrase_fd: int | None) -> Ledger:
    """Open the ledger of the home; close it."""
    home = home_of(context, Role.LEDGER)
    unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
    return Ledger.open(home, unlock=unlock, clock=clock_of(context))


@command(
    "append",
    example="vcred ledger append create.json --home ledger\n"
    "vcred ledger append create.json --ledger https://ledger.example",
)
@click.argument("operation")
@click.option("--ledger", "place", metavar=LEDGER_PLACE, help=LEDGER_HELP)
@unlock_options
@json_option
def append(
    context: click.Context,
    *,
    operation: str,
    place: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Append a signed operation, if the rules allow it

    OPERATION is a file, "-" is stdin. The same again changes nothing.
    """
    value = read_operation(operation)
    if place is not None and is_url(place):
        # Nothing has to be known of a log to hand an operation over; not even that it has begun.
        with hinting_at_signatures(value):
            appended = remote_log(place).append(value)
        tell_appended(appended, as_json=as_json)
        return
    if place is not None:
        context.meta[HOME] = place
    ledger = open_ledger(context, key_file=key_file, passphrase_fd=passphrase_fd)
    with ledger, hinting_at_signatures(value):
        appended = ledger.append(value)
    tell_appended(appended, as_json=as_json)


@command(
    "log",
    example="vcred ledger log --home ledger\n"
    "vcred ledger log --ledger https://ledger.example --home authority-mo",
)
@ledger_option
@unlock_options
@json_option
def log(
    context: click.Context,
    *,
    ledger: str | None,
    key_file: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """List the entries, oldest first

    Each with its hash, and what it says in words. Of a ledger, or of the trust bundle of the home.
    """
    known = known_log(context, ledger, key_file=key_file, passphrase_fd=passphrase_fd)
    published = 0 if known.published is None else known.published.size
    rows = [_row(index, parse_leaf(leaf), known.state) for index, leaf in enumerate(known.leaves)]
    for entry in known.state.void:
        rows[entry.index]["void"] = str(entry.reason)
    if as_json:
        print_json({"published": published, "entries": [*rows]})
        return
    for row in rows:
        note = f"   void: {row['void']}" if row["void"] else ""
        print_line(f"{row['index']:>5}  {row['logged_at']}  {row['hash']}  {row['kind']}{note}")
        print_line(f"{'':<7}{row['says']}")
    say(f"{counted(len(rows), 'entry')}, {published} of them published")


@command("fsck", example="vcred ledger fsck --home ledger")
@unlock_options
@json_option
def fsck(context: click.Context, *, key_file: str | None, passphrase_fd: int | None, as_json: bool) -> None:
    """Recompute the whole ledger from its entries, and compare

    With every signature, the tree and the published checkpoint. Exit code 4: what is stored is not
    what the entries give; then append and publish nothing.
    """
    with open_ledger(context, key_file=key_file, passphrase_fd=passphrase_fd) as ledger:
        found = ledger.fsck()
    if as_json:
        print_json({"size": found.size, "root": found.root.hex(), "void": found.void})
    else:
        print_line(f"sound: {counted(found.size, 'entry')}, {found.void} void, root {found.root.hex()}")


def _row(index: int, entry: Entry, state: State) -> JsonObject:
    return {
        "index": index,
        "logged_at": time_text(entry.logged_at),
        "kind": entry.kind,
        **parties(entry.operation, state),
        "says": say_operation(entry.operation, state),
        "hash": entry.hash,
        "void": None,
    }


group = LazyGroup(
    "ledger",
    help="Keep the ledger that both jurisdictions share",
    params=[home_option()],
    table={
        "found": Deferred("ledger_found", "found", "Make what an authority hands over to found a network"),
        "genesis": Deferred(
            "ledger_found", "genesis", "Draft the first entry from what the founders handed over"
        ),
        "endorse": Deferred("ledger_found", "endorse", "Sign an operation as founder, sponsor or authority"),
        "append": Deferred("ledger", "append", "Append a signed operation, if the rules allow it"),
        "accredit": Deferred(
            "ledger_statements", "accredit", "Let an issuer issue a type for this jurisdiction"
        ),
        "recognise": Deferred(
            "ledger_statements", "recognise", "Accept a type of another jurisdiction at this one's gates"
        ),
        "register": Deferred(
            "ledger_trust", "register", "Let an organisation ask holders for claims of a type"
        ),
        "withdraw": Deferred(
            "ledger_statements", "withdraw", "Take back an accreditation, a recognition or a registration"
        ),
        "distrust": Deferred("ledger_trust", "distrust", "Declare that a key is not to be trusted"),
        "change": Deferred(
            "ledger_change",
            "change",
            "Draft a change of the network: its authorities, witnesses, log key or limits",
        ),
        "publish": Deferred("ledger_publish", "publish", "Have the head cosigned, and publish it"),
        "members": Deferred(
            "ledger_members", "members", "Show who rules the network, who witnesses it, and its limits"
        ),
        "handed": Deferred(
            "ledger_handed", "handed", "List what this authority has signed and the ledger has not yet"
        ),
        "witness-key": Deferred(
            "ledger_witness_key", "witness_key", "Make a new witness key, ready for a change of the network"
        ),
        "log-key": Deferred(
            "ledger_log_key", "log_key", "Make a new log key, ready for a change of the network"
        ),
        "network": Deferred("ledger_publish", "network", "Write the network file that verifiers start from"),
        "log": Deferred("ledger", "log", "List the entries, oldest first"),
        "show": Deferred("ledger_show", "show", "Say in words what an operation does"),
        "export": Deferred(
            "ledger_export", "export", "Write the published log as static files for any web host"
        ),
        "restore": Deferred("ledger_restore", "restore", "Put back published entries that are missing here"),
        "fsck": Deferred("ledger", "fsck", "Recompute the whole ledger from its entries, and compare"),
    },
)
