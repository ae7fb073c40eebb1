# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Look through a workbook before it is read: is it one plain table, and which cells are no text?

The library that reads workbooks gives every cell as text; that a cell was a number (whose
leading zeros are gone) or the result of a formula it does not tell. It also lays the sheet
out as one rectangle, so that two cells far apart would cost the whole memory. Both are
found out here by one pass over the sheet's XML, in memory that does not grow with the
file but for twelve bytes for each cell that is no text.

Refused as a whole: several sheets, merged cells, parts that are encrypted, that stand twice
or that unfold beyond a limit, a document type declaration, rows out of order.

Spec: threats ISS-18.
"""

import codecs
import errno
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import IO, Final, NoReturn
from xml.parsers import expat

from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_ROSTER_COLUMNS, MAX_ROSTER_SHEET_BYTES, MAX_ROSTER_SHEET_ROWS, MIB

ONE_SHEET_HINT: Final = "keep one sheet with one header line, or save it as CSV in UTF-8"

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONSHIPS: Final = "xl/_rels/workbook.xml.rels"
_SHEET_TARGET: Final = re.compile(r"/?(?:xl/)?(worksheets/[A-Za-z0-9_]{1,64}\.xml)")
_MAX_PARTS: Final = 1000
_MAX_SMALL_PART_BYTES: Final = MIB
_CHUNK_BYTES: Final = 256 * 1024
_ENCRYPTED: Final = 1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED: Final = "roster: not a workbook, or a damaged one"
# What `ZipFile`, its `open` and reading what that returns raise for bytes that are no archive.
_DAMAGE: Final = (
    # A directory, a header or a checksum that is wrong.
    zipfile.BadZipFile,
    # Of the directory and of `open`: a name that is said to be UTF-8.
    UnicodeDecodeError,
    # Of the directory: a version to come. Of `open`: data that are a patch, or strongly encrypted.
    NotImplementedError,
    # Of `open`: no such part. And of a relationship without its attributes.
    KeyError,
    # Of reading: no deflated stream, or one that is cut short.
    zlib.error,
    EOFError,
)
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class CellKind(IntEnum):
    """What a cell holds that is no text."""

    NUMBER = 1
    FORMULA = 2
    ERROR = 3


@dataclass(slots=True)
class SheetScan:
    """What one pass over a sheet found.

    Attributes:
        last_row: Number of the last row; rows count from 1.
        not_text: Cells that are no text, in the order of the sheet, three numbers each: row,
            column index, `CellKind`.
    """

    last_row: int = 0
    not_text: "array[int]" = field(default_factory=lambda: array("I"))


def scan_workbook(path: str) -> SheetScan:
    """Hold a workbook against what a roster may be.

    Raises:
        DecodeError: No workbook, or not one plain table.
        LimitExceededError: It unfolds beyond a limit.
        OSError: The file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(archive)
            name = _sheet_name(archive)
            cells = _CellReader()
            _parse(archive, name, cells.start, MAX_ROSTER_SHEET_BYTES)
    except _DAMAGE as error:
        raise DecodeError(_DAMAGED) from error
    except OSError as error:
        # An offset before the start of the file; all else is the disk's.
        if error.errno != errno.EINVAL:
            raise
        raise DecodeError(_DAMAGED) from error
    return cells.scan


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MAX_PARTS:
        raise LimitExceededError(f"roster: the workbook has more than {_MAX_PARTS} parts")
    if sum(part.file_size for part in parts) > MAX_ROSTER_SHEET_BYTES:
        raise LimitExceededError(f"roster: the workbook unfolds to more than {MAX_ROSTER_SHEET_BYTES} bytes")
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise DecodeError("roster: the workbook is encrypted", hint="save it without a password")
    # ECMA-376 part 2 has no others; what unpacks them raises errors of its own for what is damaged.
    if any(part.compress_type not in _METHODS for part in parts):
        raise DecodeError("roster: a part of the workbook is packed as in no workbook", hint="save it anew")
    # Two parts of one name, and readers disagree which is meant: what is checked here is not what is read.
    names = {part.filename.replace("\\", "/").lower().lstrip("/") for part in parts}
    if len(names) != len(parts):
        raise DecodeError("roster: a part of the workbook stands twice")


def _sheet_name(archive: zipfile.ZipFile) -> str:
    """Return the part with the only sheet.

    Raises:
        DecodeError: None, or several, hidden ones too: which is meant, nobody can know.
    """
    sheets: list[str] = []
    targets: list[tuple[str, str]] = []

    def note_sheet(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "sheet":
            sheets.extend(value for key, value in attributes.items() if key.endswith(":id"))

    def note_target(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            targets.append((attributes["Id"], attributes["Target"]))

    _parse(archive, _WORKBOOK, note_sheet, _MAX_SMALL_PART_BYTES)
    _parse(archive, _RELATIONSHIPS, note_target, _MAX_SMALL_PART_BYTES)
    if len(sheets) != 1:
        raise DecodeError(f"roster: the workbook has {len(sheets)} sheets", hint=ONE_SHEET_HINT)
    found = [_SHEET_TARGET.fullmatch(target) for name, target in targets if name == sheets[0]]
    if len(found) != 1 or found[0] is None:
        raise DecodeError("roster: the sheet is not where a workbook has it")
    return f"xl/{found[0][1]}"


def _parse(
    archive: zipfile.ZipFile, name: str, start: Callable[[str, dict[str, str]], None], max_bytes: int
) -> None:
    # What reads the sheet afterwards takes every part for UTF-8, whatever it says of itself;
    # this parser would follow a mark of UTF-16 at the start even so.
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    with archive.open(name) as part:
        _feed(parser, part, max_bytes)


def _feed(parser: expat.XMLParserType, part: IO[bytes], max_bytes: int) -> None:
    size = 0
    try:
        while chunk := part.read(_CHUNK_BYTES):
            size += len(chunk)
            # The directory's own word for the size is not believed.
            if size > max_bytes:
                raise LimitExceededError(f"roster: a part of the workbook is longer than {max_bytes} bytes")
            if size == len(chunk) and chunk.startswith(_UTF_16):
                raise DecodeError("roster: a part of the workbook is not UTF-8")
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DecodeError("roster: the workbook is not well-formed") from error


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> NoReturn:
    raise DecodeError("roster: the workbook has a document type declaration")


def _column_names() -> dict[str, int]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names = [*letters, *(first + second for first in letters for second in letters)]
    return {name: index for index, name in enumerate(names[:MAX_ROSTER_COLUMNS])}


class _CellReader:
    """Takes the elements of a sheet one by one; keeps of them only where cells are no text."""

    def __init__(self) -> None:
        self.scan = SheetScan()
        self._columns = _column_names()
        self._row = 0
        self._row_text = "0"
        self._column = -1
        self._kind: CellKind | None = None
        self._is_empty = True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element, whatever prefix it has."""
        # Millions of times: first what comes most often.
        if name not in _KNOWN_ELEMENTS:
            name = _local(name)
        if name == "c":
            self._take_cell(attributes)
        elif name == "v" or name == "is":
            if self._kind or self._is_empty:
                self._take_value()
        elif name == "row":
            self._take_row(attributes)
        elif name == "f":
            self._note(CellKind.FORMULA)
            self._kind = None
        elif name == "mergeCell":
            raise DecodeError("roster: the sheet has merged cells", hint=ONE_SHEET_HINT)

    def _take_row(self, attributes: dict[str, str]) -> None:
        text = attributes.get("r") or str(self._row + 1)
        row = int(text) if text.isascii() and text.isdigit() and len(text) <= len("1048576") else 0
        if not self._row < row <= MAX_ROSTER_SHEET_ROWS:
            raise DecodeError("roster: the rows of the sheet are out of order")
        self._row, self._row_text, self._column = row, text, -1
        self.scan.last_row = row

    def _take_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        column = self._column + 1 if reference is None else self._column_of(reference)
        if column >= MAX_ROSTER_COLUMNS:
            raise LimitExceededError(f"roster: the sheet has more than {MAX_ROSTER_COLUMNS} columns")
        if column <= self._column:
            raise DecodeError("roster: the cells of the sheet are out of order")
        self._column = column
        self._kind = _KIND_OF_TYPE.get(attributes.get("t", "n"))

    def _column_of(self, reference: str) -> int:
        if not reference.endswith(self._row_text):
            raise DecodeError("roster: a cell of the sheet is in another row")
        return self._columns.get(reference[: -len(self._row_text)], MAX_ROSTER_COLUMNS)

    def _take_value(self) -> None:
        if self._is_empty:
            # The reader leaves out what is empty before the first cell: rows and columns would shift.
            if (self._row, self._column) != (1, 0):
                raise DecodeError("roster: the header does not begin in cell A1", hint=ONE_SHEET_HINT)
            self._is_empty = False
        if self._kind is not None:
            self._note(self._kind)

    def _note(self, kind: CellKind) -> None:
        self.scan.not_text.extend((self._row, self._column, kind))


_KNOWN_ELEMENTS: Final = frozenset(("c", "v", "is", "t", "row", "f"))
_KIND_OF_TYPE: Final = {"n": CellKind.NUMBER, "b": CellKind.NUMBER, "e": CellKind.ERROR}
