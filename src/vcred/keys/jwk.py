# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Read the members of a JSON Web Key strictly.

A JWK comes from a stranger (`cnf`, did:jwk) or from our own encrypted file. What
would change the meaning of the key is checked; members nobody here understands
are ignored, as RFC 7517 section 4 demands, and never followed (`x5u`).
"""

from dataclasses import dataclass
from typing import Final

from vcred.codec.base64url import decode_base64url
from vcred.codec.fields import get_text, get_texts
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, KeyMaterialError
from vcred.keys.algorithms import Algorithm, by_curve

# All private and symmetric members of RFC 7518 section 6 and RFC 8037 section 2.
_SECRET_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
_COORDINATE_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class JwkCoordinates:
    """What a public JWK says: `x` and `y` 32 bytes each, big-endian for EC; `y` is None for OKP."""

    algorithm: Algorithm
    x: bytes
    y: bytes | None


def read_public_jwk(jwk: JsonObject) -> JwkCoordinates:
    """Read a public signature key.

    Proves nothing about the point: `PublicKey.from_jwk` does.

    Raises:
        KeyMaterialError: A private member, a missing or short coordinate, `use`, `key_ops` or
            `alg` that forbid verifying with it.
        UnsupportedAlgorithmError: A curve without a row in `algorithms`.

    Spec: RFC 7517 section 4; RFC 7518 section 6.2.1; RFC 8037 section 2.
    """
    # A private key in a public place is compromised: never use its public half in silence.
    if not _SECRET_MEMBERS.isdisjoint(jwk):
        raise KeyMaterialError("JWK: holds a private or symmetric key where a public one belongs")
    try:
        return _read_coordinates(jwk)
    except DecodeError as error:
        raise KeyMaterialError(f"JWK: {error}") from error


def read_coordinate(jwk: JsonObject, name: str) -> bytes:
    """Decode one 32-byte member. A shorter one is refused, not padded: one key, one form.

    Raises:
        DecodeError: Missing, not base64url, or not 32 bytes.
    """
    value = decode_base64url(get_text(jwk, name))
    if len(value) != _COORDINATE_BYTES:
        raise DecodeError(f"{name}: {len(value)} bytes where {_COORDINATE_BYTES} belong")
    return value


def _read_coordinates(jwk: JsonObject) -> JwkCoordinates:
    key_type = get_text(jwk, "kty")
    if key_type == "oct":
        raise KeyMaterialError("JWK: a symmetric key proves no origin")
    algorithm = by_curve(key_type, get_text(jwk, "crv"))
    _check_purpose(jwk, algorithm)
    x = read_coordinate(jwk, "x")
    if algorithm.key_type == "OKP":
        return JwkCoordinates(algorithm=algorithm, x=x, y=None)
    return JwkCoordinates(algorithm=algorithm, x=x, y=read_coordinate(jwk, "y"))


def _check_purpose(jwk: JsonObject, algorithm: Algorithm) -> None:
    if "alg" in jwk and not algorithm.is_named(get_text(jwk, "alg")):
        raise KeyMaterialError("JWK: alg is not the algorithm of its curve")
    if "use" in jwk and get_text(jwk, "use") != "sig":
        raise KeyMaterialError("JWK: use is not sig")
    if "key_ops" in jwk and "verify" not in get_texts(jwk, "key_ops"):
        raise KeyMaterialError("JWK: key_ops does not hold verify")
