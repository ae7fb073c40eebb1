# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Record signed rows: what each one comes to, decided in the transaction that keeps it.

Between signing and recording another process may have issued the same row, or used the same
enrolment code. What is in the journal counts; the text that lost never leaves, and its
place is burned.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from vcred.issuer.engines.store.driver import StoreDriver, marks
from vcred.issuer.engines.store.journal import JournalTable
from vcred.issuer.engines.store.outbox import OutboxTable
from vcred.issuer.engines.store.types import TypeTable
from vcred.issuer.journal import (
    CredentialIds,
    EntryState,
    JournalEntry,
    Refusal,
    SignedCopy,
    SignedRow,
    StatusValue,
)
from vcred.issuer.known_rows import (
    RowDigests,
    has_content,
    is_suspended,
    may_join,
    newest,
    that_count,
)

Seal: TypeAlias = Callable[[list[tuple[JournalEntry, str]]], bytes]
Outcome: TypeAlias = "tuple[JournalEntry, ...] | Refusal"

_FIRST_GENERATION: Final = 0


class ReplacementRules(Protocol):
    """What becomes of the former credentials of a row (`changes.ChangeTable`)."""

    def revoke_replaced(self, entries: Sequence[JournalEntry], *, at: int) -> bool:
        """Revoke entries for good, in this transaction; False if that needs an approval first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of signed rows.

    Attributes:
        chunk: Of the outbox; None if nothing was recorded.
        outcomes: For each row, in order: the entry of each copy that was handed in, of this
            chunk or, where another process was first, of that one; or why there is none.
    """

    chunk: int | None
    outcomes: tuple[Outcome, ...]


@dataclass(slots=True, kw_only=True)
class _Plan:
    """What one transaction is about to write. `versions`: numbers of all versions of the type."""

    type_id: int
    versions: Sequence[int]
    vct: str
    at: int
    known: dict[str, list[JournalEntry]]
    nonces: dict[bytes, tuple[int, str]]
    added: list[tuple[SignedRow, SignedCopy, int]] = field(default_factory=list)
    used: list[tuple[bytes, int, str]] = field(default_factory=list)


class Recorder:
    """Writes chunks. Called inside a transaction of `store.py`."""

    def __init__(
        self,
        db: StoreDriver,
        *,
        ids: CredentialIds,
        types: TypeTable,
        journal: JournalTable,
        outbox: OutboxTable,
        rules: ReplacementRules,
    ) -> None:
        self._db = db
        self._ids = ids
        self._types = types
        self._journal = journal
        self._outbox = outbox
        self._rules = rules

    def record(
        self,
        vct: str,
        rows: Sequence[SignedRow],
        *,
        destination: str,
        offset: int | None,
        seal: Seal,
        at: int,
    ) -> Recorded:
        """Decide on each row, and keep what is new, with the sealed texts. See `IssuerStore.record`."""
        type_id = self._types.number(vct)
        versions = self._types.versions(vct)
        plan = _Plan(
            type_id=type_id,
            versions=versions,
            vct=vct,
            at=at,
            known=self._journal.of_rows(versions, [row.row_id for row in rows]),
            nonces=self._nonces(rows),
        )
        decided = [self._decide(row, plan) for row in rows]
        entries = self._entries(plan)
        chunk = self._write(plan, entries, destination=destination, offset=offset, seal=seal)
        made = iter(entries)
        return Recorded(
            chunk=chunk,
            outcomes=tuple(
                outcome
                if isinstance(outcome, Refusal)
                else tuple(next(made) if entry is None else entry for entry in outcome)
                for outcome in decided
            ),
        )

    def _decide(self, row: SignedRow, plan: _Plan) -> "list[JournalEntry | None] | Refusal":
        """Return for each copy the entry that is there already, or None for one that is added."""
        former = plan.known.get(row.row_id)
        if former is None:
            return self._add(row, row.copies, (), _FIRST_GENERATION, plan) or [None] * len(row.copies)
        standing = that_count(former)
        last = newest(standing, plan.vct)
        by_copy = {entry.copy: entry for entry in last}
        kept = [by_copy.get(copy.copy) for copy in row.copies]
        fits = has_content(last, plan.vct, row.content)
        if row.replaces and not (fits and _in_force(row, kept)):
            return self._replace(row, former, plan)
        if not fits:
            return Refusal.OTHER_CONTENT
        missing = [copy for copy, entry in zip(row.copies, kept, strict=True) if entry is None]
        if missing and not _may_join(row, standing, plan.vct):
            # Revoked, suspended or issued to another key since the row was looked up.
            return Refusal.NO_FURTHER_COPY
        if _is_former_key(missing, former, standing):
            return Refusal.FORMER_KEY
        return self._add(row, missing, former, last[-1].generation, plan) or kept

    def _replace(
        self, row: SignedRow, former: Sequence[JournalEntry], plan: _Plan
    ) -> "list[JournalEntry | None] | Refusal":
        if not self._may_use_nonces(row, row.copies, former, plan):
            return Refusal.NONCE_USED
        if is_suspended(former):
            # Who has suspended it is to say first what becomes of it: a new key would lift it.
            return Refusal.SUSPENDED
        # A key under which the row has a credential in force was not taken from anybody.
        if _is_former_key(row.copies, former, that_count(former)):
            return Refusal.FORMER_KEY
        standing = [entry for entry in former if entry.value is not StatusValue.REVOKED]
        if standing and not self._rules.revoke_replaced(standing, at=plan.at):
            return Refusal.APPROVAL_REQUIRED
        # Counted across versions: what came later is told by it, and by the name of its file.
        generation = former[-1].generation + 1
        return self._add(row, row.copies, former, generation, plan) or [None] * len(row.copies)

    def _add(
        self,
        row: SignedRow,
        copies: Sequence[SignedCopy],
        former: Sequence[JournalEntry],
        generation: int,
        plan: _Plan,
    ) -> Refusal | None:
        if not self._may_use_nonces(row, copies, former, plan):
            return Refusal.NONCE_USED
        for _, digest in _answered(row, copies):
            if digest not in plan.nonces:
                plan.nonces[digest] = (plan.type_id, row.row_id)
                plan.used.append((digest, plan.type_id, row.row_id))
        plan.added.extend([(row, copy, generation) for copy in copies])
        return None

    def _may_use_nonces(
        self, row: SignedRow, copies: Sequence[SignedCopy], former: Sequence[JournalEntry], plan: _Plan
    ) -> bool:
        """Copies that are issued together may share an enrolment code, two rows never do.

        Nor is a code that was used good for a key that comes later: only for those that the row
        was issued to, under whatever version (threats ISS-06).
        """
        users = {(version, row.row_id) for version in plan.versions}
        return all(
            digest not in plan.nonces
            or (plan.nonces[digest] in users and any(entry.holder == copy.holder for entry in former))
            for copy, digest in _answered(row, copies)
        )

    def _nonces(self, rows: Iterable[SignedRow]) -> dict[bytes, tuple[int, str]]:
        digests = [digest for row in rows for digest in row.nonce_digests if digest]
        if not digests:
            return {}
        query = f"SELECT digest, type, row_id FROM nonce WHERE digest IN ({marks(len(digests))})"  # noqa: S608
        return {bytes(digest): (type_id, row_id) for digest, type_id, row_id in self._db.rows(query, digests)}

    def _entries(self, plan: _Plan) -> list[JournalEntry]:
        ids = self._ids.encode((copy.place.number, copy.place.deal) for _, copy, _ in plan.added)
        return [
            JournalEntry(
                credential_id=credential_id,
                vct=plan.vct,
                row_id=row.row_id,
                generation=generation,
                copy=copy.copy,
                content=row.content,
                holder=copy.holder,
                possession=copy.possession,
                issued_at=row.issued_at,
                status=copy.place.status,
                value=StatusValue.VALID,
                state=EntryState.SIGNED,
            )
            for credential_id, (row, copy, generation) in zip(ids, plan.added, strict=True)
        ]

    def _write(
        self, plan: _Plan, entries: list[JournalEntry], *, destination: str, offset: int | None, seal: Seal
    ) -> int | None:
        if not entries:
            return None
        texts = [copy.text for _, copy, _ in plan.added]
        sealed = seal(list(zip(entries, texts, strict=True)))
        chunk = self._outbox.add(plan.type_id, destination, offset, sealed)
        self._journal.insert(plan.type_id, plan.added, chunk)
        self._db.execute_many("INSERT INTO nonce (digest, type, row_id) VALUES (?, ?, ?)", plan.used)
        return chunk


def _answered(row: SignedRow, copies: Sequence[SignedCopy]) -> list[tuple[SignedCopy, bytes]]:
    """Return those of the copies whose holder has answered an enrolment code, each with its digest."""
    if not any(row.nonce_digests):
        return []
    pairs = zip(row.copies, row.nonce_digests, strict=True)
    return [(copy, digest) for copy, digest in pairs if digest and copy in copies]


def _may_join(row: SignedRow, standing: Sequence[JournalEntry], vct: str) -> bool:
    holders = (*row.beside, *[copy.holder for copy in row.copies])
    return may_join(standing, RowDigests(vct, row.content, holders))


def _is_former_key(
    copies: Sequence[SignedCopy], former: Sequence[JournalEntry], last: Sequence[JournalEntry]
) -> bool:
    """Whether a copy would go back to a key from which it was taken: the lost phone gets its code again.

    A roster goes on naming the key that its holder had when it was made (threats ISS-05).
    """
    of_now = {entry.holder for entry in last}
    given_up = {entry.holder for entry in former if entry.holder} - of_now
    return any(copy.holder in given_up for copy in copies)


def _in_force(row: SignedRow, kept: Sequence[JournalEntry | None]) -> bool:
    """Whether another process has just issued what is to be issued: the same, to the same keys."""
    return all(
        entry is not None and entry.holder == copy.holder and entry.value is not StatusValue.REVOKED
        for copy, entry in zip(row.copies, kept, strict=True)
    )
