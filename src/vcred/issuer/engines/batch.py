# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issue a batch in the one order that survives a stop at any point.

    1  status indices and journal entries durable      (store, one transaction)
    2  sign
    3  signed texts durable in the journal             (store, one transaction)
    4  files written, each durable                     (files)
    5  marked as delivered, texts wiped                (store, one transaction)

`vcred.issuer.journal` says why. What a stop leaves behind is finished by the next run.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vcred.errors import StoreError
from vcred.files import read_capped, write_atomic
from vcred.issuer.engines.sqlite import Signed, SqliteIssuerStore
from vcred.issuer.engines.sqlite_journal import Allotment
from vcred.issuer.issuing import PlannedCredential, sign_planned
from vcred.issuer.journal import EntryKey, EntryState, JournalEntry, Refusal, content_digest, holder_digest
from vcred.issuer.terms import IssuingTerms
from vcred.keys.signer import Signer
from vcred.limits import MAX_PRESENTATION_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCredential:
    """A signed credential that is durable here and has still to be delivered."""

    credential_id: str
    entry: JournalEntry
    text: str


class BatchIssuer:
    """Issues credentials of one type under one set of terms."""

    def __init__(self, *, store: SqliteIssuerStore, terms: IssuingTerms, signer: Signer) -> None:
        self._store = store
        self._terms = terms
        self._signer = signer

    def issue(self, planned: Sequence[PlannedCredential]) -> list[IssuedCredential | JournalEntry | Refusal]:
        """Do steps 1 to 3.

        Returns:
            For each, in order: the credential, to be delivered; its entry, if it was delivered
            before; or why it is refused, and then nothing is left of it.
        """
        entries = self._store.allot([self._allotment(item) for item in planned])
        texts = [
            self._signed(item, entry)
            for item, entry in zip(planned, entries, strict=True)
            if isinstance(entry, JournalEntry) and entry.state is EntryState.ALLOTTED
        ]
        self._store.record_signed(texts)
        return [entry if isinstance(entry, Refusal) else self._outcome(entry) for entry in entries]

    def is_to(self, planned: PlannedCredential, entries: Sequence[JournalEntry]) -> bool:
        """Say whether one of a row's credentials is bound to the key that is planned now.

        An entry that keeps no key counts as bound to it: nobody knows better.
        """
        known = {entry.holder for entry in entries}
        return None in known or holder_digest(planned.holder, secret=self._store.secret) in known

    def deliver(self, files: Sequence[tuple[Path, IssuedCredential]]) -> None:
        """Do steps 4 and 5.

        Raises:
            StoreError: A file of another content is in the way, or the disk refuses; the
                credentials stay in the journal and are delivered by the next run.
        """
        for path, issued in files:
            _write_once(path, issued.text.encode("ascii"))
        self._store.record_delivered(issued.credential_id for _, issued in files)

    def _allotment(self, planned: PlannedCredential) -> Allotment:
        nonce = None if planned.holder is None else planned.holder.nonce
        return Allotment(
            key=EntryKey(
                vct=self._terms.vct,
                row_id=planned.row_id,
                content=content_digest(planned.claims, secret=self._store.secret),
                copy=planned.copy,
            ),
            status_base=self._terms.status_base,
            possession=planned.possession,
            issued_at=self._terms.issued_at,
            nonce_digest=None if nonce is None else hashlib.sha256(nonce.encode()).digest(),
        )

    def _signed(self, planned: PlannedCredential, entry: JournalEntry) -> Signed:
        return Signed(
            credential_id=entry.credential_id,
            content=entry.key.content,
            holder=holder_digest(planned.holder, secret=self._store.secret),
            output=sign_planned(planned, self._terms, entry.status, self._signer),
            possession=planned.possession,
            issued_at=self._terms.issued_at,
        )

    def _outcome(self, entry: JournalEntry) -> IssuedCredential | JournalEntry | Refusal:
        if entry.state is EntryState.DELIVERED:
            return entry
        # Read back, not remembered: another process may have signed the same row first, and
        # then its text is the one that counts.
        current = self._store.entry(entry.credential_id)
        if current is None:
            raise StoreError("the issuer's store lost an entry that it had made durable")
        if current.key != entry.key:
            return Refusal.OTHER_CONTENT
        if current.output is None:
            return current
        return IssuedCredential(credential_id=entry.credential_id, entry=current, text=current.output)


def _write_once(path: Path, data: bytes) -> None:
    try:
        write_atomic(path, data, mode=0o600)
    except StoreError:
        # A run that stopped after writing and before noting it: the same bytes are no conflict.
        if not path.is_file() or read_capped(path, max_bytes=MAX_PRESENTATION_BYTES) != data:
            raise
