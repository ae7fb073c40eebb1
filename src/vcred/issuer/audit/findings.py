# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an audit finds: differences, which somebody has made beside the log, and what nobody can prove.

A difference is a fault. A notice is not: an entry of a time when approvals were not kept, say,
proves nothing, and is no forgery for that. Whoever reads the log compares it with what they know.

Spec: docs/spec/changes.md, What the tables must say; docs/spec/changes.md, What nobody can prove.
"""

from dataclasses import dataclass
from enum import StrEnum


class DifferenceKind(StrEnum):
    """In what the tables, or later entries, say something else than the log; the words are stable."""

    STATUS = "status"
    APPROVER = "approver"
    APPROVAL = "approval"
    ISSUING = "issuing"
    SETTING = "setting"
    DEALT = "dealt"
    PUBLISHED = "published"
    DECK = "deck"
    PLACE = "place"
    DECOY = "decoy"


class NoticeKind(StrEnum):
    """What the log says and nobody can prove; the words are stable."""

    UNSIGNED = "unsigned"
    FIRST = "first"
    TAKEN_OVER = "taken_over"
    LEFT = "left"
    RECONCILED = "reconciled"
    ALONE = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One kind of difference: how often, and the first one that was found.

    `first`: id of a credential, DID of an approver, name of a setting or number of a list.
    """

    kind: DifferenceKind
    count: int
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One kind of what cannot be proved: how often, and the first: a DID, limit, credential or entry."""

    kind: NoticeKind
    count: int
    first: str


class Findings:
    """Differences and notices as they are found, counted by kind."""

    def __init__(self) -> None:
        self._differences: dict[DifferenceKind, tuple[int, str]] = {}
        self._notices: dict[NoticeKind, tuple[int, str]] = {}

    def add(self, kind: DifferenceKind, which: str) -> None:
        """Count one more difference."""
        count, first = self._differences.get(kind, (0, which))
        self._differences[kind] = (count + 1, first)

    def notice(self, kind: NoticeKind, which: str) -> None:
        """Count one more that nobody can prove."""
        count, first = self._notices.get(kind, (0, which))
        self._notices[kind] = (count + 1, first)

    def all(self) -> list[Difference]:
        """Return the differences, in the order of the kinds."""
        found = self._differences
        kinds = [kind for kind in DifferenceKind if kind in found]
        return [Difference(kind=kind, count=found[kind][0], first=found[kind][1]) for kind in kinds]

    def notices(self) -> list[Notice]:
        """Return the notices, in the order of the kinds."""
        found = self._notices
        kinds = [kind for kind in NoticeKind if kind in found]
        return [Notice(kind=kind, count=found[kind][0], first=found[kind][1]) for kind in kinds]
