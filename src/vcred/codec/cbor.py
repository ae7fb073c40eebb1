# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""CBOR in its core deterministic form, and only that.

Integers of 64 bits, byte and text strings, arrays, maps with integer or text keys, true,
false, null. No float, tag, other simple value or indefinite length. What was decoded is
encoded again: other bytes mean another spelling, a hidden tag or trailing data.

Spec: RFC 8949 section 4.2.1.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NoReturn, TypeAlias

import cbor2

from vcred.codec.cbor_extent import check_extent
from vcred.errors import DecodeError
from vcred.limits import KIB, MAX_CBOR_DEPTH, MAX_CBOR_ITEMS

CborValue: TypeAlias = "bool | int | bytes | str | list[CborValue] | dict[int | str, CborValue] | None"

_UNCOUNTED_BYTES: Final = 64 * KIB
_SCALARS: Final = frozenset((int, bytes, str, bool, type(None)))


def encode_cbor(value: CborValue) -> bytes:
    """Encode deterministically; map keys are put in order, whatever order they came in.

    Raises:
        ValueError: A type that is not part of `CborValue`, an integer of more than 64
            bits, or deeper than 16. The caller's mistake.
    """
    return cbor2.dumps(_in_order(value, MAX_CBOR_DEPTH))


def decode_cbor(
    data: bytes, *, max_bytes: int, max_depth: int = MAX_CBOR_DEPTH, max_items: int = MAX_CBOR_ITEMS
) -> CborValue:
    """Decode exactly one item in the core deterministic form.

    Args:
        data: The whole item.
        max_bytes: The most bytes that are read.
        max_depth: The most arrays and maps inside one another.
        max_items: The most items, containers and keys among them. Counted only in data of more than
            64 KiB: less cannot do harm by their number.

    Raises:
        LimitExceededError: More bytes, deeper, more items, or a declared length beyond the limits.
        DecodeError: Anything that is not the deterministic encoding of a `CborValue`.
    """
    if len(data) > min(max_bytes, _UNCOUNTED_BYTES):
        # An item of one byte is an object of many: count before any is built.
        check_extent(data, max_bytes=max_bytes, max_depth=max_depth, max_items=max_items)
    try:
        value: CborValue = cbor2.loads(
            data,
            semantic_decoders=_NO_TAGS,
            max_depth=max_depth,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except cbor2.CBORDecodeError as error:
        # The library has one error for all: measure the data to name a broken limit.
        check_extent(data, max_bytes=max_bytes, max_depth=max_depth, max_items=len(data))
        raise DecodeError("not CBOR in the deterministic form") from error
    _check_value(value)
    if cbor2.dumps(value) != data:
        raise DecodeError("not CBOR in the deterministic form: another spelling, or trailing data")
    return value


def _check_value(value: CborValue) -> None:
    """Refuse floats, odd simple values, other keys than integers and text, and wrong order."""
    if type(value) is dict:
        _check_map(value)
    elif type(value) is list:
        for item in value:
            _check_value(item)
    elif type(value) not in _SCALARS:
        raise DecodeError("CBOR with a float, or a simple value other than true, false and null")


def _check_map(value: dict[int | str, CborValue]) -> None:
    previous: tuple[int, int, bytes] | None = None
    for key, item in value.items():
        rank = _rank(key)
        # Order also shows that no key is there twice.
        if previous is not None and rank <= previous:
            raise DecodeError("CBOR with map keys out of order")
        previous = rank
        if type(item) not in _SCALARS:
            _check_value(item)


def _rank(key: object) -> tuple[int, int, bytes]:
    """Order keys as their encodings: unsigned, negative, text; then the argument; then the text."""
    if type(key) is int:
        return (0, key, b"") if key >= 0 else (1, -key, b"")
    if type(key) is str:
        octets = key.encode("utf-8")
        return 3, len(octets), octets
    raise DecodeError("CBOR with a map key that is neither an integer nor text")


def _in_order(value: CborValue, depth: int) -> CborValue:
    if type(value) is int and not -(2**64) <= value < 2**64:
        raise ValueError("an integer of more than 64 bits")
    if type(value) in _SCALARS:
        return value
    if depth == 0:
        raise ValueError(f"nested deeper than {MAX_CBOR_DEPTH}")
    if type(value) is list:
        return [_in_order(item, depth - 1) for item in value]
    if type(value) is not dict:
        raise ValueError(f"{type(value).__name__} is not a CBOR type of this project")
    try:
        ranked = sorted(value.items(), key=lambda member: _rank(member[0]))
    except DecodeError as error:
        raise ValueError("a map key that is neither an integer nor text") from error
    return {key: _in_order(item, depth - 1) for key, item in ranked}


def _refuse_tag(*_: object) -> NoReturn:
    raise DecodeError("CBOR with a tag")


class _NoTags(Mapping[int, Callable[..., Any]]):
    """Answers for every tag, so that none of the library's own decoders runs.

    Among them are shared references (cycles and laughs), regular expressions, MIME parts
    and decimal fractions whose exponent fills the memory.
    """

    def __getitem__(self, _tag: int) -> Callable[..., Any]:
        return _refuse_tag

    def __iter__(self) -> Iterator[int]:
        return iter((0,))

    def __len__(self) -> int:
        return 1


_NO_TAGS: Final = _NoTags()
