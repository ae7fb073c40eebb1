# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Key pairs in a token: found, made, read, and refused if the private half could leave.

All functions here run inside `TokenSessions.run`; what the library raises is translated there.
"""

from typing import TYPE_CHECKING, Any, Final

from vcred.errors import KeyMaterialError
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.hsm_errors import HsmError, HsmKeyError
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.public import PublicKey

if TYPE_CHECKING:
    import pkcs11

# DER of the object identifiers of the curves: EC_PARAMS.
_CURVE: Final = {ES256: bytes.fromhex("06082a8648ce3d030107"), EDDSA: bytes.fromhex("06032b6570")}
# Older tokens name Ed25519 by a text instead, which PKCS #11 allows too.
_ED25519_BY_NAME: Final = b"\x13\x0cedwards25519"
_OCTET_STRING: Final = 4


def find_private(session: "pkcs11.Session", uri: Pkcs11Uri) -> "pkcs11.PrivateKey":
    """Find the one private key that a URI names.

    Raises:
        HsmKeyError: There is none, or several.
    """
    found = _find_private(session, uri)
    if not found:
        raise HsmKeyError(
            f"no such private key in the token: {uri}", hint="see what is there: pkcs11-tool -O"
        )
    if len(found) > 1:
        raise HsmKeyError(
            f"{len(found)} private keys in the token are {uri}", hint="say which one with id=%.. in the URI"
        )
    return found[0]


def read_public(session: "pkcs11.Session", private: "pkcs11.PrivateKey") -> PublicKey:
    """Read the public half of a private key, of the object beside it that has the same id.

    Proves nothing: that the halves belong together shows in a signature.

    Raises:
        HsmKeyError: No public object, or a key that is not for signatures here.
    """
    from pkcs11 import Attribute, KeyType, ObjectClass

    algorithm = {KeyType.EC: ES256, KeyType.EC_EDWARDS: EDDSA}.get(private.key_type)
    if algorithm is None:
        raise HsmKeyError("the key in the token is neither P-256 nor Ed25519")
    wanted: dict[Attribute, Any] = {
        Attribute.CLASS: ObjectClass.PUBLIC_KEY,
        Attribute.KEY_TYPE: private.key_type,
        Attribute.ID: private[Attribute.ID],
    }
    found = [*session.get_objects(wanted)]
    if len(found) != 1:
        raise HsmKeyError(
            f"{len(found)} public keys in the token have the id of the private one, where one belongs",
            hint="the public key is stored beside the private one, under the same id",
        )
    curve, point = found[0][Attribute.EC_PARAMS], found[0][Attribute.EC_POINT]
    if curve != _CURVE[algorithm] and not (algorithm == EDDSA and curve == _ED25519_BY_NAME):
        raise HsmKeyError("the key in the token is of a curve that is not used here")
    return public_of_point(algorithm, point)


def make_pair(
    session: "pkcs11.Session", algorithm: Algorithm, *, label: str, identifier: bytes
) -> "tuple[pkcs11.PublicKey, pkcs11.PrivateKey]":
    """Make a key pair in the token: kept there, usable for signatures only, never to leave it.

    Args:
        session: Read and write.
        algorithm: P-256 or Ed25519.
        label: CKA_LABEL of both halves.
        identifier: CKA_ID of both halves.
    """
    from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag

    is_p256 = algorithm == ES256
    curve = session.create_domain_parameters(
        KeyType.EC if is_p256 else KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _CURVE[algorithm]}, local=True
    )
    return curve.generate_keypair(
        id=identifier,
        label=label,
        store=True,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        mechanism=Mechanism.EC_KEY_PAIR_GEN if is_p256 else Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        private_template={
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
        },
    )


def find_made(session: "pkcs11.Session", uri: Pkcs11Uri) -> "pkcs11.PrivateKey | None":
    """Find the key that an earlier attempt made under this label and id, if there was one."""
    found = _find_private(session, uri)
    return found[0] if found else None


def check_kept(private: "pkcs11.PrivateKey") -> None:
    """Refuse a private key that could leave the token, whatever was asked for when it was made.

    Raises:
        HsmKeyError: It is not sensitive, or extractable.
    """
    from pkcs11 import Attribute

    if private[Attribute.SENSITIVE] is not True or private[Attribute.EXTRACTABLE] is not False:
        raise HsmKeyError(
            "the private key could leave the token: it is not sensitive, or extractable",
            hint="let the token make a key of its own",
        )


def sign_with(private: "pkcs11.PrivateKey", algorithm: Algorithm, data: bytes) -> bytes:
    """Sign, and return r || s or R || S, 64 bytes.

    Args:
        private: In the token.
        algorithm: Of the key.
        data: For P-256 the SHA-256 of the message, for Ed25519 the message.

    Raises:
        HsmError: The answer has another length.

    Spec: RFC 7518 section 3.4; RFC 8032 section 5.1.6.
    """
    from pkcs11 import Mechanism

    mechanism = Mechanism.ECDSA if algorithm == ES256 else Mechanism.EDDSA
    size = algorithm.signature_bytes
    signer: Any = private
    signature: bytes = signer.sign(data, mechanism=mechanism, buffer_size=size)
    if len(signature) != size:
        raise HsmError(f"the token gives a signature of {len(signature)} bytes where {size} belong")
    return signature


def public_of_point(algorithm: Algorithm, point: bytes) -> PublicKey:
    """Read EC_POINT: DER OCTET STRING, or without that frame, as some tokens give it.

    Raises:
        HsmKeyError: Not a point that can be used.
    """
    size = 65 if algorithm == ES256 else algorithm.key_bytes
    framed = len(point) == size + 2 and point[:2] == bytes((_OCTET_STRING, size))
    raw = point[2:] if framed else point
    if len(raw) != size:
        raise HsmKeyError("the public key in the token has the wrong length")
    try:
        if algorithm != ES256:
            return PublicKey(algorithm, raw)
        if raw[0] != 4:
            raise HsmKeyError("the public key in the token is not an uncompressed point")
        return PublicKey(algorithm, bytes((2 | (raw[64] & 1),)) + raw[1:33], raw)
    except KeyMaterialError as error:
        raise HsmKeyError(f"the public key in the token cannot be used: {error}") from error


def _find_private(session: "pkcs11.Session", uri: Pkcs11Uri) -> "list[pkcs11.PrivateKey]":
    from pkcs11 import Attribute, ObjectClass, PrivateKey

    wanted: dict[Attribute, Any] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
    if uri.object is not None:
        wanted[Attribute.LABEL] = uri.object
    if uri.id is not None:
        wanted[Attribute.ID] = uri.id
    return [key for key in session.get_objects(wanted) if isinstance(key, PrivateKey)]
