# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The text in the symbol: a prefix that names the format and its version, then base45.

All characters are of the alphanumeric mode of QR, where two take 11 bits. The text is
data, whatever it looks like: nothing is opened or run, and an error never repeats it.

Spec: docs/spec/qr.md section 2; RFC 9285 section 4.
"""

from typing import Final

from vcred.codec.base45 import decode_base45, encode_base45
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_QR_TEXT_CHARACTERS

PREFIX: Final = "VC1:"


def encode_text(packed: bytes) -> str:
    """Return the text of a packed presentation.

    Raises:
        LimitExceededError: Longer than any symbol holds.
    """
    text = PREFIX + encode_base45(packed)
    _check_length(text)
    return text


def decode_text(text: str) -> bytes:
    """Return the packed presentation in a text.

    Args:
        text: Exactly what the symbol holds, without a line end.

    Raises:
        LimitExceededError: Longer than any symbol holds.
        DecodeError: Another prefix, version or case, or not base45.
    """
    _check_length(text)
    if not text.startswith(PREFIX):
        raise DecodeError(
            f'the code does not begin with "{PREFIX}"', hint="it is no presentation of this kind"
        )
    return decode_base45(text[len(PREFIX) :])


def _check_length(text: str) -> None:
    if len(text) > MAX_QR_TEXT_CHARACTERS:
        raise LimitExceededError(
            f"{len(text)} characters, and no QR code holds more than {MAX_QR_TEXT_CHARACTERS}"
        )
