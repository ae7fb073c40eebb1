# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""JSON from strangers: one value, read one way.

Refused, because parsers disagree about them and an attacker lives in the difference:
duplicate names, a byte order mark, other encodings than UTF-8, lone surrogates, NUL,
numbers that a double cannot hold exactly, trailing data. The depth is bounded before the parser
recurses. Each guard first asks a cheap question of the whole text, and walks only if
the answer leaves doubt.

Spec: RFC 8259; RFC 7493 (I-JSON); RFC 8725 section 2.4.
"""

import json
import re
from typing import Any, Final, NoReturn

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_JSON_BYTES, MAX_JSON_DEPTH, MAX_JSON_INTEGER

_MAX_INTEGER_CHARACTERS: Final = len(str(-MAX_JSON_INTEGER))
_ALWAYS_EXACT_CHARACTERS: Final = len(str(MAX_JSON_INTEGER)) - 1
_WHITESPACE: Final = " \t\n\r"
# Each quote is looked at once: with a required end, an open string would be tried from
# every quote inside it, in quadratic time.
_STRING: Final = re.compile(r'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_INFINITY: Final = float("inf")
# From here on JCS writes a float with an exponent; below, a whole one looks like an integer.
_FIRST_EXPONENT: Final = 1e21


def decode_json(data: bytes | str, *, max_bytes: int = MAX_JSON_BYTES) -> JsonValue:
    """Decode exactly one JSON value.

    Args:
        data: UTF-8 bytes, or text that came from them.
        max_bytes: The most bytes that are read, counted as UTF-8.

    Raises:
        LimitExceededError: More bytes than `max_bytes`, or nested deeper than 32.
        DecodeError: Anything else that this module's docstring refuses.
    """
    text = _as_text(data, max_bytes)
    # As many brackets as levels are allowed cannot nest too deep: no need to walk.
    if text.count("[") + text.count("{") > MAX_JSON_DEPTH:
        _check_depth(text)
    start = 0 if text[:1] not in _WHITESPACE else len(text) - len(text.lstrip(_WHITESPACE))
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        # A byte order mark is among them: the parser takes it for no value.
        raise DecodeError(f"not JSON: {error.msg.lower()} at character {error.pos}") from error
    if end != len(text) and text[end:].strip(_WHITESPACE):
        raise DecodeError(f"not JSON: more data after the value at character {end}")
    # Only an escape can spell a lone surrogate or NUL: the parser refuses them bare.
    if "\\" in text:
        _check_characters(value)
    return value  # type: ignore[no-any-return]


def decode_json_object(data: bytes | str, *, max_bytes: int = MAX_JSON_BYTES) -> JsonObject:
    """Decode one JSON value that must be an object. Arguments and errors as `decode_json`."""
    value = decode_json(data, max_bytes=max_bytes)
    if type(value) is not dict:
        raise DecodeError("not a JSON object")
    return value


def _as_text(data: bytes | str, max_bytes: int) -> str:
    """Return the text within its limit, without surrogates."""
    encoded = data if isinstance(data, bytes) or data.isascii() else _utf8(data)
    if len(encoded) > max_bytes:
        raise LimitExceededError(f"JSON of {len(encoded)} bytes, at most {max_bytes} are read")
    if isinstance(data, str):
        return data
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"not JSON: byte {error.start} is not UTF-8") from error


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DecodeError(f"not JSON: a lone surrogate at character {error.start}") from error


def _check_depth(text: str) -> None:
    """Count the open brackets outside strings; a wrong pair is left to the parser."""
    depth = 0
    for character in re.findall(r"[][{}]", _STRING.sub("", text)):
        depth += 1 if character in "[{" else -1
        if depth > MAX_JSON_DEPTH:
            raise LimitExceededError(f"JSON nested deeper than {MAX_JSON_DEPTH}")


def _check_characters(value: JsonValue) -> None:
    """Refuse lone surrogates and NUL in any string or name; the depth is bounded already."""
    if type(value) is str:
        if "\0" in value:
            raise DecodeError("not JSON: NUL in a string")
        if not value.isascii():
            _utf8(value)
    elif type(value) is list:
        for item in value:
            _check_characters(item)
    elif type(value) is dict:
        for name, item in value.items():
            _check_characters(name)
            _check_characters(item)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        # The name itself may be personal data: it is not repeated.
        raise DecodeError("not JSON: an object has two members of one name")
    return members


def _integer(digits: str) -> int:
    if len(digits) <= _ALWAYS_EXACT_CHARACTERS:
        return int(digits)
    # Length first: turning thousands of digits into a number costs their square.
    if len(digits) > _MAX_INTEGER_CHARACTERS:
        raise DecodeError("not JSON: an integer that a double cannot hold exactly")
    number = int(digits)
    if not -MAX_JSON_INTEGER <= number <= MAX_JSON_INTEGER:
        raise DecodeError("not JSON: an integer that a double cannot hold exactly")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    size = abs(number)
    if size == _INFINITY or MAX_JSON_INTEGER < size < _FIRST_EXPONENT:
        raise DecodeError("not JSON: a number that a double cannot hold exactly")
    return number


def _constant(_name: str) -> NoReturn:
    raise DecodeError("not JSON: NaN and Infinity are not numbers")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
