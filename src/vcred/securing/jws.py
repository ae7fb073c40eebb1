# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""JSON Web Signatures in compact form, signed and verified one way.

What the header says is a claim of whoever sent it. It never chooses the key
and never loosens a check:

* its `alg` must be on the caller's list *and* be the algorithm of the key,
* keys, key addresses and certificates in it are refused, and never followed,
* `crit` and `b64` are refused: no extension is understood here,
* its `typ` must be that of the slot the object was found in.

Spec: RFC 7515; RFC 8725 section 3.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.fields import get_text, optional_text
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.keys.algorithms import Algorithm
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.limits import MAX_KID_CHARACTERS, MAX_PRESENTATION_BYTES
from vcred.reasons import Reason

_KNOWN_MEMBERS: Final = frozenset({"alg", "typ", "kid"})
_TEXT: Final = frozenset({str})
_KEY_MEMBERS: Final = frozenset({"jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"})
# All credentials of an issuer's key have one header, and so have all key bindings: it is encoded
# and decoded once. What may stand in it is asked anew each time.
_REMEMBERED_HEADERS: Final = 256
_REMEMBERED_CHARACTERS: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Jws:
    """A parsed JWS. Nothing in it is verified before `verify_jws` has returned.

    `payload` and `signature` are decoded; `signing_input` is the ASCII text that was signed.
    """

    header: JsonObject
    payload: bytes
    signing_input: bytes
    signature: bytes


def parse_jws(text: str, *, max_bytes: int = MAX_PRESENTATION_BYTES) -> Jws:
    """Take a compact JWS apart. Says nothing about who signed it, or whether anyone did.

    Args:
        text: Three base64url parts, joined by dots. The JSON serialisations are refused.
        max_bytes: The longest text that is read; a status token needs more than the default.

    Raises:
        LimitExceededError: Longer than `max_bytes`.
        DecodeError: Not three canonical base64url parts, an empty one among them, or a header
            that is not a strict JSON object with a text `alg`.
        RefusedError: ALGORITHM_NOT_ALLOWED for an unsigned JWS, in any spelling of "none".

    Spec: RFC 7515 section 5.2 steps 1-7; RFC 7518 section 3.6.
    """
    if len(text) > max_bytes:
        raise LimitExceededError(f"JWS: {len(text)} characters, at most {max_bytes} are read")
    parts = text.split(".", 3)
    if len(parts) != 3:
        raise DecodeError("JWS: not three parts joined by two dots")
    header, payload, signature = parts
    is_usual = len(header) <= _REMEMBERED_CHARACTERS
    decoded = _remembered_header(header) if is_usual else _decode_header(header)
    if not payload or not signature:
        raise DecodeError("JWS: the payload or the signature is empty")
    return Jws(
        # A copy: what is remembered is nobody's to change.
        header=decoded.copy(),
        payload=decode_base64url(payload),
        signing_input=text[: -len(signature) - 1].encode("ascii"),
        signature=decode_base64url(signature),
    )


def _decode_header(part: str) -> JsonObject:
    header = decode_json_object(decode_base64url(part))
    if get_text(header, "alg").lower() == "none":
        raise RefusedError(Reason.ALGORITHM_NOT_ALLOWED, "JWS: it is not signed")
    return header


_remembered_header: Final = lru_cache(maxsize=_REMEMBERED_HEADERS)(_decode_header)


def check_header(jws: Jws, *, typ: str, allowed: Collection[Algorithm]) -> None:
    """Refuse a header that does not fit its slot, before any key is looked up.

    Args:
        jws: As parsed.
        typ: The one media type of the slot, without "application/", compared exactly.
        allowed: The caller's list of algorithms, not empty.

    Raises:
        RefusedError: ALGORITHM_NOT_ALLOWED, KEY_NOT_AUTHORISED, HEADER_NOT_ALLOWED or
            MEDIA_TYPE_WRONG.
        ValueError: `allowed` is empty. The caller's mistake: no list is no permission.

    Spec: RFC 8725 sections 3.1, 3.10 and 3.11; RFC 7515 sections 4.1.2-4.1.8 and 4.1.11.
    """
    if not allowed:
        raise ValueError("the list of allowed algorithms is empty")
    header = jws.header
    name = header.get("alg")
    for algorithm in allowed:
        if algorithm.is_named(name):
            break
    else:
        raise RefusedError(Reason.ALGORITHM_NOT_ALLOWED, "JWS: alg is not on the list")
    if not _KNOWN_MEMBERS.issuperset(header):
        # The ways an attacker brings a key of their own, or makes us fetch one.
        if not _KEY_MEMBERS.isdisjoint(header):
            raise RefusedError(Reason.KEY_NOT_AUTHORISED, "JWS: the header brings or points at a key")
        # `crit` is refused even when empty, and so is every extension, critical or not.
        raise RefusedError(Reason.HEADER_NOT_ALLOWED, "JWS: a header member that is not alg, typ or kid")
    if header.get("typ") != typ:
        raise RefusedError(Reason.MEDIA_TYPE_WRONG, f"JWS: typ is not {typ}")
    key_id(jws)


def key_id(jws: Jws) -> str | None:
    """Return the header's `kid`: a name to look a key up by, never a path, address or query.

    Raises:
        RefusedError: KEY_NOT_AUTHORISED: not a text, empty, longer than 512 characters, or with
            white space, control or non-ASCII characters, which no verification method has.

    Spec: RFC 7515 section 4.1.4; RFC 8725 section 3.10.
    """
    try:
        kid = optional_text(jws.header, "kid")
    except DecodeError as error:
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "JWS: kid is not a text") from error
    if kid is None:
        return None
    if not 0 < len(kid) <= MAX_KID_CHARACTERS or not kid.isascii() or not kid.isprintable() or " " in kid:
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "JWS: kid cannot be the id of a key")
    return kid


def verify_jws(jws: Jws, key: PublicKey) -> None:
    """Prove that the holder of `key` signed this header and payload.

    Says nothing about whose key it is, nor about the slot: `check_header` first.

    Raises:
        RefusedError: ALGORITHM_NOT_ALLOWED if the header's `alg` is not the key's.
        SignatureError: The signature does not verify.

    Spec: RFC 7515 section 5.2 step 8; RFC 8725 section 3.1.
    """
    if not key.algorithm.is_named(jws.header.get("alg")):
        raise RefusedError(Reason.ALGORITHM_NOT_ALLOWED, "JWS: alg is not the algorithm of the key")
    key.verify(jws.signature, jws.signing_input)


def sign_jws(header: JsonObject, payload: JsonObject, signer: Signer) -> str:
    """Sign a JSON payload and return the compact JWS. Header and payload are written in JCS form.

    Args:
        header: `typ`, and `kid` if the reader cannot know the key otherwise. `alg` comes from the
            signer's key.
        payload: The claims.
        signer: Signs.

    Raises:
        ValueError: `header` has an `alg`, or a value has no JCS form.

    Spec: RFC 7515 section 5.1; RFC 8785.
    """
    signing_input = write_signing_input(header, encode_jcs(payload), signer.public_key.algorithm)
    return sign_input(signing_input, signer)


def write_signing_input(header: JsonObject, payload: bytes, algorithm: Algorithm) -> str:
    """Write what is to be signed, for `sign_input`.

    Args:
        header: As for `sign_jws`.
        payload: In its JCS form already; nobody looks whether it is.
        algorithm: Of the key that will sign.

    Raises:
        ValueError: `header` has an `alg`, or a value has no JCS form.
    """
    if "alg" in header:
        raise ValueError("alg comes from the key, not from the caller")
    members = (("alg", algorithm.jose), *header.items())
    is_usual = _TEXT.issuperset(map(type, header.values()))
    first = _remembered_encoding(members) if is_usual else _encode_header(members)
    return f"{first}.{encode_base64url(payload)}"


def sign_input(signing_input: str, signer: Signer) -> str:
    """Sign what `write_signing_input` wrote for the algorithm of this key; return the compact JWS."""
    signature = signer.sign(signing_input.encode("ascii"))
    return f"{signing_input}.{encode_base64url(signature)}"


def _encode_header(members: tuple[tuple[str, JsonValue], ...]) -> str:
    return encode_base64url(encode_jcs(dict(members)))


_remembered_encoding: Final = lru_cache(maxsize=_REMEMBERED_HEADERS)(_encode_header)
