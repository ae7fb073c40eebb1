# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keep the log in SQLite: leaves, tree nodes, published checkpoints; append-only by trigger.

WAL with synchronous=FULL: an acknowledged entry is on the disk. Appending names the
head it builds on; of two writers one is told that the head has moved.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from vcred.errors import StoreError
from vcred.tlog.tree import TreeNode

SCHEMA_VERSION = 1
# A damaged schema can stand, undecodable, in the very message.
_ERRORS = (sqlite3.Error, UnicodeDecodeError)
_APPEND_ONLY = ("leaf", "node", "published")
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
_SCHEMA = (
    "CREATE TABLE leaf (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
    "CREATE TABLE node (level INTEGER, idx INTEGER, hash BLOB NOT NULL, "
    "PRIMARY KEY (level, idx)) STRICT, WITHOUT ROWID",
    "CREATE TABLE published (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, note BLOB NOT NULL) STRICT",
    *(
        f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} {_REFUSE}"
        for table in _APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ),
    f"PRAGMA user_version={SCHEMA_VERSION}",
)


class SqliteLog:
    """The file `ledger.sqlite` of a ledger's home."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            # NORMAL loses acknowledged commits at a power cut.
            if self._db.execute("PRAGMA synchronous").fetchone()[0] != 2:
                raise StoreError(f"{path} does not keep synchronous=FULL")
            self._prepare(path)
        except _ERRORS as error:
            raise StoreError(f"cannot open {path}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def size(self) -> int:
        """Number of leaves."""
        # Indices have no gaps, so the last one tells; counting would read the whole table.
        return self._one("SELECT coalesce(max(idx) + 1, 0) FROM leaf")

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The leaves `start <= index < end`, in order."""
        query = "SELECT bytes FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx"
        with _translated():
            return [_blob(row[0]) for row in self._db.execute(query, (start, end))]

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree, 32 bytes.

        Raises:
            StoreError: It is not there: the file is damaged.
        """
        query = "SELECT hash FROM node WHERE level = ? AND idx = ?"
        with _translated():
            row = self._db.execute(query, (level, index)).fetchone()
        if row is None:
            raise StoreError("a node of the tree is missing", hint='run "vcred ledger fsck"')
        return _blob(row[0])

    def everything(self) -> tuple[list[bytes], list[TreeNode]]:
        """All leaves in order, and all nodes by level and index, as of one moment."""
        with self._transaction("DEFERRED"):
            leaves = self.leaves(0, self.size())
            rows = self._db.execute("SELECT level, idx, hash FROM node ORDER BY level, idx").fetchall()
        return leaves, [(level, index, _blob(value)) for level, index, value in rows]

    def check_file(self) -> None:
        """Prove that the file is whole as a database; what it says is `ledger.fsck`'s question.

        Raises:
            StoreError: It is damaged.
        """
        with _translated():
            found = self._db.execute("PRAGMA integrity_check(1)").fetchone()
        if found != ("ok",):
            raise StoreError("the ledger's file is damaged", hint="restore the ledger from a copy")

    def append(self, leaves: Sequence[bytes], nodes: Sequence[TreeNode], *, expected_size: int) -> None:
        """Append leaves and the tree nodes that became full, if the size is still `expected_size`.

        Raises:
            StoreError: The head has moved, or the disk refuses.
        """
        with self._transaction():
            if self.size() != expected_size:
                raise StoreError("another writer has appended", hint="try again")
            self._db.executemany("INSERT INTO leaf VALUES (?, ?)", enumerate(leaves, start=expected_size))
            self._db.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes)

    def publish(self, size: int, note: bytes) -> None:
        """Keep a cosigned checkpoint as the newest published one."""
        with self._transaction():
            self._db.execute("INSERT INTO published (size, note) VALUES (?, ?)", (size, note))

    def published(self) -> tuple[int, bytes] | None:
        """Size and note of the newest published checkpoint."""
        with _translated():
            row = self._db.execute("SELECT size, note FROM published ORDER BY id DESC LIMIT 1").fetchone()
        return None if row is None else (int(row[0]), _blob(row[1]))

    def _one(self, query: str) -> int:
        with _translated():
            return int(self._db.execute(query).fetchone()[0])

    def _prepare(self, path: Path) -> None:
        version = self._one("PRAGMA user_version")
        if version > SCHEMA_VERSION:
            raise StoreError(f"{path} was made by a newer vcred", hint="upgrade vcred")
        if version == SCHEMA_VERSION:
            return
        with self._transaction():
            # Of two that open a new file at once, one finds it made.
            if self._one("PRAGMA user_version") == 0:
                for statement in _SCHEMA:
                    self._db.execute(statement)

    @contextmanager
    def _transaction(self, mode: str = "IMMEDIATE") -> Iterator[None]:
        with _translated():
            self._db.execute(f"BEGIN {mode}")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _ERRORS as error:
        raise StoreError(
            f"the ledger's store refuses: {error}", hint="check the disk, then try again"
        ) from error


def _blob(value: object) -> bytes:
    # A flipped bit in a record's header makes text of bytes.
    if not isinstance(value, bytes):
        raise StoreError("the ledger's file is damaged", hint="restore the ledger from a copy")
    return value
