# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Count the rows whose own holder column is not used, because another holder is named beside the roster.

Nothing is decided here: who is named beside a roster outweighs its column, and somebody should hear of
it. A column of last year, or a file of holders for another roster, would pass unnoticed.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from vcred.codec.fields import get_object
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import VcredError
from vcred.issuer.applications import Application
from vcred.issuer.engines.rosters.csv_reader import RawRow
from vcred.issuer.engines.runs.roster_chunks import NamedHolders
from vcred.keys.public import PublicKey
from vcred.securing.jws import parse_jws

_NO_COLUMN: Final = -1


class OverriddenHolders:
    """Looks at the rows of one pass as they go by; `count` says how many were overridden."""

    def __init__(self, header: tuple[str, ...], definition: TypeDefinition, named: NamedHolders) -> None:
        """Take what all rows have in common.

        Args:
            header: The columns, in the order of the file.
            definition: The type: it says which column is the row id, and which the holder.
            named: Holders that were named beside the roster.
        """
        self.count = 0
        self._named = named
        self._width = len(header)
        self._row_id = _place(header, definition.roster.row_id)
        self._holder = _place(header, definition.roster.holder)

    def watch(self, rows: Iterable[RawRow]) -> Iterable[RawRow]:
        """Let rows pass, and count."""
        if not self._named or _NO_COLUMN in (self._row_id, self._holder):
            return rows
        return self._counting(rows)

    def _counting(self, rows: Iterable[RawRow]) -> Iterator[RawRow]:
        for row in rows:
            self.count += self._is_overridden(row)
            yield row

    def _is_overridden(self, row: RawRow) -> bool:
        if row.fault is not None or len(row.cells) != self._width:
            return False
        holder, named = row.cells[self._holder], self._named.get(row.cells[self._row_id])
        if not holder or named is None:
            return False
        if isinstance(named, str):
            return named != holder
        return all(application.did != holder for application in named) and all(
            application.proof is None or _unverified_did(application) != holder for application in named
        )


def _place(header: tuple[str, ...], column: str | None) -> int:
    return header.index(column) if column in header else _NO_COLUMN


def _unverified_did(application: Application) -> str:
    """Return the did:key or did:jwk that a proof names; it is only compared, never bound to."""
    try:
        header = parse_jws(application.proof or "").header
        kid = header.get("kid")
        if isinstance(kid, str):
            return kid.partition("#")[0]
        return PublicKey.from_jwk(get_object(header, "jwk")).did_key()
    except VcredError:
        # It is refused where it is verified.
        return ""
