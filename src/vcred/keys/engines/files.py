# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A folder of encrypted private keys.

    unlock.jwe        32 random bytes, the folder key, sealed under the key file or passphrase
    NAME.key.jwe      name, role and private JWK, sealed under the folder key

Changing what unlocks the folder replaces `unlock.jwe` alone, in one rename: the
folder opens with the old secret or the new one, never with neither. A key file
names itself inside the seal, so that one file cannot stand in for another.
"""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vcred.codec.fields import get_object, get_text, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, StoreError, UsageError
from vcred.files import make_private_folder, read_capped, write_atomic
from vcred.keys.custody import KeyFile, KeyRole, Unlock
from vcred.keys.engines.sealing import (
    KEY_BYTES,
    PASSPHRASE_ALGORITHM,
    open_with_key,
    open_with_passphrase,
    read_header,
    seal_with_key,
    seal_with_passphrase,
)
from vcred.keys.software import SoftwareSigner
from vcred.limits import MAX_KEY_FILE_BYTES

_FOLDER_KEY_TYPE: Final = "vcred-folder-key-1"
_KEY_TYPE: Final = "vcred-private-key-1"
_UNLOCK_NAME: Final = "unlock.jwe"
_SUFFIX: Final = ".key.jwe"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_OTHERS: Final = 0o077
_PRIVATE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A private key with its name and its one role."""

    name: str
    role: KeyRole
    signer: SoftwareSigner


def check_name(name: str) -> str:
    """Return a name that is safe as a file name on every system.

    Raises:
        UsageError: Not 1 to 64 letters, digits, "-" and "_", the first a letter or digit.
    """
    if not _NAME.fullmatch(name):
        raise UsageError("a key's name is 1 to 64 letters, digits, - and _, and starts with no sign")
    return name


def write_key_file(path: Path) -> None:
    """Write 32 random bytes that only the owner can read.

    Raises:
        StoreError: The file exists, or the system refuses.
    """
    write_atomic(path, secrets.token_bytes(KEY_BYTES), mode=_PRIVATE)


def open_folder(folder: Path, unlock: Unlock) -> bytes:
    """Return the folder key; make folder and folder key if there are none.

    Raises:
        StoreError: Another secret, a damaged folder, a key file others can read.
        UnsupportedAlgorithmError: `unlock.jwe` asks for work or algorithms that are not ours.
    """
    path = folder / _UNLOCK_NAME
    if os.path.exists(path):
        return _open_folder_key(read_capped(path, max_bytes=MAX_KEY_FILE_BYTES), unlock)
    if list_names(folder):
        raise StoreError(f"{path} is missing, but keys are there", hint="restore it from a backup")
    make_private_folder(folder)
    folder_key = secrets.token_bytes(KEY_BYTES)
    write_folder_key(folder, folder_key, unlock, overwrite=False)
    return folder_key


def write_folder_key(folder: Path, folder_key: bytes, unlock: Unlock, *, overwrite: bool) -> None:
    """Seal the folder key under a secret, in one atomic step.

    Raises:
        StoreError: It exists and `overwrite` is false, or a file cannot be read or written.
    """
    if isinstance(unlock, KeyFile):
        sealed = seal_with_key(folder_key, _read_key_file(unlock.path), media_type=_FOLDER_KEY_TYPE)
    else:
        sealed = seal_with_passphrase(folder_key, unlock.secret, media_type=_FOLDER_KEY_TYPE)
    write_atomic(folder / _UNLOCK_NAME, sealed, mode=_PRIVATE, overwrite=overwrite)


def list_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the keys, sorted. Opens none of them."""
    names = (path.name.removesuffix(_SUFFIX) for path in folder.glob(f"*{_SUFFIX}"))
    return tuple(sorted(name for name in names if _NAME.fullmatch(name)))


def write_key(folder: Path, folder_key: bytes, key: StoredKey) -> None:
    """Store a new key, encrypted. An existing one is never replaced.

    Raises:
        StoreError: The name is taken, or the system refuses.
        UsageError: The name cannot be a file name.
    """
    path = folder / f"{check_name(key.name)}{_SUFFIX}"
    content = encode_jcs({"key": key.signer.to_private_jwk(), "name": key.name, "role": key.role})
    write_atomic(path, seal_with_key(content, folder_key, media_type=_KEY_TYPE), mode=_PRIVATE)


def read_key(folder: Path, folder_key: bytes, name: str) -> StoredKey:
    """Read and decrypt one key.

    Raises:
        StoreError: No such key, damaged, or another key's file under this name.
        UsageError: The name cannot be a file name.
    """
    path = folder / f"{check_name(name)}{_SUFFIX}"
    if not os.path.exists(path):
        raise StoreError(f"no key named {name} in {folder}")
    sealed = read_capped(path, max_bytes=MAX_KEY_FILE_BYTES)
    try:
        content = decode_json_object(open_with_key(sealed, folder_key, media_type=_KEY_TYPE))
        refuse_unknown(content, {"key", "name", "role"})
        if get_text(content, "name") != name:
            raise StoreError(f"{path} holds the key of another name", hint="restore it from a backup")
        role = KeyRole(get_text(content, "role"))
    except (DecodeError, ValueError):
        raise StoreError(f"{path} is damaged", hint="restore it from a backup") from None
    return StoredKey(name=name, role=role, signer=SoftwareSigner.from_private_jwk(get_object(content, "key")))


def _open_folder_key(sealed: bytes, unlock: Unlock) -> bytes:
    try:
        by_passphrase = read_header(sealed).get("alg") == PASSPHRASE_ALGORITHM
        if isinstance(unlock, KeyFile):
            if by_passphrase:
                raise StoreError("the keyring opens with a passphrase, not with a key file")
            folder_key = open_with_key(sealed, _read_key_file(unlock.path), media_type=_FOLDER_KEY_TYPE)
        else:
            if not by_passphrase:
                raise StoreError("the keyring opens with a key file, not with a passphrase")
            folder_key = open_with_passphrase(sealed, unlock.secret, media_type=_FOLDER_KEY_TYPE)
    except DecodeError:
        raise StoreError(f"{_UNLOCK_NAME} is damaged", hint="restore it from a backup") from None
    return folder_key


def _read_key_file(path: Path) -> bytes:
    data = read_capped(path, max_bytes=MAX_KEY_FILE_BYTES)
    if len(data) != KEY_BYTES:
        raise StoreError(f"{path} is not a key file: it has not {KEY_BYTES} bytes")
    if _mode(path) & _OTHERS:
        raise StoreError(f"others can read {path}", hint=f"chmod 600 {path}")
    return data


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        raise StoreError(f"cannot read {path}") from error
