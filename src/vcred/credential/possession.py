# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Proof of possession: an applicant shows an issuer that the key of their did:key is theirs.

A JWT of the form that OpenID4VCI defines, signed by the new holder key:

    header    alg, kid = the did:key's own DID URL, typ = openid4vci-proof+jwt
    payload   aud = the issuer's DID, iat, nonce = the enrolment code

The key is the one that the `kid` itself spells; whether the enrolment code was given out, and
to whom, is the issuer's to know.

Spec: OpenID4VCI 1.0 appendix F.1; docs/spec/types.md.
"""

from datetime import timedelta
from typing import Final

from vcred.codec.fields import get_int
from vcred.codec.strict_json import decode_json_object
from vcred.did.document import Relationship
from vcred.did.methods.key import resolve_did_key
from vcred.errors import KeyMaterialError, RefusedError, SignatureError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.limits import MAX_CLOCK_SKEW
from vcred.reasons import Reason
from vcred.securing.jws import check_header, key_id, parse_jws, sign_jws, verify_jws

PROOF_TYPE: Final = "openid4vci-proof+jwt"
_ALLOWED: Final = (ES256, EDDSA)


def make_possession_proof(signer: Signer, *, audience: str, nonce: str, issued_at: int) -> str:
    """Sign the proof for one application to one issuer.

    Args:
        signer: The new holder key, used for no other credential.
        audience: The issuer's DID.
        nonce: The enrolment code that the issuer gave the applicant.
        issued_at: Epoch seconds.
    """
    header = {"kid": did_key_url(signer.public_key), "typ": PROOF_TYPE}
    return sign_jws({**header}, {"aud": audience, "iat": issued_at, "nonce": nonce}, signer)


def did_key_url(key: PublicKey) -> str:
    """Return the one DID URL that a did:key gives its key."""
    return f"{key.did_key()}#{key.to_multikey()}"


def verify_possession_proof(
    text: str, *, audience: str, nonce: str, now: int, max_age: timedelta
) -> PublicKey:
    """Return the key whose holder made this proof, for this issuer and this enrolment code.

    Args:
        text: The proof JWT.
        audience: The verifying issuer's DID.
        nonce: The enrolment code it gave out, not used before.
        now: Epoch seconds.
        max_age: How old a proof may be.

    Raises:
        DecodeError: Not a JWT, or `iat` is no whole number.
        RefusedError: MEDIA_TYPE_WRONG, ALGORITHM_NOT_ALLOWED, HEADER_NOT_ALLOWED;
            KEY_NOT_AUTHORISED: the header names its key in another way than a did:key;
            SIGNATURE_INVALID, AUDIENCE_WRONG, NONCE_WRONG; REPLAYED: older than `max_age`;
            NOT_YET_VALID: from the future.

    Spec: OpenID4VCI 1.0 appendix F.4.
    """
    jws = parse_jws(text)
    check_header(jws, typ=PROOF_TYPE, allowed=_ALLOWED)
    key = _key_of(key_id(jws))
    try:
        verify_jws(jws, key)
    except SignatureError as error:
        raise RefusedError(Reason.SIGNATURE_INVALID, "the proof is not signed by the key it names") from error
    payload = decode_json_object(jws.payload)
    # Exactly one audience: a proof made for another issuer must not enrol anyone here.
    if payload.get("aud") != audience:
        raise RefusedError(Reason.AUDIENCE_WRONG, "the proof was made for another issuer")
    if payload.get("nonce") != nonce:
        raise RefusedError(Reason.NONCE_WRONG, "the proof was made with another enrolment code")
    age = now - get_int(payload, "iat")
    if age > max_age.total_seconds():
        raise RefusedError(Reason.REPLAYED, "the proof is too old")
    if age < -MAX_CLOCK_SKEW.total_seconds():
        raise RefusedError(Reason.NOT_YET_VALID, "the proof is from the future")
    return key


def _key_of(kid: str | None) -> PublicKey:
    if kid is None:
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "the proof names no key")
    try:
        document = resolve_did_key(kid.partition("#")[0])
    except (RefusedError, KeyMaterialError) as error:
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "the proof's kid is not a usable did:key") from error
    return document.key_for(kid, Relationship.AUTHENTICATION)
