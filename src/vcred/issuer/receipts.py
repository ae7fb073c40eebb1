# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Receipts: which row became which credential, and how possession of its key was shown.

Without a receipt's `credential_id` or `row_id` nothing can be taken back. There are no
claims in it. Both tables here are opened in spreadsheets, so that every cell which one
would take for a formula is neutralised (threats ISS-18).
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vcred.credential.status_reference import StatusReference
from vcred.issuer.journal import EntryState, JournalEntry
from vcred.issuer.possession import Possession
from vcred.issuer.roster import RowNote

_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")
_COLUMNS: Final = (
    "row_id",
    "credential_id",
    "type",
    "copy",
    "possession",
    "issued_at",
    "status_uri",
    "status_index",
    "state",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the issuer can say about one credential it issued."""

    row_id: str
    credential_id: str
    vct: str
    copy: int
    possession: Possession
    issued_at: int
    status: StatusReference
    state: EntryState


def receipt_of(entry: JournalEntry) -> Receipt:
    """Return the receipt for an entry of the journal; it holds nothing of the signed text."""
    return Receipt(
        row_id=entry.key.row_id,
        credential_id=entry.credential_id,
        vct=entry.key.vct,
        copy=entry.key.copy,
        possession=entry.possession,
        issued_at=entry.issued_at,
        status=entry.status,
        state=entry.state,
    )


def encode_receipts(receipts: Iterable[Receipt]) -> bytes:
    """Write receipts as CSV in UTF-8, safe to open in a spreadsheet."""
    return _encode(
        _COLUMNS,
        (
            (
                receipt.row_id,
                receipt.credential_id,
                receipt.vct,
                str(receipt.copy),
                receipt.possession,
                str(receipt.issued_at),
                receipt.status.uri,
                str(receipt.status.index),
                receipt.state,
            )
            for receipt in receipts
        ),
    )


def encode_row_notes(notes: Iterable[RowNote]) -> bytes:
    """Write refused or flagged rows as CSV in UTF-8, safe to open in a spreadsheet."""
    rows = ((note.row_id, str(note.line), note.column, note.rule) for note in notes)
    return _encode(("row_id", "line", "column", "rule"), rows)


def neutralise(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would compute instead of show."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _encode(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([neutralise(cell) for cell in row] for row in rows)
    # A row id may hold half a surrogate: it was never text in the roster's encoding.
    return text.getvalue().encode("utf-8", "replace")
