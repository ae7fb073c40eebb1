# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Read a roster from a workbook (XLSX), with the extra `batch`.

Every cell is read as text. What a spreadsheet has made of a text before cannot be undone,
so it is told instead:

| the cell holds | what comes of it |
|---|---|
| text | that text, leading zeros and all |
| a number, a truth value | its text; the row is flagged where the type wants a text |
| a whole number of more than 15 digits | the row is refused: the spreadsheet has rounded it |
| a date | `2026-11-20` |
| a date with a time | the row is refused: it lacks its time zone |
| a formula, an error | the row is refused |

Runs in a process of its own (`table_process`): the whole sheet is in memory, at most
1,048,576 rows.

Spec: threats ISS-18.
"""

import re
from collections.abc import Iterator
from typing import Final

import fastexcel
import polars

from vcred.errors import DecodeError
from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.issuer.engines.rosters.sheet_scan import CellKind, SheetScan, scan_workbook
from vcred.issuer.engines.rosters.table import Table, row_of

_SLICE_ROWS: Final = 4096
_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]+")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?|true|false")
_MAX_EXACT_DIGITS: Final = 15
_DATE: Final = re.compile(r"([0-9]{4,5}-[0-9]{2}-[0-9]{2}) 00:00:00(?:\.0+)?")
_DATE_TIME: Final = re.compile(r"[0-9]{4,5}-[0-9]{2}-[0-9]{2} [0-9:.]+")

FORMULA_CELL: Final = "a formula, not text: paste its value as text"
ERROR_CELL: Final = "an error of the spreadsheet"
ROUNDED: Final = "a number of more than 15 digits, rounded by the spreadsheet: enter it as text"
WITHOUT_ZONE: Final = "a date and time without its time zone: enter it as text"


def open_workbook(path: str) -> Table:
    """Read the only sheet of a workbook.

    Raises:
        DecodeError, LimitExceededError: Not one plain table.
    """
    scan = scan_workbook(path)
    try:
        sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string")
    except fastexcel.FastExcelError as error:
        raise DecodeError("roster: the workbook cannot be read") from error
    frame = polars.DataFrame(sheet)
    rows = _iter_rows(frame, scan)
    header = next(rows, None)
    if header is None or header.line != 1 or header.fault is not None or header.numbers:
        raise DecodeError("roster: the first line is no header")
    return Table(header=header.cells, row_count=max(scan.last_row - 1, 0), rows=rows)


def _iter_rows(frame: polars.DataFrame, scan: SheetScan) -> Iterator[RawRow]:
    header: tuple[str, ...] = ()
    not_text = _iter_not_text(scan)
    ahead = next(not_text, None)
    for line, values in enumerate(_iter_values(frame), start=1):
        cells = ["" if value is None else value for value in values]
        header = header or tuple(cells)
        numbers: list[int] = []
        faults: list[str] = []
        while ahead is not None and ahead[0] <= line:
            row, column, kind = ahead
            if row == line and column < len(cells):
                cells[column], rule = _text_of(cells[column], kind)
                faults += [] if rule is None else [f"{header[column]}: {rule}"]
                numbers += [column] if _NUMBER.fullmatch(cells[column]) else []
            ahead = next(not_text, None)
        # An error of the spreadsheet has no text.
        if any(cells) or faults:
            yield row_of(line, cells, fault=faults[0] if faults else None, numbers=tuple(numbers))


def _iter_values(frame: polars.DataFrame) -> Iterator[tuple[str | None, ...]]:
    for part in frame.iter_slices(_SLICE_ROWS):
        yield from part.rows()


def _iter_not_text(scan: SheetScan) -> Iterator[tuple[int, int, int]]:
    numbers = iter(scan.not_text)
    return zip(numbers, numbers, numbers, strict=True)


def _text_of(cell: str, kind: int) -> tuple[str, str | None]:
    """Return the text of a cell that is none, and what is wrong with it."""
    if kind == CellKind.FORMULA:
        return cell, FORMULA_CELL
    if kind == CellKind.ERROR:
        return cell, ERROR_CELL
    date = _DATE.fullmatch(cell)
    if date is not None:
        return date[1], None
    if _DATE_TIME.fullmatch(cell):
        return cell, WITHOUT_ZONE
    if _WHOLE_NUMBER.fullmatch(cell) and len(cell.lstrip("-")) > _MAX_EXACT_DIGITS:
        return cell, ROUNDED
    return cell, None
