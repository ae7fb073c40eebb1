# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Keys and salts for tests: new ones each time, or always the same ones from a public seed.

A seeded key is a TEST KEY. Whoever reads this file can compute its private half; it stands in
no network but the test network of `tests/world.py`, and nothing in `src` can make one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256, shake_256
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from vcred.codec.base64url import encode_base64url
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner

MARK = "vcred TEST KEY, public and worthless"
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# RFC 6979: the same key and message give the same signature, so that vectors can be made anew.
_REPEATABLE = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


class KeySource(Protocol):
    """Where a test's keys come from."""

    def make(self, name: str, algorithm: Algorithm) -> Signer:
        """The key of that name."""


class RandomKeys:
    """A new key each time."""

    def make(self, name: str, algorithm: Algorithm) -> Signer:
        return SoftwareSigner.generate(algorithm)


@dataclass(frozen=True)
class SeededKeys:
    """The same key for the same seed and name, on every machine."""

    seed: str

    def make(self, name: str, algorithm: Algorithm) -> Signer:
        secret = sha256(f"{MARK}: {self.seed}: {name}".encode()).digest()
        if algorithm == EDDSA:
            return _ed25519(secret)
        return RepeatableSigner(1 + int.from_bytes(secret, "big") % (_P256_ORDER - 1))

    def random_bytes(self, name: str) -> Callable[[int], bytes]:
        """A source of salts: each call gives the next bytes of one stream."""
        stream = shake_256(f"{MARK}: {self.seed}: salts: {name}".encode())
        given = 0

        def take(size: int) -> bytes:
            nonlocal given
            given += size
            return stream.digest(given)[given - size :]

        return take


class RepeatableSigner:
    """ES256 with the nonce of RFC 6979."""

    def __init__(self, secret: int) -> None:
        self._private = ec.derive_private_key(secret, ec.SECP256R1())
        numbers = self._private.public_key().public_numbers()
        compressed = bytes((2 | numbers.y & 1,)) + numbers.x.to_bytes(32, "big")
        self._public = PublicKey.from_raw(ES256, compressed)

    def __repr__(self) -> str:
        return f"TEST KEY {self._public.to_multikey()}"

    @property
    def public_key(self) -> PublicKey:
        return self._public

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self._private.sign(message, _REPEATABLE))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _ed25519(secret: bytes) -> Signer:
    # Ed25519 signatures always repeat.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    jwk = PublicKey.from_raw(EDDSA, public).to_jwk()
    return SoftwareSigner.from_private_jwk({**jwk, "d": encode_base64url(secret)})
