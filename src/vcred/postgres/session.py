# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A connection to PostgreSQL that comes back, and does not take a commit for durable that is not.

Every error of the client becomes a StoreError. A commit whose answer is lost is the one case
in which nobody knows: it says so, and the same operation handed in again shows. A connection
that is gone is made anew by the next call.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from selectors import EVENT_READ, DefaultSelector
from threading import RLock
from typing import Any, Final, LiteralString, TypeAlias

import psycopg
from psycopg.errors import Diagnostic

from vcred.errors import StoreError
from vcred.postgres.address import StoreAddress

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

# What an acknowledged commit needs, and what the server must say of it.
_DURABLE: Final[dict[str, tuple[str, ...]]] = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
}
_READ_SETTINGS: Final[LiteralString] = (
    "SELECT current_setting('fsync'), current_setting('full_page_writes'), "
    "current_setting('synchronous_commit')"
)
# A writer that hangs, or has been cut off, must not hold the lock for ever.
_TIMEOUTS: Final = {"lock_timeout": "30s", "idle_in_transaction_session_timeout": "60s"}


class PostgresSession:
    """One connection; its threads take turns.

    Args:
        address: Where the store lies.
        words: Beginning of the message when the server refuses: "the ledger's store refuses".
        prepare: Called with each new connection before it is used.
        statement_timeout: For each statement, as PostgreSQL writes it ("60s").
    """

    def __init__(
        self,
        address: StoreAddress,
        *,
        words: str,
        prepare: Callable[[Connection], None],
        statement_timeout: str,
    ) -> None:
        self._address = address
        self._words = words
        self._prepare = prepare
        self._settings = {**_TIMEOUTS, "statement_timeout": statement_timeout, "search_path": address.schema}
        self._one_at_a_time = RLock()
        self._connection: Connection | None = None
        self._warnings: list[str] = []

    def close(self) -> None:
        """Close the connection, if there is one."""
        with self._one_at_a_time:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read, each statement for itself.

        Raises:
            StoreError: The server refuses or cannot be reached.
        """
        with self._one_at_a_time, _translated(self._words):
            yield self._open()

    @contextmanager
    def moment(self) -> Iterator[Connection]:
        """Read as of one moment. Errors as `reading`."""
        with self.reading() as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            with _rolled_back(connection):
                yield connection
                connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All that the block writes is durable when it ends, or nothing if it raises.

        Raises:
            StoreError: The server refuses, cannot be reached, or would not keep what it
                acknowledges. If the answer to the commit is lost, the message says that
                nobody knows the outcome.
        """
        with self._one_at_a_time, _translated(self._words):
            connection = self._open()
            connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
            with _rolled_back(connection):
                # Here, not at opening: a reload of the server's configuration changes them.
                require_durable(connection)
                yield connection
                self._commit(connection)

    def _commit(self, connection: Connection) -> None:
        self._warnings.clear()
        try:
            connection.execute("COMMIT")
        except psycopg.Error as error:
            if connection.closed:
                raise _outcome_unknown("the connection was lost") from error
            raise
        # An administrator who cancels the wait for a synchronous standby makes the server
        # acknowledge what is on one machine only, with nothing but a warning.
        if self._warnings:
            raise _outcome_unknown(self._warnings[0])

    def _open(self) -> Connection:
        if self._connection is not None and not _is_there(self._connection):
            self.close()
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> Connection:
        connection = psycopg.connect(self._address.conninfo, autocommit=True)
        try:
            connection.add_notice_handler(self._keep_warning)
            for name, value in self._settings.items():
                connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _keep_warning(self, notice: Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self._warnings.append(notice.message_primary or "a warning")


def require_durable(connection: Connection) -> None:
    """Prove that the server puts a commit on the disk before it acknowledges it.

    Where synchronous standbys are named, `on` and `remote_apply` wait for them too; `local`
    and `remote_write` would acknowledge what a failover loses.

    Raises:
        StoreError: A setting says otherwise.
    """
    (values,) = connection.execute(_READ_SETTINGS).fetchall()
    for (name, allowed), value in zip(_DURABLE.items(), values, strict=True):
        if value not in allowed:
            raise StoreError(
                f"the server has {name}={value}: it would lose acknowledged entries",
                hint=f"set {name} to {' or '.join(allowed)}",
            )


def _is_there(connection: Connection) -> bool:
    """Whether the server still holds an idle connection, as far as can be told without asking it.

    What comes unasked is mostly the news that it has gone: after a failover the next call then
    finds the new primary, and fails no more.
    """
    with DefaultSelector() as selector:
        if connection.closed:
            return False
        selector.register(connection.pgconn.socket, EVENT_READ)
        while selector.select(timeout=0):
            try:
                connection.pgconn.consume_input()
            except psycopg.OperationalError:
                return False
    return True


@contextmanager
def _rolled_back(connection: Connection) -> Iterator[None]:
    """Roll back if the block raises; a connection on which that fails is not used again."""
    try:
        yield
    except BaseException:
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
        raise


@contextmanager
def _translated(words: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        told = str(error).strip().partition("\n")[0] or type(error).__name__
        raise StoreError(f"{words}: {told}", hint="check the database server, then try again") from error


def _outcome_unknown(why: str) -> StoreError:
    return StoreError(
        f"nobody knows whether the store has kept it: {why}",
        hint="hand the same in again: what has been kept keeps its index, and nothing stands twice",
    )
