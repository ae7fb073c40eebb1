# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Operations on their way from the desk where they are signed to the ledger.

An operation is a file that anybody may carry; where the ledger lies on the same machine, or
answers at a URL, it is appended at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from vcred.cli.command import clock_of, json_option
from vcred.cli.homes import home_of
from vcred.cli.inputs import naming, read_object
from vcred.cli.ledger_places import LEDGER_HELP, LEDGER_PLACE, open_ledger_at
from vcred.cli.operation_words import say_operation
from vcred.cli.output import print_json, say, write_data
from vcred.cli.times import time_text
from vcred.cli.unlocking import existing_unlock, unlock_options
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.desk.party import Party
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.errors import DecodeError, UsageError
from vcred.home import Role
from vcred.ledger.entries import Kind
from vcred.ledger.ledger import Ledger
from vcred.ledger.outcomes import Appended
from vcred.ledger.state import State
from vcred.limits import MAX_JSON_BYTES
from vcred.trust.store import TrustStore

if TYPE_CHECKING:
    from vcred.ledger.engines.remote import RemoteLedger

out_option = click.option("--out", required=True, metavar="FILE", help='Where to write; "-" is stdout.')
replace_option = click.option(
    "--replace", is_flag=True, help="Put it in the place of a file that is there already, in one step."
)
pending_option = click.option(
    "--pending",
    "pending",
    multiple=True,
    metavar="FILE",
    help="A signed operation that takes trust away and is not on the ledger; repeat it.",
)
_ledger_option = click.option("--ledger", metavar=LEDGER_PLACE, help=LEDGER_HELP)
_optional_out_option = click.option(
    "--out", metavar="FILE", help='Write the signed operation here, "-" is stdout, instead of appending it.'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOptions:
    """What every command that makes a statement takes: where the ledger is, and what opens the keys."""

    ledger: str | None
    out: str | None
    key_file: str | None
    passphrase_fd: int | None
    as_json: bool


def statement_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that `StatementOptions` holds."""
    return _ledger_option(_optional_out_option(unlock_options(json_option(function))))


def make_statement(
    context: click.Context,
    draft: Callable[[State, str], tuple[Kind, JsonObject]],
    options: StatementOptions,
) -> None:
    """Sign a statement on top of the party's last one; append it, or write it to a file.

    Args:
        context: Names the home and the clock.
        draft: Says, of the ledger's state and the author's DID, which statement to make and what it says.
        options: Of the command line.

    Raises:
        UsageError: Neither a ledger nor a file to write, or the party is not on the ledger.
        LedgerError: The rules refuse it.
    """

    made: list[tuple[JsonObject, State]] = []

    def make(party: Party, state: State) -> JsonObject:
        kind, members = draft(state, party.did)
        operation = party.state_that(kind, members, state=state)
        made.append((operation, state))
        return operation

    make_operation(context, make, options)
    if options.out is not None:
        _tell_signed(*made[-1], options)


def _tell_signed(operation: JsonObject, state: State, options: StatementOptions) -> None:
    if options.as_json and options.out != "-":
        digest = hash_text(operation_hash(operation))
        print_json({"kind": operation["kind"], "hash": digest, "out": options.out})
        return
    say(f"signed: {say_operation(operation, state)}")
    say('next: append it with "vcred ledger append"; it counts once it is published')


def make_operation(
    context: click.Context,
    make: Callable[[Party, State], JsonObject],
    options: StatementOptions,
    *,
    roles: tuple[Role, ...] = (Role.AUTHORITY, Role.ISSUER),
) -> None:
    """Let the party of the home make an operation on what is known of the ledger; append or write it.

    `roles` are those that make such operations. Errors as `make_statement`.
    """
    home = home_of(context, *roles)
    clock = clock_of(context)
    unlock = existing_unlock(home, key_file=options.key_file, passphrase_fd=options.passphrase_fd)
    place = options.ledger or home.settings.ledger
    with Party.open(home, unlock=unlock, clock=clock) as party:
        if place is not None:
            with open_ledger_at(place, clock, home=home) as ledger:
                _finish(make(party, ledger.state), ledger, options)
            return
        if options.out is None:
            raise UsageError(
                "the ledger does not lie on this machine",
                hint="name it with --ledger DIR or URL, or write --out FILE",
            )
        with TrustStore.open(home, clock=clock) as store:
            state = store.belief().state
        hand_over(make(party, state), options.out)


_SEE_TYPES = 'see "vcred type list --ledger LEDGER"'


def find_type(state: State, name: str) -> str:
    """Return the `vct` of a published type: `name` itself, or the newest version of that name.

    Raises:
        UsageError: None is published, or several publishers have one.
    """
    if name in state.types:
        return name
    found = [vct for vct in state.types if vct.rpartition("/")[0].endswith(f"/types/{name}")]
    if not found:
        raise UsageError("nobody has published a type of that name", hint=_SEE_TYPES)
    if len({vct.rpartition("/")[0] for vct in found}) > 1:
        listed = ", ".join(sorted(found))
        raise UsageError(
            f"several publishers have a type of that name: {listed}",
            hint="give one of these instead of the name",
        )
    return max(found, key=lambda vct: int(vct.rpartition("/")[2]))


def hand_over(operation: JsonObject, out: str) -> None:
    """Write an operation to a file or stdout."""
    write_data(encode_jcs(operation) + b"\n", out)


def read_operation(name: str) -> JsonObject:
    """Read an operation from a file or stdin.

    Raises:
        StoreError: The file is not there or cannot be read.
        DecodeError: It is not an operation of a ledger.
    """
    value = read_object(name, max_bytes=MAX_JSON_BYTES)
    with naming(name, hint='operations are made by the commands of "vcred did", "ledger" and "type"'):
        if not isinstance(value.get("kind"), str) or not isinstance(value.get("version"), int):
            raise DecodeError("not an operation of a ledger")
    return value


def tell_appended(appended: Appended, *, as_json: bool) -> None:
    """Say where an operation stands."""
    if as_json:
        print_json(
            {"index": appended.index, "logged_at": time_text(appended.logged_at), "new": appended.is_new}
        )
    elif appended.is_new:
        say(f"appended as entry {appended.index}; it counts once it is published")
    else:
        say(f"on the ledger already, as entry {appended.index}")


def _finish(operation: JsonObject, ledger: "Ledger | RemoteLedger", options: StatementOptions) -> None:
    if options.out is not None:
        hand_over(operation, options.out)
    else:
        tell_appended(ledger.append(operation), as_json=options.as_json)
