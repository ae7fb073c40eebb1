# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred ledger show`: what an operation says, to be read before it is endorsed or withdrawn."""

from collections.abc import Sequence
from pathlib import Path

import click

from vcred.cli.command import clock_of, command, json_option
from vcred.cli.homes import home_path, open_trust
from vcred.cli.ledger_places import LEDGER_HELP, LEDGER_PLACE, open_ledger_at
from vcred.cli.operation_words import parties, say_operation
from vcred.cli.operations import read_operation
from vcred.cli.output import print_json, print_line
from vcred.cli.times import time_text
from vcred.clock import Clock
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.errors import UsageError
from vcred.home import Role, read_home
from vcred.ledger.entries import Entry, parse_leaf
from vcred.ledger.state import State


@command(
    "show",
    example="vcred ledger show create.json --home authority-gd\n"
    "vcred ledger show 9pV... --home ledger\n"
    "vcred ledger show 9pV... --home gate-mo --json",
)
@click.argument("operation", metavar="HASH|FILE")
@click.option("--ledger", metavar=LEDGER_PLACE, help=LEDGER_HELP)
@json_option
def show(context: click.Context, *, operation: str, ledger: str | None, as_json: bool) -> None:
    """Say in words what an operation does

    HASH is that of an entry, as "vcred ledger log" shows it; FILE an operation on its way,
    "-" is stdin. Names come from the ledger, or from the trust bundle of the home.
    """
    state, leaves = _known(context, ledger)
    is_file = operation == "-" or Path(operation).is_file()
    value = read_operation(operation) if is_file else None
    wanted = operation if value is None else hash_text(operation_hash(value))
    found = _find(leaves, wanted)
    if value is None:
        if found is None:
            raise UsageError(
                "no entry has that hash, and no file that name", hint='see "vcred ledger log --home LEDGER"'
            )
        value = found[1].operation
    shown = _shown(value, wanted, state, found)
    if as_json:
        print_json(shown | {"operation": value})
    else:
        _tell(shown)


def _known(context: click.Context, named: str | None) -> tuple[State, Sequence[bytes]]:
    """Return what is known of the ledger here, at worst nothing, and its leaves."""
    clock = clock_of(context)
    if named is not None:
        return _of_ledger(named, clock)
    path = home_path(context, Role.LEDGER)
    if not path.exists():
        return State(), ()
    home = read_home(path)
    if home.role is Role.LEDGER:
        return _of_ledger(path, clock)
    if home.settings.ledger is not None:
        return _of_ledger(home.settings.ledger, clock)
    if home.settings.network is None:
        return State(), ()
    with open_trust(home, clock) as store:
        return store.held.state, store.held.leaves


def _of_ledger(place: str | Path, clock: Clock) -> tuple[State, Sequence[bytes]]:
    with open_ledger_at(place, clock) as ledger:
        return ledger.state, ledger.leaves(0, ledger.state.size)


def _find(leaves: Sequence[bytes], wanted: str) -> tuple[int, Entry] | None:
    entries = ((index, parse_leaf(leaf)) for index, leaf in enumerate(leaves))
    return next((item for item in entries if item[1].hash == wanted), None)


def _shown(value: JsonObject, digest: str, state: State, found: tuple[int, Entry] | None) -> JsonObject:
    void = {entry.index: str(entry.reason) for entry in state.void}
    proofs: JsonValue = value.get("proof")
    return {
        "kind": value.get("kind"),
        "says": say_operation(value, state),
        **parties(value, state),
        "hash": digest,
        "signatures": len(proofs) if isinstance(proofs, list) else 0,
        "index": None if found is None else found[0],
        "logged_at": None if found is None else time_text(found[1].logged_at),
        "void": None if found is None else void.get(found[0]),
    }


def _tell(shown: JsonObject) -> None:
    print_line(f"{shown['kind']}   {shown['says']}")
    for label, name in (("author", "author"), ("issuer", "issuer"), ("type", "type"), ("hash", "hash")):
        if shown[name] is not None:
            print_line(f"  {label:<12}{shown[name]}")
    print_line(f"  {'signatures':<12}{shown['signatures']}, not checked here")
    if shown["index"] is None:
        print_line(f"  {'ledger':<12}not on the ledger that is known here")
    else:
        void = f", void: {shown['void']}" if shown["void"] is not None else ""
        print_line(f"  {'ledger':<12}entry {shown['index']}, logged at {shown['logged_at']}{void}")
