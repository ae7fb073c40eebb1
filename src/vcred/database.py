# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The one way to open an SQLite file: what is acknowledged is on the disk, or nobody was told so.

WAL with synchronous=FULL, asserted at opening: with NORMAL a power cut loses acknowledged
commits. The tables are made, or brought to the present version, in one transaction; a file of
a newer vcred is left alone. Threads may share an open file, and of several processes each waits
for its turn. Whatever SQLite says against it is a `StoreError` (exit code 4). Only engines
come here.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from time import sleep
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias
from urllib.parse import quote

from vcred.errors import StoreError

Row: TypeAlias = tuple[Any, ...]
"""Columns have the types that the table gives them; a damaged file may give others."""

_PRIVATE_FILE: Final = 0o600
_BUSY_SECONDS: Final = 30
_ATTEMPTS_A_SECOND: Final = 50
_SYNCHRONOUS_FULL: Final = 2
_ROWS_AT_A_TIME: Final = 1000
_REMEDY: Final = "restore the file from a copy"
# A damaged schema can stand, undecodable, in the very message.
_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The tables of one file.

    Args:
        version: At least 1; kept in the file as `user_version`.
        statements: Make an empty file one of `version`.
        upgrades: For each older version that there has been, what makes it the next one.
    """

    version: int
    statements: Sequence[str]
    upgrades: Mapping[int, Sequence[str]] = field(default_factory=dict)


def check_whole(path: Path, *, never: Sequence[str] = (), remedy: str = _REMEDY) -> None:
    """See that a file is whole which another library is to open: pages, tables, and indices against tables.

    Reads the file once. Call it while nothing in this process has the file open: closing takes
    away whatever lock another copy of SQLite holds on it.

    Args:
        path: The file; it is not made.
        never: Queries that find no row in a file that is whole.
        remedy: What to do about a file that is damaged.

    Raises:
        StoreError: It is damaged, or the system refuses.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=rw", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()
            is_whole = found == ("ok",) and not any(_finds(connection, query) for query in never)
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path} cannot be read", hint="check the disk, then try again") from error
    except _ERRORS as error:
        # Without its words: a damaged schema would be quoted in them.
        raise StoreError(f"{path} is damaged", hint=remedy) from error
    if not is_whole:
        raise StoreError(f"{path} is damaged", hint=remedy)


def _finds(connection: sqlite3.Connection, query: str) -> bool:
    return connection.execute(query).fetchone() is not None


class Database:
    """One open SQLite file."""

    def __init__(
        self, path: Path, schema: Schema, *, words: str, pragmas: Sequence[str] = (), remedy: str = _REMEDY
    ) -> None:
        """Open the file; make it if it is not there.

        Args:
            path: The file; its folder exists.
            schema: Its tables.
            words: Beginning of the message when SQLite refuses: "the ledger's store refuses".
            pragmas: Further settings of the connection, such as "foreign_keys=ON".
            remedy: What to do about a record that is damaged.

        Raises:
            StoreError: It is damaged, was made by a newer vcred, or the system refuses.
        """
        self._words = words
        self._remedy = remedy
        # The statements of one transaction are never mixed with another thread's.
        self._one_at_a_time = RLock()
        self._disk_has_failed = False
        try:
            self._connection = sqlite3.connect(
                path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise StoreError(f"cannot open {path}: {error}") from error
        try:
            path.chmod(_PRIVATE_FILE)
            self._set_up(path, pragmas)
            self._prepare(path, schema)
        except (*_ERRORS, OSError) as error:
            self.close()
            raise StoreError(f"cannot open {path}: {error}") from error
        except StoreError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. What is asked of it afterwards is a `StoreError`."""
        with self._one_at_a_time:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of a query."""
        with self._one_at_a_time, self._translated():
            return self._connection.execute(sql, values).fetchall()

    def records(self, sql: str, *kinds: type) -> list[Row]:
        """All rows of a query whose columns are of these kinds, each of them.

        A bit that flipped in the header of a record makes text of bytes and nothing of a number,
        whatever the table says.

        Raises:
            StoreError: A column is of another kind: the file is damaged.
        """
        found = self.rows(sql)
        if any(tuple(map(type, row)) != kinds for row in found):
            raise StoreError(f"{self._words}: a record is damaged", hint=self._remedy)
        return found

    def stream(self, sql: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """The rows of a query that may have very many, some at a time."""
        with self._one_at_a_time, self._translated():
            cursor = self._connection.execute(sql, values)
        while True:
            with self._one_at_a_time, self._translated():
                some = cursor.fetchmany(_ROWS_AT_A_TIME)
            if not some:
                return
            yield from some

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """The first row of a query, or None."""
        with self._one_at_a_time, self._translated():
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def value(self, sql: str, values: Sequence[object] = ()) -> Any:
        """The only column of the only row of a query that always has one."""
        found = self.row(sql, values)
        if found is None:
            raise RuntimeError(f"a query without a row: {sql}")
        return found[0]

    def execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run one statement; the cursor tells how many rows it has changed."""
        with self._one_at_a_time, self._translated():
            return self._connection.execute(sql, values)

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of values."""
        with self._one_at_a_time, self._translated():
            self._connection.executemany(sql, rows)

    def settle(self) -> None:
        """Make durable whatever can be read now.

        A process that is killed between writing and fsync leaves a commit that others read,
        and that a power cut would still take away. The next commit's fsync covers it.
        """
        with self.transaction():
            self.execute(f"PRAGMA user_version={self._pragma('user_version')}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that the block writes is durable when it ends, or nothing if it raises.

        Raises:
            StoreError: Another process holds the file too long, the disk refuses, or has failed
                before.
        """
        with self._one_at_a_time:
            if self._disk_has_failed:
                # After a failed fsync the system may call pages written that are lost: a second
                # fsync that succeeds proves nothing.
                raise StoreError(
                    f"{self._words}: the disk has failed", hint="check the disk, then start anew"
                )
            with self._between("IMMEDIATE"):
                yield

    @contextmanager
    def moment(self) -> Iterator[None]:
        """All that the block reads is as of one moment."""
        with self._one_at_a_time, self._between("DEFERRED"):
            yield

    @contextmanager
    def _between(self, mode: Literal["DEFERRED", "IMMEDIATE"]) -> Iterator[None]:
        with self._translated():
            self._connection.execute(f"BEGIN {mode}")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # After some errors SQLite has rolled back already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _set_up(self, path: Path, pragmas: Sequence[str]) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", *pragmas):
            self._when_free(f"PRAGMA {pragma}")
        if self._pragma("synchronous") != _SYNCHRONOUS_FULL:
            raise StoreError(f"{path} does not keep synchronous=FULL")

    def _when_free(self, statement: str) -> None:
        """Run what SQLite itself does not wait with while another process opens or closes the file."""
        for _ in range(_BUSY_SECONDS * _ATTEMPTS_A_SECOND):
            try:
                self._connection.execute(statement)
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                    raise
                sleep(1 / _ATTEMPTS_A_SECOND)
            else:
                return
        self._connection.execute(statement)

    def _prepare(self, path: Path, schema: Schema) -> None:
        version = self._pragma("user_version")
        if version > schema.version:
            raise StoreError(f"{path} was made by a newer vcred", hint="upgrade vcred")
        if version < 0:
            raise StoreError(f"{path} is damaged", hint=self._remedy)
        if version == schema.version:
            return
        with self.transaction():
            # Of two that open a file at once, one finds it made.
            version = self._pragma("user_version")
            if version == 0:
                self._run(schema.statements)
            else:
                for older in range(version, schema.version):
                    self._run(schema.upgrades[older])
            self._connection.execute(f"PRAGMA user_version={schema.version}")

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._connection.execute(statement)

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _ERRORS as error:
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_IOERR"):
                self._disk_has_failed = True
            raise StoreError(f"{self._words}: {error}", hint="check the disk, then try again") from error
