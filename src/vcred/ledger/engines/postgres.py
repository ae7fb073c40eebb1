# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keep the log in PostgreSQL, where several servers of one ledger share it.

One schema a ledger, append-only by trigger. Whoever writes holds a lock for the length of the
transaction, and names the size that it builds on; of two writers one is told that the head
has moved. What is acknowledged is on the disk, and on the synchronous standby where one is
named: `vcred.postgres.session`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from vcred.errors import StoreError
from vcred.ledger.engines.log import DAMAGED_HINT, FSCK_HINT, head_moved, require_bytes, require_newest
from vcred.ledger.engines.postgres_schema import SCHEMA_VERSION, STATEMENTS, TRIGGERS
from vcred.postgres.address import StoreAddress
from vcred.postgres.session import Connection, PostgresSession, require_durable
from vcred.postgres.tables import SharedTables, lock_number, take_lock
from vcred.tlog.tree import TreeNode

_PLACES: Final = """
SELECT (SELECT hash FROM node WHERE node.level = asked.level AND node.idx = asked.idx)
FROM unnest(%b::smallint[], %b::bigint[]) WITH ORDINALITY AS asked (level, idx, place) ORDER BY place"""
_ADD_LEAVES: Final = """
INSERT INTO leaf SELECT %b::bigint + place - 1, bytes
FROM unnest(%b::bytea[]) WITH ORDINALITY AS added (bytes, place)"""
_ADD_NODES: Final = "INSERT INTO node SELECT * FROM unnest(%b::smallint[], %b::bigint[], %b::bytea[])"
_ENABLED: Final = """
SELECT count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = %s::regnamespace AND tgname = ANY(%s) AND tgenabled = 'A'"""
_SIZE: Final = "SELECT coalesce(max(idx) + 1, 0) FROM leaf"


class PostgresLog:
    """The schema of one ledger. Reading goes on while a commit waits for the standby."""

    def __init__(self, address: StoreAddress) -> None:
        """Connect; make the tables if they are not there.

        Raises:
            StoreError: The server cannot be reached, refuses, would not keep what it acknowledges,
                or the tables are a newer vcred's.
        """
        self._schema = address.schema
        self._lock = lock_number("ledger", address.schema)
        tables = SharedTables(
            whose="the ledger's store",
            schema=address.schema,
            lock=self._lock,
            version=SCHEMA_VERSION,
            statements=STATEMENTS,
        )
        self._reads = _session(address, tables, statement_timeout="600s")
        self._writes = _session(address, tables, statement_timeout="60s")
        with self._writes.reading() as connection:
            require_durable(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._reads.close()
        self._writes.close()

    def size(self) -> int:
        """Number of leaves."""
        with self._reads.reading() as connection:
            return _number(connection, _SIZE)

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The leaves `start <= index < end`, in order."""
        with self._reads.reading() as connection:
            return _leaves(connection, start, end)

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree, 32 bytes."""
        return self.nodes([(level, index)])[0]

    def nodes(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        """The hashes of many full subtrees (level, index), in their order, in one round trip."""
        asked = ([level for level, _ in places], [index for _, index in places])
        with self._reads.reading() as connection:
            found = connection.execute(_PLACES, asked, binary=True).fetchall()
        if any(value is None for (value,) in found):
            raise StoreError("a node of the tree is missing", hint=FSCK_HINT)
        return [require_bytes(value) for (value,) in found]

    def everything(self) -> tuple[list[bytes], list[TreeNode]]:
        """All leaves in order, and all nodes by level and index, as of one moment."""
        with self._reads.moment() as connection:
            leaves = _leaves(connection, 0, _number(connection, _SIZE))
            nodes = connection.execute(
                "SELECT level, idx, hash FROM node ORDER BY level, idx", binary=True
            ).fetchall()
        return leaves, [(level, index, require_bytes(value)) for level, index, value in nodes]

    def check(self) -> None:
        """Prove that the indices have no gap, that nothing can be changed, and that commits are durable."""
        with self._reads.moment() as connection:
            require_durable(connection)
            # Counting reads every row, and with it the checksum of every page where the server keeps them.
            if _number(connection, "SELECT count(*) FROM leaf WHERE bytes IS NOT NULL") != _number(
                connection, _SIZE
            ):
                raise StoreError("the ledger's store has lost entries", hint=DAMAGED_HINT)
            enabled = connection.execute(_ENABLED, (self._schema, list(TRIGGERS))).fetchall()
        if enabled != [(len(TRIGGERS),)]:
            raise StoreError(
                "the ledger's store is no longer append-only: triggers are missing",
                hint="ask who can change the tables, and compare the ledger with its witnesses",
            )

    def settle(self) -> None:
        """Make durable whatever can be read now."""
        with self._writes.writing() as connection:
            # Its record in the write-ahead log comes after all that can be read.
            connection.execute("SELECT pg_logical_emit_message(true, 'vcred', '')")

    def append(self, leaves: Sequence[bytes], nodes: Sequence[TreeNode], *, expected_size: int) -> None:
        """Append leaves and the tree nodes that became full, if the size is still `expected_size`."""
        with self._locked() as connection:
            size = _number(connection, _SIZE)
            if size != expected_size:
                raise head_moved(size, expected_size)
            connection.execute(_ADD_LEAVES, (expected_size, list(leaves)))
            levels, indices, hashes = ([node[part] for node in nodes] for part in range(3))
            connection.execute(_ADD_NODES, (levels, indices, hashes))

    def publish(self, size: int, note: bytes) -> None:
        """Keep a cosigned checkpoint, if no larger one is published."""
        with self._locked() as connection:
            require_newest(size, _published(connection))
            connection.execute("INSERT INTO published (size, note) VALUES (%s, %b)", (size, note))

    def published(self) -> tuple[int, bytes] | None:
        """Size and note of the newest published checkpoint."""
        with self._reads.reading() as connection:
            return _published(connection)

    @contextmanager
    def _locked(self) -> Iterator[Connection]:
        """One writer at a time, of all processes; the lock goes with the transaction."""
        with self._writes.writing() as connection:
            take_lock(connection, self._lock)
            yield connection


def _session(address: StoreAddress, tables: SharedTables, *, statement_timeout: str) -> PostgresSession:
    return PostgresSession(
        address,
        words="the ledger's store refuses",
        prepare=tables.prepare,
        statement_timeout=statement_timeout,
    )


def _number(connection: Connection, query: str) -> int:
    (row,) = connection.execute(query).fetchall()
    return int(row[0])


def _leaves(connection: Connection, start: int, end: int) -> list[bytes]:
    query = "SELECT bytes FROM leaf WHERE idx >= %s AND idx < %s ORDER BY idx"
    return [require_bytes(value) for (value,) in connection.execute(query, (start, end), binary=True)]


def _published(connection: Connection) -> tuple[int, bytes] | None:
    query = "SELECT size, note FROM published ORDER BY id DESC LIMIT 1"
    row = connection.execute(query, binary=True).fetchone()
    return None if row is None else (int(row[0]), require_bytes(row[1]))
