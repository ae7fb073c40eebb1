# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One row of a roster, by itself: it comes out ready, or refused for the first thing wrong with it.

What needs the other rows (whether its id came before, whether its person did) is for
`roster_pass`, which sees them all.
"""

from datetime import datetime

from vcred.credential.type_definition import TypeDefinition
from vcred.credential.validation import validate_claims
from vcred.issuer.roster import (
    WHOLE_ROW,
    ReadyRow,
    RowFault,
    RowNote,
    cells_of,
    check_row_id,
    claims_of,
    fault_name,
    is_decoded,
    iter_flags,
    iter_number_flags,
    text_columns,
)
from vcred.limits import MAX_ROW_ID_CHARACTERS


class RowReader:
    """Turns rows of one file into claims that fit their type."""

    def __init__(
        self, definition: TypeDefinition, header: tuple[str, ...], *, encoding: str, now: datetime
    ) -> None:
        """Keep what all rows have in common.

        Args:
            header: The columns, in the order of the file, as `roster.check_header` let them pass.
            encoding: Named in the fault of a cell that could not be decoded.
            now: Time of issue, UTC.
        """
        self._definition = definition
        self._mapping = definition.roster
        self._header = header
        self._row_id_place = header.index(definition.roster.row_id)
        self._encoding = encoding
        self._now = now
        self._text_columns = text_columns(definition.roster)

    def read(
        self,
        line: int,
        cells: tuple[str, ...],
        fault: str | None,
        *,
        numbers: tuple[int, ...] = (),
        is_repeated: bool = False,
    ) -> ReadyRow | RowNote:
        """Make one row ready, or say what is wrong with it.

        Args:
            line: Number of its first line; the header is line 1.
            fault: What makes it unreadable as a whole, or None.
            numbers: Indices of cells that were numbers in the file, not text.
            is_repeated: Its row id came before in the file.
        """
        row_id = self._unverified_row_id(cells)
        try:
            if fault is not None:
                raise RowFault(WHOLE_ROW, fault)
            named = cells_of(self._header, cells, encoding=self._encoding)
            check_row_id(named[self._mapping.row_id], self._mapping)
            if is_repeated:
                raise RowFault(self._mapping.row_id, "seen before")
            return self._ready(line, row_id, named, numbers)
        except RowFault as error:
            return RowNote(row_id=row_id, line=line, column=error.column, rule=error.rule)

    def _ready(self, line: int, row_id: str, cells: dict[str, str], numbers: tuple[int, ...]) -> ReadyRow:
        claims = claims_of(cells, self._mapping)
        faults = validate_claims(claims, self._definition, self._now, names=self._name)
        if faults:
            raise RowFault(faults[0].path, faults[0].rule)
        notes = (
            *iter_flags(cells, self._text_columns),
            *iter_number_flags(self._header, numbers, self._text_columns),
        )
        return ReadyRow(
            row_id=row_id,
            line=line,
            holder=cells.get(self._mapping.holder or "") or None,
            claims=claims,
            flags=tuple(
                [RowNote(row_id=row_id, line=line, column=column, rule=note) for column, note in notes]
            ),
        )

    def _name(self, path: str) -> str:
        return fault_name(path, self._mapping)

    def _unverified_row_id(self, cells: tuple[str, ...]) -> str:
        """Name a row that is refused, as far as what stands in its place is its row id.

        Where cells are missing, too many, or not text, columns have moved: the cell there may be
        an identity number, and messages and reports would carry it on (threats ISS-18).
        """
        if len(cells) != len(self._header):
            return ""
        row_id = cells[self._row_id_place]
        return row_id[:MAX_ROW_ID_CHARACTERS] if is_decoded(row_id) else ""
