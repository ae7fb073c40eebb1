# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keep the log in SQLite: leaves, tree nodes, published checkpoints; append-only by trigger.

How the file is opened, and why an acknowledged entry is on the disk: `vcred.database`.
Appending names the head it builds on; of two writers one is told that the head has moved.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vcred.database import Database, Schema
from vcred.errors import StoreError
from vcred.ledger.engines.log import (
    DAMAGED_HINT,
    FSCK_HINT,
    head_moved,
    in_order,
    require_bytes,
    require_newest,
)
from vcred.tlog.tree import TreeNode

# A query takes some 30,000 values at most.
_PLACES_AT_A_TIME: Final = 1000
_APPEND_ONLY: Final = ("leaf", "node", "published")
_REFUSE: Final = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
SCHEMA: Final = Schema(
    version=1,
    statements=(
        "CREATE TABLE leaf (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
        "CREATE TABLE node (level INTEGER, idx INTEGER, hash BLOB NOT NULL, "
        "PRIMARY KEY (level, idx)) STRICT, WITHOUT ROWID",
        "CREATE TABLE published (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, note BLOB NOT NULL) STRICT",
        *(
            f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} {_REFUSE}"
            for table in _APPEND_ONLY
            for verb in ("UPDATE", "DELETE")
        ),
    ),
)


class SqliteLog:
    """The file `ledger.sqlite` of a ledger's home."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path, SCHEMA, words="the ledger's store refuses", remedy=DAMAGED_HINT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def size(self) -> int:
        """Number of leaves."""
        # Indices have no gaps, so the last one tells; counting would read the whole table.
        return int(self._db.value("SELECT coalesce(max(idx) + 1, 0) FROM leaf"))

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The leaves `start <= index < end`, in order."""
        query = "SELECT bytes FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx"
        return [require_bytes(value) for (value,) in self._db.rows(query, (start, end))]

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree, 32 bytes."""
        row = self._db.row("SELECT hash FROM node WHERE level = ? AND idx = ?", (level, index))
        if row is None:
            raise StoreError("a node of the tree is missing", hint=FSCK_HINT)
        return require_bytes(row[0])

    def nodes(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        """The hashes of many full subtrees (level, index), in their order, a thousand in a query."""
        found: list[bytes] = []
        for start in range(0, len(places), _PLACES_AT_A_TIME):
            found += self._nodes(places[start : start + _PLACES_AT_A_TIME])
        return found

    def _nodes(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        values = [number for place in places for number in place]
        found = self._db.rows(_lookup(len(places)), values)
        return in_order(places, {(level, index): require_bytes(value) for level, index, value in found})

    def everything(self) -> tuple[list[bytes], list[TreeNode]]:
        """All leaves in order, and all nodes by level and index, as of one moment."""
        with self._db.moment():
            leaves = self.leaves(0, self.size())
            rows = self._db.rows("SELECT level, idx, hash FROM node ORDER BY level, idx")
        return leaves, [(level, index, require_bytes(value)) for level, index, value in rows]

    def check(self) -> None:
        """Prove that the file is whole as a database."""
        if self._db.rows("PRAGMA integrity_check(1)") != [("ok",)]:
            raise StoreError("the ledger's file is damaged", hint=DAMAGED_HINT)

    def settle(self) -> None:
        """Make durable whatever can be read now."""
        self._db.settle()

    def append(self, leaves: Sequence[bytes], nodes: Sequence[TreeNode], *, expected_size: int) -> None:
        """Append leaves and the tree nodes that became full, if the size is still `expected_size`."""
        with self._db.transaction():
            size = self.size()
            if size != expected_size:
                raise head_moved(size, expected_size)
            self._db.execute_many("INSERT INTO leaf VALUES (?, ?)", enumerate(leaves, start=expected_size))
            self._db.execute_many("INSERT INTO node VALUES (?, ?, ?)", nodes)

    def publish(self, size: int, note: bytes) -> None:
        """Keep a cosigned checkpoint, if no larger one is published."""
        with self._db.transaction():
            require_newest(size, self.published())
            self._db.execute("INSERT INTO published (size, note) VALUES (?, ?)", (size, note))

    def published(self) -> tuple[int, bytes] | None:
        """Size and note of the newest published checkpoint."""
        newest = "SELECT size, note FROM published ORDER BY id DESC LIMIT 1"
        rows = self._db.records(newest, int, bytes)
        return (rows[0][0], rows[0][1]) if rows else None


def _lookup(number: int) -> str:
    """Look each pair up by the key: a CROSS JOIN is run as it stands, "IN" would read the whole table."""
    pairs = ", ".join(["(?, ?)"] * number)
    return (
        f"WITH asked (level, idx) AS (VALUES {pairs}) "  # noqa: S608
        "SELECT level, idx, hash FROM asked CROSS JOIN node USING (level, idx)"
    )
