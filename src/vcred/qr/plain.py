# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Mode 0: any SD-JWT or SD-JWT+KB, its base64url parts as bytes. Needs no ledger at either end.

    [0, issuer header, payload, signature, [disclosure ...], null | [header, payload, signature]]

Spec: docs/spec/qr.md section 3.
"""

from typing import Final

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.cbor import CborValue
from vcred.qr.items import PLAIN, as_array, as_bytes, malformed, split_jwt
from vcred.securing.sd_jwt.combined import SdJwt, join_sd_jwt

_ITEMS: Final = 6
_JWT_PARTS: Final = 3


def shorten_plainly(sd_jwt: SdJwt) -> list[CborValue]:
    """Return the items that stand for a presentation, mode number first.

    Raises:
        DecodeError: A part that is not in its one base64url form.
    """
    disclosures: list[CborValue] = [decode_base64url(disclosure) for disclosure in sd_jwt.disclosures]
    binding: list[CborValue] | None = None
    if sd_jwt.key_binding is not None:
        binding = [*split_jwt(sd_jwt.key_binding)]
    return [PLAIN, *split_jwt(sd_jwt.issuer_jwt), disclosures, binding]


def restore_plainly(items: list[CborValue]) -> str:
    """Return the text that `items` stand for.

    Raises:
        DecodeError: Not the items of this mode.
    """
    if len(items) != _ITEMS:
        raise malformed("not as many items as its mode has")
    _, header, payload, signature, disclosures, binding = items
    sd_jwt = SdJwt(
        issuer_jwt=_jwt([header, payload, signature]),
        disclosures=tuple(_disclosure(item) for item in as_array(disclosures)),
        key_binding=None if binding is None else _jwt(as_array(binding)),
    )
    return join_sd_jwt(sd_jwt)


def _jwt(parts: list[CborValue]) -> str:
    if len(parts) != _JWT_PARTS:
        raise malformed("a JWT that has not three parts")
    return ".".join(encode_base64url(as_bytes(part)) for part in parts)


def _disclosure(item: CborValue) -> str:
    # An empty one would come out as two tildes in a row, which is no SD-JWT.
    if not as_bytes(item):
        raise malformed("an empty disclosure")
    return encode_base64url(as_bytes(item))
