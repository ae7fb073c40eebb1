# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is of SQLite alone: its file, its locks."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.ledger.engines.stores import LEAVES, add
from vcred.errors import StoreError
from vcred.ledger.engines.log import LogEngine
from vcred.ledger.engines.sqlite import SCHEMA, SqliteLog, _lookup


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "log.sqlite"
    with SqliteLog(path) as log:
        add(log, *LEAVES)
    return path


def test_every_commit_is_on_the_disk(path: Path) -> None:
    """NORMAL would lose acknowledged entries at a power cut."""
    with SqliteLog(path) as log:
        for pragma, value in (("synchronous", 2), ("journal_mode", "wal"), ("user_version", SCHEMA.version)):
            assert log._db.value(f"PRAGMA {pragma}") == value


def test_a_locked_store_is_a_store_error(path: Path) -> None:
    with SqliteLog(path) as log, closing(sqlite3.connect(path, isolation_level=None)) as other:
        log._db.execute("PRAGMA busy_timeout=50")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            add(log, b"x")
        other.execute("ROLLBACK")
        assert add(log, b"x") == 7


def test_a_damaged_file_is_found(path: Path) -> None:
    with SqliteLog(path) as log:
        log.check()
    data = bytearray(path.read_bytes())
    at = data.rindex(LEAVES[3])
    # The header of the record, before its value: a blob that becomes a text.
    data[at - 1] ^= 1
    path.write_bytes(data)
    with SqliteLog(path) as log, pytest.raises(StoreError, match="damaged"):
        log.leaves(0, 7)
        log.check()


def test_nodes_are_looked_up_by_their_key(path: Path) -> None:
    """Not by reading the whole table: a proof costs the same in a log of millions."""
    with SqliteLog(path) as log:
        plan = [row[3] for row in log._db.rows(f"EXPLAIN QUERY PLAN {_lookup(2)}", (0, 1, 0, 2))]
    assert "SEARCH node USING PRIMARY KEY (level=? AND idx=?)" in plan
    assert "SCAN node" not in plan


def test_it_is_an_engine(path: Path) -> None:
    engine: LogEngine = SqliteLog(path)
    engine.close()
