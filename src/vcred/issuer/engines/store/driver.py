# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the tables of the issuer's store ask of a database: the same few calls of SQLite and PostgreSQL.

Statements are written once, with `?` where a value goes, in the SQL that both speak.
`vcred.database.Database` is the driver of a file, `postgres.PostgresDriver` that of a
server. In both, one writer at a time of all processes: a transaction sees all that was
committed before it, and nothing is committed while it lasts.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from vcred.database import Row


class Done(Protocol):
    """A statement that ran."""

    @property
    def rowcount(self) -> int:
        """How many rows it has changed."""


class StoreDriver(Protocol):
    """One open store. Whatever the database says against a call is a StoreError."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query, or None."""

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The only column of the only row of a query that always has one."""

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query that may have very many, some at a time. Not inside a transaction."""

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Done:
        """Run one statement."""

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that the block writes is durable when it ends, or nothing if it raises."""

    def moment(self) -> AbstractContextManager[None]:
        """All that the block reads is as of one moment."""

    def close(self) -> None:
        """Close the store."""


def marks(count: int) -> str:
    """Return `count` placeholders for an IN list; at least one, for an empty list is not SQL."""
    return ",".join("?" * max(count, 1))
