# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Base64url without padding, in its one canonical spelling.

Lenient decoders skip unknown characters and ignore the unused low bits of the last one,
so that one signature has many spellings and a store of seen codes can be walked around.
Here each byte string has exactly one text.
"""

from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Iterable
from typing import Final

from vcred.errors import DecodeError

_FROM_STANDARD: Final = bytes.maketrans(b"+/", b"-_")
# Onto the standard alphabet, and whatever is not base64url onto "!", which a2b refuses.
_TO_STANDARD: Final = bytes(
    {ord("-"): ord("+"), ord("_"): ord("/")}.get(octet, octet)
    if chr(octet).isascii() and (chr(octet).isalnum() or chr(octet) in "-_")
    else ord("!")
    for octet in range(256)
)
# By the characters in the last group of four: the padding that a2b wants, and the last
# characters whose unused bits are zero. One character alone holds no whole byte.
_PADDING: Final = (b"", b"!", b"==", b"=")
_LAST: Final = (None, "", "AQgw", "AEIMQUYcgkosw048")


def encode_base64url(data: bytes) -> str:
    """Encode without padding."""
    # Padding stands at the end only: deleting it and translating is one pass.
    return b2a_base64(data, newline=False).translate(_FROM_STANDARD, b"=").decode()


def encode_all_base64url(items: Iterable[bytes]) -> list[str]:
    """Encode each without padding: a credential has some thirty, and a call for each is half the price."""
    table = _FROM_STANDARD
    return [b2a_base64(data, newline=False).translate(table, b"=").decode() for data in items]


def decode_base64url(text: str) -> bytes:
    """Decode; the empty text is the empty bytes.

    Args:
        text: Only `A-Z a-z 0-9 - _`, no padding, no white space, unused bits zero.

    Raises:
        DecodeError: Any other text.

    Spec: RFC 4648 section 5; RFC 7515 section 2.
    """
    group = len(text) & 3
    last = _LAST[group]
    if last is not None and text[-1] not in last:
        raise DecodeError("not base64url: the length or the unused bits of the last character are wrong")
    try:
        return a2b_base64(text.encode("ascii").translate(_TO_STANDARD) + _PADDING[group], strict_mode=True)
    except (Error, UnicodeEncodeError) as error:
        raise DecodeError("not base64url: a character outside its alphabet") from error
