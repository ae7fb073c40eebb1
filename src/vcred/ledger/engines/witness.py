# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A witness in this process: its rule is `tlog.witness`, its last size is durable here.

The new record is on the disk before the cosignature leaves: a witness that forgets what it
has signed can be made to sign a fork.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from vcred.clock import Clock
from vcred.errors import InconsistencyError, QuorumError, StoreError
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.tlog.cosignature import cosign
from vcred.tlog.note import NoteSignature, parse_note
from vcred.tlog.witness import RefusalKind, WitnessRecord, WitnessRefusal, decide_cosign

# A damaged schema can stand, undecodable, in the very message.
_ERRORS = (sqlite3.Error, UnicodeDecodeError)
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS record (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, "
    "note BLOB NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS evidence (id INTEGER PRIMARY KEY, head BLOB NOT NULL UNIQUE) STRICT",
)


class Witness(Protocol):
    """Someone who cosigns what extends all that they have cosigned before."""

    def recorded_size(self, origin: str) -> int:
        """The size that it has cosigned last; 0 at first."""

    def cosign(
        self, note: bytes, *, origin: str, log_key: PublicKey, old_size: int, proof: Sequence[bytes]
    ) -> NoteSignature:
        """Cosign, or refuse: InconsistencyError for a fork, QuorumError otherwise."""


class LocalWitness:
    """The witness of one jurisdiction, in the home of its authority."""

    def __init__(self, path: Path, *, name: str, signer: Signer, clock: Clock) -> None:
        self._name = name
        self._signer = signer
        self._clock = clock
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            # NORMAL forgets at a power cut what has been cosigned.
            if self._db.execute("PRAGMA synchronous").fetchone()[0] != 2:
                raise StoreError(f"{path} does not keep synchronous=FULL")
            for statement in _SCHEMA:
                self._db.execute(statement)
        except _ERRORS as error:
            raise StoreError(f"cannot open {path}: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def recorded_size(self, origin: str) -> int:
        """The size that it has cosigned last; 0 at first."""
        return self._record(origin).size

    def cosign(
        self, note: bytes, *, origin: str, log_key: PublicKey, old_size: int, proof: Sequence[bytes]
    ) -> NoteSignature:
        """Cosign a checkpoint that extends the recorded one; the record is durable first.

        Raises:
            InconsistencyError: Two roots for one size: a fork. Both notes are kept: `evidence`.
            QuorumError: It refuses for another cause.
            StoreError: The record cannot be kept: then nothing is signed.
        """
        with self._transaction():
            decided = decide_cosign(
                recorded=self._record(origin),
                old_size=old_size,
                proof=proof,
                note=note,
                origin=origin,
                log_keys=[log_key],
            )
            if isinstance(decided, WitnessRefusal):
                self._keep_evidence(decided)
            else:
                self._keep_record(origin, decided)
        if isinstance(decided, WitnessRefusal):
            raise _refusal(self._name, decided)
        timestamp = int(self._clock().timestamp())
        return cosign(parse_note(note).text, self._name, self._signer, timestamp=timestamp)

    def evidence(self) -> tuple[bytes, ...]:
        """Every signed note kept because it and another are of a fork."""
        with self._translated():
            return tuple(row[0] for row in self._db.execute("SELECT head FROM evidence ORDER BY id"))

    def _keep_record(self, origin: str, record: WitnessRecord) -> None:
        self._db.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET "
            "size = excluded.size, root = excluded.root, note = excluded.note",
            (origin, record.size, record.root, record.note),
        )

    def _keep_evidence(self, refusal: WitnessRefusal) -> None:
        # A bad proof beside a good note is no evidence against the log: anyone can put it there.
        if refusal.kind is RefusalKind.FORK:
            rows = [(note,) for note in refusal.evidence if note]
            self._db.executemany("INSERT OR IGNORE INTO evidence (head) VALUES (?)", rows)

    def _record(self, origin: str) -> WitnessRecord:
        with self._translated():
            row = self._db.execute(
                "SELECT size, root, note FROM record WHERE origin = ?", (origin,)
            ).fetchone()
        return WitnessRecord() if row is None else WitnessRecord(size=row[0], root=row[1], note=row[2])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _ERRORS as error:
            raise StoreError(f"the witness {self._name} cannot keep its record: {error}") from error


def _refusal(name: str, refusal: WitnessRefusal) -> InconsistencyError | QuorumError:
    if refusal.kind is RefusalKind.FORK:
        return InconsistencyError(f"the witness {name} has cosigned another root of this size: a fork")
    return QuorumError(
        f"the witness {name} does not cosign: {refusal.kind}, it has {refusal.recorded_size} entries"
    )
