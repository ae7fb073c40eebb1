# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Run one roster from file to credentials: batch by batch, so that memory does not grow with it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from vcred.errors import DecodeError, KeyMaterialError, RefusedError, SchemaError
from vcred.issuer.applications import Application, Applications, verify_application
from vcred.issuer.engines.batch import BatchIssuer, IssuedCredential
from vcred.issuer.engines.csv_reader import encoding_name, read_rows
from vcred.issuer.issuing import PlannedCredential, file_name, plan_copies
from vcred.issuer.journal import JournalEntry, Refusal
from vcred.issuer.possession import HolderKey
from vcred.issuer.roster import ReadyRow, RowNote
from vcred.issuer.roster_pass import RosterPass
from vcred.issuer.summary import Progress, Summary, Tally
from vcred.issuer.terms import IssuingTerms

BATCH_ROWS: Final = 256

OTHER_CONTENT: Final = "issued before with other content"
OTHER_KEY: Final = "issued before, to another key"

OnProgress: TypeAlias = Callable[[Progress], None]
_Planned: TypeAlias = tuple[ReadyRow, tuple[PlannedCredential, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterJob:
    """What is to be done: which file, for whom, how many copies, into which folder.

    `size_bytes` of the file is for the progress only; None where nobody knows it.
    """

    file: BinaryIO
    encoding: str
    applications: Applications
    copies: int
    out: Path
    now: datetime
    size_bytes: int | None = None


def run_roster(
    job: RosterJob, *, terms: IssuingTerms, batch: BatchIssuer, on_progress: OnProgress | None
) -> Summary:
    """Issue every row of a roster that is in order, and report every one that is not.

    Raises:
        DecodeError, UsageError: The file as a whole cannot be read.
        StoreError: The disk refuses; run the same roster again to go on.
    """
    tally = Tally()
    for rows in _batched(_iter_planned(job, terms, tally), BATCH_ROWS):
        _issue_rows(rows, job, terms, batch, tally)
        if on_progress is not None:
            on_progress(tally.progress(percent=_percent(job)))
    return tally.summary()


def _percent(job: RosterJob) -> int | None:
    return min(100, 100 * job.file.tell() // job.size_bytes) if job.size_bytes else None


def _iter_planned(job: RosterJob, terms: IssuingTerms, tally: Tally) -> Iterator[_Planned]:
    encoding = encoding_name(job.encoding)
    rows = read_rows(job.file, encoding)
    header = next(rows)
    roster = RosterPass(terms.definition, header.cells, encoding=encoding, now=job.now)
    for raw in rows:
        tally.rows += 1
        row = roster.read(raw.line, raw.cells, raw.fault)
        if isinstance(row, RowNote):
            tally.refuse(row)
            continue
        applications = _applications_of(row, job)
        if not applications and not terms.definition.paper:
            tally.waiting += 1
            continue
        try:
            holders = _holder_keys(applications, terms, job)
            planned = plan_copies(row.row_id, row.claims, holders, terms, copies=job.copies)
        except SchemaError as error:
            tally.refuse(_note(row, error.path, error.rule))
            continue
        yield row, planned


def _applications_of(row: ReadyRow, job: RosterJob) -> Sequence[Application]:
    given = job.applications.get(row.row_id)
    if given is not None:
        return given
    return () if row.holder is None else (Application(did=row.holder),)


def _holder_keys(applications: Sequence[Application], terms: IssuingTerms, job: RosterJob) -> list[HolderKey]:
    try:
        return [verify_application(item, audience=terms.issuer.did, now=job.now) for item in applications]
    except RefusedError as error:
        raise SchemaError("holder", f"refused ({error.reason})") from error
    except (DecodeError, KeyMaterialError) as error:
        raise SchemaError("holder", f"refused ({error.code})") from error


def _issue_rows(
    rows: Sequence[_Planned], job: RosterJob, terms: IssuingTerms, batch: BatchIssuer, tally: Tally
) -> None:
    outcomes = iter(batch.issue([item for _, items in rows for item in items]))
    files: list[tuple[Path, IssuedCredential]] = []
    for row, items in rows:
        results = list(islice(outcomes, len(items)))
        refusal = next((result for result in results if isinstance(result, Refusal)), None)
        if refusal is None:
            tally.flag(row.flags)
            _check_keys(row, items, results, batch, tally)
        else:
            tally.refuse(_refused(row, refusal, terms))
        for item, result in zip(items, results, strict=True):
            path = job.out / file_name(item.row_id, item.copy)
            # A copy that has its place leaves, also when another one of the row is refused.
            if isinstance(result, IssuedCredential):
                files.append((path, result))
                tally.expired += _is_expired(item, terms, job)
            elif isinstance(result, JournalEntry):
                tally.skipped += 1
                tally.missing += not path.exists()
    batch.deliver(files)
    tally.issued += len(files)


def _check_keys(
    row: ReadyRow,
    items: Sequence[PlannedCredential],
    results: Sequence[IssuedCredential | JournalEntry | Refusal],
    batch: BatchIssuer,
    tally: Tally,
) -> None:
    """Tell of a row whose credential is bound to another key: its holder of now has nothing."""
    entries = [result.entry if isinstance(result, IssuedCredential) else result for result in results]
    bound = [entry for entry in entries if isinstance(entry, JournalEntry)]
    if not all(batch.is_to(item, bound) for item in items):
        tally.note_other_key(_note(row, "holder", OTHER_KEY))


def _refused(row: ReadyRow, refusal: Refusal, terms: IssuingTerms) -> RowNote:
    if refusal is Refusal.OTHER_CONTENT:
        return _note(row, terms.definition.roster.row_id, OTHER_CONTENT)
    return _note(row, "holder", "refused (nonce_wrong)")


def _is_expired(item: PlannedCredential, terms: IssuingTerms, job: RosterJob) -> bool:
    expires_at = terms.definition.expires_at(item.claims)
    return expires_at is not None and expires_at <= job.now.timestamp()


def _note(row: ReadyRow, column: str, rule: str) -> RowNote:
    return RowNote(row_id=row.row_id, line=row.line, column=column, rule=rule)


def _batched(rows: Iterator[_Planned], size: int) -> Iterator[list[_Planned]]:
    batch: list[_Planned] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
