# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A founded network on a real disk: the homes of a ledger and two authorities, made by their doors."""

import shutil
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.world import START
from vcred.codec.json_types import JsonObject
from vcred.desk.engines.witness_desk import WITNESS_FILE
from vcred.desk.party import Party
from vcred.did.methods.vcred import hash_text
from vcred.files.mark import read_mark, write_mark
from vcred.home import Role
from vcred.issuer.engines.statuses.safeguard import MARK_FILE
from vcred.ledger.drafts import draft_genesis
from vcred.ledger.engines.opening import FILE_NAME
from vcred.ledger.entries import Kind
from vcred.ledger.ledger import Ledger
from vcred.ledger.outcomes import Appended
from vcred.ledger.published import Published
from vcred.witness.witness import LocalWitness

ORIGIN = "ledger.example/homes"
AUTHORITIES = {"gd": "CN-44", "mo": "MO"}


@dataclass
class TestClock:
    """A clock that stands until it is told otherwise."""

    __test__ = False
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Network:
    """The homes under one folder, and the clock that all of them go by."""

    folder: Path
    clock: TestClock = field(default_factory=TestClock)

    @property
    def database(self) -> Path:
        return self.folder / "ledger" / FILE_NAME

    def witness_database(self, name: str) -> Path:
        return self.folder / name / WITNESS_FILE

    def ledger(self) -> Ledger:
        return Ledger.open(self.folder / "ledger", clock=self.clock)

    def party(self, name: str) -> Party:
        return Party.open(self.folder / name, clock=self.clock)

    def statement(self, name: str, number: int, *, ledger: Ledger) -> JsonObject:
        """A party's next statement: a type with that version."""
        with self.party(name) as party:
            members: JsonObject = {
                "type": f"{party.did}/types/badge/{number}",
                "digest": hash_text(number.to_bytes(32, "big")),
                "size": number,
            }
            return party.state_that(Kind.TYPE_PUBLISH, members, state=ledger.state)

    def grow(self, by: int) -> None:
        """Append that many statements."""
        with self.ledger() as ledger:
            for number in range(ledger.state.size, ledger.state.size + by):
                self.say(ledger, number)

    def say(self, ledger: Ledger, number: int, *, name: str = "gd") -> Appended:
        return ledger.append(self.statement(name, number, ledger=ledger))

    def publish(self, *names: str) -> Published:
        """Publish under the witnesses of those authorities; all, unless told otherwise."""
        with ExitStack() as stack:
            ledger = stack.enter_context(self.ledger())
            return ledger.publish([self.witness(name, stack, ledger) for name in names or AUTHORITIES])

    def witness(self, name: str, stack: ExitStack, ledger: Ledger) -> LocalWitness:
        return stack.enter_context(stack.enter_context(self.party(name)).witness(ledger.leaves))

    def copy_to(self, folder: Path) -> "Network":
        """The same network once more: a backup, or another test's."""
        shutil.copytree(self.folder, folder)
        for record in folder.glob(f"*/{WITNESS_FILE}"):
            pass_for_original(record)
        return Network(folder, TestClock(self.clock.now))


def pass_for_original(record: Path) -> None:
    """Let a copied record say that it is the file that it is: else the witness would retire its key."""
    database = sqlite3.connect(record)
    with database:
        database.execute("UPDATE identity SET file = ?", (str(record.stat().st_ino),))
    database.close()


def pass_marks_for_original(folder: Path) -> None:
    """Let the copied homes of issuers below a folder be taken for the originals."""
    for path in folder.rglob(MARK_FILE):
        mark = read_mark(path)
        assert mark is not None
        write_mark(path, mark.size)


def found_network(folder: Path) -> Network:
    """Make the homes and append genesis."""
    network = Network(folder)
    home = Ledger.create(folder / "ledger")
    founders = []
    for name, code in AUTHORITIES.items():
        Party.create(folder / name, Role.AUTHORITY)
        with network.party(name) as party:
            founders.append(party.found(jurisdiction=code, jurisdiction_name={"en": code}, name={"en": name}))
    with Ledger.open(home, clock=network.clock) as ledger:
        genesis = draft_genesis(
            jurisdictions={founder.jurisdiction: founder.jurisdiction_name for founder in founders},
            founders=[{"jurisdiction": item.jurisdiction, "create": item.create} for item in founders],
            witnesses=[founder.witness for founder in founders],
            origin=ORIGIN,
            log_key=ledger.log_key,
        )
        for name in AUTHORITIES:
            with network.party(name) as party:
                genesis = party.endorse(genesis)
        assert ledger.append(genesis).is_new
    return network
