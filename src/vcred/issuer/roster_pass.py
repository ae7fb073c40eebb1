# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One pass over a roster, as far as a row has to do with the rows before it.

The pass remembers which rows and persons it has met, as 64-bit keyed digests: a row that
comes twice is refused, a person who comes twice is flagged. The key is drawn for each pass; no
digest of personal data outlives it.
"""

from collections.abc import Sequence

from vcred.credential.type_definition import TypeDefinition
from vcred.issuer.roster import (
    SAME_PERSON,
    RowFault,
    RowNote,
    check_header,
    check_row_id,
    person_key,
    subject_column,
)
from vcred.issuer.seen import SeenTexts


class RosterPass:
    """Knows the rows of one file that came before. Use one for each pass over it."""

    def __init__(self, definition: TypeDefinition, header: tuple[str, ...]) -> None:
        """Start a pass.

        Args:
            header: The columns, in the order of the file.

        Raises:
            DecodeError: The header does not suit the type.
        """
        self._mapping = definition.roster
        check_header(header, self._mapping, type_name=definition.name)
        self._width = len(header)
        self._row_id = header.index(self._mapping.row_id)
        self._subject_column = subject_column(definition)
        self._subject = None if self._subject_column is None else header.index(self._subject_column)
        self._rows = SeenTexts()
        self._persons = SeenTexts()

    def row_id(self, cells: Sequence[str]) -> str | None:
        """Return by what a row is known again; None if it has nothing that would do."""
        if len(cells) != self._width:
            return None
        row_id = cells[self._row_id]
        try:
            check_row_id(row_id, self._mapping)
        except RowFault:
            return None
        return row_id

    def has_met_row(self, row_id: str) -> bool:
        """Say whether a row of that id came before, and remember it."""
        return self._rows.has_met(row_id)

    def knows_row(self, row_id: str) -> bool:
        """Say whether a row of that id came, without remembering it."""
        return row_id in self._rows

    def person_flags(self, row_id: str, line: int, cells: Sequence[str]) -> tuple[RowNote, ...]:
        """Flag a row whose person came before, and remember the person.

        Args:
            cells: Of a row that is in order; a refused one says nothing of its person.
        """
        if self._subject is None or self._subject_column is None:
            return ()
        person = person_key(cells[self._subject])
        if not person or not self._persons.has_met(person):
            return ()
        return (RowNote(row_id=row_id, line=line, column=self._subject_column, rule=SAME_PERSON),)
