# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's store: status indices, the journal of what was issued, statuses, enrolment codes used.

One SQLite file, WAL with synchronous=FULL, asserted at opening: with NORMAL a power cut
loses acknowledged commits, and with them indices that would be given twice. `secure_delete`
and a truncated WAL see to it that signed text is gone from the disk once it is delivered
(threats PRV-05). Several processes may work on one store: each step is one transaction
that holds only if nobody has taken the step before.
"""

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vcred.credential.status_reference import StatusReference
from vcred.errors import StoreError
from vcred.issuer.engines.sqlite_lists import ListTable
from vcred.issuer.engines.sqlite_schema import SCHEMA, SCHEMA_VERSION
from vcred.issuer.journal import EntryKey, EntryState, JournalEntry, StatusValue
from vcred.issuer.possession import Possession
from vcred.issuer.status_lists import NUMBERS, ListRecord

_SYNCHRONOUS_FULL: Final = 2
_BUSY_SECONDS: Final = 30
_ENTRY: Final = (
    "SELECT j.credential_id, j.vct, j.row_id, j.content, j.copy, l.uri, j.idx, j.possession,"
    " j.issued_at, j.state, j.output FROM journal j JOIN list l ON l.number = j.list"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """Ask for a place in the journal and an index: for which credential, in a list under which base."""

    key: EntryKey
    status_base: str
    possession: Possession
    issued_at: int
    nonce_digest: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A text to be kept until it is delivered."""

    credential_id: str
    output: str
    possession: Possession
    issued_at: int


class SqliteIssuerStore:
    """The file `issuer.sqlite` of a home."""

    def __init__(self, path: Path) -> None:
        """Open the store; make it if it is not there.

        Raises:
            StoreError: Damaged, made by a newer vcred, or the system refuses.
        """
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_SECONDS)
            path.chmod(0o600)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            self._db.execute("PRAGMA foreign_keys=ON")
            self._prepare(path)
            self._lists = ListTable(self._db)
            self.secret = self._load_secret()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"cannot open {path}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Empty the write-ahead log and close."""
        self.wipe()
        self._db.close()

    def allot(self, requests: Sequence[Allotment]) -> list[JournalEntry | None]:
        """Make durable, in one step, which index each credential has; an old entry comes back as it is.

        Returns:
            In the order of the requests; None where the enrolment code was used for another row.
        """
        with self._transaction():
            return [self._allot_one(request) for request in requests]

    def record_signed(self, texts: Iterable[Signed]) -> None:
        """Keep signed texts, durable, before any of them leaves. A text that is kept already stays."""
        with self._transaction():
            self._db.executemany(
                "UPDATE journal SET output = ?, possession = ?, issued_at = ?, state = 'signed'"
                " WHERE credential_id = ? AND state = 'allotted'",
                [(text.output, text.possession, text.issued_at, text.credential_id) for text in texts],
            )

    def record_delivered(self, credential_ids: Iterable[str]) -> None:
        """Mark credentials as delivered, and drop their texts."""
        with self._transaction():
            self._db.executemany(
                "UPDATE journal SET output = NULL, state = 'delivered' WHERE credential_id = ?"
                " AND state = 'signed'",
                [(credential_id,) for credential_id in credential_ids],
            )

    def wipe(self) -> None:
        """Truncate the write-ahead log, which holds texts that the tables no longer do."""
        try:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise StoreError(f"the issuer's store refuses: {error}") from error

    def entry(self, credential_id: str) -> JournalEntry | None:
        """Return one entry, or None."""
        row = self._read(f"{_ENTRY} WHERE j.credential_id = ?", (credential_id,)).fetchone()
        return None if row is None else _entry_of(row)

    def entries(self, *, row_id: str | None = None) -> Iterator[JournalEntry]:
        """Yield the entries of a row, or all, in the order of issue."""
        where, values = ("", ()) if row_id is None else (" WHERE j.row_id = ?", (row_id,))
        for row in self._read(f"{_ENTRY}{where} ORDER BY j.id", values):
            yield _entry_of(row)

    def statuses(self, entries: Sequence[JournalEntry]) -> list[StatusValue]:
        """Return the present status of entries, in their order."""
        names = {number: value for value, number in NUMBERS.items()}
        sql = "SELECT status FROM journal WHERE credential_id = ?"
        return [names[self._read(sql, (entry.credential_id,)).fetchone()[0]] for entry in entries]

    def change_status(self, entries: Iterable[JournalEntry], value: StatusValue, *, at: int) -> None:
        """Change the status of entries, all or none, and keep that it was changed, and when.

        Raises:
            StoreError: One of them has been revoked meanwhile.
        """
        with self._transaction():
            for entry in entries:
                done = self._db.execute(
                    "UPDATE journal SET status = ?1 WHERE credential_id = ?2 AND (status != 1 OR ?1 = 1)",
                    (NUMBERS[value], entry.credential_id),
                )
                if done.rowcount != 1:
                    raise StoreError("a revoked credential stays revoked")
                self._db.execute(
                    "INSERT INTO status_change (credential_id, value, at) VALUES (?, ?, ?)",
                    (entry.credential_id, NUMBERS[value], at),
                )

    def list_numbers(self) -> list[int]:
        """Return the numbers of all status lists."""
        return [row[0] for row in self._read("SELECT number FROM list ORDER BY number")]

    def record_publication(
        self, number: int, choose_time: Callable[[ListRecord], int]
    ) -> tuple[ListRecord, int]:
        """Read one list and make durable when its next token is dated.

        One transaction: whatever change of status was acknowledged before is in it (INV-6).

        Args:
            choose_time: Gives `iat` of the token; raises to publish nothing.
        """
        with self._transaction():
            record = self._lists.record(number)
            issued_at = choose_time(record)
            self._lists.set_issued_at(number, issued_at)
            return record, issued_at

    def _allot_one(self, request: Allotment) -> JournalEntry | None:
        key = request.key
        row = self._db.execute(
            f"{_ENTRY} WHERE j.vct = ? AND j.row_id = ? AND j.content = ? AND j.copy = ?",
            (key.vct, key.row_id, key.content, key.copy),
        ).fetchone()
        if row is not None:
            return _entry_of(row)
        if not self._take_nonce(request):
            return None
        number, uri, index = self._lists.take_index(key.vct, request.status_base)
        credential_id = secrets.token_hex(16)
        self._db.execute(
            "INSERT INTO journal (credential_id, vct, row_id, content, copy, list, idx, possession,"
            " issued_at, state, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'allotted', 0)",
            (
                credential_id,
                key.vct,
                key.row_id,
                key.content,
                key.copy,
                number,
                index,
                request.possession,
                request.issued_at,
            ),
        )
        return JournalEntry(
            credential_id=credential_id,
            key=key,
            status=StatusReference(uri=uri, index=index),
            possession=request.possession,
            issued_at=request.issued_at,
            state=EntryState.ALLOTTED,
        )

    def _take_nonce(self, request: Allotment) -> bool:
        """Use an enrolment code for this row; the copies of one row may share it (threats ISS-06)."""
        if request.nonce_digest is None:
            return True
        use = (request.nonce_digest, request.key.vct, request.key.row_id)
        self._db.execute("INSERT OR IGNORE INTO nonce (digest, vct, row_id) VALUES (?, ?, ?)", use)
        row = self._db.execute("SELECT digest, vct, row_id FROM nonce WHERE digest = ?", use[:1]).fetchone()
        return tuple(row) == use

    def _load_secret(self) -> bytes:
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO secret (id, value) VALUES (0, ?)", (secrets.token_bytes(32),)
            )
            value = self._db.execute("SELECT value FROM secret").fetchone()[0]
        assert isinstance(value, bytes)
        return value

    def _prepare(self, path: Path) -> None:
        if self._db.execute("PRAGMA synchronous").fetchone()[0] != _SYNCHRONOUS_FULL:
            raise StoreError(f"{path} does not keep synchronous=FULL")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise StoreError(f"{path} was made by a newer vcred", hint="upgrade vcred")
        if version == 0:
            self._db.executescript(f"BEGIN IMMEDIATE;{SCHEMA}PRAGMA user_version={SCHEMA_VERSION};COMMIT;")

    def _read(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise StoreError(f"the issuer's store refuses: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(
                f"the issuer's store refuses: {error}", hint="check the disk, then run the command again"
            ) from error


def _entry_of(row: tuple[str, str, str, bytes, int, str, int, str, int, str, str | None]) -> JournalEntry:
    credential_id, vct, row_id, content, copy, uri, index, possession, issued_at, state, output = row
    return JournalEntry(
        credential_id=credential_id,
        key=EntryKey(vct=vct, row_id=row_id, content=content, copy=copy),
        status=StatusReference(uri=uri, index=index),
        possession=Possession(possession),
        issued_at=issued_at,
        state=EntryState(state),
        output=output,
    )
