# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Refuse to sign outside an issuer's hours, and enter it in the audit log: that is the alarm (ISS-22).

At most one entry in 24 hours: whoever tries again and again does not drown the log in it.

Spec: docs/spec/changes.md, Hours.
"""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vcred.errors import RefusedError, StoreError
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.engines.store.quota import SECONDS_A_DAY
from vcred.issuer.signing_hours import HOURS_LIMIT, SigningHours, is_open
from vcred.reasons import Reason

_NOTED: Final = "hours_noted"


class HoursGate:
    """Holds the time against the hours that the audit log says."""

    def __init__(self, db: StoreDriver, audit: AuditTable) -> None:
        self._db = db
        self._audit = audit

    def require_open(self, *, at: int) -> None:
        """Refuse outside the hours. Not inside a transaction: the entry stays, whatever else does not.

        Args:
            at: NumericDate now; the audit log's time if that is later.

        Raises:
            RefusedError: RATE_LIMITED.
            StoreError: This machine does not know the timezone, or the log is damaged.
        """
        hours = self._audit.hours()
        if hours is None:
            return
        now = datetime.fromtimestamp(self._audit.now(at), UTC)
        zone = zone_of(hours)
        if is_open(hours, now=now, zone=zone):
            return
        with self._db.transaction():
            self._note(at=int(now.timestamp()))
        raise RefusedError(
            Reason.RATE_LIMITED,
            f"this issuer's keys sign in the hours {hours.period}, {hours.timezone}; there it is"
            f" {now.astimezone(zone):%H:%M} now",
            hint=f"nothing is lost: the same command goes on from {hours.opens_at} on; revoking and"
            ' publishing have no hours; for others ask a second person: "vcred status hours"',
        )

    def _note(self, *, at: int) -> None:
        if self._was_noted(at):
            return
        members = {"what": HOURS_LIMIT}
        head = self._audit.append([AuditEvent(kind=AuditKind.REFUSED, members={**members})], at=at)
        self._db.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_NOTED, str(head.seq)),
        )

    def _was_noted(self, at: int) -> bool:
        """Say whether an entry of the last 24 hours tells it.

        The table says only where to look: whoever edits it silences nothing.
        """
        row = self._db.row("SELECT value FROM setting WHERE name = ?", (_NOTED,))
        if row is None or not f"{row[0]}".isdecimal() or not 0 < int(row[0]) <= self._audit.head().seq:
            return False
        entry = self._audit.entry(int(row[0]))
        return entry.kind is AuditKind.REFUSED and entry.at > at - SECONDS_A_DAY


def zone_of(hours: SigningHours) -> ZoneInfo:
    """Return the rules of a timezone.

    Raises:
        StoreError: This machine does not know it.
    """
    try:
        return ZoneInfo(hours.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise StoreError(
            f"this machine does not know the timezone {hours.timezone}",
            hint="a name of the tz database is needed, such as Asia/Macau; it is in the package tzdata",
        ) from error
