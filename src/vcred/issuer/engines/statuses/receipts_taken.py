# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Enter in the journal what it has lost, by the receipts that were written when it was issued.

Receipts have all that a credential is taken back by, and nothing of its claims or its key. So a row
that comes back by one counts as issued, whatever is to be issued for it now; it is replaced by whoever
says so, and found by row, id and list, never by its holder.

What the newest published list says of it, it becomes: that was kept as it was published when the
store was reconciled (`reconcile`), and counts once from now on.

All tables are taken over in one transaction, or none. Memory: a bit for each entry of a list.

Spec: docs/spec/status-lists.md, An issuer that was restored from a backup.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from vcred.errors import RefusedError
from vcred.issuer.audit.log import BY_RECONCILING, AuditEvent, AuditKind
from vcred.issuer.engines.statuses.receipt_tables import ReceiptLine, in_slices
from vcred.issuer.engines.store.journal import VALUES, JournalTable, TakenOver, journal_id
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import CredentialIds, JournalEntry, StatusValue, unversioned
from vcred.issuer.kept_receipts import NOT_LOST, STRANGE, KnownList, fault_of
from vcred.issuer.receipts import Receipt
from vcred.issuer.status_lists import MAX_LIST_SIZE
from vcred.reasons import Reason

_LIST_SHIFT: Final = 32
_BITS: Final = 2
_BITS_A_BYTE: Final = 8
_LIST: Final = "SELECT l.uri, l.size, t.vct FROM list l LEFT JOIN type t ON t.id = l.type WHERE l.number = ?"
_TYPE_WITHIN: Final = (
    "SELECT t.vct FROM journal j JOIN type t ON t.id = j.type WHERE j.id >= ? AND j.id < ? LIMIT 1"
)
_NOT_LOST_HINT: Final = (
    'first, without receipts: import the newest bundle, then "vcred status reconcile"; a home that was'
    " copied goes on in one place only"
)

_STRANGE_HINT: Final = (
    "no receipt was entered; take this line out; receipts bring back what a store that was put back from"
    " a copy has lost: of a store that is gone altogether nothing does"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsTaken:
    """What was entered.

    Attributes:
        entered: Credentials that the journal did not know.
        known: Receipts of credentials that it knew.
        revoked: Of those that were entered, by what was published.
        suspended: Likewise.
        rows_twice: Rows of these receipts that have two credentials in force: what was lost, and
            what was issued for them since.
    """

    entered: int
    known: int
    revoked: int
    suspended: int
    rows_twice: tuple[str, ...]


@dataclass(slots=True)
class _List:
    """A status list that receipts name. `taken`: a bit for each entry that a credential has."""

    known: KnownList
    is_here: bool
    values: dict[int, int] = field(default_factory=dict)
    taken: bytearray = field(default_factory=bytearray)

    def is_taken(self, index: int) -> bool:
        return index < self.known.size and bool(self.taken[index // _BITS_A_BYTE] >> index % _BITS_A_BYTE & 1)

    def take(self, index: int) -> None:
        self.taken[index // _BITS_A_BYTE] |= 1 << index % _BITS_A_BYTE


def take_receipts(
    store: IssuerStore,
    lines: Iterable[ReceiptLine],
    *,
    bases: Sequence[str],
    is_own_type: Callable[[str], bool],
    at: int,
) -> ReceiptsTaken:
    """Enter every receipt of which the journal knows nothing. Inside a transaction.

    Args:
        store: The issuer's, reconciled.
        lines: In the order of issue, as far as that is known.
        bases: Under which the issuer's lists stand, or stood.
        is_own_type: Whether the issuer is or was accredited for a type.
        at: NumericDate now.

    Raises:
        RefusedError: STATUS_INVALID: a receipt is not believed; ROLLBACK: nothing is lost of its list.
        DecodeError, StoreError: As `read_receipts`.
    """
    taker = _Taker(store, bases=bases, is_own_type=is_own_type, at=at)
    for some in in_slices(lines):
        taker.take(some)
    return taker.done()


class _Taker:
    """One taking over, inside its transaction."""

    def __init__(
        self, store: IssuerStore, *, bases: Sequence[str], is_own_type: Callable[[str], bool], at: int
    ) -> None:
        self._store = store
        self._ids = CredentialIds(store.secret)
        self._journal = JournalTable(store.db, self._ids)
        self._bases = bases
        self._is_own_type = is_own_type
        self._issued_types = {str(row[0]) for row in store.db.rows("SELECT vct FROM type")}
        self._at = at
        self._lists: dict[int, _List] = {}
        self._first_sound = store.lists.first_sound()
        self._entered = self._known = 0
        self._counts = dict.fromkeys(StatusValue, 0)
        self._twice: dict[str, None] = {}

    def take(self, lines: Sequence[ReceiptLine]) -> None:
        """Enter what is unknown of some receipts."""
        known = set(self._journal.of_ids(line.receipt.credential_id for line in lines))
        new: list[tuple[int, Receipt]] = []
        for line in lines:
            if line.receipt.credential_id in known:
                self._known += 1
                continue
            # The same receipt may stand in two tables.
            known.add(line.receipt.credential_id)
            new.append((self._believed(line), line.receipt))
        for _, same_type in groupby(
            sorted(new, key=lambda one: unversioned(one[1].vct)), key=lambda one: unversioned(one[1].vct)
        ):
            self._enter([*same_type])
        self._note_values(new)
        self._entered += len(new)
        self._count_twice([line.receipt for line in lines])

    def done(self) -> ReceiptsTaken:
        """Note in the audit log how many there were."""
        taken = ReceiptsTaken(
            entered=self._entered,
            known=self._known,
            revoked=self._counts[StatusValue.REVOKED],
            suspended=self._counts[StatusValue.SUSPENDED],
            rows_twice=tuple(self._twice),
        )
        if taken.entered:
            members = {"receipts": taken.entered, "revoked": taken.revoked, "suspended": taken.suspended}
            event = AuditEvent(kind=AuditKind.RECONCILED, members={**members})
            self._store.changes.audit.append([event], at=self._at)
        return taken

    def _believed(self, line: ReceiptLine) -> int:
        """Return the number in the journal of the place that a receipt is of."""
        receipt, place = line.receipt, self._ids.decode(line.receipt.credential_id)
        if place is None:
            raise _refused(line, STRANGE)
        number, deal = place
        found, index = self._list(number, receipt.status.uri), receipt.status.index
        fault = fault_of(
            receipt,
            found.known,
            dealt=self._store.lists.index_dealt(number, deal),
            is_taken=found.is_taken(index),
            is_own_type=receipt.vct in self._issued_types or self._is_own_type(receipt.vct),
        )
        if fault is not None:
            raise _refused(line, fault)
        if not found.is_here:
            # It was opened after the copy, and never published: nobody knows of it but its holders.
            self._store.lists.keep_number(number, receipt.status.uri, bits=_BITS, size=found.known.size)
            found.is_here = True
        found.known = replace(found.known, vct=receipt.vct)
        found.take(index)
        return journal_id(number, deal)

    def _enter(self, new: Sequence[tuple[int, Receipt]]) -> None:
        """Enter receipts of one type, each behind what its row has already."""
        types = self._store.types
        type_ids = {vct: types.number(vct) for vct in {receipt.vct for _, receipt in new}}
        row_ids = [*{receipt.row_id for _, receipt in new}]
        former = self._journal.of_rows(types.versions(new[0][1].vct), row_ids)
        slots = {
            row_id: {(entry.generation, entry.vct, entry.copy) for entry in former.get(row_id, ())}
            for row_id in row_ids
        }
        rows: list[TakenOver] = []
        for number, receipt in new:
            generation = _next_generation(slots[receipt.row_id], receipt)
            slots[receipt.row_id].add((generation, receipt.vct, receipt.copy))
            rows.append(
                TakenOver(
                    number,
                    type_ids[receipt.vct],
                    receipt.row_id,
                    generation,
                    receipt.copy,
                    receipt.status.index,
                    receipt.possession,
                    receipt.issued_at,
                )
            )
        self._journal.take_over(rows)

    def _note_values(self, new: Sequence[tuple[int, Receipt]]) -> None:
        """Let each say what was published of its place, and nobody else say it any more."""
        for value in (StatusValue.REVOKED, StatusValue.SUSPENDED):
            wanted = VALUES.index(value)
            told = [
                number
                for number, receipt in new
                if self._lists[number >> _LIST_SHIFT].values.get(receipt.status.index) == wanted
            ]
            if told:
                self._store.changes.statuses.set(
                    told,
                    value,
                    change=BY_RECONCILING,
                    at=self._at,
                    # It was published, so it was allowed.
                    is_approved=True,
                    kind=AuditKind.RECONCILED,
                )
            self._counts[value] += len(told)
        self._store.lists.drop_decoys(
            [(number >> _LIST_SHIFT, receipt.status.index) for number, receipt in new]
        )

    def _count_twice(self, receipts: Sequence[Receipt]) -> None:
        for vct in {receipt.vct for receipt in receipts}:
            rows = [receipt.row_id for receipt in receipts if receipt.vct == vct]
            found = self._journal.of_rows(self._store.types.versions(vct), [*dict.fromkeys(rows)])
            self._twice.update(dict.fromkeys(row for row, entries in found.items() if _is_twice(entries)))

    def _list(self, number: int, uri: str) -> _List:
        found = self._lists.get(number)
        if found is None:
            found = self._lists[number] = self._read_list(number, uri)
        return found

    def _read_list(self, number: int, uri: str) -> _List:
        db = self._store.db
        row = db.row(_LIST, (number,))
        is_here, is_lost = row is not None, number < self._first_sound
        if row is None:
            # Under another number the entries of that list would be looked for in vain.
            is_elsewhere = db.row("SELECT 1 FROM list WHERE uri = ?", (uri,)) is not None
            is_own = uri in [f"{base}{number}" for base in self._bases] and not is_elsewhere
            row = (uri if is_own else "", MAX_LIST_SIZE, "")
        first, end = number << _LIST_SHIFT, (number + 1) << _LIST_SHIFT
        # Of a list that was taken over from what was published, its credentials tell the type.
        vct = row[2] or next((told for (told,) in db.rows(_TYPE_WITHIN, (first, end))), None)
        known = KnownList(uri=row[0], size=int(row[1]), is_lost=is_lost, vct=vct)
        found = _List(known, is_here, self._store.lists.decoys(number))
        found.taken = bytearray(-(-known.size // _BITS_A_BYTE))
        for (index,) in db.rows("SELECT idx FROM journal WHERE id >= ? AND id < ?", (first, end)):
            found.take(index)
        return found


def _next_generation(slots: set[tuple[int, str, int]], receipt: Receipt) -> int:
    """Return the newest generation of a row if this copy fits into it, or the one behind.

    Receipts do not say it. What was issued for the row since is not moved: it keeps its number.
    """
    newest = max((generation for generation, _, _ in slots), default=0)
    its = [(vct, copy) for generation, vct, copy in slots if generation == newest]
    fits = all(vct == receipt.vct and copy != receipt.copy for vct, copy in its)
    return newest if fits else newest + 1


def _is_twice(entries: Sequence[JournalEntry]) -> bool:
    in_force = [entry.copy for entry in entries if entry.value is not StatusValue.REVOKED]
    return len(in_force) != len(set(in_force))


def _refused(line: ReceiptLine, fault: str) -> RefusedError:
    if fault == NOT_LOST:
        return RefusedError(Reason.ROLLBACK, f"{line.where}: {fault}", hint=_NOT_LOST_HINT)
    hint = _STRANGE_HINT if fault == STRANGE else "no receipt was entered; take this line out"
    return RefusedError(Reason.STATUS_INVALID, f"{line.where}: {fault}", hint=hint)
