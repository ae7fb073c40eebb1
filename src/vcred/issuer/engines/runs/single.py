# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issue one person's credential: the same steps as a roster's, for a row of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vcred.credential.type_definition import TypeDefinition
from vcred.errors import RefusedError, SchemaError, StoreError
from vcred.issuer.engines.runs.outbox_desk import TO_CALLER, OutboxDesk, require_sealed
from vcred.issuer.engines.runs.places import check_places, copy_path, write_once
from vcred.issuer.engines.runs.row_outcomes import FORMER_KEY, ISSUED_RULES, OTHER_KEY
from vcred.issuer.engines.runs.single_receipts import add_receipts, check_receipts
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import JournalEntry, Refusal
from vcred.issuer.known_rows import (
    REPLACED,
    Finding,
    RowDigests,
    digests_of,
    find,
    is_suspended,
    lacks_copies,
    may_join,
    missing_copies,
    newest,
    signed_row,
)
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.possession import HolderKey
from vcred.issuer.roster import ReadyRow, RowFault, check_row_id
from vcred.issuer.row_signer import RowSigner
from vcred.issuer.terms import IssuingTerms
from vcred.reasons import Reason

_UNCHANGED_HINT = (
    "neither its claims nor its key have changed, so that --reissue leaves it as it is;"
    ' if it is lost: "vcred status revoke" it, then run the same command again'
)
_REISSUE_HINT = "issue it again in place of the former with --reissue, or use a new row id"
_SUSPENDED_HINT = 'reinstate or revoke it first: "vcred status reinstate ID", "vcred status revoke ID"'


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleDesk:
    """Issues single credentials into one store.

    Attributes:
        terms: Whose key `signer` has.
        copies: How many a row gets.
        at: Now, in seconds since 1970.
    """

    store: IssuerStore
    desk: OutboxDesk
    terms: IssuingTerms
    signer: RowSigner
    copies: int
    at: int

    def issue(self, row: ReadyRow, holders: Sequence[HolderKey], *, reissue: bool) -> tuple[OutboxItem, ...]:
        """Issue the copies of a row, or return those that were issued and not delivered yet.

        Args:
            row: Its claims fit their type.
            holders: One for each copy; none for paper.
            reissue: Issue anew, and revoke the former, if content, version or key are others or it
                was revoked.

        Raises:
            SchemaError: The row id cannot be one; the holders do not fit the type; or the row was
                issued with other content or to another key, was delivered, is not valid and lacks
                copies, or is suspended and would be replaced.
            RefusedError: NONCE_WRONG or APPROVAL_REQUIRED; or RATE_LIMITED: it would be signed outside
                the hours in which the key signs.
            UsageError: It would be sealed, and what waits of it is not.
            StoreError: The disk refuses.
        """
        _check_row_id(row.row_id, self.terms.definition)
        vct = self.terms.vct
        digests = digests_of(self.signer.done(row, holders), vct=vct, secret=self.store.digest_keys)
        known = self.store.issued(vct, [row.row_id]).get(row.row_id, [])
        before = newest(known, vct)
        finding = find(digests, known)
        replaces = reissue and finding in REPLACED
        if replaces:
            if is_suspended(known):
                raise _refused(Refusal.SUSPENDED)
        elif finding is Finding.OTHER_CONTENT:
            raise _refused(Refusal.OTHER_CONTENT)
        else:
            self._look(known, digests, hint=_UNCHANGED_HINT if reissue else _REISSUE_HINT)
            if finding is Finding.OTHER_KEY:
                # What waits to be delivered is for the holder of that key, not for who asks now.
                raise SchemaError("holder", OTHER_KEY, hint=_REISSUE_HINT)
        copies = missing_copies([] if replaces else before, self.copies)
        entries = self._sign(row, holders, digests, copies, replaces=replaces) if copies else []
        if not replaces:
            entries += [entry for entry in before if entry.copy < self.copies]
        return self._texts(entries)

    def write(self, items: Sequence[OutboxItem], out: Path) -> None:
        """Write credentials, the first to `out`, its copies and receipts beside it, and erase them here.

        Raises:
            StoreError: The disk refuses, or something is in the way.
        """
        try:
            for number, item in enumerate(items):
                write_once(copy_path(out, number), item.text.encode("ascii"))
            add_receipts(out, items)
        except StoreError as error:
            # Where the row id was drawn nobody else could name it: what is signed would be lost.
            again = f"run the command again with --row-id {items[0].row_id}: it is issued once"
            error.hint = again if error.hint is None else f"{error.hint}; {again}"
            raise
        hand_over(self.desk, items)

    def _look(self, known: Sequence[JournalEntry], digests: RowDigests, *, hint: str) -> None:
        """Refuse before anything is signed: a copy that is signed and then withheld would be valid.

        Raises:
            SchemaError: A further copy may not stand beside those that the row has, or one of
                them was delivered.
        """
        before = newest(known, digests.vct)
        self._texts([entry for entry in before if entry.copy < self.copies], hint=hint)
        if known and lacks_copies(known, digests) and not may_join(known, digests):
            raise _refused(Refusal.NO_FURTHER_COPY)

    def _sign(
        self,
        row: ReadyRow,
        holders: Sequence[HolderKey],
        digests: RowDigests,
        copies: tuple[int, ...],
        *,
        replaces: bool,
    ) -> list[JournalEntry]:
        self.store.changes.require_open(at=self.at)
        places = self.store.deal(self.terms.vct, self.terms.status_base, len(copies), at=self.at)
        statuses = [(place.uri, place.index) for place in places]
        done = self.signer.done(row, holders, copies, statuses)
        issued_at = self.terms.issued_at
        signed = signed_row(done, digests, copies, places, issued_at=issued_at, replaces=replaces)
        recorded, _ = self.desk.keep(self.terms.vct, [signed], destination=TO_CALLER, offset=None, at=self.at)
        (outcome,) = recorded.outcomes
        if isinstance(outcome, Refusal):
            raise _refused(outcome)
        return list(outcome)

    def _texts(self, entries: Sequence[JournalEntry], *, hint: str = _REISSUE_HINT) -> tuple[OutboxItem, ...]:
        ids = [entry.credential_id for entry in entries]
        found = {item.credential_id: item for texts in self.desk.found(ids) for item in texts.asked}
        if len(found) != len(ids):
            raise SchemaError("row_id", "issued before, and its credential delivered", hint=hint)
        if self.signer.is_sealing:
            require_sealed(found.values())
        return tuple(sorted(found.values(), key=lambda item: item.copy))


def check_single(out: Path, *, copies: int, is_known_again: bool) -> None:
    """Refuse, before anything is issued, a place where it could not be written.

    Args:
        out: Of the credential.
        copies: How many lie there, and beside it.
        is_known_again: The row has an id of the caller's: what cannot be written is asked for again, and
            the same file is no conflict.

    Raises:
        StoreError: Something is in the way, or there is no such folder.
    """
    check_receipts(out)
    if not is_known_again:
        check_places([copy_path(out, number) for number in range(copies)])


def hand_over(desk: OutboxDesk, items: Sequence[OutboxItem]) -> None:
    """Note that credentials are durable with whoever asked for them, and erase them here."""
    for found in desk.found(item.credential_id for item in items):
        desk.take(found, sinks={})


def _check_row_id(row_id: str, definition: TypeDefinition) -> None:
    try:
        check_row_id(row_id, definition.roster)
    except RowFault as error:
        raise SchemaError("row_id", error.rule) from error


def _refused(refusal: Refusal) -> SchemaError | RefusedError:
    if refusal is Refusal.SUSPENDED:
        return SchemaError("row_id", "issued before, and suspended", hint=_SUSPENDED_HINT)
    if refusal is Refusal.FORMER_KEY:
        return SchemaError("holder", FORMER_KEY, hint='the holder makes one: "vcred wallet apply"')
    if refusal in ISSUED_RULES:
        return SchemaError("row_id", ISSUED_RULES[refusal], hint=_REISSUE_HINT)
    if refusal is Refusal.NONCE_USED:
        return RefusedError(Reason.NONCE_WRONG, "the enrolment code was used before")
    return RefusedError(
        Reason.APPROVAL_REQUIRED,
        "so many credentials were revoked today that a second person has to approve",
        hint='revoke the former one first, "vcred status revoke --row ROW", which a second person approves;'
        " then run the same command again",
    )
