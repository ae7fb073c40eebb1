# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Read a roster from a Parquet file, with the extra `batch`.

Text stays text. A column of another type is taken where its text is exact and means the
same to everybody: whole numbers, dates, categories of text. Fractions, times, truth values,
bytes and nested columns are refused by name: what text was meant, nobody can know.

Runs in a process of its own (`table_process`); the file is read a piece at a time.

Spec: threats ISS-18.
"""

from collections.abc import Iterator
from typing import Final

import polars
from polars.exceptions import PolarsError

from vcred.errors import DecodeError, LimitExceededError
from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.issuer.engines.rosters.table import Table, row_of
from vcred.limits import MAX_ROSTER_CELL_CHARACTERS, MAX_ROSTER_COLUMNS, MAX_ROSTER_TABLE_ROWS

_SLICE_ROWS: Final = 65_536
_DATE_FORM: Final = "%Y-%m-%d"


def open_parquet(path: str) -> Table:
    """Read a Parquet file.

    Raises:
        DecodeError, LimitExceededError: Not a Parquet file, or a column that is no text.
    """
    try:
        scan = polars.scan_parquet(path, glob=False, hive_partitioning=False, low_memory=True)
        schema = scan.collect_schema()
        _check_columns(schema)
        row_count = int(scan.select(polars.len()).collect().item())
    except (PolarsError, OSError) as error:
        raise DecodeError("roster: not a Parquet file, or a damaged one") from error
    if row_count > MAX_ROSTER_TABLE_ROWS:
        raise LimitExceededError(f"roster: more than {MAX_ROSTER_TABLE_ROWS} rows")
    texts = scan.select(_text_of(name, kind) for name, kind in schema.items())
    return Table(header=tuple(schema), row_count=row_count, rows=_iter_rows(texts, row_count))


def _check_columns(schema: polars.Schema) -> None:
    if not schema:
        raise DecodeError("roster: the file has no columns")
    if len(schema) > MAX_ROSTER_COLUMNS:
        raise LimitExceededError(f"roster: more than {MAX_ROSTER_COLUMNS} columns")
    for name, kind in schema.items():
        if not _is_exact(kind):
            raise DecodeError(
                f"roster: column {name} is {kind.base_type().__name__}, not text",
                hint="write it as text, or leave it out",
            )


def _is_exact(kind: polars.DataType) -> bool:
    texts = (polars.String, polars.Categorical, polars.Enum, polars.Date, polars.Null)
    return kind.is_integer() or kind.base_type() in texts


def _text_of(name: str, kind: polars.DataType) -> polars.Expr:
    column = polars.col(name)
    if kind.base_type() is polars.Date:
        return column.dt.strftime(_DATE_FORM)
    # A dictionary of one long text makes a million cells of a few bytes: cut before they are copied.
    return column.cast(polars.String).str.slice(0, MAX_ROSTER_CELL_CHARACTERS + 1)


def _iter_rows(texts: polars.LazyFrame, row_count: int) -> Iterator[RawRow]:
    # The header of other kinds of file is line 1.
    line = 1
    try:
        # The library's own batches run ahead of whoever takes them, up to the whole file in memory.
        for offset in range(0, row_count, _SLICE_ROWS):
            for values in texts.slice(offset, _SLICE_ROWS).collect().iter_rows():
                line += 1
                yield row_of(line, ["" if value is None else value for value in values])
    except PolarsError as error:
        raise DecodeError("roster: a damaged Parquet file") from error
