# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status lists as bits: 1, 2, 4 or 8 to an entry, least significant bits first.

Spec: Token Status List sections 4.1 and 4.2. (The W3C Bitstring Status List counts
from the most significant bit; its lists are not read here.)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.inflate import deflate_zlib, inflate_zlib
from vcred.errors import RefusedError
from vcred.limits import MAX_STATUS_LIST_BYTES
from vcred.reasons import Reason

_INDEX_SHIFT: Final = {1: 3, 2: 2, 4: 1, 8: 0}
# Of the entries in a byte, the lowest bit of each.
_LOWEST_OF_EACH: Final = {1: 0b11111111, 2: 0b01010101, 4: 0b00010001, 8: 0b00000001}
_REVOKED: Final = 1
_LEVEL: Final = 6  # Level 9 takes 14 times as long for 15 % less.


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """A list of status values. It never changes; `changed` makes the next one.

    Attributes:
        bits: Bits to an entry: 1, 2, 4 or 8.
        data: The entries, packed; the last byte is filled up with entries of value 0.

    Raises:
        RefusedError: STATUS_INVALID, another number of bits.
    """

    bits: int
    data: bytes = field(repr=False)
    _shift: int = field(init=False, repr=False, compare=False)
    _low: int = field(init=False, repr=False, compare=False)
    _mask: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_bits(self.bits)
        shift = _INDEX_SHIFT[self.bits]
        # Worked out once: looking up must cost no more than a function call.
        object.__setattr__(self, "_shift", shift)
        object.__setattr__(self, "_low", (1 << shift) - 1)
        object.__setattr__(self, "_mask", (1 << self.bits) - 1)

    @classmethod
    def empty(cls, *, bits: int, size: int) -> "StatusList":
        """Return a list of at least `size` entries, all 0."""
        check_bits(bits)
        return cls(bits=bits, data=bytes((size * bits + 7) // 8))

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self.data) << self._shift

    def get(self, index: int) -> int:
        """Return the value at a zero-based index.

        Raises:
            RefusedError: STATUS_INVALID, the index is not in the list.
        """
        if index >= 0:
            try:
                return self.data[index >> self._shift] >> (index & self._low) * self.bits & self._mask
            except IndexError:
                pass
        raise RefusedError(Reason.STATUS_INVALID, f"the status index is not in the list of {self.size}")

    def nonzero(self) -> Iterator[tuple[int, int]]:
        """Yield index and value of every entry that is not 0, in order."""
        entries = 1 << self._shift
        for place, byte in enumerate(self.data):
            if byte:
                for entry in range(entries):
                    value = byte >> entry * self.bits & self._mask
                    if value:
                        yield place * entries + entry, value

    def changed(self, values: Mapping[int, int]) -> "StatusList":
        """Return the list with other values at some indices.

        Raises:
            ValueError: An index not in the list, or a value of too many bits.
        """
        data = bytearray(self.data)
        for index, value in values.items():
            if not 0 <= index < self.size or not 0 <= value <= self._mask:
                raise ValueError("the index is not in the list, or the value does not fit its bits")
            position = (index & self._low) * self.bits
            place = index >> self._shift
            data[place] = data[place] & ~(self._mask << position) | value << position
        return StatusList(bits=self.bits, data=bytes(data))


def takes_back(earlier: StatusList, later: StatusList) -> bool:
    """Whether an entry that was revoked (value 1) in a list is something else in a later one, or missing."""
    if earlier.bits != later.bits:
        return any(
            value == _REVOKED and (index >= later.size or later.get(index) != _REVOKED)
            for index, value in earlier.nonzero()
        )
    return bool(_revoked_entries(earlier) & ~_revoked_entries(later))


def _revoked_entries(status_list: StatusList) -> int:
    """One bit for each entry whose value is 1: all of them in a few operations on one long number."""
    bits, data = status_list.bits, status_list.data
    lowest = int.from_bytes(bytes([_LOWEST_OF_EACH[bits]]) * len(data), "little")
    number = int.from_bytes(data, "little")
    others = 0
    for place in range(1, bits):
        others |= number >> place
    return number & lowest & ~others


def check_bits(bits: int) -> None:
    """Refuse a number of bits that no list has.

    Raises:
        RefusedError: STATUS_INVALID.
    """
    if bits not in _INDEX_SHIFT:
        raise RefusedError(Reason.STATUS_INVALID, "a status list has 1, 2, 4 or 8 bits to an entry")


def compress_list(status_list: StatusList) -> str:
    """Return the `lst` member: zlib at level 6, base64url without padding."""
    return encode_base64url(deflate_zlib(status_list.data, level=_LEVEL))


def inflate_list(bits: int, lst: str) -> StatusList:
    """Read a `lst` member.

    Args:
        bits: Bits to an entry.
        lst: base64url of zlib.

    Raises:
        LimitExceededError: It inflates to more than `limits.MAX_STATUS_LIST_BYTES`.
        DecodeError: Not canonical base64url, not zlib, cut short, or something behind it.
        RefusedError: STATUS_INVALID, another number of bits.
    """
    check_bits(bits)
    return StatusList(bits=bits, data=inflate_zlib(decode_base64url(lst), max_bytes=MAX_STATUS_LIST_BYTES))
