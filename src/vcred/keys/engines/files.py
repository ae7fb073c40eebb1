# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A folder of encrypted private keys.

    unlock.jwe        32 random bytes, the folder key, sealed under the key file or passphrase
    NAME.key.jwe      name, role and private JWK, sealed under the folder key; or where in a token
                      the key is (`token_files`)
    NAME.secret.jwe   32 random bytes for another use than signing, sealed likewise

Changing what unlocks the folder replaces `unlock.jwe` alone, in one rename: the
folder opens with the old secret or the new one, never with neither. A key file
names itself inside the seal, so that one file cannot stand in for another.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from vcred.codec.fields import get_object, get_text, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, StoreError
from vcred.files import make_private_folder, read_capped, write_atomic
from vcred.files.system import make_durable, translated
from vcred.keys.custody import KeyFile, KeyringUnlock, KeyRole
from vcred.keys.engines.names import NAME, check_name
from vcred.keys.engines.private_mode import check_private
from vcred.keys.engines.sealing import (
    KEY_BYTES,
    open_with_key,
    open_with_passphrase,
    opens_by_passphrase,
    read_header,
    seal_with_key,
    seal_with_passphrase,
)
from vcred.keys.engines.secret_files import has_any_secret
from vcred.keys.engines.token_files import TOKEN_KEY_TYPE, open_token_key, seal_token_key
from vcred.keys.software import SoftwareSigner
from vcred.keys.stored import StoredKey, TokenKey
from vcred.limits import MAX_KEY_FILE_BYTES

_FOLDER_KEY_TYPE: Final = "vcred-folder-key-1"
_KEY_TYPE: Final = "vcred-private-key-1"
_UNLOCK_NAME: Final = "unlock.jwe"
_SUFFIX: Final = ".key.jwe"
_PRIVATE: Final = 0o600


def write_key_file(path: Path) -> None:
    """Write 32 random bytes that only the owner can read.

    Raises:
        StoreError: The file exists, or the system refuses.
    """
    write_atomic(path, secrets.token_bytes(KEY_BYTES), mode=_PRIVATE)


def open_folder(folder: Path, unlock: KeyringUnlock) -> bytes:
    """Return the folder key; make folder and folder key if there are none.

    Raises:
        StoreError: Another secret, a damaged folder, a key file others can read.
        UnsupportedAlgorithmError: `unlock.jwe` asks for work or algorithms that are not ours.
    """
    path = folder / _UNLOCK_NAME
    if os.path.exists(path):
        return _open_folder_key(read_capped(path, max_bytes=MAX_KEY_FILE_BYTES), unlock)
    # A wallet has its keys in its store, and here only the secret that opens that.
    if list_names(folder) or has_any_secret(folder):
        raise StoreError(f"{path} is missing, but keys are there", hint="restore it from a backup")
    make_private_folder(folder)
    folder_key = secrets.token_bytes(KEY_BYTES)
    write_folder_key(folder, folder_key, unlock, overwrite=False)
    return folder_key


def has_folder_key(folder: Path) -> bool:
    """Whether a folder was made, and has what opens it; needs no secret."""
    return (folder / _UNLOCK_NAME).exists()


def asks_for_passphrase(folder: Path) -> bool:
    """Whether a passphrase opens the folder, by what its file says outside.

    Raises:
        StoreError: The file is damaged.
    """
    path = folder / _UNLOCK_NAME
    if not path.exists():
        return False
    try:
        return opens_by_passphrase(read_capped(path, max_bytes=MAX_KEY_FILE_BYTES))
    except DecodeError:
        raise StoreError(f"{path} is damaged", hint="restore it from a backup") from None


def write_folder_key(folder: Path, folder_key: bytes, unlock: KeyringUnlock, *, overwrite: bool) -> None:
    """Seal the folder key under a secret, in one atomic step.

    Raises:
        StoreError: It exists and `overwrite` is false, or a file cannot be read or written.
    """
    if isinstance(unlock, KeyFile):
        sealed = seal_with_key(folder_key, _read_key_file(unlock.path), media_type=_FOLDER_KEY_TYPE)
    else:
        sealed = seal_with_passphrase(folder_key, unlock, media_type=_FOLDER_KEY_TYPE)
    write_atomic(folder / _UNLOCK_NAME, sealed, mode=_PRIVATE, overwrite=overwrite)


def list_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the keys, sorted. Opens none of them. Raises StoreError."""
    with translated("read", folder):
        names = [path.name.removesuffix(_SUFFIX) for path in folder.glob(f"*{_SUFFIX}")]
    return tuple(sorted(name for name in names if NAME.fullmatch(name)))


def write_key(folder: Path, folder_key: bytes, key: StoredKey) -> None:
    """Store a new key, encrypted. An existing one is never replaced.

    Raises:
        StoreError: The name is taken, or the system refuses.
        UsageError: The name cannot be a file name.
    """
    path = folder / f"{check_name(key.name)}{_SUFFIX}"
    if isinstance(key.material, TokenKey):
        sealed = seal_token_key(key.name, key.role, key.material, folder_key)
    else:
        content = encode_jcs({"key": key.material.to_private_jwk(), "name": key.name, "role": key.role})
        sealed = seal_with_key(content, folder_key, media_type=_KEY_TYPE)
    write_atomic(path, sealed, mode=_PRIVATE)


def read_key(folder: Path, folder_key: bytes, name: str) -> StoredKey:
    """Read and decrypt one key, or where it is.

    Raises:
        StoreError: No such key, damaged, or another key's file under this name.
        UsageError: The name cannot be a file name.
    """
    path = folder / f"{check_name(name)}{_SUFFIX}"
    if not os.path.exists(path):
        raise StoreError(f"no key named {name} in {folder}")
    sealed = read_capped(path, max_bytes=MAX_KEY_FILE_BYTES)
    try:
        is_in_token = read_header(sealed).get("typ") == TOKEN_KEY_TYPE
        key = open_token_key(sealed, folder_key) if is_in_token else _open_key(sealed, folder_key)
    except (DecodeError, ValueError):
        raise StoreError(f"{path} is damaged", hint="restore it from a backup") from None
    if key.name != name:
        raise StoreError(f"{path} holds the key of another name", hint="restore it from a backup")
    return key


def remove_key(folder: Path, name: str) -> None:
    """Remove a key's file, durably.

    Raises:
        StoreError: There is none, or the system refuses.
        UsageError: The name cannot be a file name.
    """
    path = folder / f"{check_name(name)}{_SUFFIX}"
    with translated("remove", path):
        path.unlink()
        make_durable(folder)


def has_token_keys(folder: Path) -> bool:
    """Whether a key of the folder is in a token. Opens none of them: what a file is, it says outside."""
    paths = [folder / f"{name}{_SUFFIX}" for name in list_names(folder)]
    try:
        headers = [read_header(read_capped(path, max_bytes=MAX_KEY_FILE_BYTES)) for path in paths]
    except DecodeError:
        raise StoreError(f"a file in {folder} is damaged", hint="restore it from a backup") from None
    return any(header.get("typ") == TOKEN_KEY_TYPE for header in headers)


def _open_key(sealed: bytes, folder_key: bytes) -> StoredKey:
    content = decode_json_object(open_with_key(sealed, folder_key, media_type=_KEY_TYPE))
    refuse_unknown(content, {"key", "name", "role"})
    name, role = get_text(content, "name"), KeyRole(get_text(content, "role"))
    signer = SoftwareSigner.from_private_jwk(get_object(content, "key"))
    return StoredKey(name=name, role=role, material=signer)


def _open_folder_key(sealed: bytes, unlock: KeyringUnlock) -> bytes:
    try:
        by_passphrase = opens_by_passphrase(sealed)
        if isinstance(unlock, KeyFile):
            if by_passphrase:
                raise StoreError("the keyring opens with a passphrase, not with a key file")
            folder_key = open_with_key(sealed, _read_key_file(unlock.path), media_type=_FOLDER_KEY_TYPE)
        else:
            if not by_passphrase:
                raise StoreError("the keyring opens with a key file, not with a passphrase")
            folder_key = open_with_passphrase(sealed, unlock, media_type=_FOLDER_KEY_TYPE)
    except DecodeError:
        raise StoreError(f"{_UNLOCK_NAME} is damaged", hint="restore it from a backup") from None
    return folder_key


def _read_key_file(path: Path) -> bytes:
    data = read_capped(path, max_bytes=MAX_KEY_FILE_BYTES)
    if len(data) != KEY_BYTES:
        raise StoreError(f"{path} is not a key file: it has not {KEY_BYTES} bytes")
    check_private(path)
    return data
