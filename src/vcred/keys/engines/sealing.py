# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Encrypt and open the few bytes that a keyring keeps, as compact JWE.

Three forms only, all with A256GCM: `dir` under a 32-byte key; `dir` under a key that Argon2id derives
from a passphrase, with `kdf` and what it costs in the header; and PBES2-HS512+A256KW under a passphrase,
which an older vcred wrote and which is only opened. The header is compared with what we would have
written before any of it is obeyed: memory, passes and iterations are work that a stranger's file may
ask for.
"""

import secrets
from typing import Final

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.fields import get_int, get_text
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, UnsupportedAlgorithmError, WrongSecretError
from vcred.keys.argon2id import SALT_BYTES, derive_key, describe_derivation, read_derivation
from vcred.keys.custody import Passphrase
from vcred.keys.passphrases import normalised
from vcred.limits import MAX_PASSPHRASE_ITERATIONS

KEY_BYTES: Final = 32

_PBES2: Final = "PBES2-HS512+A256KW"
_PBES2_ITERATIONS: Final = 210_000
_ENCRYPTION: Final = "A256GCM"
_PARTS: Final = 5


def seal_with_key(plaintext: bytes, key: bytes, *, media_type: str) -> bytes:
    """Encrypt under a 32-byte key. `media_type` is authenticated, so that one kind never opens as another.

    Spec: RFC 7516 section 5.1; RFC 7518 sections 4.5 and 5.3.
    """
    return _encrypt(plaintext, key, {"alg": "dir", "enc": _ENCRYPTION, "typ": media_type})


def open_with_key(sealed: bytes, key: bytes, *, media_type: str) -> bytes:
    """Decrypt what `seal_with_key` made.

    Raises:
        StoreError: Another key, or a changed file.
        UnsupportedAlgorithmError: A header that is not ours.
        DecodeError: Not a compact JWE.
    """
    if read_header(sealed) != {"alg": "dir", "enc": _ENCRYPTION, "typ": media_type}:
        raise UnsupportedAlgorithmError("sealed key: not sealed the way this keyring seals")
    return _decrypt(sealed, key, "dir")


def seal_with_passphrase(plaintext: bytes, passphrase: Passphrase, *, media_type: str) -> bytes:
    """Encrypt under a passphrase, stretched by Argon2id at the cost that the passphrase carries.

    Raises:
        StoreError: The memory that this takes cannot be had.

    Spec: RFC 9106 section 3.1; RFC 7518 sections 4.5 and 5.3; docs/spec/keys-at-rest.md section 2.
    """
    salt = secrets.token_bytes(SALT_BYTES)
    key = derive_key(normalised(passphrase), salt=salt, cost=passphrase.cost)
    derivation = describe_derivation(passphrase.cost, salt)
    return _encrypt(plaintext, key, {"alg": "dir", "enc": _ENCRYPTION, "typ": media_type, **derivation})


def open_with_passphrase(sealed: bytes, passphrase: Passphrase, *, media_type: str) -> bytes:
    """Decrypt what `seal_with_passphrase` made, today's or an older one. What trying costs is bounded first.

    Raises:
        StoreError: Another passphrase, or a changed file: which of them cannot be told. Or the memory
            that trying takes cannot be had.
        UnsupportedAlgorithmError: A header that is not ours, among them a cost below the floor or above
            the ceiling.
        DecodeError: Not a compact JWE, or its header is damaged.
    """
    header = read_header(sealed)
    if header.get("alg") == _PBES2:
        return _open_pbes2(sealed, header, passphrase, media_type)
    cost, salt = read_derivation(header)
    ours = {"alg": "dir", "enc": _ENCRYPTION, "typ": media_type, **describe_derivation(cost, salt)}
    if header != ours:
        raise UnsupportedAlgorithmError("sealed key: not sealed the way this keyring seals")
    return _decrypt(sealed, derive_key(normalised(passphrase), salt=salt, cost=cost), "dir")


def opens_by_passphrase(sealed: bytes) -> bool:
    """Say by which kind of secret it opens, as its header has it; not yet authenticated.

    Raises:
        DecodeError: Not a compact JWE.
    """
    header = read_header(sealed)
    return header.get("alg") == _PBES2 or "kdf" in header


def read_header(sealed: bytes) -> JsonObject:
    """Return the protected header, not yet authenticated, of a strictly formed compact JWE.

    Raises:
        DecodeError: Not five canonical base64url parts, or the first is not strict JSON.

    Spec: RFC 7516 section 5.2 steps 1-4.
    """
    # Every part in its only spelling: the library behind reads more than one.
    parts = [decode_base64url(part) for part in sealed.decode("latin-1").split(".", _PARTS)]
    if len(parts) != _PARTS:
        raise DecodeError("sealed key: not five parts")
    return decode_json_object(parts[0])


def _open_pbes2(sealed: bytes, header: JsonObject, passphrase: Passphrase, media_type: str) -> bytes:
    rounds = get_int(header, "p2c")
    if not _PBES2_ITERATIONS <= rounds <= MAX_PASSPHRASE_ITERATIONS:
        raise UnsupportedAlgorithmError("sealed key: its iteration count is not allowed")
    ours = {"alg": _PBES2, "enc": _ENCRYPTION, "typ": media_type, "p2c": rounds}
    if header != {**ours, "p2s": get_text(header, "p2s")}:
        raise UnsupportedAlgorithmError("sealed key: not sealed the way this keyring seals")
    # As typed: whoever sealed it did not normalise.
    return _decrypt(sealed, passphrase.secret, _PBES2)


def _encrypt(plaintext: bytes, key: bytes, header: JsonObject) -> bytes:
    from jwcrypto.jwe import JWE

    envelope = JWE(plaintext, protected=encode_jcs(header).decode("utf-8"), algs=[header["alg"], _ENCRYPTION])
    envelope.add_recipient(_jwk(key))
    return bytes(envelope.serialize(compact=True), "ascii")


def _decrypt(sealed: bytes, key: bytes, algorithm: str) -> bytes:
    from jwcrypto.common import JWException
    from jwcrypto.jwe import JWE

    envelope = JWE(algs=[algorithm, _ENCRYPTION])
    try:
        envelope.deserialize(sealed.decode("ascii"), _jwk(key))
    except (JWException, ValueError):
        # `from None`: what a library says about a key stays out of tracebacks.
        raise WrongSecretError(
            "the sealed key does not open",
            hint="the passphrase or key file is another one, or the file is damaged",
        ) from None
    return bytes(envelope.plaintext)


def _jwk(key: bytes) -> object:
    from jwcrypto import jwa
    from jwcrypto.jwk import JWK

    # The library's own cap lies below what is advised for a passphrase today. Ours is checked
    # before the library sees a header.
    jwa.default_max_pbkdf2_iterations = MAX_PASSPHRASE_ITERATIONS
    return JWK(kty="oct", k=encode_base64url(key))
