# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keep what a verifier holds in SQLite: one transaction for one import, old or new, never a blend."""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.database import Database, Schema
from vcred.errors import DecodeError, StoreError
from vcred.ledger.rules import Judged
from vcred.trust.held import Held, HeldCheckpoint, HeldFloor, HeldPending, HeldStatus
from vcred.trust.judgement import encode_judged, parse_judged

if TYPE_CHECKING:
    from vcred.trust.update import Addition

_HINT: Final = "import a full bundle into a new one"
_SINCE_VERSION_2: Final = (
    "CREATE TABLE pending (hash TEXT PRIMARY KEY, operation BLOB NOT NULL, as_of INTEGER NOT NULL) STRICT",
    "CREATE TABLE entered_floor (id INTEGER PRIMARY KEY CHECK (id = 0), size INTEGER NOT NULL, "
    "root BLOB NOT NULL) STRICT",
    # What the replay of the entries held has found, so that their signatures need not be verified anew.
    "CREATE TABLE judged (id INTEGER PRIMARY KEY CHECK (id = 0), seal BLOB NOT NULL, found TEXT NOT NULL) "
    "STRICT",
)
SCHEMA: Final = Schema(
    version=2,
    statements=(
        "CREATE TABLE leaf (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
        "CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, "
        "quorum_time INTEGER NOT NULL, note BLOB NOT NULL) STRICT",
        "CREATE TABLE status (id INTEGER PRIMARY KEY, uri TEXT NOT NULL, did TEXT NOT NULL, "
        "issued_at INTEGER NOT NULL, token TEXT NOT NULL, UNIQUE (uri, issued_at)) STRICT",
        "CREATE TABLE type (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
        "CREATE TABLE time_floor (id INTEGER PRIMARY KEY CHECK (id = 0), value INTEGER NOT NULL) STRICT",
        "CREATE TABLE evidence (id INTEGER PRIMARY KEY, head BLOB NOT NULL UNIQUE) STRICT",
        *_SINCE_VERSION_2,
    ),
    upgrades={1: _SINCE_VERSION_2},
)
_CHECKPOINTS: Final = "SELECT size, root, quorum_time, note FROM checkpoint ORDER BY id"
_STATUSES: Final = "SELECT uri, did, issued_at, token FROM status ORDER BY id"
_PENDING: Final = "SELECT hash, operation, as_of FROM pending ORDER BY rowid"


class SqliteTrust:
    """The file `trust.sqlite` of a home."""

    def __init__(self, path: Path) -> None:
        # A lost acknowledged import would be a rollback that nobody notices.
        self._db = Database(path, SCHEMA, words="the trust store refuses", remedy=_HINT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def revision(self) -> int:
        """A number that changes when another process has changed the file."""
        return int(self._db.value("PRAGMA data_version"))

    def load(self) -> Held:
        """Read everything held, as of one moment."""
        with self._db.moment():
            self._check()
            floors = self._db.records("SELECT value FROM time_floor", int)
            leaves = self._db.records("SELECT bytes FROM leaf ORDER BY idx", bytes)
            return Held(
                leaves=tuple(leaf for (leaf,) in leaves),
                checkpoints=tuple(
                    HeldCheckpoint(size=size, root=root, quorum_time=quorum_time, note=note)
                    for size, root, quorum_time, note in self._db.records(
                        _CHECKPOINTS, int, bytes, int, bytes
                    )
                ),
                statuses=tuple(
                    HeldStatus(uri=uri, did=did, issued_at=issued_at, token=token)
                    for uri, did, issued_at, token in self._db.records(_STATUSES, str, str, int, str)
                ),
                types=dict(self._db.records("SELECT digest, bytes FROM type", bytes, bytes)),
                pending=tuple(
                    HeldPending(hash=digest, operation=_operation(content), as_of=as_of)
                    for digest, content, as_of in self._db.records(_PENDING, str, bytes, int)
                ),
                time_floor=floors[0][0] if floors else 0,
                floor=self._entered_floor(),
                judged=self._judged(len(leaves)),
            )

    def add(self, addition: "Addition", *, expected_size: int) -> None:
        """Add what an import brings, if nobody has added anything since `expected_size` was read.

        Raises:
            StoreError: Another import came between, or the disk refuses.
        """
        with self._db.transaction():
            size = self._db.value("SELECT count(*) FROM leaf")
            if size != expected_size:
                raise StoreError("another import has run at the same time", hint="import again")
            self._db.execute_many(
                "INSERT INTO leaf VALUES (?, ?)", enumerate(addition.leaves, start=expected_size)
            )
            self._db.execute_many(
                "INSERT INTO status (uri, did, issued_at, token) VALUES (?, ?, ?, ?)",
                [(s.uri, s.did, s.issued_at, s.token) for s in addition.statuses],
            )
            self._db.execute_many("INSERT INTO type VALUES (?, ?)", addition.types.items())
            self._db.execute_many(
                "INSERT OR IGNORE INTO pending VALUES (?, ?, ?)",
                [(p.hash, encode_jcs(p.operation), p.as_of) for p in addition.pending],
            )
            self._db.execute("INSERT OR REPLACE INTO judged VALUES (0, ?, ?)", encode_judged(addition.judged))
            if addition.checkpoint is not None:
                self._add_checkpoint(addition.checkpoint)

    def enter_floor(self, floor: HeldFloor) -> None:
        """Keep a floor that an operator enters; one that is lower than the one kept changes nothing."""
        self._db.execute(
            "INSERT INTO entered_floor VALUES (0, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "size = excluded.size, root = excluded.root WHERE excluded.size > size",
            (floor.size, floor.root),
        )

    def keep_evidence(self, heads: tuple[bytes, ...]) -> None:
        """Keep the signed heads of a fork; the same head once."""
        with self._db.transaction():
            rows = [(head,) for head in heads if head]
            self._db.execute_many("INSERT OR IGNORE INTO evidence (head) VALUES (?)", rows)

    def evidence(self) -> tuple[bytes, ...]:
        """Every signed head kept as evidence."""
        return tuple(row[0] for row in self._db.rows("SELECT head FROM evidence ORDER BY id"))

    def _check(self) -> None:
        # FI-07. A bit that a disk changes in the head of a page makes rows vanish without an error: a
        # withdrawal would be forgotten, or a newer list.
        if self._db.value("PRAGMA quick_check(1)") != "ok":
            raise StoreError("the trust store is damaged", hint=_HINT)

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

    def _entered_floor(self) -> HeldFloor | None:
        rows = self._db.records("SELECT size, root FROM entered_floor", int, bytes)
        return HeldFloor(size=rows[0][0], root=rows[0][1]) if rows else None

    def _judged(self, size: int) -> Judged | None:
        row = self._db.row("SELECT seal, found FROM judged")
        return None if row is None else parse_judged(row[0], row[1], size=size)


def _operation(content: bytes) -> JsonObject:
    try:
        return decode_json_object(content)
    except DecodeError as error:
        raise StoreError("the trust store is damaged", hint=_HINT) from error
