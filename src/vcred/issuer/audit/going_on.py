# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Hold each reconciliation that a second person had to approve against what was approved.

    approval  +  reconciling_allowed      ...      reconciled, "request": the id of what was approved

What was approved lets one reconciliation through, within 24 hours, and no second one. One that went on
by the word of one person alone, with somebody in office, is told as a notice: an older vcred asked nobody.

Spec: docs/spec/changes.md, What the tables must say; docs/spec/changes.md, What nobody can prove.
"""

from vcred.codec.fields import get_int, get_text
from vcred.issuer.approval import allows_reconciling
from vcred.issuer.audit.findings import DifferenceKind, Findings, NoticeKind
from vcred.issuer.audit.log import AuditEntry, AuditKind


class GoingOnReplay:
    """Which approval to go on has not been used yet, entry by entry."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._allowed: tuple[str, int] | None = None

    def take(self, entry: AuditEntry, *, is_staffed: bool) -> None:
        """Take in the next entry, of any kind.

        Args:
            entry: The entry.
            is_staffed: Whether somebody was in office before it.

        Raises:
            DecodeError: It has not the members of its kind.
        """
        members = entry.members
        if entry.kind is AuditKind.RECONCILING_ALLOWED:
            get_int(members, "newest")
            self._allowed = get_text(members, "change"), entry.at
        elif entry.kind is AuditKind.RECONCILED and "first_list" in members:
            if "request" in members:
                self._hold(get_text(members, "request"), at=entry.at)
            elif is_staffed and members.get("nothing_published") is True:
                self._findings.notice(NoticeKind.ALONE, f"entry {entry.seq}")
            self._allowed = None

    def _hold(self, request: str, *, at: int) -> None:
        known, since = self._allowed or ("", 0)
        if request != known or not allows_reconciling(since, at=at):
            self._findings.add(DifferenceKind.APPROVAL, request)
