# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A signer whose private key is in this process's memory."""

from typing import Final, NoReturn, Self

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from vcred.codec.base64url import encode_base64url
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, KeyMaterialError, UnsupportedAlgorithmError
from vcred.keys.algorithms import EDDSA, ES256, Algorithm, AlgorithmStatus
from vcred.keys.jwk import read_coordinate
from vcred.keys.public import ECDSA_SHA256, PublicKey

_P256: Final = ec.SECP256R1()

_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class SoftwareSigner:
    """Signs with a private key held in memory. Neither `repr` nor pickle gives the key away."""

    __slots__ = ("_private", "_public")

    def __init__(self, private: _PrivateKey, public: PublicKey) -> None:
        self._private = private
        self._public = public

    def __repr__(self) -> str:
        return f"SoftwareSigner({self._public.algorithm.jose}, private key not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled; store it with the keyring")

    @classmethod
    def generate(cls, algorithm: Algorithm) -> Self:
        """Make a new key from the operating system's randomness.

        Raises:
            UnsupportedAlgorithmError: The algorithm only verifies.
        """
        if algorithm.status is not AlgorithmStatus.RECOMMENDED:
            raise UnsupportedAlgorithmError("no new keys are made for this algorithm")
        if algorithm.curve == ES256.curve:
            return cls._of(ec.generate_private_key(_P256))
        return cls._of(ed25519.Ed25519PrivateKey.generate())

    @classmethod
    def from_private_jwk(cls, jwk: JsonObject) -> Self:
        """Read a private JWK and check that its public half belongs to it.

        Raises:
            KeyMaterialError: No `d`, a `d` of the wrong length or range, or of another public key.
            UnsupportedAlgorithmError: A curve without a row.

        Spec: RFC 7518 section 6.2.2; RFC 8037 section 2.
        """
        claimed = PublicKey.from_jwk(
            {name: value for name, value in jwk.items() if name not in ("d", "key_ops")}
        )
        signer = cls._of(_private_key(claimed.algorithm, _secret(jwk)))
        if signer._public != claimed:
            raise KeyMaterialError("private JWK: its public half is another key's")
        return signer

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign `message` and return r || s or R || S, 64 bytes.

        Spec: RFC 7518 section 3.4; RFC 8032 section 5.1.6.
        """
        private = self._private
        if isinstance(private, ed25519.Ed25519PrivateKey):
            return private.sign(message)
        r, s = decode_dss_signature(private.sign(message, ECDSA_SHA256))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def to_private_jwk(self) -> JsonObject:
        """Return the private JWK. It is the secret itself: only an engine that encrypts takes it."""
        private = self._private
        if isinstance(private, ed25519.Ed25519PrivateKey):
            secret = private.private_bytes_raw()
        else:
            secret = private.private_numbers().private_value.to_bytes(32, "big")
        return {**self._public.to_jwk(), "d": encode_base64url(secret)}

    @classmethod
    def _of(cls, private: _PrivateKey) -> Self:
        if isinstance(private, ed25519.Ed25519PrivateKey):
            return cls(private, PublicKey(EDDSA, private.public_key().public_bytes_raw()))
        numbers = private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cls(private, PublicKey(ES256, bytes((2 | (y[31] & 1),)) + x, b"\x04" + x + y))


def _secret(jwk: JsonObject) -> bytes:
    try:
        return read_coordinate(jwk, "d")
    except DecodeError:
        # `from None`: what the decoder says about the secret must not travel in a traceback.
        raise KeyMaterialError("private JWK: d is missing or malformed") from None


def _private_key(algorithm: Algorithm, secret: bytes) -> _PrivateKey:
    if algorithm.curve != ES256.curve:
        return ed25519.Ed25519PrivateKey.from_private_bytes(secret)
    try:
        return ec.derive_private_key(int.from_bytes(secret, "big"), _P256)
    except ValueError:
        raise KeyMaterialError("private JWK: d is out of range") from None
