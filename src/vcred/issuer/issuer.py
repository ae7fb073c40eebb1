# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door that an issuer's program opens: issue, take back, publish status lists.

    with Issuer.open("issuer-gd-health") as issuer:
        summary = issuer.issue_roster("health-code", roster, out=folder, applications=holders)

Who the issuer is, what it may issue and where its status lists stand, it learns from its
own trust bundle; of the issuing and status keys in its keyring it takes those that are in force
there. A credential leaves only after its place in a status list and its record are durable
(`vcred.issuer.journal`).
"""

import secrets
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, Unpack

from vcred.clock import Clock, system_clock
from vcred.codec.json_types import JsonObject
from vcred.credential.validation import validate_claims
from vcred.desk.engines.party_file import PartyFile
from vcred.desk.engines.pending_update import read_pending
from vcred.errors import UsageError
from vcred.home import Home, Role, open_home
from vcred.issuer.applications import Application, verify_application
from vcred.issuer.engines.runs.issuer_keys import IssuerKeys, read_issuer_keys
from vcred.issuer.engines.runs.outbox_desk import OutboxDesk
from vcred.issuer.engines.runs.roster_desk import RosterDesk, RosterOptions
from vcred.issuer.engines.runs.single import SingleDesk, check_single, hand_over
from vcred.issuer.engines.statuses.list_desk import ListDesk
from vcred.issuer.engines.statuses.safeguard import Safeguard
from vcred.issuer.engines.statuses.status_desk import CredentialStatus, StatusDesk
from vcred.issuer.engines.store.store import IssuerStore, open_issuer_store
from vcred.issuer.journal import StatusValue
from vcred.issuer.outbox import OutboxItem, OutboxSeal
from vcred.issuer.receipts import Receipt, receipt_of
from vcred.issuer.roster import ReadyRow
from vcred.issuer.row_signer import RowPlanner, RowSigner
from vcred.issuer.selection import ByIds
from vcred.issuer.status_lists import PublishedStatusList
from vcred.issuer.summary import Summary
from vcred.issuer.terms import IssuerName, IssuingTerms, find_issuer, find_terms
from vcred.keys.keyring import Unlock
from vcred.keys.public import PublicKey
from vcred.limits import MAX_COPIES
from vcred.trust.belief import Belief
from vcred.trust.store import TrustStore


class Issuer:
    """Issues under one home's DID. Use it as a context manager."""

    def __init__(
        self,
        *,
        home: Home,
        belief: Belief,
        store: IssuerStore,
        keys: IssuerKeys,
        coming: Collection[PublicKey],
        did: str | None,
        clock: Clock,
    ) -> None:
        store.know_by(keys.journal)
        self._belief = belief
        self._store = store
        self._keys = keys
        self._coming = coming
        self._did = did
        self._clock = clock
        self._desk = OutboxDesk(store, OutboxSeal(keys.outbox))
        self._safeguard = Safeguard(home, store, time_floor=belief.time_floor)

    @classmethod
    def open(
        cls, home: Home | Path | str, *, unlock: Unlock | None = None, clock: Clock = system_clock
    ) -> Self:
        """Open an issuer's home.

        Args:
            home: The folder that `vcred init issuer` made.
            unlock: What opens its keys; None means the home's own key file.
            clock: Gives now, timezone-aware, in UTC.

        Raises:
            StoreError: The home, its keys, its store or its trust bundle cannot be read.
            UsageError: The home is of another role.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.ISSUER)
        keys = read_issuer_keys(opened, unlock)
        pending = read_pending(opened.path)
        with TrustStore.open(opened, clock=clock) as trust:
            belief = trust.belief()
        return cls(
            home=opened,
            belief=belief,
            store=open_issuer_store(opened),
            keys=keys,
            coming=frozenset() if pending is None else pending.method_keys,
            did=PartyFile(opened.path).did,
            clock=clock,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._safeguard.keep()
        self._store.close()

    def terms(self, type_name: str) -> IssuingTerms:
        """Say under which terms this issuer may issue a type now.

        Raises:
            RefusedError: ISSUER_UNKNOWN, TYPE_UNKNOWN, ISSUER_NOT_ACCREDITED or STATUS_MISSING.
            UsageError: The name is that of several types.
        """
        now = self._clock()
        return find_terms(self._belief, self._name(now), type_name, now=now)

    def issue_one(
        self,
        type_name: str,
        claims: JsonObject,
        applications: Sequence[Application] = (),
        *,
        copies: int = 1,
        row_id: str | None = None,
        out: Path | None = None,
        reissue: bool = False,
        sealed: bool = False,
    ) -> tuple[OutboxItem, ...]:
        """Issue one person's credential, or its copies.

        Args:
            type_name: Name or `vct` of the type.
            claims: All claims, groups as plain objects and arrays.
            applications: Holder's DID or proof, one for each copy; none for paper.
            row_id: By which a repetition is known again: the same row and claims are issued
                once, and until delivered come back as they are. None: a new one.
            out: Where the credential is written (copies beside it, `NAME~1`, ..., and receipts).
                None: the caller makes it durable, then calls `mark_delivered`.
            reissue: If the row was issued with other claims, to another key, or was revoked: issue
                it anew, and revoke the former in the same step.
            sealed: Encrypt to the holder's key.

        Raises:
            SchemaError: The claims, or the holder, do not fit the type; the first fault. Or the
                row was issued before with other claims, or with these and delivered.
            RefusedError: The issuer may not issue the type, a proof does not hold, the store was
                restored from a backup, or RATE_LIMITED: its keys do not sign at this hour.
            StoreError: The disk refuses.
        """
        now, terms = self._begin(type_name, copies=copies)
        faults = validate_claims(claims, terms.definition, now)
        if faults:
            raise faults[0]
        holders = [verify_application(item, audience=terms.issuer.did, now=now) for item in applications]
        if out is not None:
            check_single(out, copies=copies, is_known_again=row_id is not None)
        identifier = secrets.token_hex(16) if row_id is None else row_id
        signer = self._keys.issuing[terms.issuer.key]
        single = SingleDesk(
            store=self._store,
            desk=self._desk,
            terms=terms,
            signer=RowSigner(RowPlanner(terms, copies=copies, sealed=sealed, now=now), signer),
            copies=copies,
            at=int(now.timestamp()),
        )
        row = ReadyRow(row_id=identifier, line=0, holder=None, claims=claims, flags=())
        issued = single.issue(row, holders, reissue=reissue)
        if out is not None:
            single.write(issued, out)
        return issued

    def issue_roster(
        self,
        type_name: str,
        roster: Path | bytes | BinaryIO,
        *,
        out: Path,
        check: bool = False,
        **options: Unpack[RosterOptions],
    ) -> Summary:
        """Issue every row of a roster that is in order; run it again after a stop to go on.

        Args:
            type_name: Name or `vct` of the type.
            roster: The file, CSV, XLSX or Parquet; or the bytes of CSV, or a stream of them.
            out: Folder for the credentials, or a file that ends in ".jsonl"; made if need be. One
                run at a time writes into it.
            check: First hold every row against the type; if one is refused, issue nothing.
            options: See `RosterOptions`.

        Raises:
            RefusedError: The issuer may not issue the type; or APPROVAL_REQUIRED: so many need a
                second person; ROLLBACK: the store is a restored backup; or RATE_LIMITED: the hours.
            DecodeError, UsageError: The file as a whole cannot be read.
            StoreError: The disk refuses, nobody can sign, or another run is writing to `out`.
        """
        desk = self._roster_desk(type_name, options)
        return desk.check_and_issue(roster, out) if check else desk.issue(roster, out)

    def check_roster(
        self, type_name: str, roster: Path | bytes | BinaryIO, **options: Unpack[RosterOptions]
    ) -> Summary:
        """Hold every row of a roster against its type and what was issued before; sign nothing.

        Args and errors as `issue_roster`.
        """
        return self._roster_desk(type_name, options).check(roster)

    def mark_delivered(self, issued: Sequence[OutboxItem]) -> None:
        """Say that credentials of `issue_one` are durable elsewhere; their texts are wiped here."""
        hand_over(self._desk, issued)
        self._store.wipe()

    @property
    def status(self) -> StatusDesk:
        """Take credentials back, show their status, let a second person approve."""
        issuer = self._did or self._name(self._clock()).did
        own, keep = self._keys.own, self._safeguard.keep
        return StatusDesk(self._store, issuer=issuer, own_keys=own, clock=self._clock, keep=keep)

    @property
    def lists(self) -> ListDesk:
        """Publish status lists, and go on after a backup was restored."""
        return ListDesk(
            self._store,
            safeguard=self._safeguard,
            belief=self._belief,
            issuing=self._keys.issuing.keys(),
            status=self._keys.status,
            coming=self._coming,
            did=self._did,
            clock=self._clock,
        )

    def receipts(self) -> Iterator[Receipt]:
        """Yield a receipt for every credential, in the order of issue."""
        return map(receipt_of, self._store.entries())

    def revoke(self, identifier: str) -> tuple[CredentialStatus, ...]:
        """Revoke for good: a credential by its id, or every one of a row. See `StatusDesk.change_one`."""
        return self.status.change_one(identifier, StatusValue.REVOKED)

    def suspend(self, identifier: str) -> tuple[CredentialStatus, ...]:
        """Suspend until reinstated. See `StatusDesk.change_one`."""
        return self.status.change_one(identifier, StatusValue.SUSPENDED)

    def reinstate(self, identifier: str) -> tuple[CredentialStatus, ...]:
        """End a suspension. See `StatusDesk.change_one`."""
        return self.status.change_one(identifier, StatusValue.VALID)

    def show_status(self, identifier: str) -> tuple[CredentialStatus, ...]:
        """Return receipt and status of a credential, or of every one of a row. See `StatusDesk.show`."""
        return tuple(self.status.show(ByIds((identifier,))))

    def publish_status(self) -> tuple[PublishedStatusList, ...]:
        """Sign a new token for every status list. See `ListDesk.publish`."""
        return self.lists.publish()

    def _begin(self, type_name: str, *, copies: int) -> tuple[datetime, IssuingTerms]:
        """Find the terms, and refuse to deal places from a store that was put back from a copy."""
        _check_copies(copies)
        now = self._clock()
        terms = find_terms(self._belief, self._name(now), type_name, now=now)
        self._safeguard.refuse_restored(self._belief, did=terms.issuer.did)
        return now, terms

    def _roster_desk(self, type_name: str, options: RosterOptions) -> RosterDesk:
        now, terms = self._begin(type_name, copies=options.get("copies", 1))
        return RosterDesk(
            store=self._store,
            desk=self._desk,
            signer=self._keys.issuing[terms.issuer.key],
            keys=self._keys.place,
            terms=terms,
            now=now,
            clock=self._clock,
            options=options,
        )

    def _name(self, now: datetime) -> IssuerName:
        return find_issuer(
            self._belief, self._keys.issuing.keys(), did=self._did, now=now, coming=self._coming
        )


def _check_copies(copies: int) -> None:
    if not 1 <= copies <= MAX_COPIES:
        raise UsageError(f"copies must be from 1 to {MAX_COPIES}")
