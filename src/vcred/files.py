# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The one way to touch files: old content or new, never half of it.

A file is written beside its place, made durable, then moved into its place in one step.
An existing file stays unless the caller says otherwise; a symbolic link is never written
through, for whoever planted it chose where the bytes go. Whatever the system says
against it is a `StoreError` (exit code 4).
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vcred.errors import LimitExceededError, StoreError

_PRIVATE_FOLDER: Final = 0o700
_PRIVATE_FILE: Final = 0o600
_LOCK_NAME: Final = ".lock"
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
# What a file system without hard links answers; memory sticks often have one.
_NO_LINKS: Final = frozenset((errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK))


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
    with _translated("write", path):
        try:
            _write_new(temporary, data, mode)
            _move(temporary, path, overwrite=overwrite)
        finally:
            temporary.unlink(missing_ok=True)
        _make_durable(path.parent)


def read_capped(path: Path, *, max_bytes: int) -> bytes:
    """Read a whole file of at most `max_bytes`; never more than one byte beyond is taken in.

    Raises:
        LimitExceededError: The file is larger.
        StoreError: It is missing, a folder, or the system refuses.
    """
    with _translated("read", path), path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
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
    with _translated("make", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        path.chmod(_PRIVATE_FOLDER)


@contextmanager
def lock_folder(path: Path) -> Iterator[None]:
    """Hold a folder for one process while the `with` block runs.

    The lock is advisory, goes with the process that dies, and does not wait.

    Raises:
        StoreError: Another process, or another `with` block, holds it.
    """
    # Here, because only POSIX systems have it.
    import fcntl

    with _translated("lock", path):
        lock = os.open(path / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _PRIVATE_FILE)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                f"{path} is locked by another process", hint="wait until the other command has ended"
            ) from error
        yield
    finally:
        os.close(lock)


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
        if error.errno not in _NO_LINKS:
            raise
        # Take the name first, then fill it: nobody else can have it in between.
        os.close(os.open(path, _NEW_FILE, _PRIVATE_FILE))
        temporary.replace(path)


def _make_durable(folder: Path) -> None:
    """Make the new name durable: without this a power cut may forget the rename."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextmanager
def _translated(verb: str, path: Path) -> Iterator[None]:
    """Turn what the system says into a `StoreError` that names the path."""
    try:
        yield
    except FileExistsError as error:
        raise StoreError(f"{path} exists already", hint="choose another name, or move it away") from error
    except FileNotFoundError as error:
        raise StoreError(f"cannot {verb} {path}: no such file or folder") from error
    except (OSError, ValueError) as error:
        # ValueError: a path with NUL in it.
        told = error.strerror if isinstance(error, OSError) else "not a path"
        raise StoreError(f"cannot {verb} {path}: {(told or 'the system refuses').lower()}") from error
