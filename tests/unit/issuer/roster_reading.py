# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A roster read as a run reads it, without a store and without workers."""

from dataclasses import replace
from datetime import datetime

from vcred.credential.type_definition import TypeDefinition
from vcred.issuer.roster import ReadyRow, RowNote
from vcred.issuer.roster_pass import RosterPass
from vcred.issuer.row_reader import RowReader


class WholePass:
    """Each row by itself, and among those before it."""

    def __init__(
        self, definition: TypeDefinition, header: tuple[str, ...], *, encoding: str, now: datetime
    ) -> None:
        self._roster = RosterPass(definition, header)
        self._reader = RowReader(definition, header, encoding=encoding, now=now)

    def read(
        self, line: int, cells: tuple[str, ...], fault: str | None, numbers: tuple[int, ...] = ()
    ) -> ReadyRow | RowNote:
        """What comes of one row."""
        row_id = None if fault else self._roster.row_id(cells)
        is_repeated = row_id is not None and self._roster.has_met_row(row_id)
        row = self._reader.read(line, cells, fault, numbers=numbers, is_repeated=is_repeated)
        if isinstance(row, RowNote):
            return row
        return replace(row, flags=(*row.flags, *self._roster.person_flags(row.row_id, line, cells)))
