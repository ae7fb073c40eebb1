# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where credentials are written, and where a roster is read from."""

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from vcred.errors import StoreError
from vcred.files import make_private_folder


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


def make_folder(out: Path) -> None:
    """Make a folder that its owner alone can enter; one that exists stays as it is."""
    if not out.is_dir():
        make_private_folder(out)


def open_roster(roster: Path | bytes | BinaryIO) -> AbstractContextManager[BinaryIO]:
    """Open a roster for reading.

    Raises:
        StoreError: It cannot be read.
    """
    if isinstance(roster, bytes):
        return io.BytesIO(roster)
    if not isinstance(roster, Path):
        # The caller's stream is the caller's to close.
        return nullcontext(roster)
    try:
        return roster.open("rb")
    except OSError as error:
        raise StoreError(f"cannot read {roster}: {(error.strerror or 'refused').lower()}") from error


def size_bytes(file: BinaryIO) -> int | None:
    """Return the size of what can be read from its start; None of a pipe."""
    if not file.seekable() or file.tell() != 0:
        return None
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
