# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a verifier has asked, durable, until nobody can answer it any more.

Goes by the replay key of its answers: audience and nonce, hashed. Whoever looks up an answer needs
to know nothing else. Keeps what was asked, and nothing of who answered.
"""

from pathlib import Path
from typing import Final

from vcred.database import Database, Schema

FILE_NAME: Final = "asked.sqlite"
SCHEMA: Final = Schema(
    version=1,
    statements=(
        "CREATE TABLE asked (key BLOB PRIMARY KEY, until INTEGER NOT NULL, request TEXT NOT NULL) "
        "STRICT, WITHOUT ROWID",
    ),
)


class SqliteAsked:
    """The file `asked.sqlite` of a verifier's home; there is none in a home that never asks."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE_NAME

    def keep(self, key: bytes, request: str, *, until: int, now: int) -> None:
        """Keep a request before anybody sees it.

        Args:
            key: 32 bytes, as `vcred.verifier.authentic.request_key`.
            request: The compact JWS.
            until: NumericDate until which it must be known.
            now: NumericDate; what had to be known only until before it is forgotten.

        Raises:
            StoreError: It could not be kept: then it must not be shown.
        """
        with self._open() as db, db.transaction():
            db.execute("DELETE FROM asked WHERE until < ?", (min(now, until),))
            db.execute("INSERT INTO asked VALUES (?, ?, ?)", (key, until, request))

    def find(self, key: bytes) -> str | None:
        """Return the request that an answer goes by, or None.

        Raises:
            StoreError: The file is damaged, or the system refuses.
        """
        # Asked each time: another process may have asked since this one was started.
        if not self._path.exists():
            return None
        with self._open() as db:
            row = db.row("SELECT request FROM asked WHERE key = ?", (key,))
        return None if row is None else str(row[0])

    def _open(self) -> Database:
        return Database(self._path, SCHEMA, words="requests cannot be remembered")
