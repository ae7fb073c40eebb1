# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door that an issuer's program opens: issue, take back, publish status lists.

    with Issuer.open("issuer-gd-health") as issuer:
        summary = issuer.issue_roster("health-code", roster, out=folder, applications=holders)

Who the issuer is, what it may issue and where its status lists stand, it learns from its
own trust bundle; of the issuing and status keys in its keyring it takes those that are in force
there. A credential leaves only after its status index and its record are durable (`vcred.issuer.journal`).
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from vcred.clock import Clock, system_clock
from vcred.codec.json_types import JsonObject
from vcred.credential.validation import validate_claims
from vcred.desk.engines.party_file import PartyFile
from vcred.desk.engines.pending_update import read_pending
from vcred.errors import RefusedError, SchemaError, StoreError, UsageError
from vcred.files import lock_folder
from vcred.home import Home, Role, open_home
from vcred.issuer.applications import Application, verify_application
from vcred.issuer.engines.batch import BatchIssuer, IssuedCredential
from vcred.issuer.engines.leftovers import remove_unfinished
from vcred.issuer.engines.places import check_places, copy_path, make_folder, open_roster, size_bytes
from vcred.issuer.engines.roster_run import OTHER_CONTENT, OnProgress, RosterJob, run_roster
from vcred.issuer.engines.sqlite import SqliteIssuerStore
from vcred.issuer.engines.status_desk import CredentialStatus, StatusDesk
from vcred.issuer.issuing import plan_copies
from vcred.issuer.journal import JournalEntry, Refusal, StatusValue
from vcred.issuer.receipts import Receipt, receipt_of
from vcred.issuer.status_lists import PublishedStatusList
from vcred.issuer.summary import Summary
from vcred.issuer.terms import IssuerName, IssuingTerms, find_issuer, find_status_key, find_terms
from vcred.keys.custody import KeyRole
from vcred.keys.home_keys import open_home_keyring
from vcred.keys.keyring import Unlock
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.limits import MAX_COPIES
from vcred.reasons import Reason
from vcred.trust.belief import Belief
from vcred.trust.store import TrustStore

STORE_FILE: Final = "issuer.sqlite"


class Issuer:
    """Issues under one home's DID. Use it as a context manager."""

    def __init__(
        self,
        *,
        belief: Belief,
        store: SqliteIssuerStore,
        issuing: Iterable[Signer],
        status: Iterable[Signer],
        coming: Collection[PublicKey],
        did: str | None,
        clock: Clock,
    ) -> None:
        self._belief = belief
        self._store = store
        self._issuing = {signer.public_key: signer for signer in issuing}
        self._status = {signer.public_key: signer for signer in status}
        self._coming = coming
        self._did = did
        self._clock = clock
        self._desk = StatusDesk(store)

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
        with open_home_keyring(opened, unlock) as keyring:
            issuing, status = keyring.signers(KeyRole.ISSUING), keyring.signers(KeyRole.STATUS)
        if not issuing:
            raise StoreError("this issuer has no DID yet", hint='make the DID first: "vcred did create"')
        pending = read_pending(opened.path)
        with TrustStore.open(opened, clock=clock) as trust:
            belief = trust.belief()
        store = SqliteIssuerStore(opened.path / STORE_FILE)
        return cls(
            belief=belief,
            store=store,
            issuing=issuing.values(),
            status=status.values(),
            coming=frozenset() if pending is None else pending.method_keys,
            did=PartyFile(opened.path).did,
            clock=clock,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
    ) -> tuple[IssuedCredential, ...]:
        """Issue one person's credential, or its copies.

        Args:
            type_name: Name or `vct` of the type.
            claims: All claims, groups as plain objects and arrays.
            applications: Holder's DID or proof, one for each copy; none for paper.
            row_id: By which a repetition is known again: the same row and claims are issued
                once, and until delivered come back as they are. None: a new one.
            out: Where the credential is written (copies beside it, `NAME~1`, ...). None: the
                caller makes it durable, then calls `mark_delivered`.

        Raises:
            SchemaError: The claims, or the holder, do not fit the type; the first fault.
            RefusedError: The issuer may not issue the type, or a proof does not hold.
            StoreError: The row was issued and delivered before, or the disk refuses.
            SchemaError: Also: the row was issued before with other claims.
        """
        _check_copies(copies)
        now = self._clock()
        terms = find_terms(self._belief, self._name(now), type_name, now=now)
        faults = validate_claims(claims, terms.definition, now)
        if faults:
            raise faults[0]
        holders = [verify_application(item, audience=terms.issuer.did, now=now) for item in applications]
        if out is not None and row_id is None:
            # Nobody would know the row again: what could not be written would be lost.
            check_places([copy_path(out, number) for number in range(copies)])
        identifier = secrets.token_hex(16) if row_id is None else row_id
        planned = plan_copies(identifier, claims, holders, terms, copies=copies)
        batch = self._batch(terms)
        issued = tuple(_require_issued(outcome) for outcome in batch.issue(planned))
        if out is not None:
            batch.deliver([(copy_path(out, number), item) for number, item in enumerate(issued)])
        return issued

    def issue_roster(
        self,
        type_name: str,
        roster: Path | bytes | BinaryIO,
        *,
        out: Path,
        encoding: str = "utf-8",
        applications: Mapping[str, str | tuple[Application, ...]] | None = None,
        copies: int = 1,
        on_progress: OnProgress | None = None,
    ) -> Summary:
        """Issue every row of a roster that is in order; run it again after a stop to go on.

        Args:
            type_name: Name or `vct` of the type.
            roster: The CSV file, its bytes, or a stream of them, such as a pipe.
            out: Folder for the credentials, made if need be. One run at a time writes into it.
            encoding: utf-8, big5hkscs or gb18030.
            applications: Row id to holder's DIDs or proofs, as `applications.parse_applications`
                reads them; a plain DID will do. It outweighs the holder column of the roster.
            copies: Credentials for each row, each with a key of its own.
            on_progress: Called after each batch.

        Raises:
            RefusedError: The issuer may not issue the type.
            DecodeError, UsageError: The file as a whole cannot be read.
            StoreError: The disk refuses, or another run is writing into the folder.
        """
        _check_copies(copies)
        now = self._clock()
        terms = find_terms(self._belief, self._name(now), type_name, now=now)
        named = {
            row_id: (Application(did=value),) if isinstance(value, str) else value
            for row_id, value in (applications or {}).items()
        }
        make_folder(out)
        with open_roster(roster) as file, lock_folder(out):
            remove_unfinished(out)
            job = RosterJob(
                file=file,
                encoding=encoding,
                applications=named,
                copies=copies,
                out=out,
                now=now,
                size_bytes=size_bytes(file),
            )
            summary = run_roster(job, terms=terms, batch=self._batch(terms), on_progress=on_progress)
        self._store.wipe()
        return summary

    def mark_delivered(self, issued: Sequence[IssuedCredential]) -> None:
        """Say that credentials of `issue_one` are durable elsewhere; their texts are wiped here."""
        self._store.record_delivered(item.credential_id for item in issued)
        self._store.wipe()

    def revoke(self, identifier: str) -> tuple[CredentialStatus, ...]:
        """Revoke for good: a credential by its id, or every credential of a row by its row id.

        Raises:
            UsageError: Nothing was issued under the id, or it is the row id of several types.
        """
        return self._desk.change(identifier, StatusValue.REVOKED, now=self._clock())

    def suspend(self, identifier: str) -> tuple[CredentialStatus, ...]:
        """Suspend until reinstated. Raises as `revoke`, and if it was revoked."""
        return self._desk.change(identifier, StatusValue.SUSPENDED, now=self._clock())

    def reinstate(self, identifier: str) -> tuple[CredentialStatus, ...]:
        """End a suspension. Raises as `revoke`, and if it was revoked."""
        return self._desk.change(identifier, StatusValue.VALID, now=self._clock())

    def show_status(self, identifier: str) -> tuple[CredentialStatus, ...]:
        """Return receipt and status of a credential, or of every credential of a row.

        Raises:
            UsageError: Nothing was issued under the id.
        """
        return self._desk.show(identifier)

    def publish_status(self) -> tuple[PublishedStatusList, ...]:
        """Sign a new token for every status list; whatever was revoked before is in it.

        Raises:
            RefusedError: ISSUER_UNKNOWN, or KEY_NOT_AUTHORISED: not a status key on the ledger.
            StoreError: The clock is behind what was published.
        """
        now = self._clock()
        # New issuing keys on their way must not keep a revocation from being published.
        issuer = find_issuer(self._belief, self._issuing.keys(), did=self._did, now=now)
        method = find_status_key(self._belief, issuer, self._status.keys(), now=now, coming=self._coming)
        return self._desk.publish(key_id=method.id, signer=self._status[method.key], now=now)

    def receipts(self) -> Iterator[Receipt]:
        """Yield a receipt for every credential, in the order of issue."""
        return map(receipt_of, self._store.entries())

    def _name(self, now: datetime) -> IssuerName:
        return find_issuer(self._belief, self._issuing.keys(), did=self._did, now=now, coming=self._coming)

    def _batch(self, terms: IssuingTerms) -> BatchIssuer:
        return BatchIssuer(store=self._store, terms=terms, signer=self._issuing[terms.issuer.key])


def _check_copies(copies: int) -> None:
    if not 1 <= copies <= MAX_COPIES:
        raise UsageError(f"copies must be from 1 to {MAX_COPIES}")


def _require_issued(outcome: IssuedCredential | JournalEntry | Refusal) -> IssuedCredential:
    if isinstance(outcome, IssuedCredential):
        return outcome
    if outcome is Refusal.OTHER_CONTENT:
        raise SchemaError("row_id", OTHER_CONTENT, hint="revoke the old one, then use a new row id")
    if outcome is Refusal.NONCE_USED:
        raise RefusedError(Reason.NONCE_WRONG, "the enrolment code was used before")
    raise StoreError(
        "this row was issued before, and its credential delivered",
        hint="revoke it, then issue under another row id",
    )
