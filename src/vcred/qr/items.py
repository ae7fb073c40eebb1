# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The small things that packing and unpacking share: mode numbers, items of a type, parts of a JWT.

An item of another type than its place wants makes the code malformed.
"""

from typing import Final

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.cbor import CborValue
from vcred.errors import DecodeError

PLAIN: Final = 0
REFERENCED: Final = 1
DIGEST_BYTES: Final = 32


def malformed(what: str) -> DecodeError:
    """Make the error for a packed presentation; `what` holds nothing that came from it."""
    return DecodeError(f"packed presentation: {what}")


def as_array(item: CborValue) -> list[CborValue]:
    """Return an array, or refuse."""
    if type(item) is not list:
        raise malformed("an array is missing")
    return item


def as_bytes(item: CborValue) -> bytes:
    """Return a byte string, or refuse."""
    if type(item) is not bytes:
        raise malformed("a byte string is missing")
    return item


def as_integer(item: CborValue) -> int:
    """Return an integer, or refuse; true and false are none."""
    if type(item) is not int:
        raise malformed("an integer is missing")
    return item


def split_digests(digests: bytes) -> list[str]:
    """Return the base64url texts of SHA-256 digests that stand end to end.

    Raises:
        DecodeError: Not a whole number of digests.
    """
    if len(digests) % DIGEST_BYTES:
        raise malformed("digests that are not 32 bytes each")
    return [
        encode_base64url(digests[start : start + DIGEST_BYTES])
        for start in range(0, len(digests), DIGEST_BYTES)
    ]


def encode_json(text: str) -> str:
    """Return the base64url form of a JSON text."""
    return encode_base64url(text.encode("utf-8"))


def is_base64url(text: str) -> bool:
    """Say whether `text` is the one base64url form of some bytes."""
    try:
        decode_base64url(text)
    except DecodeError:
        return False
    return True


def split_jwt(text: str) -> tuple[bytes, bytes, bytes]:
    """Take the three parts of a compact JWS out of their base64url.

    Raises:
        DecodeError: Not three parts, or a part that is not in its one base64url form.

    Spec: RFC 7515 section 3.1.
    """
    parts = text.split(".")
    if len(parts) != 3:
        raise DecodeError("not a compact JWS of three parts")
    header, payload, signature = map(decode_base64url, parts)
    return header, payload, signature
