# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of one store: a schema to itself, made once, left alone if a newer vcred made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from psycopg import sql

from vcred.errors import StoreError
from vcred.postgres.session import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTables:
    """Which tables a store has.

    Attributes:
        whose: As in "the ledger's store".
        schema: Name of the schema, safe to stand in a statement.
        lock: Number of the lock that whoever writes to the store holds (`lock_number`).
        version: At least 1.
        statements: Make an empty schema one of `version`. Names stand bare: the session's search
            path holds nothing but the schema.
    """

    whose: str
    schema: str
    lock: int
    version: int
    statements: Sequence[str]

    def prepare(self, connection: Connection) -> None:
        """Make the tables in a new schema; leave those of a newer vcred alone.

        Raises:
            StoreError: A newer vcred made them.
        """
        if not self._is_made(connection):
            with connection.transaction():
                take_lock(connection, self.lock)
                # Of two that find it empty at once, one finds it made.
                if not self._is_made(connection):
                    self._make(connection)
        (row,) = connection.execute("SELECT max(number) FROM version").fetchall()
        if int(row[0]) > self.version:
            raise StoreError(f"{self.whose} was made by a newer vcred", hint="upgrade vcred")

    def _is_made(self, connection: Connection) -> bool:
        # Not to_regclass: its cache does not see what another has made while this one waited.
        query = "SELECT FROM pg_tables WHERE schemaname = %s AND tablename = 'version'"
        return connection.execute(query, (self.schema,)).fetchone() is not None

    def _make(self, connection: Connection) -> None:
        # Not "IF NOT EXISTS": that asks for the right to make schemas, even where it exists.
        query = "SELECT FROM pg_namespace WHERE nspname = %s"
        if connection.execute(query, (self.schema,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(self.schema)))
        for statement in self.statements:
            connection.execute(statement)
        connection.execute("CREATE TABLE version (number integer PRIMARY KEY)")
        connection.execute("INSERT INTO version VALUES (%s)", (self.version,))


def lock_number(kind: str, schema: str) -> int:
    """Return the number of a store's lock, 64 bits with a sign: of this kind and schema alone."""
    digest = sha256(f"vcred {kind} {schema}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def take_lock(connection: Connection, number: int) -> None:
    """Wait until nobody else writes; the lock goes with the transaction.

    A statement for itself: the next one sees what was committed while this one waited.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (number,))
