# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred evidence record`: one root on the ledger for whatever was added."""

from typing import TYPE_CHECKING, Any

import click

from vcred.cli.command import clock_of, command
from vcred.cli.homes import home_of, open_trust
from vcred.cli.ledger_places import open_ledger_at
from vcred.cli.names import counted
from vcred.cli.operations import StatementOptions, hand_over, statement_options
from vcred.cli.output import print_json, say
from vcred.cli.times import time_text
from vcred.cli.unlocking import existing_unlock
from vcred.clock import Clock
from vcred.codec.json_types import JsonObject
from vcred.desk.party import Party
from vcred.did.methods.vcred import hash_text
from vcred.errors import UsageError
from vcred.home import Home, Role
from vcred.issuer.engines.evidence import Batch
from vcred.issuer.engines.statuses.list_desk import note_audit_head
from vcred.issuer.evidence_book import EvidenceBook
from vcred.ledger.entries import Kind
from vcred.ledger.ledger import Ledger
from vcred.ledger.state import State

if TYPE_CHECKING:
    from vcred.ledger.engines.remote import RemoteLedger


@command(
    "record",
    example="vcred evidence record --home issuer-fintech --ledger ledger\n"
    "vcred evidence record --home issuer-fintech --out record.json",
)
@statement_options
def record(context: click.Context, **given: Any) -> None:
    """Record what was added: one root on the ledger, and nothing else

    How far the audit log of the status lists has come is recorded with it. At most once an hour.
    Run again after a stop, or before the ledger has it, it makes the same statement again, never a
    second one.
    """
    options = StatementOptions(**given)
    home = home_of(context, Role.ISSUER)
    clock = clock_of(context)
    place = options.ledger or home.settings.ledger
    if place is None and options.out is None:
        raise UsageError(
            "the ledger does not lie on this machine",
            hint="name it with --ledger DIR|URL, or write --out FILE",
        )
    unlock = existing_unlock(home, key_file=options.key_file, passphrase_fd=options.passphrase_fd)
    audit = note_audit_head(home, clock, time_floor=_time_floor(home, clock))
    with (
        EvidenceBook.open(home, clock=clock) as book,
        Party.open(home, unlock=unlock, clock=clock) as party,
    ):
        if place is None:
            with open_trust(home, clock) as store:
                state = store.belief().state
            batch = book.next_batch(state, party.did, audit=audit)
            _state_root(batch, party, state, None, options)
        else:
            with open_ledger_at(place, clock, home=home) as ledger:
                batch = book.next_batch(ledger.state, party.did, audit=audit)
                _state_root(batch, party, ledger.state, ledger, options)


def _time_floor(home: Home, clock: Clock) -> int:
    """Return the greatest quorum time that the home knows; 0 if it has no network file."""
    if home.settings.network is None:
        return 0
    with open_trust(home, clock) as trust:
        return trust.held.time_floor


def _state_root(
    batch: Batch | None,
    party: Party,
    state: State,
    ledger: "Ledger | RemoteLedger | None",
    options: StatementOptions,
) -> None:
    """Sign the root of a batch, pass it on, and say so."""
    if batch is None:
        if options.as_json:
            print_json({"events": 0})
        else:
            say('nothing to record: events are added with "vcred evidence add"')
        return
    operation = party.state_that(Kind.EVIDENCE_RECORD, {"root": hash_text(batch.root)}, state=state)
    shown: JsonObject = {"events": batch.events, "root": hash_text(batch.root)}
    if options.out is not None or ledger is None:
        out = options.out or "-"
        hand_over(operation, out)
        if options.as_json and out != "-":
            print_json(shown | {"out": out})
        else:
            say(f"signed a record of {counted(batch.events, 'event')}; it counts once the ledger has it")
        return
    appended = ledger.append(operation)
    if options.as_json:
        where: JsonObject = {
            "index": appended.index,
            "logged_at": time_text(appended.logged_at),
            "new": appended.is_new,
        }
        print_json(shown | where)
    else:
        say(
            f"recorded {counted(batch.events, 'event')} as entry {appended.index}; "
            "it counts once it is published"
        )
