# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Key binding: a JWT by which the holder shows possession of the credential's key, now, to someone.

It covers the issuer's JWT and exactly the disclosures sent, by `sd_hash`. Who the audience
must be, which nonce was asked and how old it may be is the verifier's to decide.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from vcred.codec.fields import get_int
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, RefusedError, SignatureError
from vcred.keys.algorithms import Algorithm
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.reasons import Reason
from vcred.securing.jws import Jws, check_header, parse_jws, sign_jws, verify_jws
from vcred.securing.sd_jwt.combined import SdJwt

KEY_BINDING_TYPE: Final = "kb+jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyBinding:
    """What a KB-JWT says, unverified. `issued_at` in epoch seconds; `sd_hash` base64url."""

    audience: str
    nonce: str
    issued_at: int
    sd_hash: str
    jws: Jws


def parse_key_binding(text: str) -> KeyBinding:
    """Read a KB-JWT. Nothing is verified: see `verify_key_binding`.

    Raises:
        DecodeError: Not a compact JWS, or `iat` missing or not a whole number >= 0.
        RefusedError: MEDIA_TYPE_WRONG: `typ` is not kb+jwt. AUDIENCE_WRONG, NONCE_WRONG,
            KEY_BINDING_INVALID: `aud`, `nonce`, `sd_hash` missing or not one text.

    Spec: RFC 9901 section 4.3; section 7.3 step 5.
    """
    jws = parse_jws(text)
    # A JWT signed by the same key for another purpose must not pass as a key binding.
    if jws.header.get("typ") != KEY_BINDING_TYPE:
        raise RefusedError(Reason.MEDIA_TYPE_WRONG, "the key binding's typ is not kb+jwt")
    payload = decode_json_object(jws.payload)
    return KeyBinding(
        # Exactly one audience: an array would let one presentation answer several verifiers.
        audience=_text(payload, "aud", Reason.AUDIENCE_WRONG),
        nonce=_text(payload, "nonce", Reason.NONCE_WRONG),
        issued_at=_issued_at(payload),
        sd_hash=_text(payload, "sd_hash", Reason.KEY_BINDING_INVALID),
        jws=jws,
    )


def make_key_binding(sd_jwt: SdJwt, signer: Signer, *, audience: str, nonce: str, issued_at: int) -> str:
    """Sign the KB-JWT for exactly these disclosures, and return it as text.

    Args:
        sd_jwt: Without a key binding yet.
        signer: The holder's key, the one in the credential's `cnf`.
        audience: The verifier's DID, or "<network id>#live".
        nonce: The request's, or in live mode base64url of 16 random bytes.
        issued_at: Epoch seconds.

    Raises:
        ValueError: `sd_jwt` already carries a key binding.

    Spec: RFC 9901 sections 4.3, 4.3.1.
    """
    if sd_jwt.key_binding is not None:
        raise ValueError("the SD-JWT already carries a key binding")
    payload: JsonObject = {"aud": audience, "iat": issued_at, "nonce": nonce, "sd_hash": sd_jwt.sd_hash()}
    return sign_jws({"typ": KEY_BINDING_TYPE}, payload, signer)


def verify_key_binding(
    binding: KeyBinding, sd_jwt: SdJwt, *, key: PublicKey, allowed: Collection[Algorithm]
) -> None:
    """Prove that the holder of `key` signed for exactly this issuer JWT and these disclosures.

    Says nothing about audience, nonce and time, nor whose key it is: pass the key from the
    credential's `cnf`, never one from the key binding itself.

    Args:
        binding: As parsed.
        sd_jwt: The issuer JWT and the disclosures that came with it.
        key: The holder's key.
        allowed: The policy's list of algorithms, not empty.

    Raises:
        RefusedError: KEY_BINDING_INVALID: signed by another key, bringing a key along, or made
            for other disclosures or another credential. ALGORITHM_NOT_ALLOWED: not on the
            list, or not the key's. HEADER_NOT_ALLOWED: an extension in the header.

    Spec: RFC 9901 section 7.3 step 5.
    """
    _check_header(binding.jws, allowed)
    # The cheap check first: disclosures added, removed or reordered, or another credential's binding.
    if binding.sd_hash != sd_jwt.sd_hash():
        raise RefusedError(Reason.KEY_BINDING_INVALID, "the key binding was made for other disclosures")
    try:
        verify_jws(binding.jws, key)
    except SignatureError as error:
        raise RefusedError(
            Reason.KEY_BINDING_INVALID, "the key binding is not signed by the holder"
        ) from error


def _check_header(jws: Jws, allowed: Collection[Algorithm]) -> None:
    try:
        check_header(jws, typ=KEY_BINDING_TYPE, allowed=allowed)
    except RefusedError as error:
        if error.reason is not Reason.KEY_NOT_AUTHORISED:
            raise
        raise RefusedError(Reason.KEY_BINDING_INVALID, "the key binding brings a key of its own") from error


def _text(payload: JsonObject, name: str, reason: Reason) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError(reason, f"the key binding's {name} is missing or not one text")
    return value


def _issued_at(payload: JsonObject) -> int:
    issued_at = get_int(payload, "iat")
    if issued_at < 0:
        raise DecodeError("iat: before 1970")
    return issued_at
