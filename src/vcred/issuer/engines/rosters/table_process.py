# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Read a workbook or a Parquet file in a process of its own.

The libraries that read them are large and native, and take whatever memory and time a file
asks for: a few kilobytes can ask for all there is. The process is bounded (`table_child`),
so that such a file ends as an error here; and what it held is given back when it ends.
What comes from it is read as data, never as objects.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from vcred.errors import DecodeError, LimitExceededError, StoreError, UsageError
from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.limits import GIB, MAX_ROSTER_READER_BYTES

XLSX: Final = "xlsx"
PARQUET: Final = "parquet"

_LIBRARIES: Final = {XLSX: ("fastexcel", "polars"), PARQUET: ("polars",)}
_ERRORS: Final = {error.code: error for error in (DecodeError, LimitExceededError, StoreError)}
_END: Final = {"end": True}


class TableProcess:
    """One file, being read by one process. Close it, or the process waits for its reader for ever."""

    def __init__(self, kind: str, path: Path) -> None:
        """Start reading.

        Args:
            kind: `XLSX` or `PARQUET`.

        Raises:
            UsageError: The extra `batch` is not installed.
            DecodeError: No such file, or one with no header.
            LimitExceededError: It asks for more than a limit.
            StoreError: The file cannot be read.
        """
        _require_libraries(kind)
        # Of the program's own: only the path is the caller's, and no shell reads it.
        self._process = subprocess.Popen(  # noqa: S603
            [
                sys.executable,
                "-P",
                "-m",
                "vcred.issuer.engines.rosters.table_child",
                kind,
                str(path.absolute()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # A library that panics prints what it stumbled over, which may be a person's data.
            stderr=subprocess.DEVNULL,
            env=os.environ | {"POLARS_MAX_THREADS": "2"},
            # Ctrl-C is for this process, which ends the other when it has finished what it holds.
            process_group=0,
        )
        try:
            first = self._next()
        except BaseException:
            self.close()
            raise
        self.header: Final[tuple[str, ...]] = tuple(first["header"])
        self.row_count: Final[int] = first["row_count"]

    def rows(self) -> Iterator[RawRow]:
        """Yield every row. Raises as the constructor, for what is found only now."""
        while (batch := self._next()) != _END:
            for line, cells, fault, numbers in batch:
                yield RawRow(line=line, cells=tuple(cells), fault=fault, numbers=tuple(numbers))

    def close(self) -> None:
        """End the process, whether it is done or not."""
        self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _next(self) -> Any:
        stream = self._process.stdout
        line = b"" if stream is None else stream.readline()
        if not line.endswith(b"\n"):
            raise _death(self._process.wait())
        value = json.loads(line)
        if isinstance(value, dict) and "error" in value:
            raise _ERRORS[value["error"]](value["message"], hint=value["hint"] or None)
        return value


def _require_libraries(kind: str) -> None:
    missing = [name for name in _LIBRARIES[kind] if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"to read this roster, {' and '.join(missing)} must be installed",
            hint='pip install "vcred[batch]", or save the roster as CSV',
        )


def _death(code: int) -> DecodeError:
    """Say why the process ended before its last word."""
    if code < 0:
        return LimitExceededError(
            f"roster: reading it takes more than {MAX_ROSTER_READER_BYTES // GIB} GiB of memory,"
            " or longer than a file of its size should",
            hint="save it as CSV in UTF-8: that needs neither",
        )
    return DecodeError("roster: a damaged file", hint="save it anew, or as CSV in UTF-8")
