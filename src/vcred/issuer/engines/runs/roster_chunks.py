# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Cut a roster into chunks for the workers, with places in a status list where a row needs them.

What the store has issued before is asked for a chunk at a time; places are dealt, durable, before
the chunk that gets them is handed out. A place that a refused row did not use goes to a later
row of the run; whatever is left at its end is burned.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from vcred.clock import Clock
from vcred.issuer.applications import Application
from vcred.issuer.chunk import CHUNK_CREDENTIALS, ChunkTask, RosterTerms, RowTask
from vcred.issuer.engines.outputs.output import Output, ToSign
from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import JournalEntry, Place, StatusValue
from vcred.issuer.known_rows import missing_copies, newest
from vcred.issuer.roster import RowNote
from vcred.issuer.roster_pass import RosterPass

NamedHolders = Mapping[str, str | tuple[Application, ...]]
"""Row id to a holder's DID, or to what the holders of its copies have sent."""


@dataclass(slots=True)
class ChunkRow:
    """One row on its way through a run.

    Attributes:
        raw: As it stands in the file.
        is_repeated: Its row id came before in this roster.
        applications: Holders that were named beside the roster; None: its own column counts.
        known: What was issued for it before (`known_rows.that_count`).
        copies: Which copies are to be signed.
        places: One for each of them.
        replaces: What was issued before is to be revoked.
        flags: That its person came before; known once the row was worked on.
    """

    raw: RawRow
    is_repeated: bool
    applications: tuple[Application, ...] | None
    known: Sequence[JournalEntry]
    copies: tuple[int, ...]
    places: Sequence[Place] = ()
    replaces: bool = False
    flags: tuple[RowNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Rows that are handed out together."""

    task: ChunkTask
    rows: Sequence[ChunkRow]


@dataclass(slots=True, kw_only=True)
class Places:
    """Places of one type, dealt as they are needed. `clock`: for the hours in which the key signs."""

    store: IssuerStore
    vct: str
    status_base: str
    at: int
    clock: Clock
    _spare: list[Place] = field(default_factory=list)

    def take(self, count: int) -> list[Place]:
        """Return places that nobody has, durable in the store, for what is signed next.

        Raises:
            RefusedError: APPROVAL_REQUIRED: so many in 24 hours need a second person; or RATE_LIMITED:
                the hours in which the key signs are over.
        """
        self.store.changes.require_open(at=int(self.clock().timestamp()))
        lacking = count - len(self._spare)
        if lacking > 0:
            self._spare += self.store.deal(self.vct, self.status_base, lacking, at=self.at)
        taken, self._spare = self._spare[:count], self._spare[count:]
        return taken

    def give_back(self, places: Iterable[Place]) -> None:
        """Keep places with which nothing was signed, for later rows."""
        self._spare += places


class ChunkMaker:
    """Makes the chunks of one pass over a roster."""

    def __init__(
        self,
        roster: RosterPass,
        terms: RosterTerms,
        *,
        is_for_paper: bool,
        holder_column: str | None,
        named: NamedHolders,
        store: IssuerStore,
        places: Places | None,
        output: Output | None,
    ) -> None:
        """Take what all rows have in common.

        Args:
            roster: Of this pass.
            is_for_paper: A row without a holder gets a credential, too.
            holder_column: Where the roster itself may name a holder.
            named: Holders that were named beside the roster.
            places: None: the rows are only checked, nothing is dealt.
            output: Where they go; None likewise.
        """
        self._roster = roster
        self._terms = terms
        self._is_for_paper = is_for_paper
        header = terms.header
        self._holder = header.index(holder_column) if holder_column in header else None
        self._named = named
        self._store = store
        self._places = places
        self._output = output
        self._rows_each = max(1, CHUNK_CREDENTIALS // terms.copies)
        self._all_copies = tuple(range(terms.copies))

    def iter_chunks(self, rows: Iterable[RawRow]) -> Iterator[Chunk]:
        """Yield the rows of a file, chunk by chunk."""
        source = iter(rows)
        while taken := list(islice(source, self._rows_each)):
            yield self._handed_out(self._known_rows(taken))

    def replacing(self, rows: Sequence[ChunkRow]) -> Iterator[Chunk]:
        """Yield rows once more, now to be signed anew, all copies, in place of what was issued before."""
        for start in range(0, len(rows), self._rows_each):
            again = rows[start : start + self._rows_each]
            for row in again:
                row.copies, row.places, row.replaces = self._all_copies, (), True
            yield self._handed_out(again)

    def is_full(self, rows: Sequence[ChunkRow]) -> bool:
        """Say whether so many rows make a chunk."""
        return len(rows) >= self._rows_each

    def _known_rows(self, rows: Sequence[RawRow]) -> list[ChunkRow]:
        row_ids = [None if row.fault else self._roster.row_id(row.cells) for row in rows]
        repeated = [row_id is not None and self._roster.has_met_row(row_id) for row_id in row_ids]
        wanted = [
            row_id
            for row_id, is_repeated in zip(row_ids, repeated, strict=True)
            if row_id is not None and not is_repeated
        ]
        issued = self._store.issued(self._terms.vct, wanted)
        return [
            self._row(row, row_id, issued)
            if row_id is not None and not is_repeated
            else ChunkRow(row, is_repeated, None, (), ())
            for row, row_id, is_repeated in zip(rows, row_ids, repeated, strict=True)
        ]

    def _row(self, raw: RawRow, row_id: str, issued: Mapping[str, Sequence[JournalEntry]]) -> ChunkRow:
        applications = _applications(self._named.get(row_id))
        known = issued.get(row_id, ())
        copies: tuple[int, ...] = ()
        vct = self._terms.vct
        # Of a row that is revoked or suspended, or has a credential of another version, no copy is
        # signed, whatever the worker finds in it.
        is_valid = all(entry.value is StatusValue.VALID and entry.vct == vct for entry in known)
        if is_valid and self._may_be_signed(raw, applications):
            copies = missing_copies(newest(known, vct), self._terms.copies) if known else self._all_copies
        return ChunkRow(raw, False, applications, known, copies)

    def _may_be_signed(self, raw: RawRow, applications: Sequence[Application] | None) -> bool:
        """Whether a place is likely to be used: this is no check."""
        if self._places is None:
            return False
        if self._is_for_paper:
            return True
        if applications is not None:
            return bool(applications)
        return self._holder is not None and bool(raw.cells[self._holder])

    def _handed_out(self, rows: Sequence[ChunkRow]) -> Chunk:
        if self._output is not None:
            self._output.refuse_taken(self._to_sign(rows), sealed=self._terms.sealed)
        count = sum([len(row.copies) for row in rows])
        if count and self._places is not None:
            places = iter(self._places.take(count))
            for row in rows:
                if row.copies:
                    row.places = tuple(islice(places, len(row.copies)))
        return Chunk(task=ChunkTask(self._terms, tuple([_task(row) for row in rows])), rows=rows)

    def _to_sign(self, rows: Sequence[ChunkRow]) -> Iterator[ToSign]:
        for row in rows:
            row_id = self._roster.row_id(row.raw.cells) if row.copies else None
            if row_id is not None:
                generation = _generation(row, self._terms.vct)
                yield from [ToSign(row_id, copy, generation) for copy in row.copies]


def _generation(row: ChunkRow, vct: str) -> int:
    """Return how often a row was issued anew, with what is signed of it now."""
    if not row.known:
        return 0
    return row.known[-1].generation + 1 if row.replaces else newest(row.known, vct)[-1].generation


def _task(row: ChunkRow) -> RowTask:
    raw = row.raw
    statuses = tuple([(place.uri, place.index) for place in row.places])
    return RowTask(
        raw.line,
        raw.cells,
        raw.fault,
        raw.numbers,
        row.is_repeated,
        row.applications,
        row.copies,
        statuses,
    )


def _applications(given: str | tuple[Application, ...] | None) -> tuple[Application, ...] | None:
    return (Application(did=given),) if isinstance(given, str) else given
