# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's store in PostgreSQL, where several machines of one issuer share it.

Whoever writes holds the lock of the store for the length of the transaction, as in a file: so
what is true of one writer after the other in SQLite is true here. A commit whose answer is
lost burns places at worst; the same rows handed in again show what was kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

from psycopg import ServerCursor

from vcred.database import Row
from vcred.issuer.engines.store.driver import Done
from vcred.issuer.engines.store.schema import SERVER_STATEMENTS, VERSION
from vcred.postgres.address import StoreAddress
from vcred.postgres.session import Connection, PostgresSession, require_durable
from vcred.postgres.tables import SharedTables, lock_number, take_lock

_WORDS: Final = "the issuer's store refuses"
_STATEMENT_TIMEOUT: Final = "600s"
_ROWS_AT_A_TIME: Final = 1000


class PostgresDriver:
    """One connection to the schema of a store; its threads take turns."""

    def __init__(self, address: StoreAddress) -> None:
        """Connect; make the tables if they are not there.

        Raises:
            StoreError: The server cannot be reached, refuses, would not keep what it acknowledges,
                or the tables are a newer vcred's.
        """
        self._lock = lock_number("issuer", address.schema)
        tables = SharedTables(
            whose="the issuer's store",
            schema=address.schema,
            lock=self._lock,
            version=VERSION,
            statements=SERVER_STATEMENTS,
        )
        self._session = PostgresSession(
            address, words=_WORDS, prepare=tables.prepare, statement_timeout=_STATEMENT_TIMEOUT
        )
        # Of a transaction or a moment that lasts: on a new connection it would go on without it.
        self._inside: Connection | None = None
        self._cursors = count()
        with self._session.reading() as connection:
            require_durable(connection)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._connection() as connection:
            return connection.execute(_translated(sql), values, binary=True).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query, or None."""
        with self._connection() as connection:
            return connection.execute(_translated(sql), values, binary=True).fetchone()

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The only column of the only row of a query that always has one."""
        found = self.row(sql, values)
        if found is None:
            raise RuntimeError(f"a query without a row: {sql}")
        return found[0]

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query that may have very many, some at a time, as of one moment."""
        with self._connection() as connection:
            # The server keeps the answer, and no transaction stays open meanwhile.
            cursor = ServerCursor(connection, f"stream_{next(self._cursors)}", withhold=True)
            cursor.execute(_translated(sql), values, binary=True)
        try:
            while True:
                with self._connection():
                    some = cursor.fetchmany(_ROWS_AT_A_TIME)
                if not some:
                    return
                yield from some
        finally:
            if not connection.closed:
                with self._connection():
                    cursor.close()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Done:
        """Run one statement."""
        with self._connection() as connection:
            return connection.execute(_translated(sql), values)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""
        with self._connection() as connection, connection.cursor() as cursor:
            cursor.executemany(_translated(sql), rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that the block writes is durable when it ends, or nothing if it raises."""
        with self._session.writing() as connection:
            take_lock(connection, self._lock)
            with self._within(connection):
                yield

    @contextmanager
    def moment(self) -> Iterator[None]:
        """All that the block reads is as of one moment."""
        with self._session.moment() as connection, self._within(connection):
            yield

    @contextmanager
    def _within(self, connection: Connection) -> Iterator[None]:
        self._inside = connection
        try:
            yield
        finally:
            self._inside = None

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with self._session.reading() as connection:
            yield connection if self._inside is None else self._inside


def _translated(sql: str) -> str:
    """Write placeholders as the client of PostgreSQL has them; no statement here has a "?" else."""
    return sql.replace("%", "%%").replace("?", "%s")
