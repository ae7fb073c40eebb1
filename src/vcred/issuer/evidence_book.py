# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door to an issuer's certificate histories: add events, record them, give proofs.

    with EvidenceBook.open("issuer-fintech") as book:
        book.add([CertificateEvent(certificate="FT-2026-17", kind=EventKind.ISSUED, at=now)])
        batch = book.next_batch(state, did)          # durable, before anybody signs its root
        ...                                          # `evidence.record` with the root, to the ledger
        history = book.prove("FT-2026-17", state)    # one proof for each event on the ledger

What is recorded, the ledger alone says: whoever is interrupted and begins again gets the same
batch, and as the same root on top of the same last statement is the same operation, no second
statement comes of it.

Spec: docs/spec/evidence.md.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vcred.clock import Clock, system_clock
from vcred.codec.times import format_timestamp
from vcred.did.methods.vcred import hash_text
from vcred.errors import LedgerError, UsageError
from vcred.home import Home, Role, open_home
from vcred.issuer.audit.log import AuditHead
from vcred.issuer.engines.evidence import FILE_NAME, Batch, KeptEvent, SqliteEvidence
from vcred.ledger.evidence.batch import MAX_BATCH_SIZE, make_batch, path_of
from vcred.ledger.evidence.leaf import MAX_SALT_BYTES, CertificateEvent, EventKind, EvidenceLeaf
from vcred.ledger.evidence.proof import EvidenceProof
from vcred.ledger.kinds.evidence_record import MIN_SECONDS_BETWEEN
from vcred.ledger.state import EvidenceRecord, State
from vcred.limits import MAX_CLOCK_SKEW
from vcred.reasons import Reason

AUDIT_LOG: Final = "vcred:audit-log"
"""What the issuer's audit log is called where certificates have their names."""

NO_HEAD: Final = AuditHead()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What can be proved of a certificate, and the events that are not on the ledger yet."""

    proofs: tuple[EvidenceProof, ...]
    waiting: tuple[CertificateEvent, ...]


class EvidenceBook:
    """Certificate histories of one issuer. Use it as a context manager."""

    def __init__(self, store: SqliteEvidence, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @classmethod
    def open(cls, home: Home | Path | str, *, clock: Clock = system_clock) -> Self:
        """Open the histories of an issuer's home.

        Raises:
            StoreError: No home is there, or its store cannot be read.
            UsageError: The home is of another role.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.ISSUER)
        return cls(SqliteEvidence(opened.path / FILE_NAME), clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.__exit__(kind, error, trace)

    def add(self, events: Iterable[CertificateEvent]) -> int:
        """Queue events, all or none, each with a salt of its own; durable when this returns.

        Returns:
            How many are new: the very same event again is no second one.

        Raises:
            UsageError: An event has yet to happen, or is one of the audit log, which `next_batch`
                makes by itself.
            StoreError: The disk refuses.
        """
        wanted = list(events)
        if any(event.kind is EventKind.AUDITED or event.certificate == AUDIT_LOG for event in wanted):
            raise UsageError("an event of the audit log is made by itself, when it is recorded")
        return self._store.add(self._leaf(event) for event in wanted)

    def forget(self, certificate: str) -> int:
        """Forget the history of a certificate, and its salts (threats PRV-10); returns how many events.

        What is on the ledger stays there, and says nothing to anybody. Proofs that its holder was given
        stay good; no further ones can be made.

        Raises:
            UsageError: It is the audit log's.
            StoreError: The disk refuses.
        """
        if certificate == AUDIT_LOG:
            raise UsageError("what the ledger has of the audit log is nobody's to forget")
        return self._store.forget(certificate)

    def queued(self) -> int:
        """How many events are in no batch yet."""
        return self._store.queued()

    def next_batch(self, state: State, did: str, *, audit: AuditHead = NO_HEAD) -> Batch | None:
        """Return the batch to be recorded next; its order and decoys are durable.

        Args:
            state: The ledger, as far as it is known here.
            did: Whose statement it will be.
            audit: Head of the issuer's audit log. One that was not there before goes into the
                batch, as an event.

        Returns:
            One that was made before, if the ledger does not have it. None: nothing is queued.

        Raises:
            LedgerError: RATE_LIMITED: the ledger would not take it yet. What is queued stays so,
                and what is added until then goes with it.
        """
        records = _records(state)

        def is_recorded(root: bytes) -> bool:
            return (did, root) in records

        earliest = _earliest_record(state, did)
        unrecorded = self._store.unrecorded(did, is_recorded=is_recorded)
        audited = audit_event(audit, at=int(self._clock().timestamp()))
        if audited is not None and self._is_kept(audited):
            audited = None
        if self._clock().timestamp() < earliest and (self._store.queued() or unrecorded or audited):
            when = format_timestamp(datetime.fromtimestamp(earliest, UTC))
            raise LedgerError(
                Reason.RATE_LIMITED,
                "the last record is less than an hour old",
                hint=f"nothing is lost; run the command again at {when} or later",
            )
        if audited is not None and unrecorded is None:
            self._store.add([self._leaf(audited)])
        return self._store.batch(did, is_recorded=is_recorded, make=make_batch, most=MAX_BATCH_SIZE)

    def prove(self, certificate: str, state: State, *, kind: EventKind | None = None) -> History:
        """Make the proofs of a certificate's events, oldest addition first.

        Args:
            certificate: What the issuer calls it.
            state: The ledger, as far as it is known here.
            kind: Only events of this kind.

        Raises:
            UsageError: No such event was ever added.
        """
        kept = [
            event
            for event in self._store.history(certificate)
            if kind is None or event.leaf.event.kind is kind
        ]
        if not kept:
            raise UsageError(
                "no such event is kept of that certificate", hint='it is added with "vcred evidence add"'
            )
        records = _records(state)
        proofs = [(event, self._proof(event, records)) for event in kept]
        return History(
            proofs=tuple(proof for _, proof in proofs if proof is not None),
            waiting=tuple(event.leaf.event for event, proof in proofs if proof is None),
        )

    def _is_kept(self, audited: CertificateEvent) -> bool:
        kept = self._store.history(AUDIT_LOG)
        return bool(kept) and kept[-1].leaf.event.note == audited.note

    def _leaf(self, event: CertificateEvent) -> EvidenceLeaf:
        if event.at > self._clock().timestamp() + MAX_CLOCK_SKEW.total_seconds():
            raise UsageError(
                "an event has yet to happen", hint="record it once it has: give the time of the event"
            )
        return EvidenceLeaf(event=event, salt=secrets.token_bytes(MAX_SALT_BYTES))

    def _proof(
        self, kept: KeptEvent, records: Mapping[tuple[str, bytes], EvidenceRecord]
    ) -> EvidenceProof | None:
        if kept.batch is None or kept.place is None:
            return None
        author, tree = self._store.tree(kept.batch)
        record = records.get((author, tree.root))
        if record is None:
            return None
        return EvidenceProof(
            leaf=kept.leaf,
            index=kept.place,
            size=tree.size,
            path=path_of(tree.hashes, index=kept.place, size=tree.size),
            entry=record.entry,
            author=author,
        )


def audit_event(head: AuditHead, *, at: int) -> CertificateEvent | None:
    """Return the event that says how far the audit log has come; None of an empty one.

    Spec: docs/spec/evidence.md, The audit log.
    """
    if head == NO_HEAD:
        return None
    note = f"{head.seq} {hash_text(head.hash)}"
    return CertificateEvent(certificate=AUDIT_LOG, kind=EventKind.AUDITED, at=at, note=note)


def _earliest_record(state: State, did: str) -> int:
    """From when on the ledger takes the next record of an organisation, NumericDate."""
    organisation = state.organisations.get(did)
    last = None if organisation is None else organisation.last_evidence_at
    return 0 if last is None else last + MIN_SECONDS_BETWEEN


def _records(state: State) -> Mapping[tuple[str, bytes], EvidenceRecord]:
    """The first record of each author and root: another's record of the same root is not one's own."""
    newest_first = sorted(state.evidence.values(), key=lambda record: record.index, reverse=True)
    return {(record.author, record.root): record for record in newest_first}
