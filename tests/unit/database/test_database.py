# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The one way to open SQLite: durable, versioned, one writer at a time, or a StoreError."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest

from vcred.database import Database, Schema
from vcred.errors import StoreError

ITEM = "CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"
NOTE = "ALTER TABLE item ADD COLUMN note TEXT"
FIRST = Schema(version=1, statements=(ITEM,))
SECOND = Schema(version=2, statements=(ITEM, NOTE), upgrades={1: (NOTE,)})
THIRD = Schema(version=3, statements=(ITEM, NOTE, "SELECT 1"), upgrades={1: (NOTE,), 2: ("SELECT 1",)})


def open_at(path: Path, schema: Schema = FIRST) -> Database:
    return Database(path, schema, words="the test's store refuses")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with open_at(path) as opened:
        yield opened


def texts(database: Database) -> list[str]:
    return [text for (text,) in database.rows("SELECT text FROM item ORDER BY id")]


def add(database: Database, *items: str) -> None:
    with database.transaction():
        database.execute_many("INSERT INTO item (text) VALUES (?)", [(item,) for item in items])


def test_a_new_file_is_durable_private_and_of_the_version(database: Database, path: Path) -> None:
    for pragma, value in (("synchronous", 2), ("journal_mode", "wal"), ("user_version", 1)):
        assert database.value(f"PRAGMA {pragma}") == value
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_name("test.sqlite-wal").stat().st_mode) == 0o600


def test_what_was_written_is_there(database: Database, path: Path) -> None:
    add(database, "one", "two")
    with open_at(path) as again:
        assert texts(again) == ["one", "two"]
        assert again.row("SELECT text FROM item WHERE id = ?", (2,)) == ("two",)
        assert again.row("SELECT text FROM item WHERE id = ?", (3,)) is None
        assert again.value("SELECT count(*) FROM item") == 2
        assert list(again.stream("SELECT text FROM item")) == [("one",), ("two",)]


def test_a_stream_of_more_than_it_reads_at_a_time(database: Database) -> None:
    add(database, *map(str, range(2500)))
    assert [text for (text,) in database.stream("SELECT text FROM item ORDER BY id")] == texts(database)


def test_settings_of_one_file(path: Path) -> None:
    with Database(path, FIRST, words="x", pragmas=("foreign_keys=ON",)) as database:
        assert database.value("PRAGMA foreign_keys") == 1
    with open_at(path) as database:
        assert database.value("PRAGMA foreign_keys") == 0


def test_an_exception_takes_everything_back(database: Database) -> None:
    add(database, "kept")
    with pytest.raises(KeyError), database.transaction():
        database.execute("INSERT INTO item (text) VALUES ('lost')")
        raise KeyError
    assert texts(database) == ["kept"]
    add(database, "next")
    assert texts(database) == ["kept", "next"]


def test_an_error_of_sqlite_takes_everything_back_and_is_translated(database: Database) -> None:
    with pytest.raises(StoreError, match=r"the test's store refuses: .*NOT NULL") as caught:
        add(database, "lost", None)  # type: ignore[arg-type]
    assert caught.value.hint == "check the disk, then try again"
    assert isinstance(caught.value.__cause__, sqlite3.Error)
    assert texts(database) == []


@pytest.mark.parametrize("ask", ["rows", "row", "execute"])
def test_each_question_is_translated(database: Database, ask: str) -> None:
    getattr(database, ask)("SELECT 1")
    with pytest.raises(StoreError, match="no such table"):
        getattr(database, ask)("SELECT * FROM missing")


def test_a_stream_is_translated(database: Database) -> None:
    with pytest.raises(StoreError, match="no such table"):
        list(database.stream("SELECT * FROM missing"))


def test_one_moment(database: Database, path: Path) -> None:
    add(database, "one")
    with open_at(path) as other:
        with database.moment():
            assert texts(database) == ["one"]
            add(other, "two")
            assert texts(database) == ["one"]
        assert texts(database) == ["one", "two"]


def test_a_query_without_a_row_is_the_programmers_mistake(database: Database) -> None:
    assert database.value("SELECT count(*) FROM item") == 0
    with pytest.raises(RuntimeError):
        database.value("SELECT text FROM item")


def test_an_older_file_is_brought_to_the_present(path: Path) -> None:
    with open_at(path) as database:
        add(database, "old")
    with open_at(path, THIRD) as database:
        assert database.value("PRAGMA user_version") == 3
        assert database.rows("SELECT text, note FROM item") == [("old", None)]
    with open_at(path, THIRD) as database:
        assert texts(database) == ["old"]


def test_an_upgrade_is_whole_or_not_at_all(path: Path) -> None:
    open_at(path).close()
    broken = Schema(version=2, statements=(), upgrades={1: (NOTE, "SELECT * FROM missing")})
    with pytest.raises(StoreError, match="missing"):
        open_at(path, broken)
    with open_at(path, SECOND) as database:
        assert database.rows("SELECT text, note FROM item") == []


def test_a_file_of_a_newer_vcred_is_left_alone(path: Path) -> None:
    open_at(path, SECOND).close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="made by a newer vcred") as caught:
        open_at(path, FIRST)
    assert caught.value.hint == "upgrade vcred"
    assert path.read_bytes() == before
    open_at(path, SECOND).close()


def test_of_many_that_make_a_file_at_once_all_find_it_made(path: Path) -> None:
    ready, problems = Barrier(4), []

    def make() -> None:
        ready.wait()
        try:
            with open_at(path, SECOND) as database:
                add(database, "x")
        except StoreError as error:
            problems.append(error)

    threads = [Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with open_at(path, SECOND) as database:
        assert texts(database) == ["x"] * 4


def test_threads_never_mix_their_transactions(database: Database) -> None:
    def work(name: str) -> None:
        for _ in range(50):
            with database.transaction():
                for _ in range(3):
                    database.execute("INSERT INTO item (text) VALUES (?)", (name,))

    threads = [Thread(target=work, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = texts(database)
    assert len(found) == 600
    assert all(len(set(found[at : at + 3])) == 1 for at in range(0, 600, 3))


def test_a_locked_file(database: Database, path: Path) -> None:
    database.execute("PRAGMA busy_timeout=50")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            add(database, "x")
        assert texts(database) == []
        other.execute("ROLLBACK")
    add(database, "x")


def test_a_closed_file(path: Path) -> None:
    database = open_at(path)
    database.close()
    for ask in (database.rows, database.row, database.execute):
        with pytest.raises(StoreError):
            ask("SELECT 1")
    with pytest.raises(StoreError):
        add(database, "x")


@pytest.mark.parametrize("content", [b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match="cannot open"):
        open_at(path)


def test_no_place_for_a_file(path: Path) -> None:
    for place in (path.parent, path / "deeper" / "x.sqlite"):
        with pytest.raises(StoreError, match="cannot open"):
            open_at(place)


def test_settling_writes_and_changes_nothing(database: Database, path: Path) -> None:
    """Its commit comes after whatever another process has left unwritten on the disk."""
    add(database, "x")
    size = path.with_name("test.sqlite-wal").stat().st_size
    database.settle()
    assert path.with_name("test.sqlite-wal").stat().st_size > size
    assert (texts(database), database.value("PRAGMA user_version")) == (["x"], 1)


def test_after_a_failed_disk_nothing_more_is_written(path: Path) -> None:
    """FI-04. An fsync that succeeds after one that failed proves nothing."""

    class Failing(sqlite3.Connection):
        fails = False

        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            if self.fails and sql == "COMMIT":
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
                raise error
            return super().execute(sql, *values)  # type: ignore[arg-type]

    with open_at(path) as database:
        database._connection.close()
        database._connection = failing = sqlite3.connect(path, isolation_level=None, factory=Failing)
        add(database, "good")
        failing.fails = True
        with pytest.raises(StoreError, match="disk I/O error"):
            add(database, "lost")
        failing.fails = False
        with pytest.raises(StoreError, match="the disk has failed"):
            add(database, "too late")
        assert texts(database) == ["good"]
    with open_at(path) as database:
        add(database, "after a new start")
        assert texts(database) == ["good", "after a new start"]


def test_a_full_disk_is_no_failed_one(path: Path) -> None:
    """Once there is room again, it goes on."""
    with open_at(path) as database:
        database.execute("PRAGMA max_page_count=4")
        with pytest.raises(StoreError, match="full"):
            add(database, "x" * 100_000)
        database.execute("PRAGMA max_page_count=1000")
        add(database, "x" * 100_000)
        assert [len(text) for text in texts(database)] == [100_000]


def test_a_file_that_is_not_ones_own_is_a_store_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_at(path).close()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, os.strerror(1))

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(StoreError, match="cannot open"):
        open_at(path)
