# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's store: status indices, the journal of what was issued, statuses, enrolment codes used.

One SQLite file, opened by `vcred.database`: commits that a power cut takes away would be
indices that are given twice. `secure_delete` and a truncated WAL see to it that signed text is
gone from the disk once it is delivered (threats PRV-05). Several processes may work on one
store: each step is one transaction that holds only if nobody has taken the step before.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from vcred.database import Database
from vcred.errors import StoreError
from vcred.issuer.engines.sqlite_journal import ENTRY, Allotment, JournalTable, entry_of
from vcred.issuer.engines.sqlite_lists import ListTable
from vcred.issuer.engines.sqlite_schema import SCHEMA
from vcred.issuer.journal import JournalEntry, Refusal, StatusValue
from vcred.issuer.possession import Possession
from vcred.issuer.status_lists import NUMBERS, ListRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A text to be kept until it is delivered. `content`, `holder`: digests of what it is about."""

    credential_id: str
    content: bytes
    holder: bytes
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
        self._db = Database(
            path,
            SCHEMA,
            words="the issuer's store refuses",
            pragmas=("secure_delete=ON", "foreign_keys=ON"),
        )
        self._lists = ListTable(self._db)
        self._journal = JournalTable(self._db, self._lists)
        self.secret = self._load_secret()

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

    def allot(self, requests: Sequence[Allotment]) -> list[JournalEntry | Refusal]:
        """Make durable, in one step, which index each credential has; an old entry comes back as it is.

        Returns:
            In the order of the requests; a refusal where the enrolment code was used for another
            row, or the row was signed with other content. A refusal leaves nothing behind.
        """
        with self._db.transaction():
            return [self._journal.allot(request) for request in requests]

    def record_signed(self, texts: Iterable[Signed]) -> None:
        """Keep signed texts, durable, before any of them leaves. A text that is kept already stays."""
        with self._db.transaction():
            self._db.execute_many(
                "UPDATE journal SET output = ?, possession = ?, issued_at = ?, holder = ?, state = 'signed'"
                # The content may have become another one, by another process.
                " WHERE credential_id = ? AND content = ? AND state = 'allotted'",
                [
                    (
                        text.output,
                        text.possession,
                        text.issued_at,
                        text.holder,
                        text.credential_id,
                        text.content,
                    )
                    for text in texts
                ],
            )

    def record_delivered(self, credential_ids: Iterable[str]) -> None:
        """Mark credentials as delivered, and drop their texts."""
        with self._db.transaction():
            self._db.execute_many(
                "UPDATE journal SET output = NULL, state = 'delivered' WHERE credential_id = ?"
                " AND state = 'signed'",
                [(credential_id,) for credential_id in credential_ids],
            )

    def wipe(self) -> None:
        """Truncate the write-ahead log, which holds texts that the tables no longer do."""
        self._db.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def entry(self, credential_id: str) -> JournalEntry | None:
        """Return one entry, or None."""
        row = self._db.row(f"{ENTRY} WHERE j.credential_id = ?", (credential_id,))
        return None if row is None else entry_of(row)

    def entries(self, *, row_id: str | None = None) -> Iterator[JournalEntry]:
        """Yield the entries of a row, or all, in the order of issue."""
        where, values = ("", ()) if row_id is None else (" WHERE j.row_id = ?", (row_id,))
        for row in self._db.stream(f"{ENTRY}{where} ORDER BY j.id", values):
            yield entry_of(row)

    def statuses(self, entries: Sequence[JournalEntry]) -> list[StatusValue]:
        """Return the present status of entries, in their order."""
        names = {number: value for value, number in NUMBERS.items()}
        sql = "SELECT status FROM journal WHERE credential_id = ?"
        return [names[self._db.value(sql, (entry.credential_id,))] for entry in entries]

    def change_status(self, entries: Iterable[JournalEntry], value: StatusValue, *, at: int) -> None:
        """Change the status of entries, all or none, and keep that it was changed, and when.

        Raises:
            StoreError: One of them has been revoked meanwhile.
        """
        with self._db.transaction():
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
        return [row[0] for row in self._db.rows("SELECT number FROM list ORDER BY number")]

    def record_publication(
        self, number: int, choose_time: Callable[[ListRecord], int]
    ) -> tuple[ListRecord, int]:
        """Read one list and make durable when its next token is dated.

        One transaction: whatever change of status was acknowledged before is in it (INV-6).

        Args:
            choose_time: Gives `iat` of the token; raises to publish nothing.
        """
        with self._db.transaction():
            record = self._lists.record(number)
            issued_at = choose_time(record)
            self._lists.set_issued_at(number, issued_at)
            return record, issued_at

    def _load_secret(self) -> bytes:
        with self._db.transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO secret (id, value) VALUES (0, ?)", (secrets.token_bytes(32),)
            )
            value = self._db.value("SELECT value FROM secret")
        assert isinstance(value, bytes)
        return value
