# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Count, entry by entry, what one person alone has changed in the 24 hours up to it.

The same count by which a change is allowed (`engines/store/quota.py`): an entry that goes beyond the
limit was made by no command.

Spec: docs/spec/changes.md, What one person alone may do.
"""

from collections import deque
from datetime import timedelta
from typing import Final

from vcred.issuer.audit.log import AuditEntry

_SECONDS_A_DAY: Final = int(timedelta(days=1).total_seconds())


class AloneCount:
    """Memory: one pair of numbers for each second of the last 24 hours that has an entry."""

    def __init__(self) -> None:
        self._day: deque[tuple[int, int]] = deque()
        self._before = 0

    def take(self, entry: AuditEntry) -> int:
        """Take in the next entry; returns how many changes it makes, of one person alone, in 24 hours."""
        while self._day and self._day[0][0] <= entry.at - _SECONDS_A_DAY:
            self._before = self._day.popleft()[1]
        if self._day and self._day[-1][0] == entry.at:
            self._day.pop()
        self._day.append((entry.at, entry.unapproved))
        return entry.unapproved - self._before
