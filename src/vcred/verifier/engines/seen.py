# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Codes already seen, durable: one atomic test-and-set, so that of two calls one is `replayed`.

Keeps a hash for its window and nothing else: no claims, no issuer, no holder.
"""

from pathlib import Path
from typing import Final

from vcred.database import Database, Schema

SCHEMA: Final = Schema(
    version=1,
    # A file that was made before it had a version has the tables already.
    statements=(
        "CREATE TABLE IF NOT EXISTS seen (key BLOB PRIMARY KEY, until INTEGER NOT NULL) "
        "STRICT, WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS forgotten (until INTEGER NOT NULL) STRICT",
    ),
)


class SqliteSeen:
    """The file `seen.sqlite` of a verifier's home."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path, SCHEMA, words="codes already seen cannot be remembered")

    def remember(self, key: bytes, *, until: int, now: int) -> bool:
        """Note a code; returns whether it is new.

        Args:
            key: 32 bytes.
            until: NumericDate until which it must be known.
            now: NumericDate; what had to be known only until before it is forgotten.

        Raises:
            StoreError: It could not be noted: then the code must not be accepted.
        """
        with self._db.transaction():
            return self._remember(key, until, now)

    def _remember(self, key: bytes, until: int, now: int) -> bool:
        query = "SELECT max(until) FROM seen WHERE until < ?"
        passing = self._db.value(query, (min(now, until),))
        forgotten = self._db.value("SELECT coalesce(max(until), -1) FROM forgotten")
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
