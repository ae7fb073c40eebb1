# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Measure CBOR without building it: which limit do these bytes break?

Data that was refused already comes here, to tell "too large" from "malformed", and large
data before it is decoded. It reads heads, skips strings, keeps one counter per open
container, allocates nothing that the data asks for, and stops at the first broken limit.
"""

from vcred.errors import DecodeError, LimitExceededError

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)


def check_extent(data: bytes, *, max_bytes: int, max_depth: int, max_items: int) -> None:
    """Refuse data with too many bytes, levels or items, or a length declared beyond `max_bytes`.

    Stops quietly at the first head that makes no sense: that is for the decoder to say.

    Raises:
        LimitExceededError: Which limit, and its value.
    """
    if len(data) > max_bytes:
        raise LimitExceededError(f"CBOR of {len(data)} bytes, at most {max_bytes} are read")
    offset = items = 0
    open_items: list[int] = []
    while offset < len(data):
        items += 1
        if items > max_items:
            raise LimitExceededError(f"CBOR of more than {max_items} items")
        try:
            major, argument, offset = _read_head(data, offset)
        except DecodeError:
            return
        if _BYTES <= major <= _MAP and argument > max_bytes:
            raise LimitExceededError(f"CBOR declares a length above {max_bytes}")
        if major in (_BYTES, _TEXT):
            offset += argument
        elif major in (_ARRAY, _MAP):
            open_items.append(argument * (2 if major == _MAP else 1) + 1)
        elif major == _TAG:
            # A tag and its content are one item.
            open_items.append(2)
        if len(open_items) > max_depth:
            raise LimitExceededError(f"CBOR nested deeper than {max_depth}")
        _close(open_items)


def _read_head(data: bytes, offset: int) -> tuple[int, int, int]:
    """Return the major type, the argument and the offset after the head."""
    major, info = data[offset] >> 5, data[offset] & 0x1F
    offset += 1
    if info < 24:
        return major, info, offset
    size = 1 << (info - 24)
    if size > 8 or offset + size > len(data):
        raise DecodeError("not a CBOR head of definite length")
    return major, int.from_bytes(data[offset : offset + size], "big"), offset + size


def _close(open_items: list[int]) -> None:
    """Count one finished item, and with it each container that it completes."""
    while open_items:
        open_items[-1] -= 1
        if open_items[-1]:
            return
        open_items.pop()
