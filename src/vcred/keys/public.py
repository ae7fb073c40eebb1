# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Public keys: what they look like on the wire, and verifying with them.

A `PublicKey` exists only if its point can be used: on its curve, canonically
encoded, not of small order. Whom the key belongs to is not known here.
"""

import hashlib
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from functools import lru_cache
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from vcred.codec.base64url import encode_all_base64url, encode_base64url
from vcred.codec.json_types import JsonObject
from vcred.codec.multibase import decode_base58btc, encode_base58btc
from vcred.errors import DecodeError, KeyMaterialError, SignatureError
from vcred.keys.algorithms import ALGORITHMS, ES256, Algorithm
from vcred.keys.ed25519_points import check_point
from vcred.keys.jwk import read_public_jwk

ECDSA_SHA256: Final = ec.ECDSA(hashes.SHA256())

_P256: Final = ec.SECP256R1()
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# Loading a P-256 point costs a tenth to a quarter of a verify, checking an Ed25519 point a whole
# one. Issuers' keys come again and again; holders' keys pass through and are evicted.
_CACHED_KEYS: Final = 2048

_Verify = Callable[[bytes, bytes], None]


@dataclass(frozen=True, slots=True, repr=False)
class PublicKey:
    """A verified point of a known algorithm. Hashable; equal if algorithm and bytes are.

    `raw` is the one form of the key that is compared and stored: SEC1 compressed, 33 bytes, for
    P-256; 32 bytes for Ed25519. `point` spares the square root if the caller has both coordinates
    (SEC1 uncompressed, 65 bytes); it must be the point of `raw`.

    Raises:
        KeyMaterialError: Wrong length, not on the curve, not canonical, of small order.
    """

    algorithm: Algorithm
    raw: bytes
    point: InitVar[bytes | None] = None
    _verify: _Verify = field(init=False, repr=False, compare=False)

    def __post_init__(self, point: bytes | None) -> None:
        if len(self.raw) != self.algorithm.key_bytes:
            raise KeyMaterialError(f"key of {len(self.raw)} bytes where {self.algorithm.key_bytes} belong")
        if point is not None and _compress(point) != self.raw:
            raise ValueError("point is not the point of raw")
        load = _p256_verify if self.algorithm.curve == ES256.curve else _ed25519_verify
        object.__setattr__(self, "_verify", load(point or self.raw))

    def __repr__(self) -> str:
        return f"PublicKey({self.algorithm.jose}, {self.to_multikey()})"

    def __reduce__(self) -> tuple[Callable[..., "PublicKey"], tuple[Algorithm, bytes]]:
        # What is loaded belongs to OpenSSL and cannot cross a process boundary: load it there anew.
        return PublicKey, (self.algorithm, self.raw)

    @classmethod
    def from_raw(cls, algorithm: Algorithm, raw: bytes) -> Self:
        """Make a key of its stored bytes; see `raw`.

        Raises:
            KeyMaterialError: As the class.
        """
        return cls(algorithm, raw)

    @classmethod
    def from_jwk(cls, jwk: JsonObject) -> Self:
        """Read a public JWK.

        Raises:
            KeyMaterialError: Private members, wrong coordinates, forbidden purpose, unusable point.
            UnsupportedAlgorithmError: A curve without a row.

        Spec: RFC 7517 section 4; RFC 7518 section 6.2.1; RFC 8037 section 2.
        """
        read = read_public_jwk(jwk)
        if read.y is None:
            return cls(read.algorithm, read.x)
        point = b"\x04" + read.x + read.y
        return cls(read.algorithm, _compress(point), point)

    @classmethod
    def from_multikey(cls, text: str) -> Self:
        """Read a Multikey, "z..." of the multicodec prefix and the raw key.

        Raises:
            KeyMaterialError: Another multibase or multicodec, a wrong length, an unusable point.

        Spec: Controlled Identifiers 1.0 section 2.2.2.
        """
        return cls(*_read_multikey(text))

    def to_jwk(self) -> JsonObject:
        """Return the public JWK with its required members only, in JCS order."""
        return dict(_jwk_members(self.algorithm.curve, self.raw))

    def jwk_text(self) -> str:
        """Return the JCS form of the public JWK with its required members only."""
        return _jwk_text(self.algorithm.curve, self.raw)

    def to_multikey(self) -> str:
        """Return "z..." of the multicodec prefix and the raw key.

        Spec: Controlled Identifiers 1.0 section 2.2.2.
        """
        return encode_base58btc(self.algorithm.multicodec + self.raw)

    def thumbprint(self) -> str:
        """Return the base64url SHA-256 thumbprint, 43 characters: the id of a verification method.

        Spec: RFC 7638 section 3; RFC 8037 section 2.
        """
        return _thumbprint(self.algorithm.curve, self.raw)

    def did_key(self) -> str:
        """Return the key as a DID, "did:key:z...".

        Spec: did:key method section 3.1.
        """
        return f"did:key:{self.to_multikey()}"

    def verify(self, signature: bytes, message: bytes) -> None:
        """Prove that the holder of the private key signed `message`.

        ECDSA signatures are malleable (s and n - s both verify): never use signature bytes as an
        identifier.

        Args:
            signature: JOSE form: r || s for ECDSA, R || S for EdDSA, 64 bytes. DER is refused.
            message: What was signed, not its hash.

        Raises:
            SignatureError: Anything else, without saying what.

        Spec: RFC 7518 section 3.4; RFC 8032 section 5.1.7.
        """
        if len(signature) != self.algorithm.signature_bytes:
            raise SignatureError("the signature has the wrong length")
        try:
            self._verify(signature, message)
        except InvalidSignature as error:
            raise SignatureError("the signature does not verify under this key") from error


def multikey_of(jwk: JsonObject) -> str:
    """Return the Multikey of a public JWK, and do not load the key: nobody looks whether it can be used.

    To compare with what is known to be one; half the price of `PublicKey.from_jwk`, or less.

    Raises:
        KeyMaterialError, UnsupportedAlgorithmError: As `PublicKey.from_jwk`, but for the point.
    """
    read = read_public_jwk(jwk)
    raw = read.x if read.y is None else _compress(b"\x04" + read.x + read.y)
    return encode_base58btc(read.algorithm.multicodec + raw)


def _compress(point: bytes) -> bytes:
    return bytes((2 | (point[64] & 1),)) + point[1:33]


@lru_cache(maxsize=_CACHED_KEYS)
def _read_multikey(text: str) -> tuple[Algorithm, bytes]:
    try:
        data = decode_base58btc(text)
    except DecodeError as error:
        raise KeyMaterialError(f"Multikey: {error}") from error
    for algorithm in ALGORITHMS:
        if data.startswith(algorithm.multicodec):
            return algorithm, data[len(algorithm.multicodec) :]
    raise KeyMaterialError("Multikey: no signature key known here has this multicodec")


@lru_cache(maxsize=_CACHED_KEYS)
def _p256_key(encoded: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_P256, encoded)
    except ValueError as error:
        raise KeyMaterialError("P-256 key: not a point of the curve") from error


@lru_cache(maxsize=_CACHED_KEYS)
def _jwk_members(curve: str, raw: bytes) -> tuple[tuple[str, str], ...]:
    if curve != ES256.curve:
        return ("crv", curve), ("kty", "OKP"), ("x", encode_base64url(raw))
    point = _p256_key(raw).public_numbers()
    x, y = encode_all_base64url([point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")])
    return ("crv", curve), ("kty", "EC"), ("x", x), ("y", y)


# In a credential, in its holder's thumbprint, and once more where both are checked.
@lru_cache(maxsize=_CACHED_KEYS)
def _jwk_text(curve: str, raw: bytes) -> str:
    # Member names sorted, no white space; base64url and curve names need no JSON escapes.
    members = _jwk_members(curve, raw)
    return "{" + ",".join([f'"{name}":"{value}"' for name, value in members]) + "}"


@lru_cache(maxsize=_CACHED_KEYS)
def _thumbprint(curve: str, raw: bytes) -> str:
    return encode_base64url(hashlib.sha256(_jwk_text(curve, raw).encode("ascii")).digest())


@lru_cache(maxsize=_CACHED_KEYS)
def _p256_verify(encoded: bytes) -> _Verify:
    key_verify = _p256_key(encoded).verify

    def verify(signature: bytes, message: bytes) -> None:
        r = int.from_bytes(signature[:32], "big")
        s = int.from_bytes(signature[32:], "big")
        # r = s = 0 is the signature that verified for every message in CVE-2022-21449.
        if not (0 < r < _P256_ORDER and 0 < s < _P256_ORDER):
            raise InvalidSignature
        key_verify(encode_dss_signature(r, s), message, ECDSA_SHA256)

    return verify


@lru_cache(maxsize=_CACHED_KEYS)
def _ed25519_verify(encoded: bytes) -> _Verify:
    check_point(encoded)
    # S >= L is refused by the library; a test holds it to that.
    return ed25519.Ed25519PublicKey.from_public_bytes(encoded).verify
