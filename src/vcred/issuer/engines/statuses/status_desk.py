# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Take credentials back, with a second person where it is many, and say what was changed.

What is changed is durable on return; it counts at a gate once the status lists are published.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from vcred.clock import Clock
from vcred.errors import RefusedError, UsageError
from vcred.issuer.approval import verify_approval
from vcred.issuer.change_request import (
    AddApprover,
    AllowIssuing,
    ChangeRequest,
    Limit,
    RemoveApprover,
    SetHours,
    SetLimit,
)
from vcred.issuer.credential_set import unpack_credentials
from vcred.issuer.engines.statuses.audit_check import AuditCheck
from vcred.issuer.engines.statuses.selecting import refuse_ambiguous, select_entries, select_for
from vcred.issuer.engines.store.approvals import Approver
from vcred.issuer.engines.store.audit import AuditTable
from vcred.issuer.engines.store.changes import Changed, Waiting
from vcred.issuer.engines.store.forgetting import Forgetting
from vcred.issuer.engines.store.hours import zone_of
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import CredentialIds, StatusValue
from vcred.issuer.receipts import Receipt, receipt_of
from vcred.issuer.selection import ByIds, ByRow, Selection
from vcred.issuer.signing_hours import SigningHours
from vcred.keys.public import PublicKey
from vcred.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialStatus:
    """A credential's receipt and its present status."""

    receipt: Receipt
    status: StatusValue


class StatusDesk:
    """Changes the statuses of one issuer's store.

    Args:
        store: The store.
        issuer: DID of the issuer.
        own_keys: All keys of its home: none of them approves.
        clock: Gives now.
        keep: Called after each change, before it is acknowledged: notes beside the store how far it
            has come, so that a copy from before the change is known for one.
    """

    def __init__(
        self,
        store: IssuerStore,
        *,
        issuer: str,
        own_keys: Collection[PublicKey],
        clock: Clock,
        keep: Callable[[], None],
    ) -> None:
        self._store = store
        self._changes = store.changes
        self._issuer = issuer
        self._own_keys = own_keys
        self._clock = clock
        self._keep = keep

    def show(self, selection: Selection) -> Iterator[CredentialStatus]:
        """Yield every credential of a selection, with its status.

        Raises:
            UsageError: Nothing was issued under an id.
        """
        for entry in select_entries(self._store, selection):
            yield CredentialStatus(receipt=receipt_of(entry), status=entry.value)

    def change(self, selection: Selection, value: StatusValue, *, why: str = "") -> Changed | Waiting:
        """Change the status of all credentials of a selection, or of none.

        Args:
            selection: Which.
            value: The status they get.
            why: What the second person reads, if one has to approve.

        Raises:
            UsageError: Nothing was issued under an id, or it is the row id of several types.
            RefusedError: REVOKED: what was issued under an id is revoked, which is final.
                APPROVAL_REQUIRED: it is more than one person may change, and nobody is in office
                who could approve.
        """
        numbers = select_for(self._store, selection, value)
        outcome = self._changes.change(numbers, value, issuer=self._issuer, why=why, at=self._now())
        self._keep()
        return outcome

    def change_one(self, identifier: str, value: StatusValue) -> tuple[CredentialStatus, ...]:
        """Change what was issued under one id, and return it as it is now.

        Raises:
            UsageError, RefusedError: As `change`; APPROVAL_REQUIRED, too, if it waits for a second
                person now: nobody shall take for revoked what is not.
        """
        outcome = self.change(ByIds((identifier,)), value)
        if isinstance(outcome, Waiting):
            raise RefusedError(
                Reason.APPROVAL_REQUIRED,
                f"nothing is changed: request {outcome.request.request_id} waits for a second person",
                hint="hand the request to an approver",
            )
        return tuple(self.show(ByIds((identifier,))))

    def forget(self, named: str | ByRow) -> int:
        """Forget whose the credentials of a row were (threats PRV-10); returns how many.

        They stay revoked for all to see. Nothing in the store leads to them from the row, its holder
        or its claims, and the row would be issued anew.

        Args:
            named: The row; or an id, which is that of a row, or of a credential: then its row is meant.

        Raises:
            UsageError: Nothing was issued under it, it is the row id of several types, a credential's
                id and the row id of others, or one of the row's credentials is not revoked, or waits
                to be delivered.
        """
        row_id, vct = self._row_of(named)
        forgetting = Forgetting(self._store.db, self._changes.audit)
        number = forgetting.forget(row_id, vct=vct, at=self._now())
        self._keep()
        return number

    def _row_of(self, named: str | ByRow) -> tuple[str, str | None]:
        """Return a row id, with its type where a credential's id has named it."""
        if isinstance(named, ByRow):
            return named.row_id, None
        refuse_ambiguous(self._store, [named])
        entry = self._store.entry(named)
        return (named, None) if entry is None else (entry.row_id, entry.vct)

    @property
    def audit(self) -> AuditTable:
        """The audit log."""
        return self._changes.audit

    @contextmanager
    def auditing(self) -> Iterator[AuditCheck]:
        """Prove the audit log, and hold the tables against it: all as of one moment."""
        with self._store.db.moment():
            yield AuditCheck(
                self._store.db,
                CredentialIds(self._store.secret),
                audit=self.audit,
                approvals=self._changes.approvals,
                issuer=self._issuer,
            )

    def approvers(self) -> list[Approver]:
        """Return all who are or were in office."""
        return self._changes.approvals.approvers()

    def add_approver(self, did: str, *, name: str) -> Waiting | None:
        """Let the first approver in, at once; a later one waits for an approval.

        Raises:
            DecodeError: Not the did:key of a usable key.
            RefusedError: KEY_NOT_AUTHORISED: the key lies in this home.
            UsageError: They are in office already.
        """
        wish = AddApprover(did=did, name=name)
        waiting = self._changes.add_approver(
            wish, issuer=self._issuer, own_keys=self._own_keys, at=self._now()
        )
        self._keep()
        return waiting

    def remove_approver(self, did: str) -> Waiting:
        """Ask that somebody approve no more; another approver has to approve.

        Raises:
            UsageError: They are not in office.
            RefusedError: APPROVAL_REQUIRED: nobody else is in office.
        """
        return self._changes.ask(RemoveApprover(did=did), issuer=self._issuer, why="", at=self._now())

    def limit(self, limit: Limit) -> int:
        """Return what one person alone may do in 24 hours."""
        return self._changes.audit.limit(limit)

    def changes_left(self) -> int:
        """Return how many statuses one person alone may still change now."""
        return self._changes.changes_left(at=self._now())

    def set_limit(self, limit: Limit, number: int) -> Waiting:
        """Ask that one person alone may do more, or less. Errors as `remove_approver`, the last."""
        wish = SetLimit(limit=limit, number=number)
        return self._changes.ask(wish, issuer=self._issuer, why="", at=self._now())

    def hours(self) -> SigningHours | None:
        """Return in which hours issuing keys sign; None: any."""
        return self._changes.audit.hours()

    def set_hours(self, hours: SigningHours | None) -> Waiting:
        """Ask that issuing keys sign in these hours alone; None: in any.

        Raises:
            StoreError: This machine does not know the timezone.
            RefusedError: APPROVAL_REQUIRED: nobody is in office who could approve.
        """
        if hours is not None:
            zone_of(hours)
        return self._changes.ask(SetHours(hours=hours), issuer=self._issuer, why="", at=self._now())

    def allow_issuing(self, number: int, *, until: datetime, why: str) -> Waiting:
        """Ask that more be issued in 24 hours than the limit, until a time.

        Raises:
            UsageError: The time is over.
            RefusedError: APPROVAL_REQUIRED: nobody is in office who could approve.
        """
        if until <= self._clock():
            raise UsageError("the time that is asked for is over")
        wish = AllowIssuing(number=number, until=int(until.timestamp()))
        return self._changes.ask(wish, issuer=self._issuer, why=why, at=self._now())

    def requests(self) -> list[ChangeRequest]:
        """Return what waits for an approval, oldest first."""
        return self._changes.approvals.waiting(at=self.audit.now(self._now()))

    def request(self, request_id: str) -> ChangeRequest:
        """Return a request that waits, to be handed to an approver.

        Raises:
            UsageError: None of this id waits.
        """
        return self._changes.approvals.require_waiting(request_id, at=self.audit.now(self._now()))

    def request_credentials(self, request_id: str) -> list[str]:
        """Return the ids of the credentials that a request is about, sorted: what its digest is of.

        Raises:
            UsageError: None of this id waits, or it is about no credentials.
        """
        self.request(request_id)
        kept = self._changes.approvals.kept(request_id)
        if kept is None or not kept.credentials:
            raise UsageError("the request is about no credentials", hint="leave --ids out")
        return unpack_credentials(kept.credentials)

    def withdraw(self, request_id: str) -> ChangeRequest:
        """Take back a request: no approval of it is good any more, and the same wish is a new request.

        Raises:
            UsageError: None of this id waits.
        """
        withdrawn = self._changes.withdraw(request_id, at=self._now())
        self._keep()
        return withdrawn

    def apply(self, approval: str) -> ChangeRequest:
        """Do what a second person has approved, once; returns what it was.

        Args:
            approval: The compact JWS that `vcred status approve` wrote.

        Raises:
            DecodeError: Not an approval.
            RefusedError: The check that failed; see `approval.require_approval`.
        """
        verified = verify_approval(approval)
        done = self._changes.apply(verified, issuer=self._issuer, own_keys=self._own_keys, at=self._now())
        self._keep()
        return done

    def _now(self) -> int:
        return int(self._clock().timestamp())
