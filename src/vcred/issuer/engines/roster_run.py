# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Run one roster from file to credentials: batch by batch, so that memory does not grow with it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from vcred.errors import DecodeError, KeyMaterialError, RefusedError, SchemaError
from vcred.issuer.applications import Application, Applications, verify_application
from vcred.issuer.engines.batch import BatchIssuer, IssuedCredential
from vcred.issuer.engines.csv_reader import encoding_name, read_rows
from vcred.issuer.issuing import PlannedCredential, file_name, plan_copies
from vcred.issuer.possession import HolderKey
from vcred.issuer.roster import ReadyRow, RowNote
from vcred.issuer.roster_pass import RosterPass
from vcred.issuer.summary import Progress, Summary, Tally
from vcred.issuer.terms import IssuingTerms

BATCH_ROWS: Final = 256

OnProgress: TypeAlias = Callable[[Progress], None]
_Planned: TypeAlias = tuple[ReadyRow, tuple[PlannedCredential, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterJob:
    """What is to be done: which file, for whom, how many copies, into which folder."""

    file: BinaryIO
    encoding: str
    applications: Applications
    copies: int
    out: Path
    now: datetime


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
            on_progress(tally.progress())
    return tally.summary()


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
    planned = [item for _, items in rows for item in items]
    owners = [row for row, items in rows for _ in items]
    files: list[tuple[Path, IssuedCredential]] = []
    for row, item, outcome in zip(owners, planned, batch.issue(planned), strict=True):
        if outcome is None:
            tally.refuse(_note(row, "holder", "refused (nonce_wrong)"))
        elif isinstance(outcome, IssuedCredential):
            files.append((job.out / file_name(item.row_id, item.copy), outcome))
            tally.expired += _is_expired(item, terms, job)
        else:
            tally.skipped += 1
    batch.deliver(files)
    tally.issued += len(files)
    for row, _ in rows:
        tally.flag(row.flags)


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
