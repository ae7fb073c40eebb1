# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Signed texts that wait for their output to be durable, sealed, a chunk a row.

An id is never used again: an entry of the journal that names a chunk is SIGNED as long as
the chunk is here, and DELIVERED from the moment it is gone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from vcred.errors import StoreError
from vcred.issuer.engines.store.driver import StoreDriver

_WAITING: Final = (
    'SELECT o.id, t.vct, o.destination, o."offset", o.sealed FROM outbox o JOIN type t ON t.id = o.type'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A chunk that was signed and is not known to be delivered.

    Attributes:
        id: Of the chunk.
        vct: The type of its credentials.
        destination: Where they go, as the output names itself.
        offset: Where they begin in it, in bytes; None where a file holds one credential.
        sealed: The texts, sealed.
    """

    id: int
    vct: str
    destination: str
    offset: int | None
    sealed: bytes


class OutboxTable:
    """The tables `outbox` and `sink`."""

    def __init__(self, db: StoreDriver) -> None:
        self._db = db

    def add(self, type_id: int, destination: str, offset: int | None, sealed: bytes) -> int:
        """Keep a chunk; return its id. Inside a transaction."""
        ((chunk,),) = self._db.rows(
            'INSERT INTO outbox (type, destination, "offset", sealed) VALUES (?, ?, ?, ?) RETURNING id',
            (type_id, destination, offset, sealed),
        )
        return int(chunk)

    def waiting(self, destination: str | None) -> Iterator[Waiting]:
        """Yield what waits, oldest first, for one destination or for any; one at a time in memory."""
        where, values = ("", ()) if destination is None else (" WHERE destination = ?", (destination,))
        query = f"SELECT id FROM outbox{where} ORDER BY id"  # noqa: S608
        for (chunk,) in self._db.rows(query, values):
            row = self._db.row(f"{_WAITING} WHERE o.id = ?", (chunk,))
            # Gone meanwhile: another process has delivered it.
            if row is not None:
                yield _waiting(row)

    def chunk(self, chunk: int) -> Waiting | None:
        """Return one chunk, or None if it does not wait any more."""
        row = self._db.row(f"{_WAITING} WHERE o.id = ?", (chunk,))
        return None if row is None else _waiting(row)

    def erase(self, chunk: int, sinks: Mapping[str, int]) -> None:
        """Erase a chunk and note how long the files are now. Inside a transaction."""
        self._db.execute("DELETE FROM outbox WHERE id = ?", (chunk,))
        self.note_lengths(sinks)

    def note_lengths(self, sinks: Mapping[str, int]) -> None:
        """Note how long files are for certain. Inside a transaction."""
        self._db.execute_many(
            "INSERT INTO sink (path, length) VALUES (?, ?)"
            " ON CONFLICT (path) DO UPDATE SET length = excluded.length",
            list(sinks.items()),
        )

    def sink_length(self, path: str) -> int | None:
        """Return how long a file is for certain; None of one that was never written to."""
        row = self._db.row("SELECT length FROM sink WHERE path = ?", (path,))
        return None if row is None else int(row[0])


def _waiting(row: tuple[object, ...]) -> Waiting:
    chunk, vct, destination, offset, sealed = row
    if not (
        isinstance(chunk, int)
        and isinstance(vct, str)
        and isinstance(destination, str)
        and isinstance(offset, int | None)
        and isinstance(sealed, bytes)
    ):
        raise StoreError("the outbox of the issuer's store is damaged", hint="restore the file from a copy")
    return Waiting(id=chunk, vct=vct, destination=destination, offset=offset, sealed=sealed)
