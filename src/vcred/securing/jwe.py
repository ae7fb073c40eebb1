# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A text sealed to one holder's key, as compact JSON Web Encryption, opened one way.

One form only: ECDH-ES+A256KW with A256GCM to a P-256 key. It keeps a text secret from whoever
carries it, and says nothing about who sealed it: what is inside is signed. The header is what
somebody sent; it is compared with what would be written here before any of it is obeyed:

* another algorithm, compression (`zip`), `crit` and every other member are refused,
* keys, key addresses and certificates in it are refused, and never followed,
* `kid` must name the key that opens it, and `epk` must be a point of the curve, or a stranger's
  point outside it would draw the private key out bit by bit (invalid curve attack).

Spec: RFC 7516; RFC 7518 section 4.6; RFC 8725 section 3.
"""

from typing import Final

from vcred.codec.base64url import decode_base64url
from vcred.codec.fields import get_object, get_text
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, KeyMaterialError, LimitExceededError, RefusedError
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.limits import MAX_PRESENTATION_BYTES, MAX_SEALED_CHARACTERS
from vcred.reasons import Reason

MEDIA_TYPE: Final = "vcred-sealed+jwe"

_KEY_AGREEMENT: Final = "ECDH-ES+A256KW"
_ENCRYPTION: Final = "A256GCM"
_MEMBERS: Final = frozenset({"alg", "enc", "typ", "cty", "kid", "epk"})
_KEY_MEMBERS: Final = frozenset({"jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"})
_EPK_MEMBERS: Final = frozenset({"kty", "crv", "x", "y"})
# Encrypted key (32 bytes, wrapped), initialisation vector, tag.
_WRAPPED_KEY_BYTES: Final = 40
_VECTOR_BYTES: Final = 12
_TAG_BYTES: Final = 16
_PARTS: Final = 5


def can_receive(key: PublicKey) -> bool:
    """Say whether something can be sealed to a key: Ed25519 keys sign, and agree on nothing."""
    return key.algorithm.curve == ES256.curve


def is_sealed(text: str) -> bool:
    """Tell a sealed text from an SD-JWT by its form; that it opens is not said."""
    return "~" not in text and text.count(".") == _PARTS - 1


def seal_to(plaintext: bytes, key: PublicKey, *, content_type: str) -> str:
    """Encrypt to a holder's key, so that only its private half opens it.

    Args:
        plaintext: At most `MAX_PRESENTATION_BYTES`.
        key: P-256; ask `can_receive` first.
        content_type: Media type of the plaintext, without "application/"; authenticated.

    Raises:
        KeyMaterialError: The key is none to seal to.
        LimitExceededError: The plaintext is longer than what is ever opened.

    Spec: RFC 7516 section 5.1; RFC 7518 sections 4.6 and 5.3.
    """
    from jwcrypto.jwe import JWE
    from jwcrypto.jwk import JWK

    if not can_receive(key):
        raise KeyMaterialError("nothing can be sealed to an Ed25519 key")
    if len(plaintext) > MAX_PRESENTATION_BYTES:
        raise LimitExceededError(
            f"a text of {len(plaintext)} bytes, at most {MAX_PRESENTATION_BYTES} are sealed"
        )
    header = {**_expected_header(content_type), "kid": key.thumbprint()}
    envelope = JWE(
        plaintext, protected=encode_jcs(header).decode("ascii"), algs=[_KEY_AGREEMENT, _ENCRYPTION]
    )
    envelope.add_recipient(JWK(**key.to_jwk()))
    return str(envelope.serialize(compact=True))


def open_sealed(text: str, private_jwk: JsonObject, *, content_type: str) -> bytes:
    """Decrypt what was sealed to a key. Says nothing about who sealed it.

    Args:
        text: Five base64url parts, joined by dots. The JSON serialisations are refused.
        private_jwk: The private half, P-256.
        content_type: What must be inside.

    Raises:
        LimitExceededError: Longer than `MAX_SEALED_CHARACTERS`.
        DecodeError: Not five canonical parts of the right lengths, or a header that is not a
            strict JSON object.
        RefusedError: ALGORITHM_NOT_ALLOWED, KEY_NOT_AUTHORISED, HEADER_NOT_ALLOWED or MEDIA_TYPE_WRONG.
        KeyMaterialError: Sealed to another key, an unusable `epk`, or changed on the way.

    Spec: RFC 7516 section 5.2; RFC 8725 sections 3.1, 3.4, 3.10 and 3.11.
    """
    from jwcrypto.common import JWException
    from jwcrypto.jwe import JWE
    from jwcrypto.jwk import JWK

    own = SoftwareSigner.from_private_jwk(private_jwk).public_key
    if not can_receive(own):
        raise KeyMaterialError("nothing can be sealed to an Ed25519 key")
    _check_header(_read(text), own, content_type)
    envelope = JWE(algs=[_KEY_AGREEMENT, _ENCRYPTION])
    try:
        envelope.deserialize(text, JWK(**private_jwk))
    except (JWException, ValueError):
        # `from None`: what a library says about a key stays out of tracebacks.
        raise KeyMaterialError("the sealed text does not open: it was changed on the way") from None
    return bytes(envelope.plaintext)


def unverified_recipient(text: str) -> str:
    """Return what a sealed text says is the thumbprint of its key: to look the key up, and no more.

    Raises:
        LimitExceededError, DecodeError: As `open_sealed`.
    """
    return get_text(_read(text), "kid")


def _read(text: str) -> JsonObject:
    """Take a sealed text apart and return its header; nothing in it is authenticated yet."""
    # Before anything is decoded: what is inside cannot be longer than what is outside.
    if len(text) > MAX_SEALED_CHARACTERS:
        raise LimitExceededError(f"JWE: {len(text)} characters, at most {MAX_SEALED_CHARACTERS} are read")
    # Every part in its only spelling: the library behind reads more than one.
    parts = [decode_base64url(part) for part in text.split(".", _PARTS)]
    if len(parts) != _PARTS:
        raise DecodeError("JWE: not five parts joined by four dots")
    header, wrapped_key, vector, ciphertext, tag = parts
    if (len(wrapped_key), len(vector), len(tag)) != (_WRAPPED_KEY_BYTES, _VECTOR_BYTES, _TAG_BYTES):
        raise DecodeError("JWE: the encrypted key, the initialisation vector or the tag has a wrong length")
    if not ciphertext:
        raise DecodeError("JWE: nothing is inside")
    return decode_json_object(header)


def _check_header(header: JsonObject, own: PublicKey, content_type: str) -> None:
    """Refuse a header that would not be written here, before any of it is obeyed."""
    if header.get("alg") != _KEY_AGREEMENT or header.get("enc") != _ENCRYPTION:
        raise RefusedError(Reason.ALGORITHM_NOT_ALLOWED, "JWE: alg or enc is not the one that is allowed")
    if not _MEMBERS.issuperset(header):
        if not _KEY_MEMBERS.isdisjoint(header):
            raise RefusedError(Reason.KEY_NOT_AUTHORISED, "JWE: the header brings or points at a key")
        raise RefusedError(Reason.HEADER_NOT_ALLOWED, "JWE: a header member that is not known here")
    if header.get("typ") != MEDIA_TYPE or header.get("cty") != content_type:
        raise RefusedError(Reason.MEDIA_TYPE_WRONG, f"JWE: not a sealed {content_type}")
    if get_text(header, "kid") != own.thumbprint():
        raise KeyMaterialError("JWE: sealed to another key")
    epk = get_object(header, "epk")
    if not _EPK_MEMBERS.issuperset(epk):
        raise KeyMaterialError("JWE: epk has members that no public P-256 key has")
    # Reads the point, and refuses one that is not on its curve.
    if not can_receive(PublicKey.from_jwk(epk)):
        raise KeyMaterialError("JWE: epk is of another curve")


def _expected_header(content_type: str) -> JsonObject:
    return {"alg": _KEY_AGREEMENT, "enc": _ENCRYPTION, "typ": MEDIA_TYPE, "cty": content_type}
