# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A file of version 2 goes on: what was delivered stays as it is, what was not is issued anew."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.issuer.store.stores import BASE, NOW, VCT, Stored, deal, entries_of, in_file, record, signed
from vcred.errors import StoreError
from vcred.issuer.journal import EntryState, Refusal, StatusValue

VERSION_2 = """
CREATE TABLE secret (id INTEGER PRIMARY KEY CHECK (id = 0), value BLOB NOT NULL) STRICT;
CREATE TABLE list (
    number INTEGER PRIMARY KEY, vct TEXT NOT NULL, uri TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    used INTEGER NOT NULL, last_issued_at INTEGER NOT NULL) STRICT;
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    credential_id TEXT NOT NULL UNIQUE,
    vct TEXT NOT NULL,
    row_id TEXT NOT NULL,
    content BLOB NOT NULL,
    copy INTEGER NOT NULL,
    list INTEGER NOT NULL REFERENCES list (number),
    idx INTEGER NOT NULL,
    possession TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('allotted', 'signed', 'delivered')),
    status INTEGER NOT NULL CHECK (status IN (0, 1, 2)),
    output TEXT CHECK ((output IS NOT NULL) = (state = 'signed')),
    {holder}
    UNIQUE (list, idx),
    UNIQUE (row_id, vct, content, copy)) STRICT;
CREATE TABLE nonce (
    digest BLOB PRIMARY KEY, vct TEXT NOT NULL, row_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE status_change (
    id INTEGER PRIMARY KEY,
    credential_id TEXT NOT NULL REFERENCES journal (credential_id),
    value INTEGER NOT NULL,
    at INTEGER NOT NULL) STRICT;
CREATE TRIGGER journal_keeps_its_rows BEFORE DELETE ON journal
    BEGIN SELECT raise(ABORT, 'the journal keeps every entry: its index must never be given again'); END;
CREATE TRIGGER journal_keeps_its_index BEFORE UPDATE OF list, idx ON journal
    BEGIN SELECT raise(ABORT, 'a status index is given once and for ever'); END;
"""
ROWS = f"""
INSERT INTO secret VALUES (0, zeroblob(32));
INSERT INTO list VALUES (0, '{VCT}', '{BASE}0', 131072, 5, 1700000000);
INSERT INTO list VALUES (1, 'urn:other', '{BASE}1', 131072, 1, 0);
INSERT INTO journal (id, credential_id, vct, row_id, content, copy, list, idx, possession, issued_at,
    state, status, output) VALUES
    (1, 'aa', '{VCT}', 'r1', x'01', 0, 0, 77, 'did', 10, 'delivered', 0, NULL),
    (2, 'bb', '{VCT}', 'r1', x'01', 1, 0, 5, 'did', 10, 'delivered', 2, NULL),
    (3, 'cc', '{VCT}', 'r2', x'02', 0, 0, 6, 'proof', 11, 'delivered', 1, NULL),
    (4, 'dd', '{VCT}', 'r3', x'03', 0, 0, 7, 'none', 12, 'signed', 0, 'never delivered'),
    (5, 'ee', '{VCT}', 'r4', x'04', 0, 0, 8, 'none', 12, 'allotted', 0, NULL),
    (6, 'ff', 'urn:other', 'r1', x'05', 0, 1, 5, 'none', 13, 'delivered', 0, NULL);
INSERT INTO nonce VALUES (x'6e', '{VCT}', 'r2');
INSERT INTO status_change (credential_id, value, at) VALUES ('cc', 1, 99);
"""


def former(path: Path, version: int) -> Stored:
    """A file as an older vcred has left it."""
    with closing(sqlite3.connect(path)) as database:
        holder = "holder BLOB," if version == 2 else ""
        database.executescript(VERSION_2.replace("{holder}", holder) + ROWS)
        if version == 2:
            database.execute("UPDATE journal SET holder = x'0707' WHERE id = 1")
        database.execute(f"PRAGMA user_version={version}")
        database.commit()
    return in_file(path)


@pytest.mark.parametrize("version", [1, 2])
def test_what_was_delivered_stays(tmp_path: Path, version: int) -> None:
    stored = former(tmp_path / "issuer.sqlite", version)
    with stored.open() as store:
        assert store.secret == bytes(32)
        entries = list(store.entries())
        assert [(entry.credential_id, entry.row_id, entry.copy) for entry in entries] == [
            ("aa", "r1", 0),
            ("bb", "r1", 1),
            ("cc", "r2", 0),
            ("ff", "r1", 0),
        ]
        assert [entry.value for entry in entries] == [
            StatusValue.VALID,
            StatusValue.SUSPENDED,
            StatusValue.REVOKED,
            StatusValue.VALID,
        ]
        assert {entry.state for entry in entries} == {EntryState.DELIVERED}
        assert {entry.content for entry in entries} == {None}
        assert entries[0].holder == (b"\7\7" if version == 2 else None)
        assert (entries[0].status.uri, entries[0].status.index) == (f"{BASE}0", 77)
        assert store.entries_of(["aa", "ff", "dd"]) == {"aa": entries[0], "ff": entries[3]}
        assert store.issued(VCT, ["r1", "r2", "r3", "r4"]) == {"r1": entries[:2], "r2": [entries[2]]}
        assert store.db.rows("SELECT credential_id, value, at FROM status_change") == [("cc", 1, 99)]
    # Opened again, it is as it was.
    with stored.open() as store:
        assert list(store.entries()) == entries


def test_it_goes_on_in_new_lists(tmp_path: Path) -> None:
    with former(tmp_path / "issuer.sqlite", 2).open() as store:
        assert store.db.rows("SELECT number, closed, dealt, last_issued_at FROM list ORDER BY number") == [
            (0, 1, 5, 1_700_000_000),
            (1, 1, 1, 0),
        ]
        places = deal(store, 3)
        assert {place.number for place in places} == {2}
        # The row that had been signed, and the one that had only a place; the code was that of r2.
        recorded = record(
            store,
            signed("r3", places[:1]),
            signed("r4", places[1:2]),
            signed("r5", places[2:], nonces=(b"n",)),
        )
        assert [entries_of(outcome)[0].row_id for outcome in recorded.outcomes[:2]] == ["r3", "r4"]
        assert recorded.outcomes[2] is Refusal.NONCE_USED
        # Content of an older store is not comparable: the row counts as issued.
        again = record(store, signed("r1", deal(store, 2)))
        assert [entry.credential_id for entry in entries_of(again.outcomes[0])] == ["aa", "bb"]
        assert again.chunk is None


def test_a_text_that_may_have_left_is_revoked(tmp_path: Path) -> None:
    """It was signed, perhaps written, and not noted: its row is issued anew, so it must not be good."""
    with former(tmp_path / "issuer.sqlite", 2).open() as store:
        assert store.db.rows("SELECT list, idx, value FROM decoy WHERE list < 2") == [(0, 7, 1)]


def test_a_former_credential_is_replaced(tmp_path: Path) -> None:
    with former(tmp_path / "issuer.sqlite", 2).open() as store:
        row = signed("r1", deal(store, 1), replaces=True)
        # One of them is suspended: somebody says first what becomes of it.
        assert record(store, row).outcomes == (Refusal.SUSPENDED,)
        suspended = [entry for entry in store.entries() if entry.value is StatusValue.SUSPENDED]
        with store.db.transaction():
            assert store.changes.revoke_replaced(suspended, at=NOW)
        (new,) = entries_of(record(store, row).outcomes[0])
        assert new.generation == 1
        former_ones = list(store.entries_of(["aa", "bb"]).values())
        assert {entry.value for entry in former_ones} == {StatusValue.REVOKED}


def test_the_text_is_gone_from_the_disk(tmp_path: Path) -> None:
    stored = former(tmp_path / "issuer.sqlite", 2)
    assert b"never delivered" in Path(stored.address).read_bytes()
    stored.open().close()
    assert not any(b"never delivered" in path.read_bytes() for path in tmp_path.iterdir())


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = former(tmp_path / "issuer.sqlite", 2)
    stored.execute("DROP TRIGGER journal_keeps_its_index")
    with pytest.raises(StoreError, match="no such trigger"):
        stored.open()
    assert stored.execute("SELECT count(*) FROM journal") == [(6,)]
    assert stored.execute("PRAGMA user_version") == [(2,)]


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    stored = in_file(tmp_path / "issuer.sqlite")
    stored.open().close()
    stored.execute("PRAGMA user_version=4")
    with pytest.raises(StoreError, match="newer vcred"):
        stored.open()


def test_two_places_of_one_time_are_two(tmp_path: Path) -> None:
    """The ids of an upgraded list never meet those of a new one."""
    with former(tmp_path / "issuer.sqlite", 2).open() as store:
        deal_of_new = store.deal("urn:other", BASE, 2, at=NOW)
        assert {place.number for place in deal_of_new} == {2}
        recorded = store.record(
            "urn:other",
            [signed("r9", deal_of_new)],
            destination="/out",
            offset=None,
            seal=lambda items: b"sealed",
            at=NOW,
        )
        assert len({entry.credential_id for entry in store.entries()}) == 6
        assert recorded.chunk is not None
