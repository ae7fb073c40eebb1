# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Signers in memory: read back exactly, and silent about their secret."""

import dataclasses
import pickle
import traceback

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.keys.published import ED25519_D, ED25519_JWK, ES256_D, ES256_JWK
from vcred.codec.base64url import encode_base64url
from vcred.codec.json_types import JsonObject
from vcred.errors import KeyMaterialError, UnsupportedAlgorithmError
from vcred.keys.algorithms import ALGORITHMS, ES256, Algorithm, AlgorithmStatus
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner

BOTH = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda row: row.jose)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SEVEN = PublicKey(
    ES256,
    ec.derive_private_key(7, ec.SECP256R1())
    .public_key()
    .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint),
)
PRIVATE: JsonObject = {**ES256_JWK, "d": ES256_D}


@BOTH
def test_a_private_jwk_leads_back_to_the_signer(algorithm: Algorithm) -> None:
    for _ in range(20):
        signer = SoftwareSigner.generate(algorithm)
        again = SoftwareSigner.from_private_jwk(signer.to_private_jwk())
        assert again.public_key == signer.public_key
        signer.public_key.verify(again.sign(b"message"), b"message")


@pytest.mark.parametrize("jwk", [PRIVATE, {**ED25519_JWK, "d": ED25519_D}])
def test_published_keys_are_read(jwk: JsonObject) -> None:
    assert SoftwareSigner.from_private_jwk(jwk).to_private_jwk() == jwk
    assert SoftwareSigner.from_private_jwk({**jwk, "key_ops": ["sign"]}).to_private_jwk() == jwk


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"d": None}, id="null"),
        pytest.param({"d": ""}, id="empty"),
        pytest.param({"d": ES256_D[:-2]}, id="short"),
        pytest.param({"d": ES256_D + "="}, id="padded"),
        pytest.param({"d": encode_base64url(bytes(32))}, id="zero"),
        pytest.param({"d": encode_base64url(P256_ORDER.to_bytes(32, "big"))}, id="the order"),
        pytest.param({"d": encode_base64url((5).to_bytes(32, "big"))}, id="another key's"),
        pytest.param({"p": "AA"}, id="an RSA member"),
    ],
)
def test_private_jwks_that_do_not_fit_are_refused_in_silence(change: JsonObject) -> None:
    SoftwareSigner.from_private_jwk(PRIVATE)
    with pytest.raises(KeyMaterialError) as caught:
        SoftwareSigner.from_private_jwk({**PRIVATE, **change})
    assert ES256_D[:20] not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_short_d_is_refused_even_when_it_is_the_right_number() -> None:
    signer = SoftwareSigner(ec.derive_private_key(7, ec.SECP256R1()), SEVEN)
    jwk = signer.to_private_jwk()
    assert SoftwareSigner.from_private_jwk(jwk).public_key == SEVEN
    with pytest.raises(KeyMaterialError):
        SoftwareSigner.from_private_jwk({**jwk, "d": encode_base64url((7).to_bytes(31, "big"))})


def test_no_new_key_is_made_for_an_algorithm_that_only_verifies() -> None:
    old = dataclasses.replace(ES256, status=AlgorithmStatus.VERIFY_ONLY)
    with pytest.raises(UnsupportedAlgorithmError):
        SoftwareSigner.generate(old)


@BOTH
def test_neither_repr_nor_pickle_gives_the_key_away(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    secret = str(signer.to_private_jwk()["d"])
    assert secret not in repr(signer)
    assert secret not in str(signer)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(signer)
