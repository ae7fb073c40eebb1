# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A set of texts, of which it keeps 64 bits each: ten million take 134 MB.

A `set` of as many numbers takes 850 MB. Two different texts among ten million are taken for
one in one pass of 370,000; the key is drawn anew each time, so that nobody can make it happen.
"""

import secrets
from array import array
from hashlib import blake2b
from typing import Final

_DIGEST_BYTES: Final = 8
_KEY_BYTES: Final = 16
_FIRST_SLOTS: Final = 1 << 12


class SeenTexts:
    """Remembers which texts it was asked for: a table of digests, each in the next free slot."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._slots = array("Q", bytes(_DIGEST_BYTES * _FIRST_SLOTS))
        self._free = _fillable(_FIRST_SLOTS)

    def has_met(self, text: str) -> bool:
        """Say whether `text` was asked before, and remember it."""
        number, place = self._find(text)
        if self._slots[place]:
            return True
        self._slots[place] = number
        self._free -= 1
        if not self._free:
            self._grow()
        return False

    def __contains__(self, text: str) -> bool:
        """Say whether `has_met` was asked for `text`; nothing is remembered."""
        return bool(self._slots[self._find(text)[1]])

    def _find(self, text: str) -> tuple[int, int]:
        """Return a text's digest as a number, and the slot where it is, or would be."""
        data = text.encode("utf-8", "surrogatepass")
        digest = blake2b(data, digest_size=_DIGEST_BYTES, key=self._key).digest()
        # 0 is an empty slot.
        number = int.from_bytes(digest, "big") or 1
        slots = self._slots
        mask = len(slots) - 1
        place = number & mask
        while (found := slots[place]) and found != number:
            place = (place + 1) & mask
        return number, place

    def _grow(self) -> None:
        """Put every digest into a table of twice the size."""
        larger = array("Q", bytes(2 * _DIGEST_BYTES * len(self._slots)))
        mask = len(larger) - 1
        for number in self._slots:
            if number:
                place = number & mask
                while larger[place]:
                    place = (place + 1) & mask
                larger[place] = number
        self._free = _fillable(len(larger)) - _fillable(len(self._slots))
        self._slots = larger


def _fillable(slots: int) -> int:
    """How many slots may be taken: beyond two thirds, the next free one is too far away."""
    return 2 * slots // 3
