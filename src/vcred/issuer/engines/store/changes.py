# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Changes in the issuer's store: made at once, or kept as requests that a second person approves.

One person alone may change so many statuses in 24 hours (`quota`); what is more waits.
Who may approve, and how much one person may do, changes with an approval, too; only the very
first approver comes without one. So nobody empties the list of approvers and begins anew.
"""

import secrets
from array import array
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from vcred.errors import DecodeError, RefusedError, UsageError
from vcred.issuer.approval import Approval
from vcred.issuer.audit.log import AS_FIRST, AuditEvent, AuditKind
from vcred.issuer.change_request import (
    AddApprover,
    ChangeRequest,
    ChangeStatus,
    RemoveApprover,
    Wish,
    decode_request,
)
from vcred.issuer.credential_set import credentials_digest, pack_credentials
from vcred.issuer.engines.store.applying import Applying, refuse_own_key
from vcred.issuer.engines.store.approvals import ApprovalTable
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.engines.store.hours import HoursGate
from vcred.issuer.engines.store.quota import Quota
from vcred.issuer.engines.store.statuses import StatusTable
from vcred.issuer.journal import CredentialIds, JournalEntry, StatusValue
from vcred.keys.public import PublicKey
from vcred.reasons import Reason

_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """How many statuses are changed, durable now, and how many are as they were.

    `final` of those that are as they were are revoked for good, where another status was asked for.
    """

    changed: int
    unchanged: int
    final: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nothing is changed: the request waits for a second person."""

    request: ChangeRequest


class ChangeTable:
    """Makes changes, or keeps them as requests.

    `audit`: the audit log, to which others append inside their own transactions, too. `applying`:
    what a reconciliation takes over, it does inside its own. `before_first`: called before the first
    approver is let in; refuses where the home knows of others.
    """

    def __init__(self, db: StoreDriver, ids: CredentialIds) -> None:
        self._db = db
        self.audit = AuditTable(db)
        self.approvals = ApprovalTable(db)
        self.statuses = StatusTable(db, ids, self.audit)
        self._quota = Quota(self.audit, self.approvals)
        self._hours = HoursGate(db, self.audit)
        self.before_first: Callable[[], None] | None = None
        self.applying = Applying(audit=self.audit, approvals=self.approvals, statuses=self.statuses)

    def change(
        self, numbers: Sequence[int], value: StatusValue, *, issuer: str, why: str = "", at: int
    ) -> Changed | Waiting:
        """Change the status of credentials, all in one transaction, or keep a request to do so.

        Args:
            numbers: Of their entries in the journal, each once. Those that have the status, and
                those that are revoked, are left alone.
            value: The status they get.
            issuer: DID of the issuer, for the approver to read.
            why: For the approver to read.
            at: NumericDate now.

        Raises:
            RefusedError: APPROVAL_REQUIRED, and nobody is in office who could approve.
            UsageError: A status list cannot say so.
        """
        with self._db.transaction():
            todo = self.statuses.changing(numbers, value)
            self.statuses.refuse_unfit(todo, value)
            if len(todo) <= self._quota.changes_left(at=at):
                self.statuses.set(todo, value, change=_new_id(), at=at, is_approved=False)
                unchanged = len(numbers) - len(todo)
                is_final = unchanged and value is not StatusValue.REVOKED
                final = self.statuses.count_revoked(numbers) if is_final else 0
                return Changed(changed=len(todo), unchanged=unchanged, final=final)
            return self._keep_change(todo, value, issuer=issuer, why=why, at=at)

    def ask_to_revoke(self, numbers: Sequence[int], *, issuer: str, why: str, at: int) -> Waiting | None:
        """Keep a request to revoke credentials, however few: others are to take their place afterwards.

        Args:
            numbers: As of `change`.

        Returns:
            None if all are revoked by now.

        Raises:
            RefusedError: APPROVAL_REQUIRED, and nobody is in office who could approve.
        """
        with self._db.transaction():
            todo = self.statuses.changing(numbers, StatusValue.REVOKED)
            if not todo:
                return None
            return self._keep_change(todo, StatusValue.REVOKED, issuer=issuer, why=why, at=at)

    def revoke_replaced(self, entries: Sequence[JournalEntry], *, at: int) -> bool:
        """Revoke what other credentials take the place of. Call it inside a transaction.

        Returns:
            False, and nothing is changed, if a second person would have to approve.
        """
        wanted = [entry.credential_id for entry in entries if entry.value is not StatusValue.REVOKED]
        if len(wanted) > self._quota.changes_left(at=at):
            return False
        found = self.statuses.of_credentials(wanted).values()
        numbers = array("q", sorted(one.number for one in found))
        self.statuses.set(
            numbers,
            StatusValue.REVOKED,
            change=_new_id(),
            at=at,
            is_approved=False,
            kind=AuditKind.REPLACED,
        )
        return True

    def changes_left(self, *, at: int) -> int:
        """Return how many statuses one person alone may still change now, at least 0."""
        return self._quota.changes_left(at=at)

    def admit_issuing(self, count: int, *, at: int) -> None:
        """Admit that `count` more places are dealt. Call it inside the transaction that deals them.

        Raises:
            RefusedError: APPROVAL_REQUIRED: more in 24 hours than the limit, and than was approved.
        """
        self._quota.admit_issuing(count, at=at)

    def require_open(self, *, at: int) -> None:
        """Refuse to sign outside the issuer's hours. Not inside a transaction.

        Raises:
            RefusedError: RATE_LIMITED; the audit log has noted it.
            StoreError: This machine does not know the timezone of the hours.
        """
        self._hours.require_open(at=at)

    def ask(self, wish: Wish, *, issuer: str, why: str, at: int) -> Waiting:
        """Keep what always needs a second person.

        Raises:
            RefusedError: APPROVAL_REQUIRED: nobody is in office who could approve.
            UsageError: Who is to be removed is not in office, or a text or number is out of its range.
        """
        with self._db.transaction():
            if isinstance(wish, RemoveApprover) and wish.did not in self.approvals.in_office():
                raise UsageError("nobody of this DID is in office")
            return self._keep(wish, issuer=issuer, why=why, at=at)

    def add_approver(
        self, wish: AddApprover, *, issuer: str, own_keys: Collection[PublicKey], at: int
    ) -> Waiting | None:
        """Let the first approver in, at once and for good; every later one waits for an approval.

        Raises:
            RefusedError: KEY_NOT_AUTHORISED: the key lies in the issuer's own home; or as `ask`.
            UsageError: Who is to be added is in office, or the name cannot be shown.
            DecodeError: Not the did:key of a usable key.
        """
        refuse_own_key(wish.did, own_keys)
        _require_readable(_request(wish, issuer=issuer, why="", at=at))
        with self._db.transaction():
            if wish.did in self.approvals.in_office():
                raise UsageError("this approver is in office already")
            # Not "nobody in office": who was removed still keeps others from coming in unasked.
            if self.approvals.approvers():
                return self._keep(wish, issuer=issuer, why="", at=at)
            if self.before_first is not None:
                self.before_first()
            now = self.audit.now(at)
            self.applying.add_approver(wish, change=AS_FIRST, own_keys=own_keys, at=now)
            return None

    def apply(
        self, approval: Approval, *, issuer: str, own_keys: Collection[PublicKey], at: int
    ) -> ChangeRequest:
        """Do what was approved, once, and return what it was. Errors as `applying.Applying.apply`."""
        with self._db.transaction():
            return self.applying.apply(approval, issuer=issuer, own_keys=own_keys, at=at)

    def withdraw(self, request_id: str, *, at: int) -> ChangeRequest:
        """Take back a request that waits: no approval of it is good any more. Returns what it was.

        Whoever may ask may do so alone: nothing is changed by it.

        Raises:
            UsageError: None of this id waits.
        """
        with self._db.transaction():
            now = self.audit.now(at)
            request = self.approvals.require_waiting(request_id, at=now)
            self.approvals.withdraw(request)
            event = AuditEvent(kind=AuditKind.WITHDRAWN, members={"request": request_id})
            self.audit.append([event], at=now)
            return request

    def _keep_change(
        self, todo: Sequence[int], value: StatusValue, *, issuer: str, why: str, at: int
    ) -> Waiting:
        packed = pack_credentials(self.statuses.credential_ids(todo))
        wish = ChangeStatus(value=value, count=len(todo), digest=credentials_digest(packed))
        return self._keep(wish, issuer=issuer, why=why, at=at, credentials=packed)

    def _keep(self, wish: Wish, *, issuer: str, why: str, at: int, credentials: bytes = b"") -> Waiting:
        self._require_somebody(wish, at=at)
        now = self.audit.now(at)
        for other in self.approvals.waiting(at=now):
            if (other.wish, other.issuer) == (wish, issuer):
                return Waiting(request=other)
        request = _request(wish, issuer=issuer, why=why, at=now)
        _require_readable(request)
        self.approvals.keep(request, credentials)
        event = AuditEvent(kind=AuditKind.REQUEST, members={"request": request.request_id})
        self.audit.append([event], at=now)
        return Waiting(request=request)

    def _require_somebody(self, wish: Wish, *, at: int) -> None:
        """Refuse a wish that nobody could approve."""
        concerned = wish.did if isinstance(wish, AddApprover | RemoveApprover) else None
        in_office = self.approvals.in_office()
        if in_office and set(in_office) == {concerned}:
            raise RefusedError(
                Reason.APPROVAL_REQUIRED,
                "another approver has to approve this, and the only one in office is the one it is about",
                hint='name a second one first: "vcred status approver add DID --name NAME"',
            )
        if not in_office:
            why = f": {self._quota.say_used(at=at)}" if isinstance(wish, ChangeStatus) else ""
            raise RefusedError(
                Reason.APPROVAL_REQUIRED,
                f"this needs the approval of a second person, and nobody is in office who could give it{why}",
                hint='name one first: "vcred status approver add DID --name NAME"',
            )


def _request(wish: Wish, *, issuer: str, why: str, at: int) -> ChangeRequest:
    return ChangeRequest(request_id=_new_id(), issuer=issuer, wish=wish, why=why, made_at=at)


def _require_readable(request: ChangeRequest) -> None:
    """Refuse to keep what nobody could read: it would stand in the way of every other request.

    Raises:
        UsageError: A text or number in it is out of its range.
    """
    try:
        decode_request(request.encode())
    except (DecodeError, ValueError) as error:
        raise UsageError(f"no request can be made of this: {error}") from error


def _new_id() -> str:
    return secrets.token_hex(_ID_BYTES)
