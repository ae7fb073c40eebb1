# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Do what a second person has approved: the request as it waits in the store, whole, once."""

from array import array
from collections.abc import Collection
from dataclasses import dataclass

from vcred.errors import RefusedError, StoreError
from vcred.issuer.approval import Approval, require_approval
from vcred.issuer.audit import AuditEvent, AuditKind
from vcred.issuer.change_request import (
    AddApprover,
    AllowIssuing,
    ChangeRequest,
    ChangeStatus,
    RemoveApprover,
    SetLimit,
    approver_key,
)
from vcred.issuer.credential_set import credentials_digest, unpack_credentials
from vcred.issuer.engines.store.approvals import ApprovalTable, KeptRequest, RequestState
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.statuses import StatusTable
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
            RefusedError: No such request waits (REQUEST_INVALID), it was applied before
                (REPLAYED), or as `approval.require_approval`.
            StoreError: The store does not hold what the request is about.
        """
        kept = self.approvals.kept(approval.request.request_id)
        if approval.request.issuer != issuer:
            raise RefusedError(Reason.AUDIENCE_WRONG, "the approval is for another issuer")
        if kept is None:
            raise RefusedError(Reason.REQUEST_INVALID, "no such request waits here")
        if kept.state is not RequestState.WAITING:
            raise RefusedError(Reason.REPLAYED, "the request was approved and applied before")
        now = self.audit.now(at)
        require_approval(
            approval, kept.request, in_office=self.approvals.in_office(), own_keys=own_keys, at=now
        )
        members = {"request": kept.request.request_id, "approver": approval.approver}
        self.audit.append([AuditEvent(kind=AuditKind.APPROVAL, members={**members})], at=now)
        self._do(kept, own_keys=own_keys, at=now)
        self.approvals.close(kept.request)
        return kept.request

    def add_approver(self, wish: AddApprover, *, own_keys: Collection[PublicKey], at: int) -> None:
        """Let somebody approve from now on.

        Raises:
            RefusedError: KEY_NOT_AUTHORISED: the key lies in the issuer's own home.
        """
        refuse_own_key(wish.did, own_keys)
        self.approvals.add(wish.did, wish.name, at=at)
        event = AuditEvent(kind=AuditKind.APPROVER_ADDED, members={"approver": wish.did})
        self.audit.append([event], at=at)

    def _do(self, kept: KeptRequest, *, own_keys: Collection[PublicKey], at: int) -> None:
        match kept.request.wish:
            case ChangeStatus() as wish:
                self._change(kept, wish, at=at)
            case AllowIssuing(number=number, until=until):
                if until <= at:
                    raise RefusedError(Reason.EXPIRED, "the time that was asked for is over")
                self._enter(AuditKind.ISSUING_ALLOWED, {"number": number, "until": until}, at=at)
            case AddApprover() as wish:
                self.add_approver(wish, own_keys=own_keys, at=at)
            case RemoveApprover(did=did):
                self.approvals.remove(did, at=at)
                self._enter(AuditKind.APPROVER_REMOVED, {"approver": did}, at=at)
            case SetLimit(limit=limit, number=number):
                self.approvals.set_limit(limit, number)
                self._enter(AuditKind.LIMIT_CHANGED, {"limit": limit.value, "number": number}, at=at)

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
        todo = self.statuses.changing(array("q", sorted(one.number for one in found.values())), wish.value)
        self.statuses.set(todo, wish.value, change=kept.request.request_id, at=at, is_approved=True)

    def _enter(self, kind: AuditKind, members: dict[str, str | int], *, at: int) -> None:
        self.audit.append([AuditEvent(kind=kind, members={**members})], at=at)


def refuse_own_key(did: str, own_keys: Collection[PublicKey]) -> None:
    """Refuse an approver whose key lies in the issuer's own home: that would be one person twice.

    Raises:
        RefusedError: KEY_NOT_AUTHORISED.
        DecodeError: Not the did:key of a usable key.
    """
    if approver_key(did) in own_keys:
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "the approver's key lies in this home")
