# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Let a store that was put back go on with a second person, where one person's word would do else.

Which lists were published last, only the mark beside the store knows for certain. Where it is gone, or is
a copy itself, whoever says that nothing newer was published, or hands over an older list for the newest,
makes good again who was revoked since, for every gate that never saw the newer one. So if anybody is in
office, by the store or by the home's copy of the approvers, it waits as a request:

    reconcile  ->  request (exit 3)  ->  approve  ->  apply  ->  reconcile, the same command again

What is approved lets one reconciliation through, within 24 hours of its being applied, and only as long as
the newest list that is known here is still the one that the approver read of, and no more of its time are
missing.

The copy of the approvers is taken over before the request is kept: who was removed since the copy of the
store was made does not approve it. Where neither store nor copy knows of anybody, nothing in the home
tells that there was somebody, and one person alone goes on; so does who takes both away.

Spec: docs/spec/changes.md, Going on.
"""

from vcred.errors import RefusedError
from vcred.issuer.approval import allows_reconciling
from vcred.issuer.audit.log import BY_COPY, AuditEvent, AuditKind
from vcred.issuer.change_request import ChangeRequest, GoOn
from vcred.issuer.engines.statuses.approver_copy import ApproverCopy
from vcred.issuer.engines.store.store import IssuerStore
from vcred.reasons import Reason


class WaitingError(RefusedError):
    """Nothing is done: `request` waits for a second person."""

    def __init__(self, request: ChangeRequest) -> None:
        super().__init__(
            Reason.APPROVAL_REQUIRED,
            f"nothing is done: request {request.request_id} waits for a second person",
            hint="hand the request to an approver, apply the approval, then do the same again",
        )
        self.request = request


class SecondPerson:
    """Asks for a second person to a reconciliation, and knows whether one has approved.

    Args:
        store: The issuer's, perhaps an old copy.
        approvers: The home's copy of the approvers.
        issuer: DID of the issuer.
    """

    def __init__(self, store: IssuerStore, approvers: ApproverCopy, *, issuer: str) -> None:
        self._store = store
        self._copy = approvers
        self._audit = store.changes.audit
        self._approvals = store.changes.approvals
        self._issuer = issuer

    def require(self, wish: GoOn, *, at: int) -> str | None:
        """Return the id of the request that was approved; None if nobody is known who could approve.

        Not inside a transaction: what waits is kept although nothing is done.

        Args:
            wish: With which lists it is to go on.
            at: NumericDate now.

        Raises:
            WaitingError: Nobody has approved it yet.
            RefusedError: APPROVAL_REQUIRED: who is known is not in office any more.
            StoreError: The home's copy of the approvers is damaged.
        """
        in_copy = any(one.removed_at is None for one in self._copy.known())
        if not in_copy and not self._approvals.in_office():
            return None
        request = self._allowed(wish, at=at)
        if request is None:
            raise WaitingError(self._ask(wish, at=at))
        return request

    def use(self, request: str, wish: GoOn, *, at: int) -> None:
        """Note that what was approved is used up. In the transaction of the reconciliation.

        Raises:
            RefusedError: REPLAYED: another process has used it meanwhile.
        """
        if self._allowed(wish, at=at) != request:
            raise RefusedError(Reason.REPLAYED, "what was approved was used meanwhile")
        self._approvals.allow_reconciling(0)

    def _allowed(self, wish: GoOn, *, at: int) -> str | None:
        seq = self._approvals.reconciling_allowed()
        if not 1 <= seq <= self._audit.head().seq:
            return None
        entry = self._audit.entry(seq)
        request = entry.members.get("change")
        if entry.kind is not AuditKind.RECONCILING_ALLOWED or not isinstance(request, str):
            return None
        members = entry.members
        is_same = (members.get("newest"), members.get("missing")) == (wish.newest, wish.missing)
        return request if is_same and allows_reconciling(entry.at, at=self._audit.now(at)) else None

    def _ask(self, wish: GoOn, *, at: int) -> ChangeRequest:
        asked = {(one.wish, one.issuer) for one in self._approvals.waiting(at=self._audit.now(at))}
        if (wish, self._issuer) not in asked:
            self._take_over(at=at)
        return self._store.changes.ask(wish, issuer=self._issuer, why="", at=at).request

    def _take_over(self, *, at: int) -> None:
        kept = self._copy.read()
        if kept is not None:
            with self._store.db.transaction():
                event = AuditEvent(kind=AuditKind.RECONCILED, members={"noticed": BY_COPY})
                self._audit.append([event], at=at)
                self._copy.take_over(kept, at=at, issuer=self._issuer)
