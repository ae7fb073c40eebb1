# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The status lists of one issuer's home: publish them, say how, and go on after a backup was restored."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from vcred.clock import Clock
from vcred.errors import RefusedError, UsageError
from vcred.home import Home
from vcred.issuer.audit.log import AuditHead
from vcred.issuer.change_request import GoOn
from vcred.issuer.engines.statuses.publication import OnWait, StatusKey, publish
from vcred.issuer.engines.statuses.receipt_tables import read_receipts
from vcred.issuer.engines.statuses.receipts_taken import ReceiptsTaken, take_receipts
from vcred.issuer.engines.statuses.reconcile import (
    Reconciled,
    lists_missing,
    newest_published,
    reconcile,
    require_newer,
)
from vcred.issuer.engines.statuses.safeguard import Safeguard
from vcred.issuer.engines.statuses.second_person import SecondPerson
from vcred.issuer.engines.store.store import STORE_FILE, IssuerStore, open_issuer_store
from vcred.issuer.restored import Loss
from vcred.issuer.status_lists import PublishedStatusList, Purposes
from vcred.issuer.terms import find_issuer, find_status_key
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.reasons import Reason
from vcred.trust.belief import Belief


class ListDesk:
    """Publishes the lists of one store.

    Args:
        store: The issuer's store.
        safeguard: Of the same home.
        belief: Of the issuer's own trust bundle.
        issuing: Issuing keys that the home holds.
        status: Status keys that the home holds, by public key.
        coming: Keys that an update of the DID names which may be on the ledger or not yet.
        did: The DID that this home has made; None if its keys came from elsewhere.
        clock: Gives now.
    """

    def __init__(
        self,
        store: IssuerStore,
        *,
        safeguard: Safeguard,
        belief: Belief,
        issuing: Collection[PublicKey],
        status: Mapping[PublicKey, Signer],
        coming: Collection[PublicKey],
        did: str | None,
        clock: Clock,
    ) -> None:
        self._store = store
        self._safeguard = safeguard
        self._belief = belief
        self._issuing = issuing
        self._status = status
        self._coming = coming
        self._did = did
        self._clock = clock

    def publish(self, *, on_wait: OnWait | None = None) -> tuple[PublishedStatusList, ...]:
        """Sign a new token for every status list; whatever was revoked before is in it.

        Within one interval nothing is signed twice: what has not changed comes back as it was, and
        for what has changed it waits until the next interval, or refuses if that is far.

        Args:
            on_wait: Told, before it waits, until when (NumericDate).

        Raises:
            RefusedError: ISSUER_UNKNOWN, KEY_NOT_AUTHORISED: not a status key on the ledger;
                ROLLBACK: the store was restored from a backup; RATE_LIMITED: the next interval is
                too far off to wait for it.
            StoreError: The clock is behind what was published.
        """
        now = self._clock()
        # New issuing keys on their way must not keep a revocation from being published.
        issuer = find_issuer(self._belief, self._issuing, did=self._did, now=now)
        method = find_status_key(self._belief, issuer, self._status.keys(), now=now, coming=self._coming)
        self._safeguard.refuse_restored(self._belief, did=issuer.did)
        key = StatusKey(key_id=method.id, in_force_since=method.added_at, signer=self._status[method.key])
        published = publish(
            self._store, key, clock=self._clock, guard=self._safeguard.refuse_moved, on_wait=on_wait
        )
        self._safeguard.keep()
        return published

    def reconcile(
        self,
        tokens: Iterable[str] = (),
        *,
        nothing_was_published: bool = False,
        within: Callable[[], None] | None = None,
    ) -> Reconciled:
        """Let a store that was restored from a backup go on, with what was published meanwhile.

        Args:
            tokens: Published status list tokens, beside those in the trust bundle held here.
            nothing_was_published: No list was published after the copy was made, says the operator.
            within: Done in the same transaction, behind all else.

        Raises:
            TrustBundleError: STATUS_INVALID: a token is of nobody, or not by a status key.
            RefusedError: STATUS_INVALID: a token is another issuer's; STATUS_MISSING: the DID
                document names no place for lists; ROLLBACK: no list that is newer than the store is
                here, and nobody says that there is none.
            WaitingError: A second person has to approve it.
            StoreError: What the home has kept of its approvers is damaged.
            UsageError: Nothing was put back, and nothing newer is handed over.
        """
        did = self._issuer_did()
        organisation = self._belief.organisation(did)
        bases = () if organisation is None else organisation.latest.status_bases
        if not bases:
            raise RefusedError(Reason.STATUS_MISSING, "the issuer's DID document names no place for lists")
        published = newest_published(self._belief, tokens, did=did)
        issued = {uri: item.snapshot.issued_at for uri, item in published.items()}
        kept_at = self._store.lists.last_issued_at()
        is_newer = any(at > kept_at.get(uri, 0) for uri, at in issued.items())
        if not (is_newer or nothing_was_published or self._safeguard.is_restored(self._belief, did=did)):
            raise UsageError(
                "this home needs no reconciliation",
                hint="only one that was put back does; newer lists are handed over with --lists DIR",
            )
        known, is_all_known = self._safeguard.newest_known()
        together = self._store.lists.signed_together()
        require_newer(
            kept_at,
            issued,
            together=together,
            known=known,
            is_all_known=is_all_known,
            nothing_was_published=nothing_was_published,
        )
        kept, at = self._safeguard.approvers.read(), self._now()
        second = SecondPerson(self._store, self._safeguard.approvers, issuer=did)
        wish = GoOn(
            newest=max((*kept_at.values(), *issued.values()), default=0),
            missing=len(lists_missing(kept_at, issued, together=together)),
        )
        is_proved = is_all_known and not nothing_was_published
        request = None if is_proved else second.require(wish, at=at)
        with self._store.db.transaction():
            if request is not None:
                second.use(request, wish, at=at)
            done = reconcile(
                self._store,
                published,
                base=bases[-1],
                at=at,
                next_list=self._safeguard.next_list(),
                nothing_was_published=nothing_was_published,
                request=request,
            )
            if kept is not None:
                self._safeguard.approvers.take_over(kept, at=at, issuer=did)
            if within is not None:
                within()
            self._safeguard.accept(self._belief)
        self._safeguard.loss = None
        return done

    def take_receipts(
        self, tables: Sequence[Path], tokens: Sequence[str] = (), *, nothing_was_published: bool = False
    ) -> tuple[Reconciled | None, ReceiptsTaken]:
        """Enter what was issued and is lost, by its receipts; reconcile first if the home was put back.

        All in one transaction. Of a home that is reconciled already, only the receipts are taken over.

        Args:
            tables: Files of receipts, older ones first.
            tokens, nothing_was_published: As for `reconcile`.

        Raises:
            DecodeError: A file is no table of receipts.
            RefusedError: STATUS_INVALID: a receipt is not believed; ROLLBACK: nothing is lost of its
                list; or as `reconcile`.
            StoreError: A file cannot be read; or as `reconcile`.
        """
        did, taken = self._issuer_did(), list[ReceiptsTaken]()
        organisation = self._belief.organisation(did)

        def take() -> None:
            taken.append(
                take_receipts(
                    self._store,
                    read_receipts(tables),
                    bases=() if organisation is None else organisation.latest.status_bases,
                    is_own_type=lambda vct: bool(self._belief.accreditations(did, vct)),
                    at=self._now(),
                )
            )

        if self._is_behind(tokens, did=did):
            done = self.reconcile(tokens, nothing_was_published=nothing_was_published, within=take)
            return done, taken[0]
        with self._store.db.transaction():
            self._safeguard.refuse_moved()
            take()
        self._safeguard.keep()
        return None, taken[0]

    @property
    def loss(self) -> Loss | None:
        """By what the store is known to be an old copy, not reconciled yet; None if by nothing."""
        return self._safeguard.loss_told(self._belief, did=self._did or self._issuer_did())

    def accept_clock(self) -> None:
        """Go by the clock although it is far ahead of all that is known here, since somebody says so.

        The audit log keeps that; what is entered from then on is dated by it. Else nothing is done.
        """
        with self._store.db.transaction():
            self._store.changes.audit.accept_clock(self._now())
        self._safeguard.keep()

    @property
    def did(self) -> str:
        """The issuer whose lists these are. Errors as `find_issuer`."""
        return self._issuer_did()

    @property
    def is_first_to_come(self) -> bool:
        """Whether no list was ever published."""
        return not any(self._store.lists.last_issued_at().values())

    @property
    def interval(self) -> int:
        """The interval of publication in seconds."""
        return self._store.lists.interval()

    def set_interval(self, seconds: int) -> None:
        """Change the interval of publication; `parse_interval` has read it."""
        lists = self._store.lists
        with self._store.db.transaction():
            if lists.interval() != seconds:
                lists.set_interval(seconds, at=self._now())

    @property
    def purposes(self) -> Purposes:
        """For what lists are that open from now on."""
        return self._store.lists.purposes()

    def set_purposes(self, purposes: Purposes) -> None:
        """Change for what lists are; the open ones are closed, and what is in them keeps its status."""
        lists = self._store.lists
        with self._store.db.transaction():
            if lists.purposes() is not purposes:
                lists.set_purposes(purposes, at=self._now())

    def _is_behind(self, tokens: Iterable[str], *, did: str) -> bool:
        """Whether the store was put back, or knows less of a list than these tokens say."""
        if self._safeguard.is_restored(self._belief, did=did):
            return True
        kept = self._store.lists.last_issued_at()
        found = newest_published(self._belief, tokens, did=did)
        return any(item.snapshot.issued_at > kept.get(uri, 0) for uri, item in found.items())

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _issuer_did(self) -> str:
        now = self._clock()
        return find_issuer(self._belief, self._issuing, did=self._did, now=now).did


def note_audit_head(home: Home, clock: Clock, *, time_floor: int) -> AuditHead:
    """Enter in the audit log how many places are dealt, and return its head, to be recorded.

    Args:
        home: The issuer's. One that has issued nothing has an empty log, and no store is made.
        clock: Gives now.
        time_floor: Of the home's trust bundle, NumericDate; 0 if it has none.

    Raises:
        StoreError: The store cannot be read.
        RefusedError: CLOCK_UNRELIABLE: the clock is far ahead of all that is known here.
    """
    if home.settings.store is None and not (home.path / STORE_FILE).exists():
        return AuditHead()
    with open_issuer_store(home) as store:
        safeguard = Safeguard(home, store, time_floor=time_floor)
        with store.db.transaction():
            store.lists.note_dealt(at=int(clock().timestamp()))
            head = store.changes.audit.head()
        safeguard.keep()
        return head
