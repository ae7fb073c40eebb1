# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a witness remembers, in one file: the heads it has cosigned, what its authority handed it, forks.

A witness that forgets what it has signed can be made to sign a fork. So its key is retired for
ever (`retired`) when the file may say less than the key has signed:

* the file is gone, and a mark beside the keys says that there was one;
* the file has another inode, or the mark is not the file that it says it is (`mark`): they are copies,
  also those that an ordinary backup puts back in their place;
* the mark is gone, and there are heads: it is written before the first of them;
* the mark says a greater size: an older content was put into the file;
* somebody shows a cosignature of the key that is not among the heads (`LocalWitness.observe`).

A crash or power cut leaves the mark behind the file, never before it: that is no reason.

What is *not* noticed: a whole machine, disk image or snapshot of a file system set back to an earlier
moment; and where the file system tells no generation (tmpfs, overlay, NFS), a copy that is given
the inodes of both files again. Then the witness of the other jurisdiction, which has seen the later
heads, does not cosign the fork, and gates that compare gossip lines find it. A home that was moved
to another file system counts as a copy: move a witness by a new key, not by its files.

The heads, and what was handed, belong to the authority, not to one key: a new key begins with them.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vcred.database import Database, Row, Schema
from vcred.errors import DecodeError, KeyMaterialError, StoreError
from vcred.files.mark import Mark, read_mark, write_mark
from vcred.keys.public import PublicKey
from vcred.tlog.witness import WitnessRecord
from vcred.witness.monitor import Handed

# Stands behind the inode once the mark names itself; version 1 wrote the inode alone.
_MARKED: Final = " marked"
_REFUSE: Final = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
_SCHEMA: Final = Schema(
    version=2,
    statements=(
        "CREATE TABLE identity (id INTEGER PRIMARY KEY CHECK (id = 1), file TEXT NOT NULL, "
        "network TEXT) STRICT",
        "CREATE TABLE head (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note BLOB NOT NULL, "
        "origin TEXT NOT NULL, log_key TEXT NOT NULL, cosigner TEXT NOT NULL) STRICT",
        "CREATE TABLE handed (hash TEXT PRIMARY KEY, at INTEGER NOT NULL, operation BLOB NOT NULL) STRICT",
        "CREATE TABLE evidence (id INTEGER PRIMARY KEY, note BLOB NOT NULL UNIQUE) STRICT",
        "CREATE TABLE retired (name TEXT PRIMARY KEY, why TEXT NOT NULL) STRICT",
        *(
            f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} {_REFUSE}"
            for table in ("head", "evidence", "retired")
            for verb in ("UPDATE", "DELETE")
        ),
    ),
    # The tables are the same; but version 1 would take the marked file for a copy, and retire its keys.
    upgrades={1: ()},
)


class Retirement(StrEnum):
    """Why a witness key is not used any more."""

    LOST = "lost"
    COPIED = "copied"
    UNMARKED = "unmarked"
    SET_BACK = "set_back"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head that was cosigned: which log had signed it, and the key name it was cosigned under first."""

    record: WitnessRecord
    origin: str
    log_key: PublicKey
    cosigner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOperation(Handed):
    """What was handed over, with the operation itself: its RFC 8785 bytes."""

    operation: bytes = field(repr=False)


class WitnessStore:
    """One open file, and the mark beside the keys. Threads may share it."""

    def __init__(self, path: Path, *, mark: Path, names: Collection[str]) -> None:
        """Open the file, or make it; retire the keys if it is not what it was.

        Args:
            path: The file; its folder exists.
            mark: Where it is kept that there is a record, and its size; beside the keys.
            names: The key names of all witness keys that there are now.

        Raises:
            StoreError: It is damaged, or the system refuses.
        """
        self._mark = mark
        self._db = Database(path, _SCHEMA, words="the witness cannot keep its record")
        try:
            file = str(path.stat().st_ino)
            with self._db.transaction():
                # Within: what another process cosigns meanwhile is in the file before it is in the mark.
                self._settle(file, read_mark(mark), names)
            # After: a mark without its record would mean that the record is lost.
            self.mark()
            self._db.execute("UPDATE identity SET file = ?1 WHERE file <> ?1", (file + _MARKED,))
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that the block writes, durably, or nothing."""
        with self._db.transaction():
            yield

    # Heads.

    def newest(self) -> Head | None:
        """The greatest head that was cosigned."""
        return _head(self._db.row("SELECT * FROM head ORDER BY size DESC LIMIT 1"))

    def head(self, size: int) -> Head | None:
        """The head of that size, if it was cosigned."""
        return _head(self._db.row("SELECT * FROM head WHERE size = ?", (size,)))

    def add_head(self, head: Head) -> None:
        """Keep a head; one that is there already stays. Call `mark` after the transaction."""
        record = head.record
        log_key = head.log_key.to_multikey()
        values = (record.size, record.root, record.note, head.origin, log_key, head.cosigner)
        self._db.execute("INSERT OR IGNORE INTO head VALUES (?, ?, ?, ?, ?, ?)", values)

    def cosigners(self) -> frozenset[str]:
        """The key names under which heads have been cosigned."""
        return frozenset(row[0] for row in self._db.rows("SELECT DISTINCT cosigner FROM head"))

    def mark(self) -> None:
        """Note beside the keys how far the record has come. Never before the record is durable."""
        size = self._size()
        mark = read_mark(self._mark)
        if mark is None or mark.size != size or not mark.is_original:
            write_mark(self._mark, size)

    def network(self) -> str | None:
        """The network whose heads these are; None before the first."""
        network: str | None = self._db.value("SELECT network FROM identity")
        return network

    def keep_network(self, network_id: str) -> None:
        """Bind the record to a network."""
        self._db.execute("UPDATE identity SET network = ?", (network_id,))

    # What the authority hands over.

    def hand(self, item: HandedOperation) -> None:
        """Keep an operation; one that was handed before keeps its time."""
        with self._db.transaction():
            values = (item.hash, item.handed_at, item.operation)
            self._db.execute("INSERT OR IGNORE INTO handed VALUES (?, ?, ?)", values)

    def handed(self) -> tuple[HandedOperation, ...]:
        """All that was handed over and is not yet under a cosigned head, oldest first."""
        rows = self._db.rows("SELECT hash, at, operation FROM handed ORDER BY at, hash")
        return tuple(HandedOperation(hash=row[0], handed_at=row[1], operation=row[2]) for row in rows)

    def drop(self, hashes: Collection[str]) -> int:
        """Forget operations; returns how many were there."""
        return sum(self._db.execute("DELETE FROM handed WHERE hash = ?", (item,)).rowcount for item in hashes)

    # What must not be forgotten.

    def add_evidence(self, notes: Collection[bytes]) -> None:
        """Keep signed notes that contradict each other."""
        self._db.execute_many("INSERT OR IGNORE INTO evidence (note) VALUES (?)", [(n,) for n in notes if n])

    def evidence(self) -> tuple[bytes, ...]:
        """Every signed note that was kept because it and another contradict each other."""
        return tuple(row[0] for row in self._db.rows("SELECT note FROM evidence ORDER BY id"))

    def retire(self, names: Collection[str], why: Retirement) -> None:
        """Never use these keys again. What was said first stays."""
        rows = [(name, why.value) for name in names]
        self._db.execute_many("INSERT OR IGNORE INTO retired VALUES (?, ?)", rows)

    def retired(self) -> dict[str, Retirement]:
        """The keys that are not to be used again, by name."""
        return {name: Retirement(why) for name, why in self._db.rows("SELECT name, why FROM retired")}

    def _settle(self, file: str, mark: Mark | None, names: Collection[str]) -> None:
        row = self._db.row("SELECT file FROM identity")
        if row is None:
            self._db.execute("INSERT INTO identity (id, file) VALUES (1, ?)", (file,))
            if mark is not None:
                self.retire(names, Retirement.LOST)
            return
        inode, is_marked = row[0].removesuffix(_MARKED), row[0].endswith(_MARKED)
        if inode != file or (is_marked and mark is not None and mark.says and not mark.is_original):
            self.retire(names, Retirement.COPIED)
            # Taken over as it is: the next key begins with it.
            self._db.execute("UPDATE identity SET file = ?", (file,))
        if mark is None:
            if self._size() > 0:
                self.retire(names, Retirement.UNMARKED)
        elif mark.size > self._size() or (is_marked and mark.says is None):
            self.retire(names, Retirement.SET_BACK)

    def _size(self) -> int:
        return int(self._db.value("SELECT coalesce(max(size), 0) FROM head"))


def _head(row: Row | None) -> Head | None:
    if row is None:
        return None
    size, root, note, origin, log_key, cosigner = row
    try:
        return Head(
            record=WitnessRecord(size=size, root=root, note=note),
            origin=origin,
            log_key=PublicKey.from_multikey(log_key),
            cosigner=cosigner,
        )
    except (DecodeError, KeyMaterialError) as error:
        raise StoreError("the record of the witness is damaged") from error
