# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reissue in a roster: what one person alone may revoke for it, and what waits for a second one.

A row that would go beyond the limit is set aside, and the run goes on with all others. At its end
one request asks to revoke what stands in the way, by the ids of those very credentials: a row id would
name the new ones of the row, too. Once it is applied, the same command issues the rows: replacing
what is revoked already needs nobody.

Spec: threats ISS-21.
"""

from array import array
from collections.abc import Iterable, Sequence

from vcred.errors import RefusedError
from vcred.issuer.change_request import ChangeRequest
from vcred.issuer.engines.runs.roster_chunks import ChunkRow
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import JournalEntry, StatusValue


class Replacements:
    """The rows of one pass that are to be issued anew.

    `rows`: how many are set aside.
    """

    def __init__(self, store: IssuerStore, *, at: int) -> None:
        self.rows = 0
        self._changes = store.changes
        self._at = at
        self._left: int | None = None
        # Eight bytes each: a whole province may wait.
        self._numbers = array("q")

    def admit(self, rows: Sequence[ChunkRow]) -> list[ChunkRow]:
        """Return the rows that one person alone may replace; the others are set aside.

        Nothing is dealt or signed for those. What another process changes meanwhile, the store still
        refuses: `set_aside` those rows, too.
        """
        if not rows:
            return []
        if self._left is None:
            self._left = self._changes.changes_left(at=self._at)
        admitted: list[ChunkRow] = []
        for row in rows:
            count = len(_standing(row.known))
            if count > self._left:
                self.set_aside(row)
            else:
                self._left -= count
                admitted.append(row)
        return admitted

    def set_aside(self, row: ChunkRow) -> None:
        """Let a row wait for a second person."""
        self.rows += 1
        found = self._changes.statuses.of_credentials(_standing(row.known))
        self._numbers.extend(one.number for one in found.values())

    def ask(self, *, issuer: str, type_name: str) -> ChangeRequest | None:
        """Ask to revoke what stands in the way of the rows that wait.

        Returns:
            The request; None if nobody is in office who could approve it, or nothing is left of it.
        """
        if not self._numbers:
            return None
        rows = "1 row" if self.rows == 1 else f"{self.rows} rows"
        why = f"{rows} of a roster of {type_name} to be issued anew"
        numbers = array("q", sorted(self._numbers))
        try:
            waiting = self._changes.ask_to_revoke(numbers, issuer=issuer, why=why, at=self._at)
        except RefusedError:
            return None
        return None if waiting is None else waiting.request


def _standing(entries: Iterable[JournalEntry]) -> list[str]:
    return [entry.credential_id for entry in entries if entry.value is not StatusValue.REVOKED]
