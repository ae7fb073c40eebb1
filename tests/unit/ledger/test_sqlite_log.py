# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The engine: durable, append-only, one head. LED-10."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from vcred.errors import StoreError
from vcred.ledger.engines.sqlite import SCHEMA_VERSION, SqliteLog
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.tree import Frontier, leaf_hash, root_at

LEAVES = [f"leaf {n}".encode() for n in range(7)]


def add(log: SqliteLog, *leaves: bytes) -> None:
    """Append as the door does."""
    size = log.size()
    frontier, _ = Frontier().grow(map(leaf_hash, log.leaves(0, size)))
    log.append(leaves, frontier.grow(map(leaf_hash, leaves))[1], expected_size=size)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    with SqliteLog(path) as opened:
        add(opened, *LEAVES)
        yield opened


def test_what_was_appended_is_there_after_a_restart(log: SqliteLog, path: Path) -> None:
    log.publish(7, b"note")
    with SqliteLog(path) as again:
        assert again.size() == 7
        assert again.leaves(0, 7) == LEAVES
        assert again.leaves(2, 4) == LEAVES[2:4]
        assert again.leaves(7, 9) == []
        assert root_at(again.node, 7) == MemoryTree(LEAVES).root()
        assert again.published() == (7, b"note")
        leaves, nodes = again.everything()
        assert leaves == LEAVES
        assert nodes == sorted(Frontier().grow(map(leaf_hash, LEAVES))[1])
        again.check_file()


def test_an_empty_log(path: Path) -> None:
    with SqliteLog(path) as log:
        assert (log.size(), log.leaves(0, 9), log.published(), log.everything()) == (0, [], None, ([], []))


def test_every_commit_is_on_the_disk(log: SqliteLog) -> None:
    """NORMAL would lose acknowledged entries at a power cut."""
    for pragma, value in (("synchronous", 2), ("journal_mode", "wal"), ("user_version", SCHEMA_VERSION)):
        assert log._db.execute(f"PRAGMA {pragma}").fetchone() == (value,)


@pytest.mark.parametrize("table", ["leaf", "node", "published"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_store_is_append_only(log: SqliteLog, path: Path, table: str, verb: str) -> None:
    log.publish(7, b"note")
    column = {"leaf": "idx", "node": "level", "published": "size"}[table]
    statement = f"UPDATE {table} SET {column} = 99" if verb == "UPDATE" else f"DELETE FROM {table}"
    other = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    other.close()
    assert log.leaves(0, 7) == LEAVES


def test_no_entry_takes_the_place_of_another(log: SqliteLog) -> None:
    with pytest.raises(StoreError):
        log.append([b"other"], [], expected_size=3)
    assert log.leaves(0, 9) == LEAVES


def test_led_10_of_two_that_append_at_one_head_one_is_told(log: SqliteLog, path: Path) -> None:
    with SqliteLog(path) as other:
        assert (log.size(), other.size()) == (7, 7)
        log.append([b"mine"], [], expected_size=7)
        with pytest.raises(StoreError) as caught:
            other.append([b"theirs"], [], expected_size=7)
    assert caught.value.hint == "try again"
    assert log.leaves(7, 9) == [b"mine"]


def test_an_append_is_whole_or_not_at_all(log: SqliteLog) -> None:
    """A node that is there already stops the leaves before it too."""
    with pytest.raises(StoreError):
        log.append([b"new"], [(0, 7, leaf_hash(b"new")), (0, 0, bytes(32))], expected_size=7)
    assert (log.size(), log.leaves(0, 9)) == (7, LEAVES)
    add(log, b"new")
    assert log.size() == 8


def test_a_missing_node_is_noticed(log: SqliteLog) -> None:
    with pytest.raises(StoreError):
        log.node(5, 5)


def test_a_store_of_a_newer_vcred_is_left_alone(path: Path) -> None:
    with SqliteLog(path) as log:
        add(log, b"x")
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    database.close()
    with pytest.raises(StoreError) as caught:
        SqliteLog(path)
    assert caught.value.hint == "upgrade vcred"


def test_what_is_no_database_is_a_store_error(path: Path) -> None:
    path.write_bytes(b"x" * 5000)
    with pytest.raises(StoreError):
        SqliteLog(path)
    with pytest.raises(StoreError):
        SqliteLog(path.parent / "missing" / "log.sqlite")


def test_a_locked_store_is_a_store_error(log: SqliteLog, path: Path) -> None:
    log._db.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError):
        log.append([b"x"], [], expected_size=7)
    other.execute("ROLLBACK")
    other.close()
    add(log, b"x")


def test_two_may_make_the_file_at_once(path: Path) -> None:
    """Of two that find it empty, the second finds it made."""
    first, second = sqlite3.connect(path), SqliteLog.__new__(SqliteLog)
    first.close()
    with SqliteLog(path):
        second._db = sqlite3.connect(path, isolation_level=None)
        versions = iter((0, SCHEMA_VERSION))
        second._one = lambda query: next(versions)  # type: ignore[method-assign]
        second._prepare(path)
        second._db.close()
