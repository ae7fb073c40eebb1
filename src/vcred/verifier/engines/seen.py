# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Codes already seen, durable: one atomic test-and-set, so that of two calls one is `replayed`.

Keeps a hash for its window and nothing else: no claims, no issuer, no holder.
"""

import sqlite3
from pathlib import Path
from threading import Lock

from vcred.errors import StoreError

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS seen (key BLOB PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID"
)

_FORGOTTEN = "CREATE TABLE IF NOT EXISTS forgotten (until INTEGER NOT NULL) STRICT"


class SqliteSeen:
    """The file `seen.sqlite` of a verifier's home."""

    def __init__(self, path: Path) -> None:
        # Lanes may share one door: "rows changed" is the connection's, and another thread's
        # statement between ours and the question would let a code pass twice.
        self._one_at_a_time = Lock()
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(_SCHEMA)
            self._db.execute(_FORGOTTEN)
        except sqlite3.Error as error:
            raise StoreError(f"cannot open {path}: {error}") from error

    def remember(self, key: bytes, *, until: int, now: int) -> bool:
        """Note a code; returns whether it is new.

        Args:
            key: 32 bytes.
            until: NumericDate until which it must be known.
            now: NumericDate; what had to be known only until before it is forgotten.

        Raises:
            StoreError: It could not be noted: then the code must not be accepted.
        """
        with self._one_at_a_time:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    is_new = self._remember(key, until, now)
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise StoreError(f"codes already seen cannot be remembered: {error}") from error
        return is_new

    def _remember(self, key: bytes, until: int, now: int) -> bool:
        query = "SELECT max(until) FROM seen WHERE until < ?"
        (passing,) = self._db.execute(query, (min(now, until),)).fetchone()
        (forgotten,) = self._db.execute("SELECT coalesce(max(until), -1) FROM forgotten").fetchone()
        # A clock that was set back would bring the time of forgotten codes again: what may have
        # been among them is refused.
        if until <= forgotten:
            return False
        if passing is not None:
            self._db.execute("DELETE FROM seen WHERE until <= ?", (passing,))
            self._db.execute("DELETE FROM forgotten")
            self._db.execute("INSERT INTO forgotten VALUES (?)", (max(passing, forgotten),))
        inserted = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, until)).rowcount
        return inserted == 1

    def close(self) -> None:
        """Close the file."""
        self._db.close()
