# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A roster's rows of text become claims, or a refusal that names row, column and rule.

Data stays data: a cell that a spreadsheet would take for a formula is issued as it stands
and flagged, and neutralised only where it is written into a file for a spreadsheet
(`receipts`). Rows about one person are flagged and never merged. Nothing here reads a
file or a clock; nothing repeats the text of a cell.

Spec: docs/spec/types.md; threats ISS-18, ISS-19.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.claim_text import CONTROLS
from vcred.credential.identity_numbers import last_four
from vcred.credential.paths import put_claim
from vcred.credential.type_definition import TypeDefinition
from vcred.credential.type_roster import CellForm, ColumnMapping, RosterMapping
from vcred.credential.type_rules import RuleKind
from vcred.errors import DecodeError
from vcred.limits import MAX_ROSTER_CELL_CHARACTERS, MAX_ROSTER_PAIRS, MAX_ROW_ID_CHARACTERS
from vcred.text.formulas import is_formula_like
from vcred.text.scripts import (
    has_full_width,
    has_ideograph_twin,
    has_right_to_left,
    is_mixed_script,
    is_unremarkable,
)

FORMULA: Final = "formula-like text: kept as data, neutralised when exported"
SAME_PERSON: Final = "same document number as an earlier row: not merged"
MIXED_SCRIPT: Final = "letters of two scripts that look alike"
IDEOGRAPH_TWIN: Final = "an ideograph that another character looks like"
FULL_WIDTH: Final = "full-width letters or digits"
RIGHT_TO_LEFT: Final = "letters that run from right to left"
NUMBER_CELL: Final = "a number in the file, not text: leading zeros may be lost"

ENCODING_HINT: Final = "name the file's encoding: --encoding utf-8, big5hkscs or gb18030"

WHOLE_ROW: Final = "row"

_INTEGER = re.compile(r"-?[0-9]{1,15}")
_UNDECODED = re.compile("[\ud800-\udfff]")
_NOT_IN_NUMBERS = re.compile(r"[\W_]")
_NOT_SHOWN: Final = frozenset(("Cc", "Cf"))
_SECOND_LOOKS: Final = (
    (is_mixed_script, MIXED_SCRIPT),
    (has_ideograph_twin, IDEOGRAPH_TWIN),
    (has_full_width, FULL_WIDTH),
    (has_right_to_left, RIGHT_TO_LEFT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowNote:
    """What is wrong with one row (a refusal), or worth a second look (a flag). `line` 1 is the header."""

    row_id: str
    line: int
    column: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyRow:
    """A row that became claims; not yet held against its type."""

    row_id: str
    line: int
    holder: str | None
    claims: JsonObject
    flags: tuple[RowNote, ...]


class RowFault(Exception):
    """One cell cannot be read; becomes a `RowNote` where the row is known."""

    def __init__(self, column: str, rule: str) -> None:
        super().__init__(f"{column}: {rule}")
        self.column = column
        self.rule = rule


def check_header(header: Sequence[str], mapping: RosterMapping, *, type_name: str) -> None:
    """Hold the header of a roster against the type's mapping; further columns are left alone.

    Args:
        type_name: Where the hint sends the reader.

    Raises:
        DecodeError: A column twice, also if it is written otherwise the second time (spaces,
            case, full-width forms, what does not show), or one that the type needs is missing.
    """
    if any(_UNDECODED.search(name) or "\0" in name for name in header):
        raise DecodeError("roster: the header is not text", hint=ENCODING_HINT)
    wanted = mapping.names
    places: dict[str, int] = {}
    for number, name in enumerate(header, start=1):
        # Which of two columns of one name is meant, nobody can know.
        first = places.setdefault(_as_read(name), number)
        if first != number:
            # Its name only if the type has it: a file without a header begins with somebody's data.
            known = next((f" {column}" for column in wanted if _as_read(column) == _as_read(name)), "")
            raise DecodeError(
                f"roster: the column{known} stands twice in the header, as number {first} and {number}",
                hint="keep the one that is meant, and take the other out",
            )
    missing = [column for column in wanted if column not in header]
    if missing:
        misspelt = [places[_as_read(column)] for column in missing if _as_read(column) in places]
        if misspelt:
            raise DecodeError(
                f"roster: the header lacks {', '.join(missing)}",
                hint=f"column {misspelt[0]} differs from it only in spaces, case, width,"
                " or characters that do not show: write it anew",
            )
        raise DecodeError(
            f"roster: the header lacks {', '.join(missing)}",
            hint=f'it needs {", ".join(wanted)}, with commas between; see "vcred type show {type_name}"',
        )


def cells_of(header: Sequence[str], cells: Sequence[str], *, encoding: str) -> dict[str, str]:
    """Name the cells of a row by their columns.

    Raises:
        RowFault: Not as many as the header has, undecodable, over-long, or with a NUL.
    """
    if len(cells) != len(header):
        raise RowFault(WHOLE_ROW, f"{len(cells)} cells where the header has {len(header)}")
    joined = "".join(cells)
    if len(joined) > MAX_ROSTER_CELL_CHARACTERS or "\0" in joined or not is_decoded(joined):
        _check_cells(header, cells, encoding)
    return dict(zip(header, cells, strict=True))


def is_decoded(text: str) -> bool:
    """Say whether all of a text could be read in the encoding of its file."""
    return text.isascii() or _UNDECODED.search(text) is None


def _check_cells(header: Sequence[str], cells: Sequence[str], encoding: str) -> None:
    for column, cell in zip(header, cells, strict=True):
        if len(cell) > MAX_ROSTER_CELL_CHARACTERS:
            raise RowFault(column, f"longer than {MAX_ROSTER_CELL_CHARACTERS} characters")
        if "\0" in cell:
            raise RowFault(column, CONTROLS)
        if not is_decoded(cell):
            raise RowFault(column, f"not {encoding}")


def check_row_id(row_id: str, mapping: RosterMapping) -> None:
    """Refuse a row without a usable identifier: the journal could not know it again.

    Nor may a file of ids to be revoked mean another row by it, or say nothing (`selection`).

    Raises:
        RowFault: Empty, too long, not printable, with a blank at an end, or a "#" in front.
    """
    if not row_id:
        raise RowFault(mapping.row_id, "required")
    if len(row_id) > MAX_ROW_ID_CHARACTERS:
        raise RowFault(mapping.row_id, f"longer than {MAX_ROW_ID_CHARACTERS} characters")
    if not row_id.isprintable():
        raise RowFault(mapping.row_id, CONTROLS)
    if row_id != row_id.strip() or row_id.startswith("#"):
        raise RowFault(mapping.row_id, 'begins or ends with a blank, or begins with "#"')


def claims_of(cells: Mapping[str, str], mapping: RosterMapping) -> JsonObject:
    """Build the claims of a row. An empty cell leaves its claims out.

    Raises:
        RowFault: A cell is not of its form.
    """
    claims: JsonObject = {}
    for item in mapping.columns:
        cell = cells[item.column]
        if not cell:
            continue
        value: JsonValue = cell if item.form is CellForm.TEXT else _value_of(cell, item)
        for path in item.to:
            put_claim(claims, path, value)
    return claims


def fault_name(path: str, mapping: RosterMapping) -> str:
    """Return what a claim path is called in a fault: the column that it comes from."""
    return mapping.column_of(path) or path


def text_columns(mapping: RosterMapping) -> tuple[str, ...]:
    """Return the columns whose cells are issued as they stand."""
    return tuple(dict.fromkeys(item.column for item in mapping.columns if item.form is CellForm.TEXT))


def iter_flags(cells: Mapping[str, str], columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield column and note for cells that are issued as they stand and deserve a second look.

    Args:
        columns: Those whose text is issued (`text_columns`).
    """
    texts = [cells[column] for column in columns]
    # No sign of a formula, nor anything that is skipped before one, is a letter or a digit.
    if "".join([text[:1] for text in texts]).isalnum() and is_unremarkable("".join(texts)):
        return
    for column, cell in zip(columns, texts, strict=True):
        if is_formula_like(cell):
            yield column, FORMULA
        if not cell.isascii():
            yield from ((column, note) for deserves, note in _SECOND_LOOKS if deserves(cell))


def iter_number_flags(
    header: Sequence[str], numbers: Sequence[int], columns: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield column and note for cells that were numbers in the file where the type wants text.

    Args:
        numbers: Indices of such cells, as the file's reader tells them.
        columns: As for `iter_flags`.
    """
    for index in numbers:
        if header[index] in columns:
            yield header[index], NUMBER_CELL


def subject_column(definition: TypeDefinition) -> str | None:
    """Return the column whose `person_key` tells that two rows are about one person, or None."""
    for rule in definition.rules:
        if rule.kind is RuleKind.IDENTITY_NUMBER:
            return definition.roster.column_of(rule.path)
    return None


def person_key(number: str) -> str:
    """Return by what two rows are seen to be about one person, however the number is written.

    Full-width forms, spaces, brackets, hyphens, case, and what does not show make no difference.
    For comparing only: what is issued is the number as it stands.
    """
    if number.isascii() and number.isalnum():
        return number.upper()
    return _NOT_IN_NUMBERS.sub("", unicodedata.normalize("NFKC", number)).upper()


def _as_read(name: str) -> str:
    """Return a column's name as a person reads it."""
    shown = "".join(
        c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) not in _NOT_SHOWN
    )
    return " ".join(shown.casefold().split())


def _value_of(cell: str, item: ColumnMapping) -> JsonValue:
    if item.form is CellForm.LAST_FOUR:
        return last_four(cell)
    if item.form is CellForm.INTEGER:
        return _integer(cell, item.column)
    return _pairs(cell, item)


def _integer(cell: str, column: str) -> int:
    if not _INTEGER.fullmatch(cell):
        raise RowFault(column, "not an integer")
    return int(cell)


def _pairs(cell: str, item: ColumnMapping) -> JsonValue:
    """Read "Payments=63; Regtech=85" as a list of objects; a number is an integer, all else text."""
    parts = cell.split(";")
    if len(parts) > MAX_ROSTER_PAIRS:
        raise RowFault(item.column, f"more than {MAX_ROSTER_PAIRS} pairs")
    pairs: list[JsonValue] = []
    for part in parts:
        name, sign, value = part.strip().rpartition("=")
        if not sign or not name or not value:
            raise RowFault(item.column, "not pairs like Payments=63; Regtech=85")
        number: JsonValue = int(value) if _INTEGER.fullmatch(value) else value
        pairs.append({item.members[0]: name, item.members[1]: number})
    return pairs
