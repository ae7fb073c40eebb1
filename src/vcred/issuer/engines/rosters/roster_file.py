# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Open a roster of any kind: CSV, a workbook (XLSX) or Parquet.

What a file is, its first bytes say; its name says nothing. From a stream, such as stdin,
only CSV is read: the others need their end first.

Spec: threats ISS-18.
"""

import io
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self, TypeAlias, cast

from vcred.errors import DecodeError, StoreError, UsageError
from vcred.issuer.engines.rosters.csv_reader import RawRow, read_rows
from vcred.issuer.engines.rosters.table_process import PARQUET, XLSX, TableProcess

_KINDS: Final = {b"PK\x03\x04": XLSX, b"PAR1": PARQUET}
_OTHERS: Final = {
    b"\xd0\xcf\x11\xe0": ("an old or encrypted workbook", "save it as XLSX without a password"),
    b"PK\x05\x06": ("an empty archive", "save it as XLSX, or as CSV in UTF-8"),
    b"PARE": ("an encrypted Parquet file", "write it without encryption"),
    b"\x1f\x8b": ("compressed", "unpack it first"),
    b"BZh": ("compressed", "unpack it first"),
    b"\xfd7zXZ": ("compressed", "unpack it first"),
    b"\x28\xb5\x2f\xfd": ("compressed", "unpack it first"),
    b"%PDF": ("a PDF", "save it as CSV in UTF-8"),
}
_Reader: TypeAlias = "io.BufferedReader[Any]"

_LONGEST_MARK: Final = 8
_FROM_A_PATH: Final = "give the path of the file; stdin is read as CSV"


@dataclass(slots=True)
class RosterFile:
    """A roster that is open: a context manager.

    Attributes:
        header: The columns, as they stand in the file; not held against any type yet.
        rows: Every row after the header, once, in the order of the file.
        closing: What ends with it.
        position: Says how much of the file was read up to the row that was taken last, in percent; None
            where nobody knows.
    """

    header: tuple[str, ...]
    rows: Iterator[RawRow]
    position: Callable[[], int | None]
    closing: ExitStack = field(repr=False)

    def look_ahead(self, count: int) -> int:
        """Read the next `count` rows without taking them; returns how many there are."""
        ahead = _Ahead(self.rows, self.position, count)
        self.rows, self.position = ahead, ahead.position
        return len(ahead.read)

    def close(self) -> None:
        """Close what was opened here; a stream that was given stays open."""
        self.closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_rows(roster: Path | bytes | BinaryIO, encoding: str) -> RosterFile:
    """Open a roster and read its header.

    Args:
        roster: The file; or bytes, or a stream of them such as a pipe, of CSV only.
        encoding: Of CSV: one of `csv_reader.ENCODINGS`. Workbooks and Parquet say it themselves.

    Raises:
        UsageError: Another encoding, an extra that is not installed, or a stream of another kind.
        DecodeError: Not a roster, or one without a header.
        LimitExceededError: A file that asks for more memory or time than a limit.
        StoreError: The file cannot be read.
    """
    with ExitStack() as closing:
        try:
            file = _open(roster, closing)
            start = file.peek(_LONGEST_MARK)[:_LONGEST_MARK]
        except OSError as error:
            raise StoreError(f"cannot read the roster: {(error.strerror or 'refused').lower()}") from error
        kind = _kind_of(start)
        if kind is None:
            return _read_csv(file, encoding, closing.pop_all())
        if not isinstance(roster, Path) or not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise UsageError(f"a roster in {kind} cannot be read from a stream", hint=_FROM_A_PATH)
        table = closing.enter_context(TableProcess(kind, roster))
        return _read_table(table, closing.pop_all())


def _open(roster: Path | bytes | BinaryIO, closing: ExitStack) -> _Reader:
    """Return a reader that can look ahead."""
    if isinstance(roster, Path):
        return closing.enter_context(roster.open("rb"))
    stream = io.BytesIO(roster) if isinstance(roster, bytes) else roster
    reader: _Reader = io.BufferedReader(cast(io.RawIOBase, stream))
    # A reader that is forgotten closes what it reads from, and that is the caller's to close.
    closing.callback(reader.detach)
    return reader


def _kind_of(start: bytes) -> str | None:
    """Return the kind of a table, or None for CSV."""
    for mark, (words, hint) in _OTHERS.items():
        if start.startswith(mark):
            raise DecodeError(f"roster: {words}", hint=hint)
    return next((kind for mark, kind in _KINDS.items() if start.startswith(mark)), None)


def _read_csv(file: _Reader, encoding: str, closing: ExitStack) -> RosterFile:
    with closing:
        size_bytes = _size_bytes(file)
        rows = read_rows(file, encoding)
        header = next(rows)
        return RosterFile(
            header=header.cells,
            rows=rows,
            position=lambda: _percent(file.tell(), size_bytes) if size_bytes else None,
            closing=closing.pop_all(),
        )


def _read_table(table: TableProcess, closing: ExitStack) -> RosterFile:
    counter = _Counter(table.rows())
    return RosterFile(
        header=table.header,
        rows=counter,
        position=lambda: _percent(counter.count, table.row_count),
        closing=closing,
    )


class _Ahead:
    """Hands on rows that were read ahead, each with where it ended, then the others."""

    def __init__(self, rows: Iterator[RawRow], position: Callable[[], int | None], count: int) -> None:
        self._rows = rows
        self._position = position
        self._is_past = False
        self._taken: int | None = None
        self.read = deque([(row, position()) for row in islice(rows, count)])

    def __iter__(self) -> Iterator[RawRow]:
        return self

    def __next__(self) -> RawRow:
        if self.read:
            row, self._taken = self.read.popleft()
            return row
        row = next(self._rows)
        self._is_past = True
        return row

    def position(self) -> int | None:
        return self._position() if self._is_past else self._taken


class _Counter:
    """Counts rows while they pass."""

    def __init__(self, rows: Iterator[RawRow]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[RawRow]:
        return self

    def __next__(self) -> RawRow:
        row = next(self._rows)
        self.count += 1
        return row


def _percent(part: int, whole: int) -> int:
    return min(100, 100 * part // whole) if whole else 100


def _size_bytes(file: BinaryIO) -> int | None:
    """Return the size of what can be read from its start; None of a pipe."""
    if not file.seekable() or file.tell() != 0:
        return None
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
