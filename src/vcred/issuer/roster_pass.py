# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One pass over a roster: each row comes out ready, or refused for the first thing wrong with it.

The pass remembers which rows and persons it has met, as 64-bit keyed digests: a row that
comes twice is refused, a person who comes twice is flagged, and a roster of a million rows
costs some tens of megabytes. The key is drawn for each pass; no digest of personal data
outlives it.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from vcred.credential.type_definition import TypeDefinition
from vcred.credential.validation import validate_claims
from vcred.issuer.roster import (
    SAME_PERSON,
    WHOLE_ROW,
    ReadyRow,
    RowFault,
    RowNote,
    cells_of,
    check_header,
    check_row_id,
    claims_of,
    fault_name,
    iter_flags,
    subject_column,
    text_columns,
)
from vcred.limits import MAX_ROW_ID_CHARACTERS

_DIGEST_BYTES: Final = 8


class RosterPass:
    """Turns the rows of one file into claims that fit their type. Use one for each file."""

    def __init__(
        self, definition: TypeDefinition, header: tuple[str, ...], *, encoding: str, now: datetime
    ) -> None:
        """Start a pass.

        Args:
            header: The columns, in the order of the file.
            encoding: Named in the fault of a cell that could not be decoded.
            now: Time of issue, UTC.

        Raises:
            DecodeError: The header does not suit the type.
        """
        check_header(header, definition.roster, type_name=definition.name)
        self._definition = definition
        self._mapping = definition.roster
        self._header = header
        self._encoding = encoding
        self._now = now
        self._subject = subject_column(definition)
        self._text_columns = text_columns(definition.roster)
        self._rows = _Seen()
        self._persons = _Seen()

    def read(self, line: int, cells: tuple[str, ...], fault: str | None) -> ReadyRow | RowNote:
        """Make one row ready, or say what is wrong with it."""
        row_id = self._unverified_row_id(cells)
        try:
            if fault is not None:
                raise RowFault(WHOLE_ROW, fault)
            return self._ready(line, row_id, cells_of(self._header, cells, encoding=self._encoding))
        except RowFault as error:
            return RowNote(row_id=row_id, line=line, column=error.column, rule=error.rule)

    def _ready(self, line: int, row_id: str, cells: dict[str, str]) -> ReadyRow:
        check_row_id(cells[self._mapping.row_id], self._mapping)
        if self._rows.has_met(row_id):
            raise RowFault(self._mapping.row_id, "seen before")
        claims = claims_of(cells, self._mapping)
        faults = validate_claims(
            claims, self._definition, self._now, names=lambda path: fault_name(path, self._mapping)
        )
        if faults:
            raise RowFault(faults[0].path, faults[0].rule)
        notes = (*iter_flags(cells, self._text_columns), *self._iter_person_flags(cells))
        return ReadyRow(
            row_id=row_id,
            line=line,
            holder=cells.get(self._mapping.holder or "") or None,
            claims=claims,
            flags=tuple(
                RowNote(row_id=row_id, line=line, column=column, rule=note) for column, note in notes
            ),
        )

    def _iter_person_flags(self, cells: dict[str, str]) -> Iterator[tuple[str, str]]:
        if self._subject is not None and self._persons.has_met(cells[self._subject]):
            yield self._subject, SAME_PERSON

    def _unverified_row_id(self, cells: tuple[str, ...]) -> str:
        place = self._header.index(self._mapping.row_id)
        return cells[place][:MAX_ROW_ID_CHARACTERS] if place < len(cells) else ""


class _Seen:
    """A set of texts that keeps 64 bits of each."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._digests: set[int] = set()

    def has_met(self, text: str) -> bool:
        """Say whether `text` was asked before, and remember it."""
        data = text.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(data, digest_size=_DIGEST_BYTES, key=self._key).digest()
        number = int.from_bytes(digest, "big")
        if number in self._digests:
            return True
        self._digests.add(number)
        return False
