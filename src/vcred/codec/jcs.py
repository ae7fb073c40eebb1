# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""JCS, the one JSON text of a value, for hashing and signing.

The encoder of the standard library writes the same bytes as RFC 8785 if no number is a
float and no name holds characters beyond U+D7FF (there, the order by code point and by
UTF-16 unit part); names must be text, or it would turn them into text. A walk proves
that; otherwise `rfc8785` writes.

Spec: RFC 8785 section 3.2.
"""

import json
from collections.abc import Collection
from json.encoder import encode_basestring
from typing import Final

from vcred.codec.json_types import JsonValue
from vcred.limits import MAX_JSON_DEPTH, MAX_JSON_INTEGER

_PLAIN: Final = frozenset((str, bool, type(None)))
_FIRST_EXPONENT: Final = 1e21
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def encode_jcs(value: JsonValue) -> bytes:
    """Encode a JSON value canonically, as UTF-8.

    Raises:
        ValueError: Not a JSON value of this project: another type, a name that is not
            text, a whole number from 2**53 to 10**21, NaN, a lone surrogate, deeper than 32.
            The caller's mistake, for `decode_json` lets none of these in.
    """
    return encode_utf8(encode_jcs_text(value))


def encode_jcs_text(value: JsonValue) -> str:
    """Encode as `encode_jcs`, but to text, for putting together larger texts.

    A lone surrogate is not refused here, but by `encode_utf8`, which the text must go through.

    Raises:
        ValueError: As `encode_jcs` otherwise.
    """
    # Most claims are texts, and most others small counts: neither needs the whole encoder.
    if type(value) is str:
        return encode_basestring(value)
    if type(value) is int:
        _check_size(value)
        return repr(value)
    return _ENCODER.encode(value) if _is_plain(value, MAX_JSON_DEPTH) else _encode_slowly(value).decode()


def encode_utf8(text: str) -> bytes:
    """Encode canonical text.

    Raises:
        ValueError: It holds a lone surrogate.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a lone surrogate has no canonical JSON") from error


def _is_plain(value: JsonValue, depth: int) -> bool:
    """Tell whether the standard encoder writes the canonical bytes; refuse what has none."""
    if type(value) is dict or type(value) is list:
        return _is_plain_container(value, depth)
    if type(value) is int:
        _check_size(value)
        return True
    if type(value) is float:
        # Below this JCS writes a whole float as an integer, which must read back as one.
        if abs(value) < _FIRST_EXPONENT:
            _check_size(value)
        return False
    # An enum of texts is a text, as the encoder sees it too.
    if type(value) not in _PLAIN and not isinstance(value, str):
        raise ValueError(f"{type(value).__name__} is not a JSON type")
    return True


def _is_plain_container(value: list[JsonValue] | dict[str, JsonValue], depth: int) -> bool:
    if depth == 0:
        raise ValueError(f"nested deeper than {MAX_JSON_DEPTH}")
    items: Collection[JsonValue] = value
    plain = True
    if type(value) is dict:
        items = value.values()
        plain = _has_plain_names(value)
    # One pass in C settles the usual object, whose values are all text.
    if _PLAIN.issuperset(map(type, items)):
        return plain
    for item in items:
        if type(item) not in _PLAIN:
            plain &= _is_plain(item, depth - 1)
    return plain


def _has_plain_names(value: dict[str, JsonValue]) -> bool:
    try:
        names = "".join(value)
    except TypeError as error:
        raise ValueError("a member name that is not text") from error
    return names.isascii() or max(names) < "\ud800"


def _check_size(number: float) -> None:
    if not -MAX_JSON_INTEGER <= number <= MAX_JSON_INTEGER:
        raise ValueError("a number that a double cannot hold exactly has no canonical JSON here")


def _encode_slowly(value: JsonValue) -> bytes:
    import rfc8785

    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ValueError("the value has no canonical JSON") from error
