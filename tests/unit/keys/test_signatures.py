# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Signatures: what verifies, and every shape that must not. JOS-15, JOS-17."""

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import SignatureError
from vcred.keys.algorithms import ALGORITHMS, EDDSA, ES256, Algorithm
from vcred.keys.software import SoftwareSigner

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
L = 2**252 + 27742317777372353535851937790883648493
MESSAGE = b"a message"

ECDSA = SoftwareSigner.generate(ES256)
ECDSA_SIGNATURE = ECDSA.sign(MESSAGE)
R, S = int.from_bytes(ECDSA_SIGNATURE[:32], "big"), int.from_bytes(ECDSA_SIGNATURE[32:], "big")
EDWARDS = SoftwareSigner.generate(EDDSA)
EDWARDS_SIGNATURE = EDWARDS.sign(MESSAGE)
SIGNERS = {row.jose: SoftwareSigner.generate(row) for row in ALGORITHMS}


def pair(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@given(st.binary(max_size=200), st.sampled_from(ALGORITHMS))
def test_what_is_signed_verifies(message: bytes, algorithm: Algorithm) -> None:
    signer = SIGNERS[algorithm.jose]
    signature = signer.sign(message)
    assert len(signature) == 64
    signer.public_key.verify(signature, message)


@given(st.integers(0, 511), st.sampled_from(ALGORITHMS))
def test_no_flipped_bit_verifies(bit: int, algorithm: Algorithm) -> None:
    signer = SIGNERS[algorithm.jose]
    signature = bytearray(signer.sign(MESSAGE))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SignatureError):
        signer.public_key.verify(bytes(signature), MESSAGE)


@given(st.binary(max_size=130), st.sampled_from(ALGORITHMS))
def test_any_bytes_are_refused_and_nothing_else_happens(signature: bytes, algorithm: Algorithm) -> None:
    with pytest.raises(SignatureError):
        SIGNERS[algorithm.jose].public_key.verify(signature, MESSAGE)


def test_another_message_or_key_does_not_verify() -> None:
    for signer in SIGNERS.values():
        signature = signer.sign(MESSAGE)
        signer.public_key.verify(signature, MESSAGE)
        with pytest.raises(SignatureError):
            signer.public_key.verify(signature, MESSAGE + b".")
        with pytest.raises(SignatureError):
            SoftwareSigner.generate(signer.public_key.algorithm).public_key.verify(signature, MESSAGE)


# JOS-15. All zero is CVE-2022-21449, which verified for every message.
@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(pair(0, 0), id="all zero"),
        pytest.param(pair(0, S), id="r 0"),
        pytest.param(pair(R, 0), id="s 0"),
        pytest.param(pair(N, S), id="r n"),
        pytest.param(pair(R, N), id="s n"),
        pytest.param(pair(N, N), id="both n"),
        pytest.param(pair(N + 1, S), id="r over n"),
        pytest.param(pair(R, N + 1), id="s over n"),
        pytest.param(pair(2**256 - 1, 2**256 - 1), id="all ones"),
        pytest.param(pair(S, R), id="swapped"),
        pytest.param(ECDSA_SIGNATURE[:63], id="63 bytes"),
        pytest.param(ECDSA_SIGNATURE + b"\0", id="65 bytes"),
        pytest.param(b"\0" + ECDSA_SIGNATURE, id="65 bytes, zero before"),
        pytest.param(
            ECDSA_SIGNATURE[:32] + b"\0" + ECDSA_SIGNATURE[32:], id="65 bytes, the same two numbers"
        ),
        pytest.param(bytes(32) + ECDSA_SIGNATURE[:32] + bytes(32) + ECDSA_SIGNATURE[32:], id="128 bytes"),
        pytest.param(encode_dss_signature(R, S), id="DER"),
        pytest.param(b"", id="empty"),
    ],
)
def test_ecdsa_signatures_of_another_shape_are_refused(signature: bytes) -> None:
    ECDSA.public_key.verify(ECDSA_SIGNATURE, MESSAGE)
    with pytest.raises(SignatureError) as caught:
        ECDSA.public_key.verify(signature, MESSAGE)
    assert caught.value.code == "signature_invalid"


@pytest.mark.parametrize("signature", [pair(0, 0), pair(0, S), pair(R, 0), pair(N, S), pair(R, N)])
def test_numbers_out_of_range_are_refused_before_the_library_is_asked(
    signature: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vcred.keys.public.encode_dss_signature", lambda _r, _s: pytest.fail("asked"))
    with pytest.raises(SignatureError):
        ECDSA.public_key.verify(signature, MESSAGE)


def test_ecdsa_with_the_other_s_verifies_so_its_bytes_are_no_identifier() -> None:
    ECDSA.public_key.verify(pair(R, N - S), MESSAGE)


# JOS-17.
@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(
            EDWARDS_SIGNATURE[:32]
            + (int.from_bytes(EDWARDS_SIGNATURE[32:], "little") + L).to_bytes(32, "little"),
            id="S + L",
        ),
        pytest.param(EDWARDS_SIGNATURE[:32] + L.to_bytes(32, "little"), id="S = L"),
        pytest.param(EDWARDS_SIGNATURE[:32] + bytes(32), id="S 0"),
        pytest.param(bytes(64), id="all zero"),
        pytest.param(b"\x01" + bytes(63), id="R the identity, S 0"),
        pytest.param(EDWARDS_SIGNATURE[:63], id="63 bytes"),
        pytest.param(EDWARDS_SIGNATURE + b"\0", id="65 bytes"),
        pytest.param(EDWARDS_SIGNATURE * 2, id="128 bytes"),
        pytest.param(b"", id="empty"),
    ],
)
def test_ed25519_signatures_of_another_shape_are_refused(signature: bytes) -> None:
    EDWARDS.public_key.verify(EDWARDS_SIGNATURE, MESSAGE)
    with pytest.raises(SignatureError) as caught:
        EDWARDS.public_key.verify(signature, MESSAGE)
    assert caught.value.code == "signature_invalid"
