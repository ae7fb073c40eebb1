# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The table `audit` of the issuer's store.

Entries are appended inside the transaction that makes the change they tell of: neither is there
without the other. The table's triggers refuse to change or delete any.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from vcred.codec.fields import get_text
from vcred.codec.json_types import JsonObject
from vcred.codec.times import format_timestamp
from vcred.errors import DecodeError, RefusedError, StoreError
from vcred.issuer.audit.log import (
    LIMITING,
    AuditEntry,
    AuditEvent,
    AuditHead,
    AuditKind,
    chain,
    decode_entry,
    follow,
)
from vcred.issuer.change_request import DEFAULT_LIMITS, Limit
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.engines.store.journal import VALUES
from vcred.issuer.journal import StatusValue
from vcred.issuer.signing_hours import SigningHours, parse_hours
from vcred.limits import MAX_CLOCK_LEAP
from vcred.reasons import Reason

_HINT: Final = "somebody has altered the store, or the disk is damaged; keep the file, and restore a copy"
_CLOCK: Final = "clock"
_LAST: Final = "SELECT seq, entry, hash FROM audit ORDER BY seq DESC LIMIT 1"


class AuditTable:
    """Appends to the audit log, and reads it.

    `time_floor`: a time that is over for certain, NumericDate: of the newest checkpoint that the home
    has; 0 if none is known.
    """

    def __init__(self, db: StoreDriver) -> None:
        self._db = db
        self.time_floor = 0

    def append(self, events: Iterable[AuditEvent], *, at: int) -> AuditHead:
        """Append events, and return the new head. Call it inside a transaction.

        Args:
            events: In order.
            at: NumericDate now. The log's time never goes back: an earlier one counts as its last.

        Raises:
            StoreError: The newest entry is damaged.
            RefusedError: As `refuse_leap`.
        """
        self.refuse_leap(at)
        return self._append(events, at=at)

    def refuse_leap(self, at: int) -> None:
        """Refuse a clock that is far ahead of all that is known here.

        Nothing could be dated before what it dates: no later list would be newer, no approval of
        today good, and no day over in which one person alone may change so much.

        Raises:
            RefusedError: CLOCK_UNRELIABLE.
        """
        known = self._newest_time()
        if _is_leap(known, at):
            raise RefusedError(
                Reason.CLOCK_UNRELIABLE,
                f"this clock shows {_text(at)}, and the newest time that is known here is {_text(known)}:"
                " what is dated so far ahead could not be followed by anything before",
                hint='check the clock, as with "date -u"; if it is right, import the newest bundle, or say'
                ' so: "vcred status publish --clock-is-right"',
            )

    def accept_clock(self, at: int) -> None:
        """Enter that the clock is right, though it is far ahead, as somebody says. Inside a transaction."""
        known = self._newest_time()
        if _is_leap(known, at):
            members: JsonObject = {"setting": _CLOCK, "value": str(known)}
            self._append([AuditEvent(kind=AuditKind.SETTING_CHANGED, members=members)], at=at)

    def _newest_time(self) -> int:
        last = self.last()
        return self.time_floor if last is None else max(self.time_floor, last.at)

    def _append(self, events: Iterable[AuditEvent], *, at: int) -> AuditHead:
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
        for entry in self._limiting():
            number = entry.members.get("number")
            if entry.kind is AuditKind.LIMIT_CHANGED and type(number) is not int:
                raise _broken(entry.seq, "it changes no limit")
            if type(number) is int and entry.members.get("limit") == limit.value:
                return number
        return DEFAULT_LIMITS[limit]

    def hours(self) -> SigningHours | None:
        """Return in which hours issuing keys sign, as the log says; None: any. Errors as `limit`."""
        for entry in self._limiting():
            if entry.kind is AuditKind.HOURS_CHANGED:
                try:
                    return parse_hours(get_text(entry.members, "hours"))
                except DecodeError as error:
                    raise _broken(entry.seq, str(error)) from error
        return None

    def _limiting(self) -> Iterator[AuditEntry]:
        """Yield the entries that changed a limit or the hours, newest first."""
        last = self.last()
        seq = 0 if last is None else last.newest_limit
        while seq:
            entry = self.entry(seq)
            if entry.kind not in LIMITING or entry.limits >= seq:
                raise _broken(seq, "it changes no limit")
            yield entry
            seq = entry.limits

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


def _is_leap(known: int, at: int) -> bool:
    # Where nothing is known, as before the first entry of a home without a bundle, any time may be right.
    return 0 < known < at - MAX_CLOCK_LEAP.total_seconds()


def _text(at: int) -> str:
    return format_timestamp(datetime.fromtimestamp(at, UTC))


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
