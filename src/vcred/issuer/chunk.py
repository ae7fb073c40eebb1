# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A chunk of a roster: what a worker is told, what it does, what it answers.

    rows of text, with places in a status list -> claims -> checked -> digests, signed texts

A worker has the issuer's key and nothing else: no store, no secret of the store, no clock. All
that it needs comes with the task, so that any worker may do any chunk, again if need be, in
this process, in another, on another machine. The places are durable before a task is handed
out. The same task twice gives two texts of one place: the caller lets one of them leave.

A task says which key signs, by its DID URL and public half, and never carries it.

Spec: RFC 9901 section 10.1; threats ISS-14, ISS-17.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from vcred.credential.type_definition import TypeDefinition, parse_type_definition
from vcred.errors import DecodeError, KeyMaterialError, RefusedError, SchemaError
from vcred.issuer.applications import Application, verify_application
from vcred.issuer.possession import HolderKey
from vcred.issuer.roster import ReadyRow, RowNote
from vcred.issuer.row_reader import RowReader
from vcred.issuer.row_signer import PlannedRow, RowDone, RowPlanner, RowSigner, write_rows
from vcred.issuer.terms import IssuerName, IssuingTerms
from vcred.keys.signer import Signer

CHUNK_CREDENTIALS: Final = 512
"""Most credentials in a chunk: a good tenth of a second for a worker, 2 MB of texts."""

_KEPT_TYPES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterTerms:
    """What all chunks of one roster have in common.

    Attributes:
        definition: The type, encoded.
        issued_at: `iat` of the credentials, seconds since 1970.
        header: The columns, in the order of the file.
        encoding: Named in the fault of a cell that could not be decoded.
        copies: How many credentials each row gets.
        now: Time of the run, UTC.
        sealed: Each text is sealed to its holder's key.
        version: Of the vcred that made the task.
    """

    issuer: IssuerName
    vct: str
    definition: bytes
    status_base: str
    issued_at: int
    header: tuple[str, ...]
    encoding: str
    copies: int
    now: datetime
    sealed: bool
    version: str


# Rows go to workers by the million: a named tuple is pickled in a third of the time that a frozen
# dataclass takes.
class RowTask(NamedTuple):
    """One row to be worked on.

    Attributes:
        line: Number of its first line; the header is line 1.
        fault: What makes it unreadable as a whole, or None.
        is_repeated: Its row id came before in this roster.
        numbers: Indices of cells that were numbers in the file, not text.
        applications: Holders that were named beside the roster; None: its own column counts.
        copies: Which copies to sign, from 0; none: the row is only checked.
        statuses: A place in a status list for each of them: URI and index.
    """

    line: int
    cells: tuple[str, ...]
    fault: str | None
    numbers: tuple[int, ...]
    is_repeated: bool
    applications: tuple[Application, ...] | None
    copies: tuple[int, ...] = ()
    statuses: tuple[tuple[str, int], ...] = ()


class RowWaiting(NamedTuple):
    """A row that is in order and has no holder, of a type that is not for paper.

    `flags`: What deserves a second look.
    """

    row_id: str
    flags: tuple[RowNote, ...] = ()


RowOutcome: TypeAlias = RowDone | RowWaiting | RowNote
"""A `RowNote` says why the row is refused."""

_Finish: TypeAlias = Callable[[Sequence[PlannedRow]], list[RowDone | SchemaError]]


class ChunkTask(NamedTuple):
    """Rows to be worked on, and what they have in common."""

    terms: RosterTerms
    rows: tuple[RowTask, ...]


class ChunkResult(NamedTuple):
    """An outcome for each row of the task, in order."""

    rows: tuple[RowOutcome, ...]


def work_chunk(task: ChunkTask, signer: Signer) -> ChunkResult:
    """Make every row of a chunk ready, or say what is wrong with it, and sign what is to be signed.

    Args:
        task: Its places are durable.
        signer: The key that `task.terms.issuer` names.

    Raises:
        ValueError: The signer is another key.
        RuntimeError: The source of random bytes is broken; nothing of the chunk may leave.
        StoreError: The signer cannot sign.
    """
    if signer.public_key != task.terms.issuer.key:
        raise ValueError("a chunk was handed to another key than its own")
    return ChunkResult(_outcomes(task.terms, task.rows, lambda planner: RowSigner(planner, signer).sign_all))


def unsigned_outcomes(terms: RosterTerms, rows: Sequence[RowTask]) -> tuple[RowOutcome, ...]:
    """Return what `work_chunk` would answer of rows, but for the texts: to see whether a worker did it."""

    def measure(rows: Sequence[PlannedRow]) -> list[RowDone | SchemaError]:
        written = write_rows(rows, terms.issuer.key.algorithm)
        return [
            texts if isinstance(texts, SchemaError) else row.done
            for row, texts in zip(rows, written, strict=True)
        ]

    return _outcomes(terms, rows, lambda _: measure)


def _outcomes(
    terms: RosterTerms, tasks: Sequence[RowTask], finish: Callable[[RowPlanner], _Finish]
) -> tuple[RowOutcome, ...]:
    work = _ChunkWork(terms)
    rows = work.planned(tasks)
    done = iter(finish(work.planner)([row for row in rows if isinstance(row, PlannedRow)]))
    return tuple(
        [
            _outcome(task, row, next(done)) if isinstance(row, PlannedRow) else row
            for task, row in zip(tasks, rows, strict=True)
        ]
    )


@lru_cache(maxsize=_KEPT_TYPES)
def _definition(encoded: bytes) -> TypeDefinition:
    return parse_type_definition(encoded)


class _BoundRow(NamedTuple):
    ready: ReadyRow
    holders: list[HolderKey]


class _ChunkWork:
    """What is the same for all rows of a chunk."""

    def __init__(self, terms: RosterTerms) -> None:
        definition = _definition(terms.definition)
        self._reader = RowReader(definition, terms.header, encoding=terms.encoding, now=terms.now)
        self.planner = RowPlanner(
            IssuingTerms(
                issuer=terms.issuer,
                vct=terms.vct,
                definition=definition,
                status_base=terms.status_base,
                issued_at=terms.issued_at,
            ),
            copies=terms.copies,
            sealed=terms.sealed,
            now=terms.now,
        )
        self._is_for_paper = definition.paper
        self._audience = terms.issuer.did
        self._now = terms.now

    def planned(self, tasks: Sequence[RowTask]) -> list[PlannedRow | RowWaiting | RowNote]:
        """Make rows ready to be signed, or say what is wrong with them."""
        # Step by step, each over the whole chunk. Row by row the same work takes a fifth more: a signature
        # and the check of a key each sweep the processor's cache, and what runs between them starts cold.
        rows = [self._read(task) for task in tasks]
        bound = [self._bind(task, row) for task, row in zip(tasks, rows, strict=True)]
        return [self._plan(task, row) for task, row in zip(tasks, bound, strict=True)]

    def _read(self, task: RowTask) -> ReadyRow | RowNote:
        return self._reader.read(
            task.line, task.cells, task.fault, numbers=task.numbers, is_repeated=task.is_repeated
        )

    def _bind(self, task: RowTask, row: ReadyRow | RowNote) -> _BoundRow | RowWaiting | RowNote:
        if isinstance(row, RowNote):
            return row
        applications = _applications_of(task, row)
        if not applications and not self._is_for_paper:
            return RowWaiting(row.row_id, row.flags)
        try:
            return _BoundRow(row, self._holders(applications))
        except SchemaError as error:
            return _note(row.row_id, row.line, error)

    def _plan(
        self, task: RowTask, row: _BoundRow | RowWaiting | RowNote
    ) -> PlannedRow | RowWaiting | RowNote:
        if not isinstance(row, _BoundRow):
            return row
        try:
            return self.planner.plan(row.ready, row.holders, task.copies, task.statuses)
        except SchemaError as error:
            return _note(row.ready.row_id, row.ready.line, error)

    def _holders(self, applications: Sequence[Application]) -> list[HolderKey]:
        try:
            return [verify_application(item, audience=self._audience, now=self._now) for item in applications]
        except RefusedError as error:
            raise SchemaError("holder", f"refused ({error.reason})") from error
        except (DecodeError, KeyMaterialError) as error:
            raise SchemaError("holder", f"refused ({error.code})") from error


def _outcome(task: RowTask, row: PlannedRow, done: RowDone | SchemaError) -> RowDone | RowNote:
    return _note(row.done.row_id, task.line, done) if isinstance(done, SchemaError) else done


def _note(row_id: str, line: int, error: SchemaError) -> RowNote:
    return RowNote(row_id=row_id, line=line, column=error.path, rule=error.rule)


def _applications_of(task: RowTask, row: ReadyRow) -> Sequence[Application]:
    if task.applications is not None:
        return task.applications
    return () if row.holder is None else (Application(did=row.holder),)
