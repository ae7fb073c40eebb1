# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Secrets that are no signing keys: 32 random bytes each, sealed in the folder of the keys.

    NAME.secret.jwe   the bytes, bound to NAME, sealed under the folder key

The first process that asks makes it; a link to a finished file decides which one was first, so
that no two processes ever hold different secrets of one name.
"""

import secrets
from pathlib import Path
from typing import Final

from vcred.errors import DecodeError, StoreError
from vcred.files import read_capped, write_atomic
from vcred.files.system import make_durable, translated
from vcred.keys.engines.names import check_name
from vcred.keys.engines.sealing import KEY_BYTES, open_with_key, seal_with_key
from vcred.limits import MAX_KEY_FILE_BYTES

_SECRET_TYPE: Final = "vcred-secret-1"
_SUFFIX: Final = ".secret.jwe"
_PRIVATE: Final = 0o600


def has_secret(folder: Path, name: str) -> bool:
    """Whether the secret of a name was ever made; needs no key.

    Raises:
        UsageError: The name cannot be a file name.
    """
    return _path(folder, name).exists()


def has_any_secret(folder: Path) -> bool:
    """Whether any secret was ever made in a folder; needs no key. Raises StoreError."""
    with translated("read", folder):
        return any(folder.glob(f"*{_SUFFIX}"))


def take_secret(folder: Path, folder_key: bytes, name: str) -> bytes:
    """Return the secret of a name, 32 bytes; make it if there is none. It is durable on return.

    Raises:
        StoreError: Damaged, another secret's file under this name, or the system refuses.
        UsageError: The name cannot be a file name.
    """
    path = _path(folder, name)
    if not path.exists():
        try:
            _write_new(path, folder_key, name)
        except StoreError:
            # Another process was first: its secret is everybody's.
            if not path.exists():
                raise
    secret = _read(path, folder_key, name)
    # Else a power cut may forget a file that another process has just made.
    with translated("write into", folder):
        make_durable(folder)
    return secret


def _path(folder: Path, name: str) -> Path:
    return folder / f"{check_name(name)}{_SUFFIX}"


def _write_new(path: Path, folder_key: bytes, name: str) -> None:
    content = name.encode("ascii") + b"\0" + secrets.token_bytes(KEY_BYTES)
    write_atomic(path, seal_with_key(content, folder_key, media_type=_SECRET_TYPE), mode=_PRIVATE)


def _read(path: Path, folder_key: bytes, name: str) -> bytes:
    sealed = read_capped(path, max_bytes=MAX_KEY_FILE_BYTES)
    try:
        content = open_with_key(sealed, folder_key, media_type=_SECRET_TYPE)
    except DecodeError:
        raise StoreError(f"{path} is damaged", hint="restore it from a backup") from None
    owner, _, secret = content.partition(b"\0")
    # A file that was copied over another's name would give one secret to two uses.
    if owner != name.encode("ascii") or len(secret) != KEY_BYTES:
        raise StoreError(f"{path} holds another secret", hint="restore it from a backup")
    return secret
