# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Hold every change that needs a second person against the approval that the log has of it.

Whoever can write the store can append to its log, with right hashes. But they cannot sign for an
approver. So an `approval` counts if the signed text in it is by somebody in office then, about a
request that waited, of this issuer; and the entries that follow it are what was asked for, whole.

    approval    +  limit_changed | approver_added | approver_removed | issuing_allowed
                |  status, status, ...   all credentials of the digest, and no other

What is called approved and stands behind no approval is a difference, and so is what one person alone
has changed beyond the limit. An older vcred did not keep what was signed: its approvals are told as a
notice, up to the first entry of one that does.

Spec: docs/spec/changes.md, What the tables must say; docs/spec/changes.md, What nobody can prove.
"""

from dataclasses import dataclass, field
from typing import Final

from vcred.codec.fields import get_int, get_text
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, KeyMaterialError, RefusedError
from vcred.issuer.approval import Approval, require_approval, verify_approval
from vcred.issuer.audit.alone import AloneCount
from vcred.issuer.audit.effects import is_effect
from vcred.issuer.audit.findings import DifferenceKind, Findings, NoticeKind
from vcred.issuer.audit.log import BY_COPY, BY_RECONCILING, LIMITING, AuditEntry, AuditKind
from vcred.issuer.change_request import (
    DEFAULT_LIMITS,
    ChangeStatus,
    Limit,
    Wish,
)
from vcred.issuer.credential_set import CREDENTIAL_ID_BYTES, credentials_digest, pack_credentials
from vcred.issuer.journal import StatusValue
from vcred.issuer.signing_hours import ANY_HOURS, HOURS_LIMIT, parse_hours

_EFFECTS: Final = LIMITING | {
    AuditKind.APPROVER_ADDED,
    AuditKind.APPROVER_REMOVED,
    AuditKind.ISSUING_ALLOWED,
    AuditKind.RECONCILING_ALLOWED,
}
_CHANGES: Final = frozenset({AuditKind.STATUS, AuditKind.REPLACED})
# What is taken over from the home's copy stands directly behind the reconciliation.
_TAKEN_OVER: Final = _EFFECTS | {AuditKind.APPROVAL, AuditKind.RECONCILED}


@dataclass(slots=True, kw_only=True)
class _Open:
    """An approval whose change is being entered. `wish`: None if what was signed is not known."""

    request: str
    approver: str
    wish: Wish | None = None
    credentials: list[str] = field(default_factory=list)
    is_done: bool = False


class ApprovalReplay:
    """Who is in office, and which approval waits for its change, entry by entry.

    Memory: the ids of requests, and of the credentials of one request at a time.
    """

    def __init__(self, issuer: str, findings: Findings) -> None:
        self.in_office: set[str] = set()
        self._issuer = issuer
        self._findings = findings
        self._limits = dict(DEFAULT_LIMITS)
        self._hours = ANY_HOURS
        self._alone = AloneCount()
        self._waiting: set[str] = set()
        self._done: set[str] = set()
        self._open: _Open | None = None
        self._was_ever_staffed = False
        self._is_signed = False
        # Inside a reconciliation: whether somebody had been in office before it.
        self._reconciling_staffed: bool | None = None

    def take(self, entry: AuditEntry, *, alone: int) -> None:
        """Take in the next entry.

        Args:
            entry: Of any kind.
            alone: How many changes by one person alone it counts.

        Raises:
            DecodeError: It has not the members of its kind.
        """
        members = entry.members
        if self._open is not None and not self._is_of_open(self._open, entry):
            self.finish()
        if entry.kind not in _TAKEN_OVER:
            self._reconciling_staffed = None
        if self._alone.take(entry) > self._limits[Limit.CHANGES] and alone == 1 and entry.kind in _CHANGES:
            self._findings.add(DifferenceKind.APPROVAL, get_text(members, "credential"))
        match entry.kind:
            case AuditKind.REQUEST:
                self._waiting.add(get_text(members, "request"))
            case AuditKind.WITHDRAWN:
                # Done with, as if it was applied: to enter its id once more makes no request of it.
                self._done.add(get_text(members, "request"))
            case AuditKind.APPROVAL:
                self._approve(entry)
            case AuditKind.STATUS if alone != 1:
                self._approved_status(members)
            case AuditKind.REPLACED if alone != 1:
                # A replacement is never approved: its revocation is, before it.
                self._findings.add(DifferenceKind.APPROVAL, get_text(members, "credential"))
            case AuditKind.RECONCILED if "first_list" in members or members.get("noticed") == BY_COPY:
                self._reconciling_staffed = self._was_ever_staffed
            case AuditKind.RECONCILED if "left" in members:
                self._note_left(members)
            case kind if kind in _EFFECTS:
                self._take_effect(entry)

    def finish(self) -> None:
        """Close the approval that is open: everything that was approved has to be there."""
        opened, self._open = self._open, None
        if opened is None or opened.wish is None:
            return
        if isinstance(opened.wish, ChangeStatus):
            packed = _packed(opened.credentials)
            count = len(packed) // CREDENTIAL_ID_BYTES
            if (count, credentials_digest(packed)) == (opened.wish.count, opened.wish.digest):
                return
        elif opened.is_done:
            return
        self._findings.add(DifferenceKind.APPROVAL, opened.approver)

    def _is_of_open(self, opened: _Open, entry: AuditEntry) -> bool:
        """Say whether an entry is what was approved, or a part of it."""
        if entry.members.get("change", opened.request) != opened.request:
            return False
        if entry.kind is AuditKind.STATUS:
            return not opened.is_done and (opened.wish is None or isinstance(opened.wish, ChangeStatus))
        if entry.kind not in _EFFECTS or opened.is_done or opened.credentials:
            return False
        return opened.wish is None or is_effect(opened.wish, entry)

    def _approve(self, entry: AuditEntry) -> None:
        members = entry.members
        opened = _Open(request=get_text(members, "request"), approver=get_text(members, "approver"))
        self._open = opened
        if "approval" in members:
            self._is_signed = True
            approval = _read(get_text(members, "approval"))
            opened.wish = None if approval is None else approval.request.wish
            is_good = approval is not None and self._is_good(approval, opened, entry)
        else:
            is_good = opened.approver in self.in_office and not self._is_signed
            if is_good:
                self._findings.notice(NoticeKind.UNSIGNED, opened.approver)
        self._waiting.discard(opened.request)
        self._done.add(opened.request)
        if not is_good:
            self._findings.add(DifferenceKind.APPROVAL, opened.approver)

    def _is_good(self, approval: Approval, opened: _Open, entry: AuditEntry) -> bool:
        """Say whether an approval was good for a request that waited, when it was entered."""
        request = approval.request
        if (approval.approver, request.request_id) != (opened.approver, opened.request):
            return False
        if request.issuer != self._issuer or opened.request in self._done:
            return False
        at = entry.at
        if entry.members.get("change") == BY_RECONCILING:
            # It was applied, and entered, in the part of the log that is lost.
            if self._reconciling_staffed is None:
                return False
            at = approval.issued_at
        elif opened.request not in self._waiting:
            return False
        try:
            require_approval(approval, request, in_office=self.in_office, own_keys=(), at=at)
        except RefusedError:
            return False
        return True

    def _approved_status(self, members: JsonObject) -> None:
        credential, opened = get_text(members, "credential"), self._open
        if opened is None:
            self._findings.add(DifferenceKind.APPROVAL, credential)
        elif isinstance(opened.wish, ChangeStatus):
            opened.credentials.append(credential)
            before, after = get_text(members, "before"), get_text(members, "after")
            # What was revoked meanwhile stays so, whatever was asked for.
            if after != opened.wish.value and not before == after == StatusValue.REVOKED:
                self._findings.add(DifferenceKind.APPROVAL, credential)

    def _take_effect(self, entry: AuditEntry) -> None:
        members = entry.members
        is_approved = self._open is not None
        if self._open is not None:
            self._open.is_done = True
        match entry.kind:
            case AuditKind.APPROVER_ADDED:
                self._add(get_text(members, "approver"), is_approved=is_approved)
            case AuditKind.APPROVER_REMOVED:
                self._remove(get_text(members, "approver"), is_approved=is_approved)
            case AuditKind.LIMIT_CHANGED:
                self._limit(members, is_approved=is_approved)
            case AuditKind.HOURS_CHANGED:
                self._set_hours(get_text(members, "hours"), is_approved=is_approved)
            case AuditKind.RECONCILING_ALLOWED if not is_approved:
                self._findings.add(DifferenceKind.APPROVAL, get_text(members, "change"))
            case AuditKind.ISSUING_ALLOWED if not is_approved:
                self._findings.add(DifferenceKind.ISSUING, str(get_int(members, "number")))
        if "change" in members:
            self._is_signed = True

    def _add(self, did: str, *, is_approved: bool) -> None:
        if not is_approved:
            if self._reconciling_staffed is False or self._is_old_taking_over():
                self._findings.notice(NoticeKind.TAKEN_OVER, did)
            elif not self._was_ever_staffed:
                self._findings.notice(NoticeKind.FIRST, did)
            else:
                self._findings.add(DifferenceKind.APPROVER, did)
        self.in_office.add(did)
        self._was_ever_staffed = True

    def _remove(self, did: str, *, is_approved: bool) -> None:
        if not is_approved and self._is_old_taking_over():
            self._findings.notice(NoticeKind.TAKEN_OVER, did)
        elif not is_approved:
            self._findings.add(DifferenceKind.APPROVER, did)
        self.in_office.discard(did)

    def _limit(self, members: JsonObject, *, is_approved: bool) -> None:
        name, number = get_text(members, "limit"), get_int(members, "number")
        if name not in tuple(Limit):
            raise DecodeError("a limit that is not known")
        limit = Limit(name)
        if not is_approved:
            self._judge_unapproved(name, is_stricter=number <= self._limits[limit])
        self._limits[limit] = number

    def _set_hours(self, hours: str, *, is_approved: bool) -> None:
        parse_hours(hours)
        if not is_approved:
            self._judge_unapproved(HOURS_LIMIT, is_stricter=self._hours in (ANY_HOURS, hours))
        self._hours = hours

    def _judge_unapproved(self, name: str, *, is_stricter: bool) -> None:
        if is_stricter and (self._reconciling_staffed is not None or not self.in_office):
            self._findings.notice(NoticeKind.TAKEN_OVER, name)
        else:
            self._findings.add(DifferenceKind.SETTING, name)

    def _is_old_taking_over(self) -> bool:
        """Whether an older vcred takes over what it has kept, which nobody had signed."""
        return self._reconciling_staffed is not None and not self._is_signed

    def _note_left(self, members: JsonObject) -> None:
        left = members.get("left")
        if type(left) is not list:
            raise DecodeError("left is no list")
        for did in left:
            self._findings.notice(NoticeKind.LEFT, str(did))


def _read(text: str) -> Approval | None:
    try:
        return verify_approval(text)
    except (DecodeError, RefusedError, KeyMaterialError):
        return None


def _packed(credential_ids: list[str]) -> bytes:
    try:
        return pack_credentials(credential_ids)
    except ValueError as error:
        raise DecodeError("a credential's id that is none") from error
