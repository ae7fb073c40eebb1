# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What nobody may change, and what happens to a file that was damaged all the same."""

from pathlib import Path

import psycopg
import pytest

from tests.postgres import Postgres
from tests.unit.issuer.store.stores import (
    BASE,
    OUT,
    VCT,
    Stored,
    deal,
    in_file,
    issue,
    on_server,
    record,
    signed,
)
from vcred.errors import StoreError
from vcred.issuer.engines.store.store import IssuerStore

FORBIDDEN = [
    ("DELETE FROM journal", "keeps every entry"),
    ("UPDATE journal SET idx = idx + 1", "once and for ever"),
    ("UPDATE journal SET id = id + 1", "once and for ever"),
    ("UPDATE hand SET number = number + 1000", "shuffled once"),
    ("DELETE FROM hand", "shuffled once"),
    ("UPDATE list SET dealt = dealt - 1", "taken back"),
    ("UPDATE list SET closed = 0 WHERE number = 0", "opens again"),
    ("DELETE FROM audit", "append-only"),
    ("UPDATE audit SET seq = seq + 1", "append-only"),
]


def filled(store: IssuerStore) -> None:
    """A store in which every table that a trigger guards holds something."""
    (entry,) = issue(store, "r1")
    with store.db.transaction():
        assert store.changes.revoke_replaced([entry], at=1)
        store.db.execute("UPDATE list SET closed = 1")
    deal(store, 1)


@pytest.mark.parametrize(("statement", "words"), FORBIDDEN)
def test_nobody_changes_what_is_for_ever(store: IssuerStore, statement: str, words: str) -> None:
    filled(store)
    with pytest.raises(StoreError, match=words), store.db.transaction():
        store.db.execute(statement)
    assert len(list(store.entries())) == 1


def test_what_may_change_does(store: IssuerStore) -> None:
    filled(store)
    with store.db.transaction():
        assert store.db.execute("UPDATE list SET dealt = dealt + 1").rowcount == 2
        assert store.db.execute("UPDATE journal SET chunk = NULL").rowcount == 1


@pytest.mark.parametrize("table", ["journal", "hand", "list", "audit"])
def test_a_server_empties_nothing(server: Postgres, table: str) -> None:
    stored = on_server(server, f"emptied_{table}")
    with stored.open() as store:
        filled(store)
    for prefix in ("", "SET session_replication_role = replica; "):
        with pytest.raises(psycopg.Error, match="nothing is emptied"):
            stored.execute(f"{prefix}TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(("statement", "words"), FORBIDDEN)
def test_a_session_that_plays_a_replica_does_not_either(server: Postgres, statement: str, words: str) -> None:
    stored = on_server(server, f"replica_{FORBIDDEN.index((statement, words))}")
    with stored.open() as store:
        filled(store)
    with pytest.raises(psycopg.Error, match=words):
        stored.execute(f"SET session_replication_role = replica; {statement}")


# What a bit that flipped may make of a column; the types of a STRICT table cannot be had by an UPDATE.
DAMAGE = [
    "row_id = x'ff'",
    "generation = 'x'",
    "copy = x'00'",
    "content = 'text'",
    "idx = 'x'",
    "idx = -1",
    "possession = 'nobody knows'",
    "issued_at = 'x'",
    "status = 7",
    "status = -1",
    "type = 99",
    "id = 99 << 32",
    "generation = -1",
    "copy = -1",
]


def loosened(path: Path) -> Stored:
    """A file with one entry, whose tables take anything."""
    stored = in_file(path)
    with stored.open() as store:
        issue(store, "r1")
    for statement in (
        "DROP TRIGGER journal_keeps_its_places",
        "DROP TRIGGER journal_keeps_its_rows",
        "CREATE TABLE loose AS SELECT * FROM journal",
        "DROP TABLE journal",
        "ALTER TABLE loose RENAME TO journal",
    ):
        stored.execute(statement)
    return stored


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_entry_is_refused(tmp_path: Path, damage: str) -> None:
    stored = loosened(tmp_path / "issuer.sqlite")
    with stored.open() as store:
        assert [entry.row_id for entry in store.entries()] == ["r1"]
    stored.execute(f"UPDATE journal SET {damage}")
    with stored.open() as store, pytest.raises(StoreError, match="damaged"):
        list(store.entries())


def test_a_damaged_chunk_is_refused(tmp_path: Path) -> None:
    stored = in_file(tmp_path / "issuer.sqlite")
    with stored.open() as store:
        record(store, signed("r1", deal(store, 1)))
        assert len(list(store.outbox(OUT))) == 1
    for statement in (
        "CREATE TABLE loose AS SELECT * FROM outbox",
        "DROP TABLE outbox",
        "ALTER TABLE loose RENAME TO outbox",
        "UPDATE outbox SET sealed = 'text'",
    ):
        stored.execute(statement)
    with stored.open() as store, pytest.raises(StoreError, match="damaged"):
        list(store.outbox(OUT))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "issuer.sqlite"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="cannot open"):
        in_file(path).open()


@pytest.mark.parametrize("value", ["x''", "x'00'", "'text'"])
def test_a_damaged_secret_is_refused(tmp_path: Path, value: str) -> None:
    stored = in_file(tmp_path / "issuer.sqlite")
    stored.open().close()
    stored.execute("CREATE TABLE loose (id, value)")
    stored.execute("DROP TABLE secret")
    stored.execute("ALTER TABLE loose RENAME TO secret")
    stored.execute("CREATE UNIQUE INDEX one ON secret (id)")
    stored.execute(f"INSERT INTO secret VALUES (0, {value})")
    with pytest.raises(StoreError, match="damaged"):
        stored.open()


def test_nothing_that_was_delivered_is_left_in_the_file(tmp_path: Path) -> None:
    """Threats PRV-05."""
    path = tmp_path / "issuer.sqlite"
    canary = b"canary" * 4000
    with in_file(path).open() as store:
        for number in range(20):
            row = signed(f"r{number}", store.deal(VCT, BASE, 1, at=0))
            recorded = store.record(VCT, [row], destination=OUT, offset=None, seal=lambda items: canary, at=0)
            assert recorded.chunk is not None
            held = path.read_bytes() + path.with_name("issuer.sqlite-wal").read_bytes()
            assert b"canary" in held
            store.delivered(recorded.chunk, sinks={})
        store.wipe()
        assert not any(b"canary" in file.read_bytes() for file in tmp_path.iterdir())
        assert len(list(store.entries())) == 20
    assert not any(b"canary" in file.read_bytes() for file in tmp_path.iterdir())


def test_what_went_wrong_is_what_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(db: object) -> None:
        raise StoreError("the disk is full")

    stored = in_file(tmp_path / "issuer.sqlite")
    monkeypatch.setattr("vcred.issuer.engines.store.store.wipe_file", cannot)
    with pytest.raises(KeyboardInterrupt), stored.open():
        raise KeyboardInterrupt
    with pytest.raises(StoreError, match="the disk is full"), stored.open() as store:
        deal(store, 1)
    # Closed all the same.
    with pytest.raises(StoreError, match="closed"):
        store.db.rows("SELECT 1")
