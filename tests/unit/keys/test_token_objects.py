# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a token says of its objects: one that is not as it must be is not used. The good one first."""

from typing import Any

import pytest
from pkcs11 import Attribute, KeyType, PrivateKey

from vcred.codec.base64url import decode_base64url
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.engines.pkcs11_objects import (
    check_kept,
    find_private,
    public_of_point,
    read_public,
    sign_with,
)
from vcred.keys.hsm_errors import HsmError, HsmKeyError
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.software import SoftwareSigner

P256_CURVE = bytes.fromhex("06082a8648ce3d030107")
P384_CURVE = bytes.fromhex("06052b81040022")
PUBLIC = SoftwareSigner.generate(ES256).public_key
POINT = b"\4" + b"".join(decode_base64url(str(PUBLIC.to_jwk()[name])) for name in "xy")
URI = "pkcs11:token=vcred;object=issuing"


class Object(dict[Any, Any], PrivateKey):  # type: ignore[misc]
    """A key as a token shows it."""

    key_type = KeyType.EC

    def sign(self, data: bytes, *, mechanism: object, buffer_size: int) -> bytes:
        """The answer of the token."""
        answer: bytes = self["answer"]
        return answer


class Session:
    """Finds the same objects, whatever is asked for."""

    def __init__(self, *objects: Object) -> None:
        self._objects = objects

    def get_objects(self, _wanted: object) -> tuple[Object, ...]:
        return self._objects


def session(*objects: Object) -> Any:
    return Session(*objects)


def private(**changes: Any) -> Any:
    """A key that does not leave the token."""
    named = {"SENSITIVE": True, "EXTRACTABLE": False, "ID": b"1", **changes}
    return Object({Attribute[name]: value for name, value in named.items()})


def public(curve: bytes = P256_CURVE) -> Object:
    return Object({Attribute.EC_PARAMS: curve, Attribute.EC_POINT: POINT})


def uri() -> Pkcs11Uri:
    return Pkcs11Uri.parse(URI)


def test_one_private_key_and_no_other() -> None:
    one = private()
    assert find_private(session(one), uri()) is one
    with pytest.raises(HsmKeyError, match="2 private keys"):
        find_private(session(one, private()), uri())
    with pytest.raises(HsmKeyError, match="no such private key"):
        find_private(session(), uri())


@pytest.mark.parametrize(("found", "count"), [((), 0), ((public(), public()), 2)])
def test_one_public_key_beside_it(found: tuple[Object, ...], count: int) -> None:
    assert read_public(session(public()), private()) == PUBLIC
    with pytest.raises(HsmKeyError, match=f"{count} public keys"):
        read_public(session(*found), private())


def test_a_key_of_another_kind_or_curve() -> None:
    other = private()
    other.key_type = KeyType.RSA
    with pytest.raises(HsmKeyError, match="neither P-256 nor Ed25519"):
        read_public(session(public()), other)
    with pytest.raises(HsmKeyError, match="a curve that is not used here"):
        read_public(session(public(P384_CURVE)), private())
    # What names the curve of Ed25519 does not name that of P-256.
    with pytest.raises(HsmKeyError, match="a curve that is not used here"):
        read_public(session(public(b"\x13\x0cedwards25519")), private())


@pytest.mark.parametrize("changes", [{"SENSITIVE": False}, {"EXTRACTABLE": True}])
def test_a_key_that_could_leave(changes: dict[str, bool]) -> None:
    check_kept(private())
    with pytest.raises(HsmKeyError, match="could leave the token"):
        check_kept(private(**changes))


@pytest.mark.parametrize(("algorithm", "size"), [(ES256, 63), (ES256, 72), (EDDSA, 65), (EDDSA, 0)])
def test_a_signature_of_another_length(algorithm: Algorithm, size: int) -> None:
    good, bad = private(), private()
    good["answer"], bad["answer"] = bytes(64), bytes(size)
    assert sign_with(good, algorithm, bytes(32)) == bytes(64)
    with pytest.raises(HsmError, match=f"a signature of {size} bytes where 64 belong"):
        sign_with(bad, algorithm, bytes(32))


def test_a_point_that_is_not_uncompressed() -> None:
    """6 and 7 are the hybrid forms: a second spelling of one key."""
    assert public_of_point(ES256, POINT) == PUBLIC
    for first in (2, 3, 6, 7):
        with pytest.raises(HsmKeyError, match="not an uncompressed point"):
            public_of_point(ES256, bytes((first,)) + POINT[1:])
