# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The one table of signature algorithms.

A row binds everything that must agree: the JOSE name, the COSE number, the
multicodec prefix, the curve and the lengths. The *key* says its algorithm; a
header that disagrees is refused, never obeyed. To add an algorithm, add a row,
its arithmetic in `public` and `software`, and vectors.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vcred.errors import UnsupportedAlgorithmError


class AlgorithmStatus(StrEnum):
    """Whether new keys may be made for the algorithm, or old signatures only verified."""

    RECOMMENDED = "recommended"
    VERIFY_ONLY = "verify_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """One row. Equal by value, so a row survives a process boundary.

    `other_names` are what others call it in JOSE headers; we write `jose`. `multicodec` is the
    varint prefix of a public key in a Multikey, `key_bytes` the length of `PublicKey.raw`,
    `signature_bytes` the length of a JOSE signature (r || s for ECDSA).
    """

    jose: str
    cose: int
    key_type: str
    curve: str
    multicodec: bytes
    key_bytes: int
    signature_bytes: int
    status: AlgorithmStatus
    other_names: tuple[str, ...] = ()

    def is_named(self, name: object) -> bool:
        """Whether a header's or JWK's `alg` names this row, letter by letter.

        Spec: RFC 8725 section 3.1; RFC 9864 section 2.2.
        """
        return name == self.jose or name in self.other_names


ES256: Final = Algorithm(
    jose="ES256",
    cose=-7,
    key_type="EC",
    curve="P-256",
    multicodec=b"\x80\x24",
    key_bytes=33,
    signature_bytes=64,
    status=AlgorithmStatus.RECOMMENDED,
)

EDDSA: Final = Algorithm(
    jose="EdDSA",
    cose=-8,
    key_type="OKP",
    curve="Ed25519",
    multicodec=b"\xed\x01",
    key_bytes=32,
    signature_bytes=64,
    status=AlgorithmStatus.RECOMMENDED,
    # The name for the curve and nothing else; most wallets still write the older one.
    other_names=("Ed25519",),
)

ALGORITHMS: Final = (ES256, EDDSA)

_BY_JOSE: Final = {name: row for row in ALGORITHMS for name in (row.jose, *row.other_names)}
_BY_CURVE: Final = {(row.key_type, row.curve): row for row in ALGORITHMS}


def by_jose(name: str) -> Algorithm:
    """Return the row with a JOSE name, compared exactly: "none" in any spelling has no row.

    Raises:
        UnsupportedAlgorithmError: No such row.

    Spec: RFC 7518 section 3.1; RFC 8037 section 3.1; RFC 9864 section 2.2.
    """
    if (row := _BY_JOSE.get(name)) is None:
        raise UnsupportedAlgorithmError("no such signature algorithm here", hint=f"use one of {_names()}")
    return row


def by_curve(key_type: str, curve: str) -> Algorithm:
    """Return the row for a JWK's `kty` and `crv`.

    Raises:
        UnsupportedAlgorithmError: No such row, among them `oct`, `RSA`, P-384 and X25519.

    Spec: RFC 7518 section 6.2.1; RFC 8037 section 2.
    """
    if (row := _BY_CURVE.get((key_type, curve))) is None:
        raise UnsupportedAlgorithmError("no signature algorithm for this kind of key or curve")
    return row


def _names() -> str:
    return ", ".join(_BY_JOSE)
