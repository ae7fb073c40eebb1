# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Points that make anyone a signer. JOS-17, DID-14."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import KeyMaterialError
from vcred.keys.algorithms import EDDSA
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner

P = 2**255 - 19
SIGN = 1 << 255
ORDER_8_Y = int.from_bytes(
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
)
SMALL_ORDER = {
    "identity": 1,
    "order 2": P - 1,
    "order 4": 0,
    "order 4, other sign": SIGN,
    "order 8, first": ORDER_8_Y,
    "order 8, first, other sign": ORDER_8_Y | SIGN,
    "order 8, second": P - ORDER_8_Y,
    "order 8, second, other sign": (P - ORDER_8_Y) | SIGN,
}
NOT_CANONICAL = {
    "identity with the sign of zero": 1 | SIGN,
    "order 2 with the sign of zero": (P - 1) | SIGN,
    "order 4 as p": P,
    "order 4 as p, other sign": P | SIGN,
    "identity as p + 1": P + 1,
    "identity as p + 1, other sign": (P + 1) | SIGN,
    **{f"y = p + {more}": P + more for more in range(2, 19)},
}


def encode(y_and_sign: int) -> bytes:
    return y_and_sign.to_bytes(32, "little")


def doubled(y: int) -> int:
    """Return the y coordinate of twice a point, by the curve's addition law."""
    d = -121665 * pow(121666, -1, P)
    x_squared = (y * y - 1) * pow(d * y * y + 1, -1, P)
    return (y * y + x_squared) * pow(1 - d * x_squared * y * y, -1, P) % P


def test_the_list_is_that_of_the_curve() -> None:
    assert len(set(SMALL_ORDER.values())) == 8
    for value in SMALL_ORDER.values():
        y = value % SIGN
        assert doubled(doubled(doubled(y))) == 1


@pytest.mark.parametrize("value", SMALL_ORDER.values(), ids=SMALL_ORDER)
def test_points_of_small_order_are_refused(value: int) -> None:
    Ed25519PublicKey.from_public_bytes(encode(value))  # The library alone takes them.
    with pytest.raises(KeyMaterialError, match="small order"):
        PublicKey.from_raw(EDDSA, encode(value))


@pytest.mark.parametrize("value", NOT_CANONICAL.values(), ids=NOT_CANONICAL)
def test_other_spellings_are_refused(value: int) -> None:
    with pytest.raises(KeyMaterialError):
        PublicKey.from_raw(EDDSA, encode(value))


def test_one_signature_fits_every_message_under_the_identity_which_is_why() -> None:
    forged = encode(1) + bytes(32)
    for message in (b"green", b"red"):
        Ed25519PublicKey.from_public_bytes(encode(1)).verify(forged, message)
    with pytest.raises(KeyMaterialError):
        PublicKey.from_raw(EDDSA, encode(1))


def test_bytes_of_no_point_are_refused() -> None:
    refused = 0
    for y in range(2, 40):
        try:
            PublicKey.from_raw(EDDSA, encode(y))
        except KeyMaterialError as error:
            assert "not on the curve" in str(error)
            refused += 1
    assert 10 < refused < 30  # Half of all y belong to no point.


@given(st.binary(min_size=32, max_size=32))
def test_any_bytes_are_a_key_or_refused(raw: bytes) -> None:
    try:
        key = PublicKey.from_raw(EDDSA, raw)
    except KeyMaterialError:
        return
    assert key.raw == raw


def test_real_keys_pass() -> None:
    for _ in range(20):
        SoftwareSigner.generate(EDDSA)
