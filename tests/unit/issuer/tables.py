# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The same rows as CSV, as a workbook and as Parquet; and workbooks that somebody has tampered with."""

import csv
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars
import xlsxwriter

from tests.architecture.source import PROJECT
from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.issuer.engines.rosters.roster_file import open_rows

ROSTERS = PROJECT / "examples" / "rosters"
SHEET = "xl/worksheets/sheet1.xml"


def read_all(path: Path, encoding: str = "utf-8") -> tuple[tuple[str, ...], list[RawRow]]:
    """The header of a roster, and all its rows."""
    with open_rows(path, encoding) as roster:
        return roster.header, list(roster.rows)


def texts_of(name: str) -> list[list[str]]:
    """The cells of a shipped roster in UTF-8, the header first."""
    with (ROSTERS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> Path:
    """Write rows as CSV."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Write rows as a workbook: texts as text, all else as a spreadsheet would have it."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        # The same bytes for the same rows: they are damaged at places that are drawn.
        book.set_properties({"created": datetime(2026, 11, 20, tzinfo=UTC)})
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                write = sheet.write_string if isinstance(cell, str) else sheet.write
                write(number, column, cell)
    return path


def write_parquet(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write rows as Parquet, every column as text."""
    header, *body = rows
    columns = {name: [row[index] for row in body] for index, name in enumerate(header)}
    polars.DataFrame(columns, schema=dict.fromkeys(header, polars.String)).write_parquet(path)
    return path


def tampered(path: Path, changes: Mapping[str, Callable[[bytes], bytes]]) -> Path:
    """Change parts of a workbook; a part that it lacks is added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    out = path.with_name("tampered.xlsx")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in [*parts, *(name for name in changes if name not in parts)]:
            change = changes.get(name)
            data = parts.get(name, b"")
            archive.writestr(name, data if change is None else change(data))
    return out


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """A change that must find what it replaces, and finds it once."""

    def change(data: bytes) -> bytes:
        assert data.count(old) >= 1, "nothing to replace"
        return data.replace(old, new, 1)

    return change
