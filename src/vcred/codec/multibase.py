# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Base58btc, bare and with the multibase prefix "z".

Decoding costs the square of the length, so the length is capped first. Base58 has one
spelling per byte string; the foreign decoder also drops white space at the end, which
is refused here before it sees the text.
"""

import re
from typing import Final

import base58

from vcred.errors import DecodeError, LimitExceededError

_BASE58: Final = re.compile(r"[1-9A-HJ-NP-Za-km-z]*")
_PREFIX: Final = "z"
_ZERO: Final = "1"
# A multikey of P-521 is 96 characters; nothing that this project reads is longer.
_MAX_CHARACTERS: Final = 256


def encode_base58(data: bytes) -> str:
    """Encode without a prefix."""
    return base58.b58encode(data).decode("ascii")


def decode_base58(text: str, *, max_characters: int = _MAX_CHARACTERS) -> bytes:
    """Decode text without a prefix; the empty text is the empty bytes.

    Raises:
        LimitExceededError: More than `max_characters`.
        DecodeError: A character outside the base58btc alphabet.
    """
    if len(text) > max_characters:
        raise LimitExceededError(f"base58 text of {len(text)} characters, at most {max_characters} are read")
    if _BASE58.fullmatch(text) is None:
        raise DecodeError("not base58btc: a character outside its alphabet")
    digits = text.lstrip(_ZERO)
    number = base58.b58decode_int(digits)
    # Each "1" at the front is a zero byte; the number has none. In C this takes half of `b58decode`.
    return bytes(len(text) - len(digits)) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base58btc(data: bytes) -> str:
    """Encode as multibase: "z" and base58btc."""
    return _PREFIX + encode_base58(data)


def decode_base58btc(text: str, *, max_characters: int = _MAX_CHARACTERS) -> bytes:
    """Decode multibase text that starts with "z".

    Raises:
        LimitExceededError: More than `max_characters` after the prefix.
        DecodeError: Another prefix, or a character outside the alphabet.

    Spec: Controlled Identifiers 1.0 section 2.4.
    """
    if not text.startswith(_PREFIX):
        raise DecodeError('not multibase base58btc: it does not start with "z"')
    return decode_base58(text[1:], max_characters=max_characters)
