# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Run one roster from file to credentials: chunk by chunk, so that memory does not grow with it.

    rows -> chunks (places durable) -> workers -> judged -> journal and outbox -> output -> erased

Chunks come back in the order of the file. A run that is stopped anywhere loses nothing: what was
kept is delivered first by the next run into the same output, what was not is signed anew, at
another place.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vcred.clock import Clock
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import StoreError
from vcred.issuer.answer_check import AnswerCheck
from vcred.issuer.chunk import RosterTerms
from vcred.issuer.engines.outputs.output import Output
from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.issuer.engines.runs.outbox_desk import OutboxDesk, require_sealed
from vcred.issuer.engines.runs.replacing import Replacements
from vcred.issuer.engines.runs.roster_chunks import Chunk, ChunkMaker, ChunkRow, NamedHolders, Places
from vcred.issuer.engines.runs.row_outcomes import ISSUED_RULES, Judged, RowJudge, SignedOne
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.engines.workers.chunk_engine import ChunkEngine, iter_worked
from vcred.issuer.journal import EntryState, JournalEntry, Refusal
from vcred.issuer.known_rows import is_at
from vcred.issuer.roster_pass import RosterPass
from vcred.issuer.summary import Progress, Tally

OnProgress: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterJob:
    """What is to be done with a roster.

    Attributes:
        terms: What all its credentials have in common.
        definition: The type.
        named: Holders that were named beside the roster.
        reissue: A row that was issued before with other content, under another version, to another
            key, or that was revoked, is issued anew, and the former credential revoked.
        at: When the run began, in seconds since 1970.
        clock: Gives now.
        on_progress: Called after each chunk.
        elsewhere: The workers are on other machines.
    """

    terms: RosterTerms
    definition: TypeDefinition
    named: NamedHolders
    reissue: bool
    at: int
    clock: Clock
    on_progress: OnProgress | None
    elsewhere: bool = False


class RosterRun:
    """One pass over a roster: it checks, or with an output it issues. Use it once."""

    def __init__(
        self, job: RosterJob, *, store: IssuerStore, desk: OutboxDesk, output: Output | None
    ) -> None:
        """Begin a pass.

        Args:
            output: None: every row is checked, and nothing is dealt, signed or written.

        Raises:
            DecodeError: The header of the roster does not suit the type.
        """
        mapping = job.definition.roster
        roster = RosterPass(job.definition, job.terms.header)
        self.tally = Tally()
        self._job = job
        self._roster = roster
        self._desk = desk
        self._output = output
        self._places = Places(
            store=store, vct=job.terms.vct, status_base=job.terms.status_base, at=job.at, clock=job.clock
        )
        self._answers = AnswerCheck(job.terms, job.definition, elsewhere=job.elsewhere)
        self._maker = ChunkMaker(
            roster,
            job.terms,
            is_for_paper=job.definition.paper,
            holder_column=mapping.holder,
            named=job.named,
            store=store,
            places=None if output is None else self._places,
            output=output,
        )
        self._judge = RowJudge(
            roster,
            self.tally,
            vct=job.terms.vct,
            secret=store.digest_keys,
            row_id_column=mapping.row_id,
            reissue=job.reissue,
        )
        self.replacements = Replacements(store, at=job.at)
        self._again: list[ChunkRow] = []
        self._resumed: set[str] = set()
        # One for each chunk that is out, in their order.
        self._positions: deque[int | None] = deque()
        self._position: int | None = None
        self._error: StoreError | None = None

    def run(self, rows: Iterable[RawRow], engine: ChunkEngine, position: Callable[[], int | None]) -> None:
        """Take every row to its end; the `tally` says what came of them.

        Args:
            rows: After the header, in the order of the file.
            position: How much of the file was read, in percent.

        Raises:
            RefusedError: APPROVAL_REQUIRED: so many new credentials need a second person; or RATE_LIMITED:
                the hours in which the key signs are over. What was handed out before has come to its end.
            UsageError: It seals, and what it would deliver of an earlier run is not sealed.
            StoreError: The disk refuses, nobody can sign, or a worker answers what it was not asked;
                run it again to go on.
        """
        if self._output is not None:
            self._resumed = self._desk.resume(self._output, sealed=self._job.terms.sealed)
            self.tally.issued += len(self._resumed)
            self.tally.resumed = len(self._resumed)
        for chunks in (self._chunks(rows, position), self._replacing()):
            for chunk, result in iter_worked(engine, self._up_to_error(chunks)):
                self._answers.check(chunk.task, result)
                self._finish(self._judge.judge(chunk, result, issued_at=self._job.terms.issued_at))
                self._tell(self._positions.popleft())
            if self._error is not None:
                raise self._error
        for row_id in self._job.named:
            if not self._roster.knows_row(row_id):
                self.tally.note_unknown_holder(row_id)

    def _up_to_error(self, chunks: Iterable[Chunk]) -> Iterable[Chunk]:
        """Yield chunks up to one that cannot be made: what is out comes to its end before that is told."""
        try:
            yield from chunks
        except StoreError as error:
            self._error = error

    def _chunks(self, rows: Iterable[RawRow], position: Callable[[], int | None]) -> Iterable[Chunk]:
        for chunk in self._maker.iter_chunks(rows):
            # Of the file as far as this chunk: the reader is ahead of what is done.
            self._position = position()
            self._positions.append(self._position)
            yield chunk
            if self._maker.is_full(self._again):
                yield from self._replacing()

    def _replacing(self) -> Iterable[Chunk]:
        again, self._again = self._again, []
        for chunk in self._maker.replacing(again):
            self._positions.append(self._position)
            yield chunk

    def _tell(self, percent: int | None) -> None:
        if self._job.on_progress is not None:
            checking = self._output is None
            self._job.on_progress(self.tally.progress(percent=percent, checking=checking))

    def _finish(self, judged: Judged) -> None:
        again = self.replacements.admit(judged.again)
        if self._output is None:
            self.tally.to_reissue += len(judged.again)
            self._count_known(judged.known, None)
        else:
            self._again += again
            if not self._job.elsewhere:
                # A worker elsewhere may have signed a row that it refused, and kept the text: no other row
                # gets that place.
                self._places.give_back(judged.unused)
            self._issue(judged.signed, judged, self._output)
            self._count_known(judged.known, self._output)
        self.tally.approval_rows = self.replacements.rows

    def _issue(self, signed: Sequence[SignedOne], judged: Judged, output: Output) -> None:
        """Keep and deliver new texts; count the rows that the store refuses."""
        if not signed:
            return
        recorded, items = self._desk.keep(
            self._job.terms.vct,
            [item.signed for item in signed],
            destination=output.destination,
            offset=output.offset,
            at=self._job.at,
        )
        if recorded.chunk is not None:
            self._desk.deliver(recorded.chunk, items, output)
        for item, outcome in zip(signed, recorded.outcomes, strict=True):
            if isinstance(outcome, Refusal):
                self._refuse(item, outcome)
            else:
                self._count_issued(item, outcome, judged)

    def _refuse(self, item: SignedOne, refusal: Refusal) -> None:
        if refusal is Refusal.NONCE_USED:
            self._judge.refuse_nonce(item.row, item.done.row_id)
        elif refusal in ISSUED_RULES:
            self._judge.refuse_issued(item.row, item.done.row_id, ISSUED_RULES[refusal])
        else:
            self.replacements.set_aside(item.row)

    def _count_issued(self, item: SignedOne, entries: Sequence[JournalEntry], judged: Judged) -> None:
        is_other_key = False
        for copy, entry in zip(item.signed.copies, entries, strict=True):
            if is_at(entry, copy.place):
                self.tally.issued += 1
                self.tally.expired += item.done.is_expired
                self.tally.reissued += item.row.replaces
            else:
                # Another process was first, and its text counts.
                judged.known.append((entry, item.done.is_expired))
                is_other_key |= entry.holder not in (None, copy.holder)
        if is_other_key:
            self._judge.note_other_key(item.row, item.done.row_id)

    def _count_known(self, known: Sequence[tuple[JournalEntry, bool]], output: Output | None) -> None:
        """Count what was issued before; what still waits for another output leaves by this one."""
        if not known:
            return
        expired = {entry.credential_id for entry, is_expired in known if is_expired}
        waiting = {entry.credential_id for entry, _ in known if entry.state is EntryState.SIGNED}
        taken = self._resumed if output is None else self._resumed | self._take(waiting, output)
        for entry, _ in known:
            if entry.credential_id in taken:
                self.tally.expired += entry.credential_id in expired
                continue
            self.tally.skipped += 1
            self.tally.missing += output is not None and output.lacks(entry)

    def _take(self, credential_ids: set[str], output: Output) -> set[str]:
        taken: set[str] = set()
        for found in self._desk.found(credential_ids):
            if self._job.terms.sealed:
                require_sealed(found.asked)
            self._desk.take(found, sinks=output.write(found.asked))
            taken.update(item.credential_id for item in found.asked)
        self.tally.issued += len(taken)
        return taken
