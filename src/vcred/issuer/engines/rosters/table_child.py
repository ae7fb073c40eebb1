# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The process that reads a workbook or a Parquet file; started by `table_process` alone.

`python -m vcred.issuer.engines.rosters.table_child KIND PATH` writes to stdout, one JSON value a line:

    {"header": ["row_id", "name"], "row_count": 2}       first
    [[2, ["HC1", "陳大文"], null, []], ...]                line, cells, fault, columns that were numbers
    {"end": true}                                        last; a process that was killed says it not
    {"error": "malformed", "message": "...", "hint": ""} instead of any of these

It holds itself to a bound of memory and of processor time before it opens the file.
"""

import json
import os
import resource
import sys
from typing import BinaryIO

from vcred.codec.json_types import JsonValue
from vcred.errors import DecodeError
from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.issuer.engines.rosters.table import Table
from vcred.limits import MAX_ROSTER_READER_BYTES, MIB

_BATCH_ROWS = 256
_BATCH_CHARACTERS = MIB
_SECONDS = 120
_SECONDS_PER_MIB = 8


def main(kind: str, path: str, out: BinaryIO) -> None:
    """Read the file and write its rows."""
    try:
        table = _open(kind, path)
        _write(out, {"header": list(table.header), "row_count": table.row_count})
        _write_rows(out, table)
        _write(out, {"end": True})
    except DecodeError as error:
        _write(out, {"error": error.code, "message": str(error), "hint": error.hint or ""})
    except OSError as error:
        told = error.strerror or "cannot be read"
        _write(out, {"error": "store", "message": f"roster: {told}", "hint": ""})
    out.flush()


def _open(kind: str, path: str) -> Table:
    # Both are large libraries of native code: only the one that is needed is loaded.
    if kind == "xlsx":
        from vcred.issuer.engines.rosters.xlsx_reader import open_workbook as open_table
    else:
        from vcred.issuer.engines.rosters.parquet_reader import open_parquet as open_table
    _bound(os.stat(path).st_size)
    return open_table(path)


def _bound(size_bytes: int) -> None:
    """Bound memory and processor time: a small file may unfold to any size in the libraries' hands.

    Linux counts against RLIMIT_DATA what is allocated; other systems may not.
    """
    seconds = _SECONDS + _SECONDS_PER_MIB * (size_bytes // MIB)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_ROSTER_READER_BYTES, MAX_ROSTER_READER_BYTES))
    # Personal data does not belong in a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _write_rows(out: BinaryIO, table: Table) -> None:
    batch: list[JsonValue] = []
    size = 0
    for row in table.rows:
        batch.append(_plain(row))
        size += sum(map(len, row.cells))
        if len(batch) >= _BATCH_ROWS or size >= _BATCH_CHARACTERS:
            _write(out, batch)
            batch, size = [], 0
    _write(out, batch)


def _plain(row: RawRow) -> JsonValue:
    return [row.line, list(row.cells), row.fault, list(row.numbers)]


def _write(out: BinaryIO, value: JsonValue) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.stdout.buffer)
