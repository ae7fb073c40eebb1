# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keep what a verifier holds in SQLite: one transaction for one import, old or new, never a blend."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from vcred.errors import StoreError
from vcred.trust.held import Held, HeldCheckpoint, HeldStatus

if TYPE_CHECKING:
    from vcred.trust.update import Addition

SCHEMA_VERSION = 1
# A damaged schema can stand, undecodable, in the very message.
_ERRORS = (sqlite3.Error, UnicodeDecodeError)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS leaf (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS checkpoint (
    id INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, quorum_time INTEGER NOT NULL,
    note BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS status (
    id INTEGER PRIMARY KEY, uri TEXT NOT NULL, did TEXT NOT NULL, issued_at INTEGER NOT NULL,
    token TEXT NOT NULL, UNIQUE (uri, issued_at)) STRICT;
CREATE TABLE IF NOT EXISTS type (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS time_floor (id INTEGER PRIMARY KEY CHECK (id = 0), value INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS evidence (id INTEGER PRIMARY KEY, head BLOB NOT NULL UNIQUE) STRICT;
"""


class SqliteTrust:
    """The file `trust.sqlite` of a home."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._prepare(path)
        except _ERRORS as error:
            raise StoreError(f"cannot open {path}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def revision(self) -> int:
        """A number that changes when another process has changed the file."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def load(self) -> Held:
        """Read everything held, as of one moment."""
        with self._transaction("DEFERRED"):
            floor = self._db.execute("SELECT value FROM time_floor").fetchone()
            return Held(
                leaves=tuple(
                    _blob(row[0]) for row in self._db.execute("SELECT bytes FROM leaf ORDER BY idx")
                ),
                checkpoints=tuple(
                    HeldCheckpoint(size=size, root=_blob(root), quorum_time=quorum_time, note=_blob(note))
                    for size, root, quorum_time, note in self._db.execute(
                        "SELECT size, root, quorum_time, note FROM checkpoint ORDER BY id"
                    )
                ),
                statuses=tuple(
                    HeldStatus(uri=uri, did=did, issued_at=issued_at, token=token)
                    for uri, did, issued_at, token in self._db.execute(
                        "SELECT uri, did, issued_at, token FROM status ORDER BY id"
                    )
                ),
                types={
                    _blob(digest): _blob(content)
                    for digest, content in self._db.execute("SELECT digest, bytes FROM type")
                },
                time_floor=floor[0] if floor else 0,
            )

    def add(self, addition: "Addition", *, expected_size: int) -> None:
        """Add what an import brings, if nobody has added anything since `expected_size` was read.

        Raises:
            StoreError: Another import came between, or the disk refuses.
        """
        with self._transaction("IMMEDIATE"):
            size = self._db.execute("SELECT count(*) FROM leaf").fetchone()[0]
            if size != expected_size:
                raise StoreError("another import has run at the same time", hint="import again")
            self._db.executemany(
                "INSERT INTO leaf VALUES (?, ?)", enumerate(addition.leaves, start=expected_size)
            )
            self._db.executemany(
                "INSERT INTO status (uri, did, issued_at, token) VALUES (?, ?, ?, ?)",
                [(s.uri, s.did, s.issued_at, s.token) for s in addition.statuses],
            )
            self._db.executemany("INSERT INTO type VALUES (?, ?)", addition.types.items())
            if addition.checkpoint is not None:
                self._add_checkpoint(addition.checkpoint)

    def keep_evidence(self, heads: tuple[bytes, ...]) -> None:
        """Keep the signed heads of a fork; the same head once."""
        with self._transaction("IMMEDIATE"):
            rows = [(head,) for head in heads if head]
            self._db.executemany("INSERT OR IGNORE INTO evidence (head) VALUES (?)", rows)

    def evidence(self) -> tuple[bytes, ...]:
        """Every signed head kept as evidence."""
        with self._transaction("DEFERRED"):
            return tuple(row[0] for row in self._db.execute("SELECT head FROM evidence ORDER BY id"))

    def _add_checkpoint(self, checkpoint: HeldCheckpoint) -> None:
        self._db.execute(
            "INSERT INTO checkpoint (size, root, quorum_time, note) VALUES (?, ?, ?, ?)",
            (checkpoint.size, checkpoint.root, checkpoint.quorum_time, checkpoint.note),
        )
        self._db.execute(
            "INSERT INTO time_floor VALUES (0, ?) "
            "ON CONFLICT (id) DO UPDATE SET value = max(value, excluded.value)",
            (checkpoint.quorum_time,),
        )

    def _prepare(self, path: Path) -> None:
        # A lost acknowledged import would be a rollback that nobody notices: FULL, asserted.
        if self._db.execute("PRAGMA synchronous").fetchone()[0] != 2:
            raise StoreError(f"{path} does not keep synchronous=FULL")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise StoreError(f"{path} was made by a newer vcred", hint="upgrade vcred")
        if version == 0:
            self._db.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version={SCHEMA_VERSION};COMMIT;")

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[None]:
        try:
            self._db.execute(f"BEGIN {mode}")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except _ERRORS as error:
            raise StoreError(
                f"the trust store refuses: {error}", hint="check the disk, then try again"
            ) from error


def _blob(value: object) -> bytes:
    # A flipped bit in a record's header makes text of bytes.
    if not isinstance(value, bytes):
        raise StoreError("the trust store is damaged", hint="import a full bundle into a new one")
    return value
