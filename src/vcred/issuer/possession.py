# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who holds the key that a credential will be bound to: a bare DID says so, a proof shows it.

A proof is a JWT of type `openid4vci-proof+jwt`, signed by the very key it names, for this
issuer and this enrolment code. The key comes out of the proof and nowhere else: a
credential is never bound to another key than the one that was proved (threats: ISS-05,
ISS-07).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from vcred.codec.fields import get_int, get_object, get_text, refuse_unknown
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.did.document import DidDocument, Relationship
from vcred.did.methods.jwk import resolve_did_jwk
from vcred.did.methods.key import read_did_key, resolve_did_key
from vcred.did.syntax import parse_did, parse_did_url
from vcred.errors import DecodeError, KeyMaterialError, RefusedError, SignatureError
from vcred.keys.algorithms import ALGORITHMS
from vcred.keys.public import PublicKey, multikey_of
from vcred.limits import MAX_CLOCK_SKEW
from vcred.reasons import Reason
from vcred.securing.jws import Jws, key_id, parse_jws, verify_jws

MEDIA_TYPE: Final = "openid4vci-proof+jwt"
MAX_PROOF_AGE: Final = timedelta(days=7)
MAX_PROOF_BYTES: Final = 8 * 1024

_DID_KEY: Final = "did:key:"
_KEY_MEMBERS: Final = ("jwk", "kid")


class Possession(StrEnum):
    """How it was shown that the holder has the key."""

    NONE = "none"
    DID = "did"
    PROOF = "proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderKey:
    """The key to bind to, and how possession was shown. `nonce` is that of the proof."""

    key: PublicKey
    possession: Possession
    nonce: str | None = None


def resolve_holder(did: str) -> PublicKey:
    """Return the one key of a holder's did:key or did:jwk.

    Raises:
        RefusedError: DID_INVALID: not a DID, or of a method that holders do not use.
        KeyMaterialError: The key cannot be used.
    """
    # A roster names millions of did:keys; what else a DID document says of them nobody asks.
    return read_did_key(did) if did.startswith("did:key:") else _holder_document(did).methods[0].key


def names_key(did: str, jwk: JsonObject) -> bool:
    """Tell whether a holder's DID is this public JWK, of which nobody looks whether it can be used.

    Raises:
        RefusedError, KeyMaterialError: As `resolve_holder`; or not a public JWK.
    """
    if did.startswith(_DID_KEY):
        return did == _DID_KEY + multikey_of(jwk)
    return resolve_holder(did).to_jwk() == jwk


def verify_possession(text: str, *, audience: str, nonce: str, now: datetime) -> PublicKey:
    """Prove that whoever answered this enrolment code has the private key; return the public one.

    Says nothing about who that person is.

    Args:
        text: The proof, a compact JWS.
        audience: DID of the issuer.
        nonce: The enrolment code that was handed out.
        now: Time of issue, UTC.

    Raises:
        LimitExceededError, DecodeError: Not a JWS, or a claim missing or of the wrong type.
        RefusedError: The check that failed: MEDIA_TYPE_WRONG, ALGORITHM_NOT_ALLOWED,
            HEADER_NOT_ALLOWED, KEY_NOT_AUTHORISED, SIGNATURE_INVALID, AUDIENCE_WRONG,
            NONCE_WRONG, EXPIRED or NOT_YET_VALID.
        KeyMaterialError: The key cannot be used.

    Spec: OpenID4VCI appendix F.1 and F.4.
    """
    if not nonce:
        raise ValueError("an empty enrolment code proves nothing")
    jws = parse_jws(text, max_bytes=MAX_PROOF_BYTES)
    _check_header(jws)
    key = _header_key(jws)
    try:
        verify_jws(jws, key)
    except SignatureError as error:
        raise RefusedError(Reason.SIGNATURE_INVALID, "proof of possession: the signature is wrong") from error
    _check_payload(decode_json_object(jws.payload), audience=audience, nonce=nonce, now=now)
    return key


def _check_header(jws: Jws) -> None:
    if jws.header.get("typ") != MEDIA_TYPE:
        raise RefusedError(Reason.MEDIA_TYPE_WRONG, f"proof of possession: typ is not {MEDIA_TYPE}")
    if jws.header.get("alg") not in {algorithm.jose for algorithm in ALGORITHMS}:
        raise RefusedError(Reason.ALGORITHM_NOT_ALLOWED, "proof of possession: alg is not on the list")
    if not jws.header.keys() <= {"alg", "typ", *_KEY_MEMBERS}:
        raise RefusedError(Reason.HEADER_NOT_ALLOWED, "proof of possession: an unknown header member")


def _header_key(jws: Jws) -> PublicKey:
    # Exactly one: two keys in one header are two answers to the question whose key it is.
    named = [member for member in _KEY_MEMBERS if member in jws.header]
    if len(named) != 1:
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "proof of possession: needs one of jwk and kid")
    if named[0] == "jwk":
        try:
            return PublicKey.from_jwk(get_object(jws.header, "jwk"))
        except DecodeError as error:
            raise KeyMaterialError("proof of possession: the jwk is not an object") from error
    kid = key_id(jws)
    assert kid is not None
    url = parse_did_url(kid)
    document = _holder_document(str(url.did))
    method_id = kid if url.fragment is not None else document.methods[0].id
    return document.key_for(method_id, Relationship.AUTHENTICATION)


def _holder_document(did: str) -> DidDocument:
    method = parse_did(did).method
    if method == "key":
        return resolve_did_key(did)
    if method == "jwk":
        return resolve_did_jwk(did)
    raise RefusedError(Reason.DID_INVALID, "a holder's DID is a did:key or did:jwk")


def _check_payload(payload: JsonObject, *, audience: str, nonce: str, now: datetime) -> None:
    refuse_unknown(payload, {"iss", "aud", "iat", "exp", "nonce"})
    if get_text(payload, "aud") != audience:
        raise RefusedError(Reason.AUDIENCE_WRONG, "proof of possession: made for another issuer")
    if get_text(payload, "nonce") != nonce:
        raise RefusedError(Reason.NONCE_WRONG, "proof of possession: answers another enrolment code")
    seconds = now.timestamp()
    issued_at = get_int(payload, "iat")
    if issued_at > seconds + MAX_CLOCK_SKEW.total_seconds():
        raise RefusedError(Reason.NOT_YET_VALID, "proof of possession: dated in the future")
    if issued_at < seconds - MAX_PROOF_AGE.total_seconds():
        raise RefusedError(Reason.EXPIRED, "proof of possession: too old", hint="apply again")
    if "exp" in payload and get_int(payload, "exp") <= seconds:
        raise RefusedError(Reason.EXPIRED, "proof of possession: expired", hint="apply again")
