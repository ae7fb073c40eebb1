# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Proof of possession: the good one first, then one thing wrong (ISS-05, ISS-06, ISS-07)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.stage import DID, START
from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.errors import DecodeError, KeyMaterialError, RefusedError, VcredError
from vcred.issuer.possession import MAX_PROOF_AGE, resolve_holder, verify_possession
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason
from vcred.securing.jws import sign_jws
from vcred.wallet.possession import make_possession_proof

HOLDER = SoftwareSigner.generate(ES256)
OTHER = SoftwareSigner.generate(ES256)
CODE = "enrol-7F3K"
NOW = int(START.timestamp())
KID = f"{HOLDER.public_key.did_key()}#{HOLDER.public_key.to_multikey()}"


def proof(
    header: dict[str, Any] | None = None, payload: dict[str, Any] | None = None, signer: Any = HOLDER
) -> str:
    """A proof with changes; a member that is None is left out."""
    full_header = {"typ": "openid4vci-proof+jwt", "kid": KID} | (header or {})
    full_payload = {"aud": DID, "iat": NOW, "nonce": CODE} | (payload or {})
    return sign_jws(
        {name: value for name, value in full_header.items() if value is not None},
        {name: value for name, value in full_payload.items() if value is not None},
        signer,
    )


def verified(text: str) -> Any:
    """The key that a proof shows."""
    return verify_possession(text, audience=DID, nonce=CODE, now=START)


def reason_of(text: str) -> Reason:
    """Why a proof is refused."""
    with pytest.raises(RefusedError) as caught:
        verified(text)
    return caught.value.reason


def test_a_wallets_proof_shows_its_key() -> None:
    text = make_possession_proof(HOLDER, audience=DID, nonce=CODE, issued_at=NOW)
    assert verified(text) == HOLDER.public_key


def test_the_key_may_be_named_in_other_ways() -> None:
    jwk = HOLDER.public_key.to_jwk()
    assert verified(proof({"kid": None, "jwk": jwk})) == HOLDER.public_key
    assert verified(proof({"kid": HOLDER.public_key.did_key()})) == HOLDER.public_key
    did_jwk = f"did:jwk:{encode_base64url(encode_jcs(jwk))}#0"
    assert verified(proof({"kid": did_jwk})) == HOLDER.public_key
    ed = SoftwareSigner.generate(EDDSA)
    assert verified(proof({"kid": ed.public_key.did_key()}, signer=ed)) == ed.public_key


@pytest.mark.parametrize(
    ("header", "payload", "reason"),
    [
        ({"typ": "JWT"}, {}, Reason.MEDIA_TYPE_WRONG),
        ({"typ": None}, {}, Reason.MEDIA_TYPE_WRONG),
        ({"typ": "kb+jwt"}, {}, Reason.MEDIA_TYPE_WRONG),
        ({"kid": None}, {}, Reason.KEY_NOT_AUTHORISED),
        ({"jwk": OTHER.public_key.to_jwk()}, {}, Reason.KEY_NOT_AUTHORISED),
        ({"x5c": ["a"]}, {}, Reason.HEADER_NOT_ALLOWED),
        ({"crit": []}, {}, Reason.HEADER_NOT_ALLOWED),
        ({"kid": f"{HOLDER.public_key.did_key()}#other"}, {}, Reason.KEY_NOT_AUTHORISED),
        ({"kid": "did:web:evil.example#key"}, {}, Reason.DID_INVALID),
        ({"kid": "key-1"}, {}, Reason.DID_INVALID),
        ({"kid": OTHER.public_key.did_key()}, {}, Reason.SIGNATURE_INVALID),
        ({"kid": None, "jwk": OTHER.public_key.to_jwk()}, {}, Reason.SIGNATURE_INVALID),
        ({}, {"aud": "did:vcred:other"}, Reason.AUDIENCE_WRONG),
        ({}, {"nonce": "enrol-XXXX"}, Reason.NONCE_WRONG),
        ({}, {"iat": NOW + 301}, Reason.NOT_YET_VALID),
        ({}, {"iat": NOW - int(MAX_PROOF_AGE.total_seconds()) - 1}, Reason.EXPIRED),
        ({}, {"exp": NOW}, Reason.EXPIRED),
    ],
)
def test_one_thing_wrong(header: dict[str, Any], payload: dict[str, Any], reason: Reason) -> None:
    assert verified(proof()) == HOLDER.public_key
    assert reason_of(proof(header, payload)) is reason


@pytest.mark.parametrize(
    "payload", [{"aud": None}, {"aud": [DID]}, {"nonce": None}, {"iat": None}, {"iat": "1"}, {"odd": 1}]
)
def test_a_malformed_payload(payload: dict[str, Any]) -> None:
    with pytest.raises(DecodeError):
        verified(proof(payload=payload))


@pytest.mark.parametrize("jwk", ["text", {"kty": "oct", "k": "AA"}, HOLDER.to_private_jwk()])
def test_a_jwk_that_is_no_public_key(jwk: Any) -> None:
    with pytest.raises(KeyMaterialError):
        verified(proof({"kid": None, "jwk": jwk}))


def test_an_unsigned_proof() -> None:
    head, body, _ = proof().split(".")
    none = encode_base64url(b'{"alg":"none","typ":"openid4vci-proof+jwt"}')
    assert reason_of(f"{none}.{body}.AA") is Reason.ALGORITHM_NOT_ALLOWED
    with pytest.raises(DecodeError):
        verified(f"{head}.{body}.")


def test_an_empty_enrolment_code_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="enrolment code"):
        verify_possession(proof(payload={"nonce": ""}), audience=DID, nonce="", now=START)


def test_a_proof_lives_a_week() -> None:
    verify_possession(proof(), audience=DID, nonce=CODE, now=START + MAX_PROOF_AGE)
    with pytest.raises(RefusedError):
        verify_possession(proof(), audience=DID, nonce=CODE, now=START + MAX_PROOF_AGE + timedelta(seconds=1))


def test_a_holders_did() -> None:
    assert resolve_holder(HOLDER.public_key.did_key()) == HOLDER.public_key
    for text in ("did:web:a.example", "did:vcred:abc", "holder", ""):
        with pytest.raises(RefusedError):
            resolve_holder(text)


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    for check in (verified, resolve_holder):
        with pytest.raises(VcredError):
            check(text)
