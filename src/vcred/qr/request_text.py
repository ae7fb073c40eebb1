# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The text of a request: a prefix of its own, then the JWS packed in base45.

    VQ1: + base45([header, payload, signature])        three byte strings in deterministic CBOR

The packing is no protection: whoever unpacks it has a compact JWS, and knows nothing yet about
who signed it. One JWS has one text, and one text gives one JWS. It always fits a symbol of
version 22.

Spec: docs/spec/requests.md section 2; RFC 9285 section 4; RFC 8949 section 4.2.1.
"""

from typing import Final

from vcred.codec.base45 import decode_base45, encode_base45
from vcred.codec.base64url import encode_base64url
from vcred.codec.cbor import decode_cbor, encode_cbor
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_QR_TEXT_CHARACTERS, MAX_REQUEST_PACKED_BYTES
from vcred.qr.items import split_jwt

REQUEST_PREFIX: Final = "VQ1:"
_PARTS: Final = 3


def encode_request(jws: str) -> str:
    """Return the text that a gate shows.

    Args:
        jws: The signed request, compact.

    Raises:
        DecodeError: Not three parts in their one base64url form, or an empty one among them.
        LimitExceededError: More than a symbol of version 22 holds.
    """
    parts = split_jwt(jws)
    if not all(parts):
        raise _malformed("a part is empty")
    packed = encode_cbor([*parts])
    _check_size(packed)
    return REQUEST_PREFIX + encode_base45(packed)


def decode_request(text: str) -> str:
    """Return the compact JWS in a text. Says nothing about who signed it, or whether anyone did.

    Args:
        text: Exactly what the symbol holds, without a line end.

    Raises:
        LimitExceededError: Longer than any symbol holds, or more bytes than a request has.
        DecodeError: Another prefix, version or case, not base45, or not the deterministic CBOR of
            three byte strings that are not empty.
    """
    if len(text) > MAX_QR_TEXT_CHARACTERS:
        raise LimitExceededError(f"{len(text)} characters, and no QR code holds so many")
    if not text.startswith(REQUEST_PREFIX):
        raise DecodeError(f'the code does not begin with "{REQUEST_PREFIX}"', hint="it is no request")
    packed = decode_base45(text[len(REQUEST_PREFIX) :])
    _check_size(packed)
    items = decode_cbor(packed, max_bytes=MAX_REQUEST_PACKED_BYTES)
    if type(items) is not list or len(items) != _PARTS:
        raise _malformed("not three items")
    return ".".join(_part(item) for item in items)


def _part(item: object) -> str:
    # An empty signature would be a request that nobody signed (threats: JOS-01).
    if type(item) is not bytes or not item:
        raise _malformed("a part is missing")
    return encode_base64url(item)


def _check_size(packed: bytes) -> None:
    if len(packed) > MAX_REQUEST_PACKED_BYTES:
        raise LimitExceededError(
            f"the request is {len(packed)} bytes when packed, at most {MAX_REQUEST_PACKED_BYTES} are shown",
            hint="ask for fewer claims, or say the purpose in fewer words",
        )


def _malformed(what: str) -> DecodeError:
    return DecodeError(f"packed request: {what}")
