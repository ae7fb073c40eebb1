# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Read a roster file row by row: CSV in UTF-8, Big5-HKSCS or GB 18030.

One bad row is one fault and never the end of the file. Memory does not grow with the file:
a line and a row have a longest length, and rows are handed on as they are read. In all three
encodings the bytes of line feed, comma and quote stand for nothing else, so that the file
is cut into lines before it is decoded, and a line in another encoding spoils only itself.

Of a row that is too long the rest is passed over, to the line in which its last quotes close: what
somebody has written into a cell, line ends and all, is never read as rows.

A file with the mark of another encoding at its start, UTF-16 too, is refused by that name.

Spec: threats ISS-18.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from vcred.errors import DecodeError, UsageError
from vcred.limits import MAX_ROSTER_COLUMNS, MAX_ROSTER_LINE_BYTES, MAX_ROSTER_ROW_BYTES

ENCODINGS: Final = ("utf-8", "big5hkscs", "gb18030")

OUT_OF_PLACE: Final = "quotes or line ends out of place"
SWALLOWED: Final = "were read as one row"

_QUOTE: Final = b'"'
# A mark at the start of a file says in which encoding it is; those of UTF-16 begin UTF-32 too.
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    "\ufeff".encode("gb18030"): "gb18030",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
    codecs.BOM_UTF32_BE: "UTF-32",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """One row as it stands in the file.

    Attributes:
        line: Number of its first line; the header is line 1.
        cells: Its cells. Bytes that could not be decoded are lone surrogates.
        fault: What makes the row unreadable as a whole, or None.
        numbers: Indices of cells that are no text in the file, but numbers: leading zeros may
            be lost. Only a workbook has such cells.
    """

    line: int
    cells: tuple[str, ...]
    fault: str | None = None
    numbers: tuple[int, ...] = ()


def encoding_name(name: str) -> str:
    """Return the one name of an encoding that rosters may have.

    Raises:
        UsageError: No such encoding, or one in which a file cannot be cut into lines safely.
    """
    try:
        canonical = codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise UsageError("no such encoding", hint=f"encodings are {', '.join(ENCODINGS)}") from error
    canonical = {"utf-8-sig": "utf-8"}.get(canonical, canonical)
    if canonical not in ENCODINGS:
        raise UsageError(f"rosters are not read in {canonical}", hint=f"encodings are {', '.join(ENCODINGS)}")
    return canonical


def read_rows(file: BinaryIO, encoding: str) -> Iterator[RawRow]:
    """Yield the header, then every row of a roster.

    Args:
        file: Open at the start; a pipe will do.
        encoding: One of `ENCODINGS` or another name of one; a UTF-8 byte order mark is dropped.

    Raises:
        UsageError: Another encoding.
        DecodeError: The file is empty, its first line is no header, or its first bytes say that
            it is in another encoding.
    """
    lines = _Lines(file, encoding_name(encoding))
    reader = csv.reader(lines, strict=True)
    rows = _iter_csv(reader, lines)
    header = next(rows, None)
    if header is None:
        raise DecodeError("roster: the file is empty", hint="its first line names the columns")
    if header.fault is not None:
        raise DecodeError("roster: the first line is no header", hint="it names the columns")
    yield header
    yield from rows


def _iter_csv(reader: Iterator[list[str]], lines: "_Lines") -> Iterator[RawRow]:
    width: int | None = None
    while True:
        line = lines.number + 1
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _TooLongError as error:
            lines.pass_over()
            yield RawRow(line=line, cells=(), fault=_swallowed(f"{error}", line, lines.number))
            continue
        except csv.Error:
            # The reader starts afresh at the next line; what the open quote swallowed is lost.
            if lines.row_bytes > csv.field_size_limit():
                # It may be the cell that is too long, and the next line in the middle of it.
                lines.pass_over()
            yield RawRow(line=line, cells=(), fault=_swallowed(OUT_OF_PLACE, line, lines.number))
            continue
        if not cells:
            continue
        if len(cells) > MAX_ROSTER_COLUMNS:
            yield RawRow(line=line, cells=(), fault=f"more than {MAX_ROSTER_COLUMNS} cells")
        elif width is not None and len(cells) != width and lines.number > line:
            # A quote that another one closed further down: it swallowed the rows between them.
            yield RawRow(line=line, cells=(), fault=_swallowed(OUT_OF_PLACE, line, lines.number))
        else:
            width = width or len(cells)
            yield RawRow(line=line, cells=tuple(cells))


def _swallowed(fault: str, first: int, last: int) -> str:
    return fault if first >= last else f"{fault}: lines {first} to {last} {SWALLOWED}"


class _TooLongError(Exception):
    """A row goes on beyond a limit."""


class _Lines:
    """The lines of a file as text; counts them, and never hands on more of one row than the limit.

    Attributes:
        number: Of the line that was read last, from 1.
        row_bytes: How much was read of the row.
    """

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self.number = 0
        self.begin_row()

    def begin_row(self) -> None:
        """Count anew."""
        self.row_bytes = 0
        self._is_quoted = False

    def pass_over(self) -> None:
        """Read to the end of the row: until no quote is open at the end of a line."""
        while self._is_quoted and self._read():
            pass

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._read()
        if not line:
            raise StopIteration
        if len(line) > MAX_ROSTER_LINE_BYTES:
            raise _TooLongError(f"line longer than {MAX_ROSTER_LINE_BYTES} bytes")
        if self.row_bytes > MAX_ROSTER_ROW_BYTES:
            # The reader would keep it all, and with its cells more than ten times as much.
            raise _TooLongError(f"row longer than {MAX_ROSTER_ROW_BYTES} bytes")
        # What cannot be decoded stays visible in its cell, so that the fault can name the column.
        return line.decode(self._encoding, "surrogateescape")

    def _read(self) -> bytes:
        """Read the next line; of one that is too long, the first part is returned."""
        line = part = self._file.readline(MAX_ROSTER_LINE_BYTES + 1)
        if line and self.number == 0:
            whole = _without_mark(line, self._encoding)
            line = whole if len(part) <= MAX_ROSTER_LINE_BYTES else part
        self.number += bool(line)
        self._count(line)
        while len(part) > MAX_ROSTER_LINE_BYTES and not part.endswith(b"\n"):
            part = self._file.readline(MAX_ROSTER_LINE_BYTES + 1)
            self._count(part)
        return line

    def _count(self, part: bytes) -> None:
        self.row_bytes += len(part)
        # A quote inside quotes is written as two.
        self._is_quoted ^= part.count(_QUOTE) % 2 == 1


def _without_mark(line: bytes, encoding: str) -> bytes:
    for mark, named in _MARKS.items():
        if line.startswith(mark):
            if named != encoding:
                hint = f"--encoding {named}" if named in ENCODINGS else "save it as CSV in UTF-8"
                raise DecodeError(f"roster: the file says that it is in {named}", hint=hint)
            return line.removeprefix(mark)
    return line
