# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What one person alone may do in 24 hours, counted by the audit log.

Each entry says how many changes, and how many places, it was so far. So the last 24 hours are the
difference of two entries, and a mass change that is cut into small ones adds up all the same
(threats ISS-21, ISS-22). The time is the log's: setting the clock back begins no new day.

Spec: docs/spec/changes.md, What one person alone may do.
"""

import itertools
from typing import Final

from vcred.errors import RefusedError
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.change_request import Limit
from vcred.issuer.engines.store.approvals import ApprovalTable
from vcred.issuer.engines.store.audit import AuditTable
from vcred.reasons import Reason

SECONDS_A_DAY: Final = 86_400
_SAMPLE_SECONDS: Final = 3_600


class Quota:
    """Counts what was done without a second person. Called inside a transaction."""

    def __init__(self, audit: AuditTable, approvals: ApprovalTable) -> None:
        self._audit = audit
        self._approvals = approvals

    def changes_left(self, *, at: int) -> int:
        """Return how many statuses one person alone may still change at a time, at least 0."""
        return max(self._audit.limit(Limit.CHANGES) - self._made(at), 0)

    def say_used(self, *, at: int) -> str:
        """Say how many statuses one person alone may change in 24 hours, and how many of them are used."""
        limit, used = self._audit.limit(Limit.CHANGES), self._made(at)
        by = ", by a reconciliation too" if self._was_reconciled(at) else ""
        return f"one person alone may change {limit:,} in 24 hours, and {used:,} are used{by}"

    def _made(self, at: int) -> int:
        last = self._audit.last()
        if last is None:
            return 0
        before, _ = self._audit.around(max(at, last.at) - SECONDS_A_DAY)
        return last.unapproved - (0 if before is None else before.unapproved)

    def _was_reconciled(self, at: int) -> bool:
        """Say whether one of the last 24 hours counts: it uses up what was left of the day."""
        head, since = self._audit.head().seq, self._audit.now(at) - SECONDS_A_DAY
        entries = itertools.takewhile(
            lambda entry: entry.at > since, map(self._audit.entry, range(head, 0, -1))
        )
        return any(entry.kind is AuditKind.RECONCILED for entry in entries)

    def admit_issuing(self, count: int, *, at: int) -> None:
        """Admit that `count` more places are dealt, or refuse.

        At least once an hour the log is told how many were dealt so far, so that it can say
        how many it was 24 hours ago.

        Raises:
            RefusedError: APPROVAL_REQUIRED: more in 24 hours than the limit, and than was approved.
        """
        last, places = self._audit.last(), self._audit.places()
        now = at if last is None else max(at, last.at)
        made = places - self._places_at(now - SECONDS_A_DAY, now=places) + count
        limit = self._audit.limit(Limit.ISSUING)
        if made > limit and made > limit + self._approvals.allowed_issuing(at=now):
            raise RefusedError(
                Reason.APPROVAL_REQUIRED,
                f"more than {limit} credentials in 24 hours need the approval of a second person",
                hint='ask for it: "vcred status allow-issuing NUMBER"; once it is approved,'
                " the same command goes on",
            )
        if last is None or now - last.at >= _SAMPLE_SECONDS:
            self._audit.append([AuditEvent(kind=AuditKind.DEALT, members={})], at=now)

    def _places_at(self, at: int, *, now: int) -> int:
        """Return how many places had been dealt by a time: rather too few than too many."""
        before, after = self._audit.around(at)
        if before is not None and before.at + _SAMPLE_SECONDS > at:
            return before.places
        # Nothing was dealt later than an hour after an entry, or another entry would say so.
        return now if after is None else after.places
