# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One file at a time: written beside its place, made durable, moved into its place in one step."""

import os
import stat
from pathlib import Path
from typing import Final

from vcred.errors import LimitExceededError, StoreError
from vcred.files.system import NO_FOLLOW, NO_LINKS, PRIVATE_FILE, make_durable, translated

_PRIVATE_FOLDER: Final = 0o700
_OTHERS: Final = 0o077
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW


def write_atomic(path: Path, data: bytes, *, mode: int = 0o644, overwrite: bool = False) -> None:
    """Write a whole file, durably, in one step.

    Args:
        path: The place; its folder exists.
        data: The whole content.
        mode: Permission bits of the new file; the umask takes away from them.
        overwrite: Replace what is there. Else an existing file is refused, also one that
            another process makes at the same moment.

    Raises:
        StoreError: The file exists, is a symbolic link, or the system refuses.
    """
    temporary = path.parent / f".{os.urandom(8).hex()}.tmp"
    with translated("write", path):
        try:
            _write_new(temporary, data, mode)
            _move(temporary, path, overwrite=overwrite)
        finally:
            temporary.unlink(missing_ok=True)
        make_durable(path.parent)


def read_capped(path: Path, *, max_bytes: int, from_pipe: bool = False) -> bytes:
    """Read a whole file of at most `max_bytes`; never more than one byte beyond is taken in.

    Args:
        path: The file.
        max_bytes: How large it may be.
        from_pipe: Somebody has named it on the command line, and may mean a pipe, `<(...)` or
            /dev/stdin. What was found in a folder is never one: whoever put a pipe there would
            make the reader wait for ever.

    Raises:
        LimitExceededError: The file is larger.
        StoreError: It is missing, a folder, a pipe or a device where none may be, or the system refuses.
    """
    with translated("read", path), open(path, "rb", opener=None if from_pipe else _open_at_once) as file:
        told = os.fstat(file.fileno())
        if not (from_pipe or stat.S_ISREG(told.st_mode)):
            raise StoreError(f"{path} is not a file", hint="a pipe or a device lies where a file belongs")
        size = told.st_size
        # A pipe has no size: reading tells.
        data = b"" if size > max_bytes else file.read(max_bytes + 1)
    if size > max_bytes or len(data) > max_bytes:
        raise LimitExceededError(f"{path} is larger than {max_bytes} bytes")
    return data


def make_private_folder(path: Path) -> None:
    """Make a folder, with its parents, that its owner alone can enter (0700); tighten it if it exists.

    Raises:
        StoreError: Something else has the name, or the system refuses.
    """
    with translated("make", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        path.chmod(_PRIVATE_FOLDER)


def tighten_modes(folder: Path, *names: str) -> None:
    """Take a folder, then files in it, away from everybody but their owner. Nobody is given anything.

    A file system that has no modes may let it pass, and change nothing.

    Args:
        folder: Exists.
        names: Of files in it; what is missing or is no file is left alone.

    Raises:
        StoreError: One is open to others, and the system refuses.
    """
    with translated("close to others", folder):
        # The folder first: afterwards nobody else can put a link in the place of a file.
        for path in (folder, *(folder / name for name in names)):
            mode = path.stat().st_mode if path is folder else _mode_of_file(path)
            if mode & _OTHERS:
                path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def _mode_of_file(path: Path) -> int:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return 0
    return mode if stat.S_ISREG(mode) else 0


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for whoever writes into a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def _write_new(temporary: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(temporary, _NEW_FILE, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _move(temporary: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        if path.is_symlink():
            raise StoreError(f"{path} is a symbolic link", hint="name the file that it points to")
        temporary.replace(path)
        return
    try:
        # Unlike a rename, a link never takes the place of a file.
        os.link(temporary, path, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        # Take the name first, then fill it: nobody else can have it in between.
        os.close(os.open(path, _NEW_FILE, PRIVATE_FILE))
        temporary.replace(path)
