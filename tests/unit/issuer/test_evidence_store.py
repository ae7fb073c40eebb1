# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The file of histories: private, whole after every stop, never changed."""

import os
import sqlite3
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.unit.issuer.evidence_desk import Desk
from tests.unit.ledger.evidence_samples import CERTIFICATE
from vcred.database import Database
from vcred.errors import StoreError
from vcred.issuer.engines.evidence import FILE_NAME
from vcred.ledger.evidence.proof import verify_evidence


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_store_is_its_owners_alone(desk: Desk) -> None:
    with desk.open() as book:
        book.add([desk.event()])
        files = list(desk.home.path.glob(f"{FILE_NAME}*"))
        assert len(files) > 1
        assert [file for file in files if file.stat().st_mode & 0o077] == []


def test_an_acknowledged_event_survives_the_process(desk: Desk) -> None:
    """A process that ends without closing anything has kept what it acknowledged."""
    process = get_context("fork").Process(target=_add_and_die, args=(desk,))
    process.start()
    process.join(30)
    assert process.exitcode == 9
    with desk.open() as book:
        assert book.queued() == 1


def _add_and_die(desk: Desk) -> None:
    book = desk.open()
    book.add([desk.event()])
    os._exit(9)


def test_a_batch_is_whole_or_not_at_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while the places are written down: every event is still queued, and none is lost."""
    desk.add(desk.event(), desk.event("FT-18"))
    with monkeypatch.context() as patch:
        patch.setattr(Database, "execute_many", _stop)
        with pytest.raises(KeyboardInterrupt):
            desk.next_root()
    with desk.open() as book:
        assert book.queued() == 2
    desk.record()
    with desk.open() as book:
        (proof,) = book.prove("FT-18", desk.institute.world.state).proofs
    verify_evidence(proof, desk.institute.world.state)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_two_that_record_at_once_get_one_batch(desk: Desk) -> None:
    desk.add(*(desk.event(f"FT-{number}") for number in range(40)))
    context = get_context("fork")
    answers = context.Queue()
    processes = [context.Process(target=lambda: answers.put(desk.next_root())) for _ in range(4)]
    for process in processes:
        process.start()
    roots = {answers.get(timeout=30) for _ in processes}
    for process in processes:
        process.join(30)
    assert len(roots) == 1


@pytest.fixture
def recorded(desk: Desk) -> Iterator[sqlite3.Connection]:
    """The file behind the store's back, with one recorded event."""
    desk.add(desk.event())
    desk.record()
    with sqlite3.connect(desk.file) as connection:
        yield connection
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM event",
        "UPDATE event SET leaf = x'00'",
        "UPDATE event SET place = place + 1",
        "DELETE FROM batch",
        "UPDATE batch SET root = x'00'",
    ],
)
def test_nothing_that_may_be_on_the_ledger_changes(recorded: sqlite3.Connection, sql: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        recorded.execute(sql)


@pytest.mark.parametrize("leaf", [b"", b"{}", b"\xff", b'{"version":1}'])
def test_a_damaged_leaf_is_the_stores_fault(desk: Desk, recorded: sqlite3.Connection, leaf: bytes) -> None:
    with desk.open() as book:
        book.prove(CERTIFICATE, desk.institute.world.state)
    recorded.execute("DROP TRIGGER event_keeps_its_leaf")
    recorded.execute("UPDATE event SET leaf = ?", (leaf,))
    recorded.commit()
    with desk.open() as book, pytest.raises(StoreError, match="damaged"):
        book.prove(CERTIFICATE, desk.institute.world.state)
