# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keep certificate histories: events with their salts, and the batches that were made of them.

    queued -> in a batch, for ever

A salt that is lost makes its event unprovable, a salt that gets out makes it readable: the file
is its owner's alone, and neither salts, places nor batches ever change. Only what somebody asks to be
forgotten is emptied, with its salt: of a leaf that is in a batch the hash stays, which says nothing
without it. What is on the ledger is not kept here: the ledger itself says it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from types import TracebackType
from typing import Any, Final, Self

from vcred.codec.jcs import encode_jcs
from vcred.codec.strict_json import decode_json_object
from vcred.database import Database, Schema
from vcred.errors import DecodeError, StoreError
from vcred.ledger.evidence.batch import EvidenceBatch
from vcred.ledger.evidence.leaf import EvidenceLeaf

FILE_NAME: Final = "evidence.sqlite"
_DAMAGED: Final = "the store of evidence is damaged"
_RESTORE: Final = f"restore {FILE_NAME} from a copy"

_RULES: Final = (
    """CREATE TRIGGER event_keeps_its_rows BEFORE DELETE ON event WHEN OLD.batch IS NOT NULL
        BEGIN SELECT raise(ABORT, 'an event that is in a batch is kept for ever'); END""",
    """CREATE TRIGGER event_keeps_its_leaf BEFORE UPDATE OF digest, certificate, leaf ON event
        WHEN NEW.leaf != x'' OR NEW.certificate != ''
        BEGIN SELECT raise(ABORT, 'a leaf never changes: its hash may be on the ledger'); END""",
)

_SCHEMA: Final = Schema(
    version=2,
    statements=(
        """CREATE TABLE batch (
            id INTEGER PRIMARY KEY,
            author TEXT NOT NULL,
            root BLOB NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            hashes BLOB NOT NULL) STRICT""",
        """CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            certificate TEXT NOT NULL,
            leaf BLOB NOT NULL,
            batch INTEGER REFERENCES batch (id),
            place INTEGER CHECK ((place IS NULL) = (batch IS NULL)),
            UNIQUE (batch, place)) STRICT""",
        "CREATE INDEX event_certificate ON event (certificate)",
        "CREATE INDEX event_queued ON event (id) WHERE batch IS NULL",
        *_RULES,
        """CREATE TRIGGER event_keeps_its_place BEFORE UPDATE OF batch, place ON event
            WHEN OLD.batch IS NOT NULL
            BEGIN SELECT raise(ABORT, 'an event is in one batch for ever'); END""",
        """CREATE TRIGGER batch_keeps_its_rows BEFORE DELETE ON batch
            BEGIN SELECT raise(ABORT, 'a batch is kept for ever'); END""",
        """CREATE TRIGGER batch_never_changes BEFORE UPDATE ON batch
            BEGIN SELECT raise(ABORT, 'a batch never changes: its root may be on the ledger'); END""",
    ),
    upgrades={
        1: ("DROP TRIGGER event_keeps_its_rows", "DROP TRIGGER event_keeps_its_leaf", *_RULES),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that is kept. `id` counts from 1, `events` of its `size` leaves are no decoys."""

    id: int
    root: bytes
    size: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """A leaf, and where it is: `batch` is None as long as it is queued."""

    leaf: EvidenceLeaf
    batch: int | None
    place: int | None


class SqliteEvidence:
    """The file `evidence.sqlite` of an issuer's home. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open the store; make it if it is not there.

        Raises:
            StoreError: Damaged, made by a newer vcred, or the system refuses.
        """
        self._db = Database(
            path,
            _SCHEMA,
            words="the store of evidence refuses",
            pragmas=("foreign_keys=ON", "secure_delete=ON"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def add(self, leaves: Iterable[EvidenceLeaf]) -> int:
        """Keep events, all or none, durably; one that is kept already keeps its first salt.

        Returns:
            How many are new.
        """
        added = 0
        with self._db.transaction():
            for leaf in leaves:
                digest = sha256(encode_jcs(leaf.event.to_json())).digest()
                done = self._db.execute(
                    "INSERT OR IGNORE INTO event (digest, certificate, leaf) VALUES (?, ?, ?)",
                    (digest, leaf.event.certificate, leaf.encode()),
                )
                added += done.rowcount
        return added

    def forget(self, certificate: str) -> int:
        """Empty all events of a certificate, for good, also on the disk; those that are queued go.

        Returns:
            How many there were.
        """
        with self._db.transaction():
            found = self._db.rows("SELECT id, batch FROM event WHERE certificate = ?", (certificate,))
            for number, batch in found:
                if batch is None:
                    self._db.execute("DELETE FROM event WHERE id = ?", (number,))
                else:
                    self._db.execute(
                        "UPDATE event SET digest = ?, certificate = '', leaf = x'' WHERE id = ?",
                        (token_bytes(sha256().digest_size), number),
                    )
        # Also after a stop: rows that were moved before have left pieces in the file, and in its log.
        self._db.rows("VACUUM")
        self._db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(found)

    def queued(self) -> int:
        """How many events are in no batch yet."""
        return int(self._db.value("SELECT count(*) FROM event WHERE batch IS NULL"))

    def unrecorded(self, author: str, *, is_recorded: Callable[[bytes], bool]) -> Batch | None:
        """The oldest batch of an author that is not recorded, or None. Arguments as `batch`."""
        for number, root in self._db.rows(
            "SELECT id, root FROM batch WHERE author = ? ORDER BY id", (author,)
        ):
            if not is_recorded(_blob(root)):
                return self._batch(number)
        return None

    def batch(
        self,
        author: str,
        *,
        is_recorded: Callable[[bytes], bool],
        make: Callable[[Sequence[bytes]], EvidenceBatch],
        most: int,
    ) -> Batch | None:
        """Return the oldest batch of an author that is not recorded; without one, make it durably.

        One transaction, so that of two that ask at once both get the same batch.

        Args:
            author: DID of who records it.
            is_recorded: Whether a root (32 bytes) is on the ledger, by this author.
            make: Puts encoded leaves into a tree.
            most: How many events a batch may have.

        Returns:
            None if all is recorded, and nothing queued.
        """
        with self._db.transaction():
            kept = self.unrecorded(author, is_recorded=is_recorded)
            if kept is not None:
                return kept
            queued = self._db.rows(
                "SELECT id, leaf FROM event WHERE batch IS NULL ORDER BY id LIMIT ?", (most,)
            )
            if not queued:
                return None
            made = make([_blob(row[1]) for row in queued])
            number = self._db.execute(
                "INSERT INTO batch (author, root, size, hashes) VALUES (?, ?, ?, ?)",
                (author, made.root, made.size, made.hashes),
            ).lastrowid
            places = zip(queued, made.places, strict=True)
            self._db.execute_many(
                "UPDATE event SET batch = ?, place = ? WHERE id = ?",
                [(number, place, row[0]) for row, place in places],
            )
            return self._batch(number)

    def roots(self) -> set[bytes]:
        """The roots of all batches, 32 bytes each."""
        return {_blob(root) for (root,) in self._db.rows("SELECT root FROM batch")}

    def history(self, certificate: str) -> list[KeptEvent]:
        """The events of a certificate, in the order in which they were added."""
        rows = self._db.rows(
            "SELECT leaf, batch, place FROM event WHERE certificate = ? ORDER BY id", (certificate,)
        )
        return [KeptEvent(leaf=_leaf(row[0]), batch=row[1], place=row[2]) for row in rows]

    def tree(self, batch: int) -> tuple[str, EvidenceBatch]:
        """The author of a batch and its tree, without places."""
        author, size, hashes = self._required("SELECT author, size, hashes FROM batch WHERE id = ?", (batch,))
        return author, EvidenceBatch(size=size, hashes=_blob(hashes), places=())

    def _batch(self, number: int | None) -> Batch:
        root, size, events = self._required(
            "SELECT root, size, (SELECT count(*) FROM event WHERE batch = batch.id) FROM batch WHERE id = ?",
            (number,),
        )
        assert number is not None
        return Batch(id=number, root=_blob(root), size=size, events=events)

    def _required(self, sql: str, values: Sequence[object]) -> tuple[Any, ...]:
        row = self._db.row(sql, values)
        if row is None:
            raise StoreError(_DAMAGED, hint=_RESTORE)
        return row


def _leaf(value: object) -> EvidenceLeaf:
    try:
        return EvidenceLeaf.from_json(decode_json_object(_blob(value)))
    except DecodeError as error:
        raise StoreError(_DAMAGED, hint=_RESTORE) from error


def _blob(value: object) -> bytes:
    # A flipped bit in a record's header makes text of bytes.
    if not isinstance(value, bytes):
        raise StoreError(_DAMAGED, hint=_RESTORE)
    return value
