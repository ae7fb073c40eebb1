# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""PRV-10: a history that is forgotten is gone from the disk, and no other is touched by it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.issuer.evidence_desk import Desk
from vcred.codec.base64url import encode_base64url
from vcred.database import Database
from vcred.errors import UsageError
from vcred.issuer.evidence_book import AUDIT_LOG
from vcred.ledger.evidence.leaf import EventKind
from vcred.ledger.evidence.proof import verify_evidence

MINE, OTHER = "Canary certificate of one person", "FT-OTHER"
# Triggers of version 1: nothing was ever emptied.
FORMER = (
    "DROP TRIGGER event_keeps_its_rows",
    "DROP TRIGGER event_keeps_its_leaf",
    """CREATE TRIGGER event_keeps_its_rows BEFORE DELETE ON event
        BEGIN SELECT raise(ABORT, 'an event is kept for ever'); END""",
    """CREATE TRIGGER event_keeps_its_leaf BEFORE UPDATE OF digest, certificate, leaf ON event
        BEGIN SELECT raise(ABORT, 'a leaf never changes: its hash may be on the ledger'); END""",
    "PRAGMA user_version=1",
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two certificates with an event each on the ledger, and one each that is queued."""
    desk = Desk(tmp_path)
    desk.add(desk.event(MINE), desk.event(OTHER))
    desk.record()
    desk.add(desk.event(MINE, EventKind.REVOKED), desk.event(OTHER, EventKind.REVOKED))
    return desk


def stands(desk: Desk, text: str) -> bool:
    return any(text.encode() in file.read_bytes() for file in desk.home.path.glob(f"{desk.file.name}*"))


def forget(desk: Desk, certificate: str = MINE) -> int:
    with desk.open() as book:
        return book.forget(certificate)


def salts(desk: Desk) -> list[str]:
    with desk.open() as book:
        return [
            encode_base64url(proof.leaf.salt) for proof in book.prove(MINE, desk.institute.world.state).proofs
        ]


def test_it_is_gone_with_its_salts(desk: Desk) -> None:
    wanted = [MINE, *salts(desk)]
    assert len(wanted) == 2 and all(stands(desk, text) for text in wanted)
    assert forget(desk) == 2
    assert not any(stands(desk, text) for text in wanted)
    assert stands(desk, OTHER)
    with desk.open() as book, pytest.raises(UsageError, match="no such event"):
        book.prove(MINE, desk.institute.world.state)
    assert forget(desk) == 0


def test_others_are_proved_and_recorded_as_before(desk: Desk) -> None:
    state = desk.institute.world.state
    with desk.open() as book:
        (before,) = book.prove(OTHER, state).proofs
    forget(desk)
    with desk.open() as book:
        history = book.prove(OTHER, state)
        assert history.proofs == (before,) and len(history.waiting) == 1
        assert book.queued() == 1
    verify_evidence(before, state)
    desk.institute.world.later(hours=2)
    desk.record()
    with desk.open() as book:
        proofs = book.prove(OTHER, desk.institute.world.state).proofs
    assert len(proofs) == 2
    for proof in proofs:
        verify_evidence(proof, desk.institute.world.state)


def test_the_holders_own_proof_stays_good(desk: Desk) -> None:
    with desk.open() as book:
        (proof,) = book.prove(MINE, desk.institute.world.state).proofs
    forget(desk)
    verify_evidence(proof, desk.institute.world.state)


def test_a_root_that_is_not_recorded_yet_stays_what_it_is(desk: Desk) -> None:
    desk.institute.world.later(hours=2)
    root = desk.next_root()
    forget(desk)
    assert desk.next_root() == root


def test_the_audit_logs_own_is_nobodys_to_forget(desk: Desk) -> None:
    with pytest.raises(UsageError, match="audit log"):
        forget(desk, AUDIT_LOG)


def test_a_stop_in_the_middle_forgets_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    execute, calls = Database.execute, 0

    def stopped(db: Database, sql: str, *values: object) -> object:
        nonlocal calls
        calls += "leaf = x''" in sql or "DELETE" in sql
        if calls == 2:
            raise KeyboardInterrupt
        return execute(db, sql, *values)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Database, "execute", stopped)
        with pytest.raises(KeyboardInterrupt):
            forget(desk)
    assert len(salts(desk)) == 1
    assert forget(desk) == 2


def test_the_file_of_an_older_vcred(desk: Desk) -> None:
    """Where there was no way to forget anything."""
    with closing(sqlite3.connect(desk.file)) as file, file:
        for statement in FORMER:
            file.execute(statement)
    with closing(sqlite3.connect(desk.file)) as file, pytest.raises(sqlite3.IntegrityError):
        file.execute("UPDATE event SET certificate = '', leaf = x''")
    assert stands(desk, MINE)
    assert forget(desk) == 2
    assert not stands(desk, MINE)
    with closing(sqlite3.connect(desk.file)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (2,)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE event SET leaf = x''",
        "UPDATE event SET certificate = ''",
        "UPDATE event SET certificate = '', leaf = x'00'",
        "UPDATE event SET certificate = 'FT-3', leaf = x''",
        "DELETE FROM event WHERE batch IS NOT NULL",
        "UPDATE event SET digest = x'00' WHERE id = 1",
    ],
)
def test_nothing_else_is_changed(desk: Desk, sql: str) -> None:
    with closing(sqlite3.connect(desk.file)) as file, pytest.raises(sqlite3.IntegrityError):
        file.execute(sql)
