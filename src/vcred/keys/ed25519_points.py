# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which 32 bytes are an Ed25519 public key that can bind a signer to a message.

OpenSSL loads any 32 bytes. Three kinds must not pass:

* a point of small order: signatures exist that verify for (nearly) every message,
* an encoding with y >= p: two byte strings would name one key,
* an encoding of no point at all.
"""

from typing import Final

from vcred.errors import KeyMaterialError

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_Y_MASK: Final = 2**255 - 1

# The 8 points whose order divides the cofactor share these 5 y coordinates: order 4 (y = 0), the
# identity (1), order 2 (p - 1) and order 8 (the last two). The sign bit tells the rest apart, so
# comparing y refuses all 8, and "identity with the sign bit set" too.
_ORDER_8_Y: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER_Y: Final = frozenset({0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y})


def check_point(encoded: bytes) -> None:
    """Refuse an encoded point that cannot serve as a public key.

    Args:
        encoded: 32 bytes, little-endian y with the sign of x in the top bit.

    Raises:
        KeyMaterialError: Not canonical, of small order, or not on the curve.

    Spec: RFC 8032 section 5.1.3.
    """
    y = int.from_bytes(encoded, "little") & _Y_MASK
    if y >= _P:
        raise KeyMaterialError("Ed25519 key: the encoding is not canonical")
    if y in _SMALL_ORDER_Y:
        raise KeyMaterialError("Ed25519 key: the point is of small order")
    # x^2 = u/v is a square exactly if u*v is (v is never 0): one exponentiation, no inversion.
    y_squared = y * y % _P
    u = y_squared - 1
    v = _D * y_squared + 1
    if pow(u * v % _P, (_P - 1) // 2, _P) != 1:
        raise KeyMaterialError("Ed25519 key: the point is not on the curve")
