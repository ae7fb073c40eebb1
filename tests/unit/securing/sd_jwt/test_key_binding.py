# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Key binding: SDJ-25, 26, 27, 30, 31; JOS-01, 03, 05, 25. One mutation each, signed anew."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import DecodeError, RefusedError
from vcred.keys.algorithms import ALGORITHMS, EDDSA, ES256, Algorithm
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner
from vcred.reasons import Reason
from vcred.securing.jws import sign_jws
from vcred.securing.sd_jwt.combined import SdJwt
from vcred.securing.sd_jwt.key_binding import (
    KEY_BINDING_TYPE,
    KeyBinding,
    make_key_binding,
    parse_key_binding,
    verify_key_binding,
)

HOLDER = SoftwareSigner.generate(ES256)
SD_JWT = SdJwt(issuer_jwt="a.b.c", disclosures=("d1", "d2"))
PAYLOAD: JsonObject = {
    "aud": "net#live",
    "iat": 1_795_000_000,
    "nonce": "n" * 22,
    "sd_hash": SD_JWT.sd_hash(),
}


def signed(payload: JsonObject, *, typ: str | None = KEY_BINDING_TYPE, signer: Signer = HOLDER) -> str:
    return sign_jws({} if typ is None else {"typ": typ}, payload, signer)


def accept(text: str, sd_jwt: SdJwt = SD_JWT, key: PublicKey = HOLDER.public_key) -> KeyBinding:
    binding = parse_key_binding(text)
    verify_key_binding(binding, sd_jwt, key=key, allowed=ALGORITHMS)
    return binding


def refusal(text: str, sd_jwt: SdJwt = SD_JWT, key: PublicKey = HOLDER.public_key) -> Reason:
    with pytest.raises(RefusedError) as caught:
        accept(text, sd_jwt, key)
    return caught.value.reason


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda row: row.jose)
def test_what_is_made_is_read_back(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    text = make_key_binding(SD_JWT, signer, audience="net#live", nonce="n" * 22, issued_at=1_795_000_000)
    binding = accept(text, key=signer.public_key)
    assert (binding.audience, binding.nonce, binding.issued_at) == ("net#live", "n" * 22, 1_795_000_000)
    assert binding.sd_hash == encode_base64url(hashlib.sha256(b"a.b.c~d1~d2~").digest())
    assert binding.jws.header == {"alg": algorithm.jose, "typ": "kb+jwt"}


def test_an_sd_jwt_is_bound_once() -> None:
    bound = SdJwt(issuer_jwt="a.b.c", disclosures=(), key_binding="k")
    with pytest.raises(ValueError, match="already"):
        make_key_binding(bound, HOLDER, audience="a", nonce="n", issued_at=1)


@pytest.mark.parametrize("typ", [None, "JWT", "dc+sd-jwt", "KB+JWT", "application/kb+jwt", ""])
def test_another_media_type(typ: str | None) -> None:
    """SDJ-26."""
    accept(signed(PAYLOAD))
    assert refusal(signed(PAYLOAD, typ=typ)) is Reason.MEDIA_TYPE_WRONG


@pytest.mark.parametrize(
    "sd_jwt",
    [
        SdJwt(issuer_jwt="a.b.c", disclosures=("d1",)),
        SdJwt(issuer_jwt="a.b.c", disclosures=("d1", "d2", "d3")),
        SdJwt(issuer_jwt="a.b.c", disclosures=("d2", "d1")),
        SdJwt(issuer_jwt="a.b.x", disclosures=("d1", "d2")),
    ],
    ids=["removed", "added", "reordered", "another credential"],
)
def test_other_disclosures_or_another_credential(sd_jwt: SdJwt) -> None:
    """SDJ-30, 31."""
    accept(signed(PAYLOAD))
    assert refusal(signed(PAYLOAD), sd_jwt) is Reason.KEY_BINDING_INVALID


@pytest.mark.parametrize(
    "sd_hash",
    [
        encode_base64url(hashlib.sha512(b"a.b.c~d1~d2~").digest()),
        encode_base64url(hashlib.sha256(b"a.b.c~d1~d2").digest()),
        hashlib.sha256(b"a.b.c~d1~d2~").hexdigest(),
        "",
        None,
        7,
        [SD_JWT.sd_hash()],
    ],
)
def test_another_hash(sd_hash: JsonValue) -> None:
    """SDJ-30."""
    assert refusal(signed({**PAYLOAD, "sd_hash": sd_hash})) is Reason.KEY_BINDING_INVALID


def test_another_signer() -> None:
    """SDJ-25."""
    stranger = SoftwareSigner.generate(ES256)
    assert refusal(signed(PAYLOAD, signer=stranger)) is Reason.KEY_BINDING_INVALID
    key: JsonValue = stranger.public_key.to_jwk()
    brought = sign_jws({"typ": KEY_BINDING_TYPE, "jwk": key}, PAYLOAD, stranger)
    assert refusal(brought) is Reason.KEY_BINDING_INVALID


def test_another_algorithm() -> None:
    """JOS-01, 03: the key says its algorithm, the policy which are allowed."""
    other = SoftwareSigner.generate(EDDSA)
    assert refusal(signed(PAYLOAD, signer=other)) is Reason.ALGORITHM_NOT_ALLOWED
    binding = parse_key_binding(signed(PAYLOAD))
    with pytest.raises(RefusedError) as caught:
        verify_key_binding(binding, SD_JWT, key=HOLDER.public_key, allowed=(EDDSA,))
    assert caught.value.reason is Reason.ALGORITHM_NOT_ALLOWED
    for name in ("none", "None", "nOnE"):
        unsigned = encode_base64url(encode_jcs({"alg": name, "typ": KEY_BINDING_TYPE}))
        assert refusal(f"{unsigned}.{encode_base64url(encode_jcs(PAYLOAD))}.") is Reason.ALGORITHM_NOT_ALLOWED


@pytest.mark.parametrize("audience", [None, "", 7, ["net#live"], {"net#live": 1}])
def test_an_audience_that_is_not_one_text(audience: JsonValue) -> None:
    """SDJ-27."""
    assert refusal(signed({**PAYLOAD, "aud": audience})) is Reason.AUDIENCE_WRONG
    assert (
        refusal(signed({name: PAYLOAD[name] for name in PAYLOAD if name != "aud"})) is Reason.AUDIENCE_WRONG
    )


@pytest.mark.parametrize("nonce", [None, "", 7, ["n" * 22]])
def test_a_nonce_that_is_not_one_text(nonce: JsonValue) -> None:
    assert refusal(signed({**PAYLOAD, "nonce": nonce})) is Reason.NONCE_WRONG


@pytest.mark.parametrize("issued_at", ["1795000000", True, None, 1.5, -1])
def test_a_time_that_is_none(issued_at: JsonValue) -> None:
    """JOS-25."""
    with pytest.raises(DecodeError) as caught:
        parse_key_binding(signed({**PAYLOAD, "iat": issued_at}))
    assert caught.value.code == "malformed"


def test_a_missing_time() -> None:
    with pytest.raises(DecodeError):
        parse_key_binding(signed({name: PAYLOAD[name] for name in PAYLOAD if name != "iat"}))


@given(st.text() | st.text("abcAB.-_=~", max_size=40))
def test_any_text_is_a_key_binding_or_refused(text: str) -> None:
    with pytest.raises((DecodeError, RefusedError)):
        parse_key_binding(text)
