# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whose each place of a status list is: by its deck, by the journal, and by what its decoys say.

What a gate reads at an index is about whoever has that index. So whoever can write the store need not
touch a status: with another index in the journal somebody else is revoked, with a decoy at an index
somebody is whom no entry of the log names, with one index twice two people are one.

    deck        every index of the list once
    journal     at each deal the index that the deck has there
    decoys      in the reserve, which is never dealt; never at an index that a credential has

Of a list that was taken over from what was published, others have places that are lost here, and there
decoys stand in for them. Of one that is older than decks only this is known: an index has one
credential, and then no decoy.

Spec: docs/spec/changes.md, What the tables must say.
"""

from array import array
from typing import Final

from vcred.status.allotment import allottable

_TAKEN: Final = 1
_RESERVED: Final = 2


class ListPlaces:
    """The places of one list. Memory: one byte for each.

    Args:
        size: Entries of the list.
        deck: Its indices in the order of deals; None of a list that has none.
        is_taken_over: Whether others may have places that are lost here.
    """

    def __init__(self, *, size: int, deck: "array[int] | None", is_taken_over: bool) -> None:
        self._size = size
        self._deck = deck
        self._has_others = is_taken_over or deck is None
        self._marks = bytearray(size)
        self.is_whole = deck is None or is_permutation(deck, size)
        if deck is not None and self.is_whole:
            for index in deck[allottable(size) :]:
                self._marks[index] = _RESERVED

    def take(self, deal: int, index: int) -> bool:
        """Take in a credential; returns whether it stands where it was dealt, and alone."""
        if not 0 <= index < self._size:
            return False
        is_free = not self._marks[index] & _TAKEN
        self._marks[index] |= _TAKEN
        if self._deck is None:
            return is_free
        return is_free and deal < min(allottable(self._size), len(self._deck)) and self._deck[deal] == index

    def may_lie(self, index: int) -> bool:
        """Say whether a decoy may stand at an index. After all credentials were taken in."""
        if not 0 <= index < self._size:
            return False
        mark = self._marks[index]
        # Who says that they are in the reserve is misplaced; the decoy there is not.
        return bool(mark & _RESERVED) or (not mark and (self._has_others or not self.is_whole))


def is_permutation(deck: "array[int]", size: int) -> bool:
    """Say whether a deck has every index of its list once."""
    if len(deck) != size or max(deck, default=-1) >= size:
        return False
    seen = bytearray(size)
    for index in deck:
        seen[index] = 1
    return seen.count(1) == size


def decoys_outside(decoys: "set[int]", deck: "array[int]") -> set[int]:
    """Return the decoys that do not lie in the reserve of a deck."""
    return decoys.difference(deck[allottable(len(deck)) :])
