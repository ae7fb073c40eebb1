# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A sealed box: any bytes, up to 64 MiB, locked by a passphrase alone; for a file that leaves its home.

    vcred-box-1                        a line that names the form
    {"enc":"A256GCM","iv":...}         a line: the header, a JSON object in its one canonical spelling
    ciphertext and tag                 the rest

Nothing comes out of a box before all of it is authenticated: the two lines are the associated data of
the encryption, so that no byte can change, and no end be missing, unnoticed. What the header asks for is
bounded before it is obeyed.

A JWE would say the same in base64, at a third more bytes and several copies in memory.
"""

import secrets
from typing import Final

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.fields import get_text
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, LimitExceededError, StoreError, UnsupportedAlgorithmError
from vcred.keys.argon2id import SALT_BYTES, derive_key, describe_derivation, read_derivation
from vcred.keys.custody import Passphrase
from vcred.keys.passphrases import normalised
from vcred.limits import MAX_BOX_BYTES, MAX_BOX_HEADER_BYTES, MAX_BOX_PLAINTEXT_BYTES

_FORM: Final = b"vcred-box-1\n"
_ANY_FORM: Final = b"vcred-box-"
_ENCRYPTION: Final = "A256GCM"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


def seal_box(plaintext: bytes, passphrase: Passphrase, *, media_type: str) -> bytes:
    """Lock bytes with a passphrase, at the cost that it carries.

    Args:
        plaintext: At most 64 MiB.
        passphrase: What opens the box.
        media_type: What is inside, such as "vcred-wallet-backup-1"; readable, and authenticated.

    Raises:
        LimitExceededError: More than 64 MiB.
        StoreError: The memory that stretching the passphrase takes cannot be had.

    Spec: docs/spec/keys-at-rest.md section 3.
    """
    if len(plaintext) > MAX_BOX_PLAINTEXT_BYTES:
        raise LimitExceededError(f"more than {MAX_BOX_PLAINTEXT_BYTES} bytes do not go into one sealed box")
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    ours = _members(media_type, nonce)
    front = _FORM + encode_jcs({**ours, **describe_derivation(passphrase.cost, salt)}) + b"\n"
    key = derive_key(normalised(passphrase), salt=salt, cost=passphrase.cost)
    return front + _cipher_encrypt(key, nonce, plaintext, front)


def open_box(sealed: bytes, passphrase: Passphrase, *, media_type: str) -> bytes:
    """Return what is in a box; all of it, authenticated, or nothing.

    Args:
        sealed: The whole box.
        passphrase: What was given when it was sealed; the cost is the box's own.
        media_type: What must be inside.

    Raises:
        LimitExceededError: Larger than a box can be.
        DecodeError: Not a box, one of something else, or visibly damaged; seen without the passphrase.
        UnsupportedAlgorithmError: It asks for an algorithm or a cost that is not allowed.
        StoreError: Another passphrase, or a changed or shortened box: which of them cannot be told.

    Spec: docs/spec/keys-at-rest.md section 3.
    """
    if len(sealed) > MAX_BOX_BYTES:
        raise LimitExceededError(f"a sealed box has at most {MAX_BOX_BYTES} bytes")
    # Steps 1 and 2. The form, and the header in its one spelling.
    end = _end_of_front(sealed)
    header = _decode_header(sealed[len(_FORM) : end - 1])
    # Step 3. Compared with what would be written here, before any of it is obeyed.
    cost, salt = read_derivation(header)
    nonce = decode_base64url(get_text(header, "iv"))
    if header != {**_members(media_type, nonce), **describe_derivation(cost, salt)}:
        raise DecodeError("sealed box: of another kind than is asked for")
    if len(nonce) != _NONCE_BYTES or len(sealed) - end < _TAG_BYTES:
        raise DecodeError("sealed box: it is damaged", hint="use another copy")
    # Steps 4 and 5. The work, and the whole content or none.
    key = derive_key(normalised(passphrase), salt=salt, cost=cost)
    return _cipher_decrypt(key, nonce, memoryview(sealed)[end:], sealed[:end])


def is_box(data: bytes) -> bool:
    """Tell a sealed box, of this form or a later one, by how it begins; that it opens is not said."""
    return data.startswith(_ANY_FORM)


def _members(media_type: str, nonce: bytes) -> JsonObject:
    return {"enc": _ENCRYPTION, "iv": encode_base64url(nonce), "typ": media_type}


def _end_of_front(sealed: bytes) -> int:
    if not sealed.startswith(_FORM):
        if is_box(sealed):
            raise DecodeError("sealed box: of a form that is not known here", hint="use a newer vcred")
        raise DecodeError("not a sealed box")
    end = sealed.find(b"\n", len(_FORM), len(_FORM) + MAX_BOX_HEADER_BYTES)
    if end < 0:
        raise DecodeError("sealed box: its header does not end", hint="use another copy")
    return end + 1


def _decode_header(line: bytes) -> JsonObject:
    header = decode_json_object(line, max_bytes=MAX_BOX_HEADER_BYTES)
    if get_text(header, "enc") != _ENCRYPTION:
        raise UnsupportedAlgorithmError("sealed box: encrypted in a way that is not ours")
    if encode_jcs(header) != line:
        raise DecodeError("sealed box: its header is not in canonical form")
    return header


def _cipher_encrypt(key: bytes, nonce: bytes, plaintext: bytes, front: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key).encrypt(nonce, plaintext, front)


def _cipher_decrypt(key: bytes, nonce: bytes, ciphertext: memoryview, front: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(nonce, ciphertext, front)
    except InvalidTag:
        raise StoreError(
            "the sealed box does not open", hint="the passphrase is another one, or the file is damaged"
        ) from None
