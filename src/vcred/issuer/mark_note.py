# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer's home notes in the mark beside its store, in one line.

    9132 2044 1795147200 7311234:16384:16401 12:9f86d081884c7d65

In order: how far the store is after the deal that is under way; the number from which lists are free
after it; `iat` of the newest status list that was published; where the store lies (`-` of a
file); and which reconciliation it has had last (`-` of none).

The size of the mark itself is how far the store was before that deal, for certain. Both are written
before the deal is committed. So a home that is killed between the two, and a store that was put
back to the moment between the two, are told apart from one that is older still.
"""

import re
from dataclasses import dataclass
from typing import Final

_NOTHING: Final = "-"
_NOTE: Final = re.compile(
    r"(\d{1,16}) (\d{1,16}) (\d{1,16}) (-|[0-9:]{1,80}) (-|\d{1,16}:[0-9a-f]{16})", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNote:
    """What is noted.

    Attributes:
        intended: Progress of the store after the deal that is under way, if one is.
        next_list: Every list of a lower number may be known to somebody.
        newest: NumericDate of the newest published list; 0 if there is none.
        place: Server, database and table, by numbers that a dump that is put back does not have;
            None of a file.
        epoch: Of the last reconciliation; None if there was none.
    """

    intended: int
    next_list: int
    newest: int
    place: str | None
    epoch: str | None

    def encode(self) -> str:
        """As the line above."""
        numbers = f"{self.intended} {self.next_list} {self.newest}"
        return f"{numbers} {self.place or _NOTHING} {self.epoch or _NOTHING}"


def parse_note(text: str) -> MarkNote | None:
    """Read the line; None if it is none."""
    found = _NOTE.fullmatch(text)
    if found is None:
        return None
    intended, next_list, newest, place, epoch = found.groups()
    return MarkNote(
        intended=int(intended),
        next_list=int(next_list),
        newest=int(newest),
        place=None if place == _NOTHING else place,
        epoch=None if epoch == _NOTHING else epoch,
    )
