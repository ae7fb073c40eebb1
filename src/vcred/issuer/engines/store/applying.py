# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Do what a second person has approved: the request as it waits in the store, whole, once.

What was signed is entered in the audit log, and directly behind it what was done: an audit holds the
one against the other, whoever wrote the entries.
"""

from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vcred.codec.json_types import JsonObject
from vcred.errors import RefusedError, StoreError
from vcred.issuer.approval import Approval, require_approval
from vcred.issuer.audit.log import BY_RECONCILING, AuditEvent, AuditHead, AuditKind
from vcred.issuer.change_request import (
    AddApprover,
    AllowIssuing,
    ChangeRequest,
    ChangeStatus,
    GoOn,
    RemoveApprover,
    SetHours,
    SetLimit,
    approver_key,
)
from vcred.issuer.credential_set import credentials_digest, unpack_credentials
from vcred.issuer.engines.store.approvals import Applied, ApprovalTable, KeptRequest, RequestState
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.statuses import StatusTable
from vcred.issuer.signing_hours import hours_text
from vcred.keys.public import PublicKey
from vcred.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """Applies approvals. Called inside a transaction."""

    audit: AuditTable
    approvals: ApprovalTable
    statuses: StatusTable

    def apply(
        self, approval: Approval, *, issuer: str, own_keys: Collection[PublicKey], at: int
    ) -> ChangeRequest:
        """Hold an approval against the request that waits, do what it says, and close it.

        Args:
            approval: As `approval.verify_approval` returned it.
            issuer: DID of this issuer.
            own_keys: All keys of its home.
            at: NumericDate now; the audit log's time if that is later.

        Raises:
            RefusedError: No such request waits, or it was withdrawn (REQUEST_INVALID), it was applied
                before (REPLAYED), or as `approval.require_approval`.
            StoreError: The store does not hold what the request is about.
        """
        kept = self.approvals.kept(approval.request.request_id)
        if approval.request.issuer != issuer:
            raise RefusedError(Reason.AUDIENCE_WRONG, "the approval is for another issuer")
        if kept is None:
            raise RefusedError(Reason.REQUEST_INVALID, "no such request waits here")
        if kept.state is RequestState.WITHDRAWN:
            raise RefusedError(
                Reason.REQUEST_INVALID, "the request was withdrawn", hint="if it is still wanted, ask again"
            )
        if kept.state is not RequestState.WAITING:
            raise RefusedError(Reason.REPLAYED, "the request was approved and applied before")
        now = self.audit.now(at)
        require_approval(
            approval, kept.request, in_office=self.approvals.in_office(), own_keys=own_keys, at=now
        )
        head = self._enter_approval(approval, at=now)
        self._do(kept, own_keys=own_keys, at=now)
        self.approvals.close(kept.request, Applied(at=now, seq=head.seq, text=approval.text))
        return kept.request

    def add_approver(
        self, wish: AddApprover, *, change: str, own_keys: Collection[PublicKey], at: int
    ) -> None:
        """Let somebody approve from now on. `change`: id of the request, or that it is the first.

        Raises:
            RefusedError: KEY_NOT_AUTHORISED: the key lies in the issuer's own home.
        """
        refuse_own_key(wish.did, own_keys)
        self.approvals.add(wish.did, wish.name, at=at)
        self._enter(AuditKind.APPROVER_ADDED, {"approver": wish.did, "change": change}, at=at)

    def take_over(self, approval: Approval, *, done_at: int, at: int) -> bool:
        """Do again what was approved and done in a part of the store that is lost, if it is an office.

        Args:
            approval: As `approval.verify_approval` returned it, out of the home's copy.
            done_at: When it was done, says the copy.
            at: NumericDate now.

        Returns:
            False, and nothing is done, unless it is about approvers or limits, and who approved it is in
            office here: the copy is a file that anybody who has the home can edit.
        """
        request = approval.request
        in_office = self.approvals.in_office()
        if isinstance(request.wish, ChangeStatus | AllowIssuing | SetHours | GoOn):
            return False
        try:
            # Times were held against the clock when it was applied; that clock is not known.
            require_approval(approval, request, in_office=in_office, own_keys=(), at=approval.issued_at)
        except RefusedError:
            return False
        seq = self.audit.head().seq
        change = request.request_id
        match request.wish:
            case AddApprover(did=did, name=name) if did not in in_office:
                self._enter_approval(approval, at=at, change=BY_RECONCILING)
                self.approvals.add(did, name, at=done_at)
                self._enter(AuditKind.APPROVER_ADDED, {"approver": did, "change": change}, at=at)
            case RemoveApprover(did=did) if did in in_office:
                self._enter_approval(approval, at=at, change=BY_RECONCILING)
                self.approvals.remove(did, at=done_at)
                self._enter(AuditKind.APPROVER_REMOVED, {"approver": did, "change": change}, at=at)
        # What was applied once is not applied again, also if the copy of the store has it waiting.
        self.approvals.close(request, Applied(at=done_at, seq=seq, text=approval.text))
        return True

    def _do(self, kept: KeptRequest, *, own_keys: Collection[PublicKey], at: int) -> None:
        change = kept.request.request_id
        members: dict[str, str | int]
        match kept.request.wish:
            case ChangeStatus() as wish:
                self._change(kept, wish, at=at)
            case AllowIssuing(number=number, until=until):
                if until <= at:
                    raise RefusedError(Reason.EXPIRED, "the time that was asked for is over")
                members = {"number": number, "until": until, "change": change}
                self._enter(AuditKind.ISSUING_ALLOWED, members, at=at)
            case AddApprover() as wish:
                self.add_approver(wish, change=change, own_keys=own_keys, at=at)
            case RemoveApprover(did=did):
                self.approvals.remove(did, at=at)
                self._enter(AuditKind.APPROVER_REMOVED, {"approver": did, "change": change}, at=at)
            case SetLimit(limit=limit, number=number):
                self.approvals.set_limit(limit, number)
                members = {"limit": limit.value, "number": number, "change": change}
                self._enter(AuditKind.LIMIT_CHANGED, members, at=at)
            case SetHours(hours=hours):
                self.approvals.set_hours(hours)
                members = {"hours": hours_text(hours), "change": change}
                self._enter(AuditKind.HOURS_CHANGED, members, at=at)
            case GoOn(newest=newest, missing=missing):
                members = {"newest": newest, "missing": missing, "change": change}
                self._enter(AuditKind.RECONCILING_ALLOWED, members, at=at)
                self.approvals.allow_reconciling(self.audit.head().seq)

    def _change(self, kept: KeptRequest, wish: ChangeStatus, *, at: int) -> None:
        # What was approved is the digest: credentials that were put into the store since are not in it.
        if credentials_digest(kept.credentials) != wish.digest:
            raise StoreError(
                "the credentials that wait are not those that were approved",
                hint="somebody has altered the store; keep it, and restore a copy",
            )
        found = self.statuses.of_credentials(unpack_credentials(kept.credentials))
        if len(found) != wish.count:
            raise StoreError("a credential of the request is not in the store", hint="restore a newer copy")
        change = kept.request.request_id
        numbers = array("q", sorted(one.number for one in found.values()))
        todo = self.statuses.changing(numbers, wish.value)
        left = sorted(set(numbers).difference(todo))
        self.statuses.note_left(left, change=change, at=at)
        self.statuses.set(todo, wish.value, change=change, at=at, is_approved=True)

    def _enter_approval(self, approval: Approval, *, at: int, **change: str) -> AuditHead:
        members: JsonObject = {
            "request": approval.request.request_id,
            "approver": approval.approver,
            "approval": approval.text,
            **change,
        }
        return self.audit.append([AuditEvent(kind=AuditKind.APPROVAL, members=members)], at=at)

    def _enter(self, kind: AuditKind, members: Mapping[str, str | int], *, at: int) -> None:
        self.audit.append([AuditEvent(kind=kind, members={**members})], at=at)


def refuse_own_key(did: str, own_keys: Collection[PublicKey]) -> None:
    """Refuse an approver whose key lies in the issuer's own home: that would be one person twice.

    Raises:
        RefusedError: KEY_NOT_AUTHORISED.
        DecodeError: Not the did:key of a usable key.
    """
    if approver_key(did) in own_keys:
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "the approver's key lies in this home")
