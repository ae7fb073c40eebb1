# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where single credentials are written, and whether a roster is still the one that was checked."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from vcred.errors import StoreError, UsageError
from vcred.files import read_capped, write_atomic
from vcred.limits import MAX_SEALED_CHARACTERS


def check_places(paths: Sequence[Path]) -> None:
    """Refuse, before anything is issued, places that could not be written.

    Raises:
        StoreError: No such folder, or something is there already.
    """
    for path in paths:
        if not path.parent.is_dir():
            raise StoreError(f"cannot write {path}: no such folder")
        if path.exists() or path.is_symlink():
            raise StoreError(f"{path} exists already", hint="choose another name, or move it away")


def copy_path(out: Path, number: int) -> Path:
    """Return where a copy goes: the first, 0, to `out`, the others beside it."""
    return out.with_name(f"{out.stem}~{number}{out.suffix}") if number else out


def write_once(path: Path, data: bytes) -> None:
    """Write a file, durably; one of the same content is no conflict.

    Raises:
        StoreError: A file of another content is in the way, or the disk refuses.
    """
    try:
        write_atomic(path, data, mode=0o600)
    except StoreError:
        # A run that stopped after writing and before noting it: the same bytes are no conflict.
        if not path.is_file() or read_capped(path, max_bytes=MAX_SEALED_CHARACTERS) != data:
            raise


def roster_digest(roster: Path | bytes | BinaryIO) -> bytes:
    """Return the SHA-256 of a roster that can be read twice.

    Raises:
        UsageError: A stream, or a pipe with a name: what was read of it is gone.
        StoreError: It cannot be read.
    """
    if isinstance(roster, bytes):
        return hashlib.sha256(roster).digest()
    if not isinstance(roster, Path) or (roster.exists() and not roster.is_file()):
        raise UsageError(
            "a roster that comes through a pipe cannot be checked first: it can be read only once",
            hint="write it to a file",
        )
    try:
        with roster.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise StoreError(f"cannot read {roster}: {(error.strerror or 'refused').lower()}") from error
