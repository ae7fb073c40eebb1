# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Write the key binding anew: its header, audience and `sd_hash` are known to both ends.

    [seconds after the credential's iat, nonce, signature]             live: "<network id>#live"
    [seconds after the credential's iat, nonce, signature, audience]   an answer to a challenge

Spec: docs/spec/qr.md section 7; RFC 9901 section 4.3.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Final

from vcred.codec.base64url import encode_base64url
from vcred.codec.cbor import CborValue
from vcred.qr.claim_codes import quote, write_integer
from vcred.qr.items import as_array, as_bytes, as_integer, encode_json, is_base64url, malformed
from vcred.qr.lookup import find_did
from vcred.qr.references import References

LIVE: Final = "#live"


def restore_key_binding(
    binding: CborValue, sd_jwt: str, *, algorithm: str | None, issued_at: int, references: References
) -> str:
    """Return the JWT that binds `sd_jwt` to its audience.

    Args:
        binding: The packed key binding.
        sd_jwt: Everything before it, up to and with the last tilde.
        algorithm: JOSE name of the holder's key's algorithm; None without such a key.
        issued_at: The credential's `iat`, epoch seconds.
        references: For the network's id and a verifier's DID.

    Raises:
        DecodeError: An item that is malformed or not in its one form, or no holder's key.
        RefusedError: REFERENCE_UNKNOWN: an audience created beyond the entries known here.
    """
    items = as_array(binding)
    if algorithm is None or not 3 <= len(items) <= 4:
        raise malformed("a key binding without a holder's key, or not the items of one")
    age, nonce, signature = items[:3]
    audience = references.network_id + LIVE if len(items) == 3 else _audience(items[3], references)
    sd_hash = encode_base64url(sha256(sd_jwt.encode()).digest())
    issued = write_integer(issued_at + as_integer(age))
    payload = f'{{"aud":{quote(audience)},"iat":{issued},"nonce":{_nonce(nonce)},"sd_hash":"{sd_hash}"}}'
    return f"{_header(algorithm)}.{encode_json(payload)}.{encode_base64url(as_bytes(signature))}"


def _audience(item: CborValue, references: References) -> str:
    """Return the audience of an answer: a verifier's DID by its index, or any other text."""
    if type(item) is not str:
        return find_did(item, references)
    if item == references.network_id + LIVE or references.did_index(item) is not None:
        raise malformed("an audience that is not in its one form")
    return item


def _nonce(item: CborValue) -> str:
    """Return the JSON text of a nonce: bytes stand for their base64url, text for itself."""
    if type(item) is bytes:
        return f'"{encode_base64url(item)}"'
    if type(item) is not str or is_base64url(item):
        raise malformed("a nonce that is not in its one form")
    return quote(item)


@lru_cache(maxsize=8)
def _header(algorithm: str) -> str:
    return encode_json(f'{{"alg":"{algorithm}","typ":"kb+jwt"}}')
