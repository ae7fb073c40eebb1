# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A roster that is a table of columns: its header, and its rows as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.limits import MAX_ROSTER_CELL_CHARACTERS, MAX_ROSTER_LINE_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that is open. `row_count` is about how many rows there are, for the progress."""

    header: tuple[str, ...]
    row_count: int
    rows: Iterator[RawRow]


def row_of(
    line: int, cells: Sequence[str], *, fault: str | None = None, numbers: tuple[int, ...] = ()
) -> RawRow:
    """Make a row that keeps the limits of a line of CSV; a cell over its limit stays so, but only just."""
    if sum(map(len, cells)) > MAX_ROSTER_LINE_BYTES:
        return RawRow(line=line, cells=(), fault=f"line longer than {MAX_ROSTER_LINE_BYTES} bytes")
    kept = tuple(cell[: MAX_ROSTER_CELL_CHARACTERS + 1] for cell in cells)
    return RawRow(line=line, cells=kept, fault=fault, numbers=numbers)
