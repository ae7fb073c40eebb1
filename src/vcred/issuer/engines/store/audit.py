# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The table `audit` of the issuer's store.

Entries are appended inside the transaction that makes the change they tell of: neither is there
without the other. The table's triggers refuse to change or delete any.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, RefusedError, StoreError
from vcred.issuer.audit import AuditEntry, AuditEvent, AuditHead, AuditKind, chain, decode_entry, follow
from vcred.issuer.change_request import DEFAULT_LIMITS, Limit
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.engines.store.journal import VALUES
from vcred.issuer.journal import StatusValue
from vcred.reasons import Reason

_HINT: Final = "somebody has altered the store, or the disk is damaged; keep the file, and restore a copy"
_LAST: Final = "SELECT seq, entry, hash FROM audit ORDER BY seq DESC LIMIT 1"


class AuditTable:
    """Appends to the audit log, and reads it."""

    def __init__(self, db: StoreDriver) -> None:
        self._db = db

    def append(self, events: Iterable[AuditEvent], *, at: int) -> AuditHead:
        """Append events, and return the new head. Call it inside a transaction.

        Args:
            events: In order.
            at: NumericDate now. The log's time never goes back: an earlier one counts as its last.

        Raises:
            StoreError: The newest entry is damaged.
        """
        head, last = self._newest()
        if last is None:
            events = [*self._inherited(), *events]
        written = chain(last, head, events, at=at, places=self.places())
        self._db.execute_many(
            "INSERT INTO audit (seq, entry, hash) VALUES (?, ?, ?)",
            [(made.seq, content, made.hash) for made, content in written],
        )
        return written[-1][0] if written else head

    def head(self) -> AuditHead:
        """Return number and hash of the newest entry."""
        return self._newest()[0]

    def last(self) -> AuditEntry | None:
        """Return the newest entry, or None."""
        return self._newest()[1]

    def now(self, at: int) -> int:
        """Return the time to go by: `at`, or that of the newest entry if it is later."""
        last = self.last()
        return at if last is None else max(at, last.at)

    def around(self, at: int) -> tuple[AuditEntry | None, AuditEntry | None]:
        """Return the newest entry at a time or before it, and the one that follows.

        Times never decrease, so that a few entries tell, however long the log is.
        """
        first_after, end = 1, self.head().seq + 1
        while first_after < end:
            middle = (first_after + end) // 2
            if self.entry(middle).at <= at:
                first_after = middle + 1
            else:
                end = middle
        before = self.entry(first_after - 1) if first_after > 1 else None
        after = self.entry(first_after) if first_after <= self.head().seq else None
        return before, after

    def entry(self, seq: int) -> AuditEntry:
        """Return one entry.

        Raises:
            StoreError: It is missing or damaged.
        """
        row = self._db.row("SELECT entry FROM audit WHERE seq = ?", (seq,))
        if row is None:
            raise _broken(seq, "it is missing")
        return _decoded(seq, row[0])

    def verify(self) -> AuditHead:
        """Prove the whole chain, in bounded memory, and return its head. Raises as `proved`.

        That the newest entries were not cut off, only a head that is kept elsewhere tells.
        """
        head = AuditHead()
        for made, _ in self.proved():
            head = made
        return head

    def proved(self) -> Iterator[tuple[AuditHead, bytes]]:
        """Yield the bytes of every entry, oldest first, proved to follow the one before, and its head.

        Raises:
            StoreError: One does not; the message names the first that does not.
        """
        for head, content, _ in self.read():
            yield head, content

    def read(self) -> Iterator[tuple[AuditHead, bytes, AuditEntry]]:
        """Yield every entry as `proved` does, and what it says."""
        head, last = AuditHead(), None
        for seq, content, kept in self._db.stream("SELECT seq, entry, hash FROM audit ORDER BY seq"):
            try:
                made, last = follow(head, last, bytes(content))
            except (DecodeError, TypeError) as error:
                raise _broken(head.seq + 1, str(error)) from error
            if (seq, kept) != (made.seq, made.hash):
                raise _broken(made.seq, "its hash is another one")
            head = made
            yield head, bytes(content), last

    def limit(self, limit: Limit) -> int:
        """Return what one person alone may do in 24 hours, as the log says.

        Not as the table `setting` says: whoever edits that changes nothing.

        Raises:
            StoreError: The entry that changed it is damaged.
        """
        last = self.last()
        seq = 0 if last is None else last.newest_limit
        while seq:
            entry = self.entry(seq)
            number = entry.members.get("number")
            if entry.kind is not AuditKind.LIMIT_CHANGED or type(number) is not int or entry.limits >= seq:
                raise _broken(seq, "it changes no limit")
            if entry.members.get("limit") == limit.value:
                return number
            seq = entry.limits
        return DEFAULT_LIMITS[limit]

    def refuse_other_counts(self) -> None:
        """Refuse to go on where the tables have other numbers of revoked or suspended than the log.

        Raises:
            RefusedError: STATUS_INVALID: somebody has changed a status beside the log.
        """
        last = self.last()
        if last is not None and self.counts() != (last.total_revoked, last.total_suspended):
            raise RefusedError(
                Reason.STATUS_INVALID,
                "the store has other numbers of revoked or suspended credentials than its audit log",
                hint='somebody has altered the store: "vcred status audit" says where',
            )

    def counts(self) -> tuple[int, int]:
        """Return how many credentials the tables say are revoked, and suspended."""
        sql = "SELECT status, count(*) FROM journal WHERE status != 0 GROUP BY status"
        counts = {status: int(count) for status, count in self._db.rows(sql)}
        revoked, suspended = VALUES.index(StatusValue.REVOKED), VALUES.index(StatusValue.SUSPENDED)
        return counts.get(revoked, 0), counts.get(suspended, 0)

    def places(self) -> int:
        """Return how many places have been dealt so far, in all lists."""
        return int(self._db.value("SELECT coalesce(sum(dealt), 0) FROM list"))

    def _inherited(self) -> list[AuditEvent]:
        """Say what an upgraded store has brought with it, from the time before it had a log."""
        if self._db.row("SELECT id FROM journal LIMIT 1") is None:
            return []
        revoked, suspended = self.counts()
        members: JsonObject = {"revoked": revoked, "suspended": suspended}
        return [AuditEvent(kind=AuditKind.UPGRADED, members=members)]

    def _newest(self) -> tuple[AuditHead, AuditEntry | None]:
        row = self._db.row(_LAST)
        if row is None:
            return AuditHead(), None
        seq, content, kept = row
        return AuditHead(seq=seq, hash=bytes(kept)), _decoded(seq, content)


def _decoded(seq: int, content: object) -> AuditEntry:
    try:
        if not isinstance(content, bytes | memoryview):
            raise DecodeError("not bytes")
        entry = decode_entry(bytes(content))
    except DecodeError as error:
        raise _broken(seq, str(error)) from error
    if entry.seq != seq:
        raise _broken(seq, "it is another one")
    return entry


def _broken(seq: int, why: str) -> StoreError:
    return StoreError(f"the audit log is broken at entry {seq}: {why}", hint=_HINT)
