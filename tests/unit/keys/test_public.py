# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Public keys: one form each, unusable ones refused. JOS-03, JOS-18, DID-13."""

import pickle
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.keys.published import ED25519_JWK, ED25519_THUMBPRINT, ES256_D, ES256_JWK
from vcred.codec.base64url import encode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.multibase import encode_base58btc
from vcred.errors import KeyMaterialError, UnsupportedAlgorithmError
from vcred.keys.algorithms import ALGORITHMS, EDDSA, ES256, Algorithm
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner

BOTH = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda row: row.jose)
P256_FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1

ES256_PUBLIC: JsonObject = dict(ES256_JWK)
ED25519_PUBLIC: JsonObject = dict(ED25519_JWK)


@BOTH
def test_every_form_leads_back_to_the_key(algorithm: Algorithm) -> None:
    for _ in range(20):
        key = SoftwareSigner.generate(algorithm).public_key
        assert PublicKey.from_raw(algorithm, key.raw) == key
        assert PublicKey.from_jwk(key.to_jwk()) == key
        assert PublicKey.from_multikey(key.to_multikey()) == key
        assert key.did_key() == f"did:key:{key.to_multikey()}"
        assert len({key, PublicKey.from_jwk(key.to_jwk())}) == 1


@BOTH
def test_a_key_survives_a_process_boundary_and_still_verifies(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    copy = pickle.loads(pickle.dumps(signer.public_key))
    assert copy == signer.public_key
    copy.verify(signer.sign(b"message"), b"message")


@BOTH
def test_the_text_of_a_jwk_is_its_jcs_form(algorithm: Algorithm) -> None:
    key = SoftwareSigner.generate(algorithm).public_key
    assert key.jwk_text().encode() == encode_jcs(key.to_jwk())


def test_thumbprint_is_that_of_rfc_8037() -> None:
    assert PublicKey.from_jwk(ED25519_PUBLIC).thumbprint() == ED25519_THUMBPRINT


def test_multikeys_start_as_the_field_knows_them() -> None:
    assert PublicKey.from_jwk(ED25519_PUBLIC).to_multikey().startswith("z6Mk")
    assert PublicKey.from_jwk(ES256_PUBLIC).to_multikey().startswith("zDn")


def test_repr_is_short_and_public() -> None:
    key = PublicKey.from_jwk(ED25519_PUBLIC)
    assert repr(key) == f"PublicKey(EdDSA, {key.to_multikey()})"


def test_members_that_name_the_key_are_no_part_of_it() -> None:
    key = PublicKey.from_jwk(ES256_PUBLIC)
    named: JsonObject = {
        **ES256_PUBLIC,
        "kid": "1",
        "alg": "ES256",
        "use": "sig",
        "key_ops": ["verify"],
        "x5u": "http://x",
    }
    assert PublicKey.from_jwk(named) == key


def off_curve(text: str) -> str:
    return text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1]


# JOS-18.
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"y": off_curve(ES256_JWK["y"])}, id="off the curve"),
        pytest.param({"x": encode_base64url(bytes(32)), "y": encode_base64url(bytes(32))}, id="zero"),
        pytest.param({"x": encode_base64url(P256_FIELD.to_bytes(32, "big"))}, id="x not in the field"),
        pytest.param({"x": ES256_JWK["x"][:-2]}, id="short x"),
        pytest.param({"x": encode_base64url(bytes(33))}, id="long x"),
        pytest.param({"x": ES256_JWK["x"] + "="}, id="padded x"),
        pytest.param({"x": 1}, id="x a number"),
        pytest.param({"y": None}, id="y null"),
        pytest.param({"d": ES256_D}, id="private"),
        pytest.param({"d": ""}, id="private, empty"),
        pytest.param({"k": "AA"}, id="symmetric"),
        pytest.param({"kty": "oct"}, id="oct"),
        pytest.param({"use": "enc"}, id="use enc"),
        pytest.param({"use": ["sig"]}, id="use a list"),
        pytest.param({"key_ops": ["sign"]}, id="key_ops without verify"),
        pytest.param({"key_ops": []}, id="key_ops empty"),
        pytest.param({"key_ops": "verify"}, id="key_ops a text"),
        pytest.param({"alg": "ES384"}, id="alg of another curve"),
        pytest.param({"alg": "none"}, id="alg none"),
        pytest.param(
            {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(b"\x01" + bytes(31))}, id="small order"
        ),
    ],
)
def test_unusable_jwks_are_refused(change: JsonObject) -> None:
    PublicKey.from_jwk(ES256_PUBLIC)
    with pytest.raises(KeyMaterialError) as caught:
        PublicKey.from_jwk({**ES256_PUBLIC, **change})
    assert caught.value.code == "key_unusable"


@pytest.mark.parametrize("missing", ["kty", "crv", "x", "y"])
def test_a_missing_member_is_refused(missing: str) -> None:
    with pytest.raises(KeyMaterialError):
        PublicKey.from_jwk({name: value for name, value in ES256_PUBLIC.items() if name != missing})


# JOS-03.
@pytest.mark.parametrize("curve", ["P-384", "P-521", "secp256k1", "X25519", "Ed25519", "p-256"])
def test_a_curve_without_a_row_is_refused(curve: str) -> None:
    with pytest.raises(UnsupportedAlgorithmError) as caught:
        PublicKey.from_jwk({**ES256_PUBLIC, "crv": curve})
    assert caught.value.code == "algorithm_not_allowed"


ED25519_RAW = PublicKey.from_jwk(ED25519_PUBLIC).raw
ES256_RAW = PublicKey.from_jwk(ES256_PUBLIC).raw


# DID-13.
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(encode_base58btc(b"\xec\x01" + ED25519_RAW), id="X25519"),
        pytest.param(encode_base58btc(b"\x81\x24" + ES256_RAW), id="P-384 prefix"),
        pytest.param(encode_base58btc(b"\xed\x02" + ED25519_RAW), id="wrong second byte"),
        pytest.param(encode_base58btc(b"\xed\x01" + ED25519_RAW[:-1]), id="short"),
        pytest.param(encode_base58btc(b"\xed\x01" + ED25519_RAW + b"\0"), id="long"),
        pytest.param(encode_base58btc(b"\xed\x01" + ES256_RAW), id="the other curve's key"),
        pytest.param(encode_base58btc(b"\x80\x24" + b"\x05" + ES256_RAW[1:]), id="no such compression"),
        pytest.param(encode_base58btc(b"\x80\x24"), id="prefix only"),
        pytest.param("u" + encode_base64url(b"\xed\x01" + ED25519_RAW), id="other multibase"),
        pytest.param("z", id="empty"),
        pytest.param("", id="nothing"),
        pytest.param("z6Mk0", id="not in the alphabet"),
        pytest.param("z" + "1" * 10_000, id="long text"),
    ],
)
def test_unusable_multikeys_are_refused(text: str) -> None:
    with pytest.raises(KeyMaterialError) as caught:
        PublicKey.from_multikey(text)
    assert caught.value.code == "key_unusable"


def test_a_point_of_another_key_is_the_callers_mistake() -> None:
    key = PublicKey.from_jwk(ES256_PUBLIC)
    with pytest.raises(ValueError, match="point"):
        PublicKey(ES256, bytes((key.raw[0] ^ 1,)) + key.raw[1:], bytes(65))


@given(st.text(alphabet="z123456789ABCabc0-", max_size=70) | st.text(max_size=70))
def test_any_text_is_a_multikey_or_refused(text: str) -> None:
    with suppress(KeyMaterialError):
        assert PublicKey.from_multikey(text).to_multikey() == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "use", "key_ops", "alg", "d"]), JSON)
    | st.builds(
        lambda change: {**ES256_PUBLIC, **change}, st.dictionaries(st.sampled_from(["x", "y", "alg"]), JSON)
    )
)
def test_any_object_is_a_jwk_or_refused(jwk: JsonObject) -> None:
    with suppress(KeyMaterialError):
        PublicKey.from_jwk(jwk)


@given(st.binary(max_size=40), st.sampled_from([ES256, EDDSA]))
def test_any_bytes_are_a_raw_key_or_refused(raw: bytes, algorithm: Algorithm) -> None:
    with suppress(KeyMaterialError):
        assert PublicKey.from_raw(algorithm, raw).raw == raw
