# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One process at a time in a place: a lock that goes with the process that dies."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vcred.errors import LockedError
from vcred.files.system import PRIVATE_FILE, make_durable, translated, write_whole

_LOCK_NAME: Final = ".lock"
_MARK: Final = re.compile(rb"[0-9a-f]{32}", re.ASCII)


@contextmanager
def lock_folder(path: Path) -> Iterator[None]:
    """Hold a folder for one process while the `with` block runs.

    The lock is advisory, goes with the process that dies, and does not wait.

    Raises:
        StoreError: Another process, or another `with` block, holds it.
    """
    with _held(path, path / _LOCK_NAME):
        yield


@contextmanager
def lock_marked(path: Path) -> Iterator[str]:
    """Hold a folder, or a file beside which the lock then lies, and say which one it is.

    Returns:
        The lock's mark: 32 hexadecimal digits, drawn when it was made. Two places of one path, on
        two machines or one after the other, have different marks.

    Raises:
        StoreError: As `lock_folder`.
    """
    lock = path / _LOCK_NAME if path.is_dir() else path.with_name(f".{path.name}{_LOCK_NAME}")
    with _held(path, lock) as handle:
        with translated("lock", path):
            mark = os.pread(handle, 64, 0)
            if _MARK.fullmatch(mark) is None:
                mark = os.urandom(16).hex().encode("ascii")
                os.ftruncate(handle, 0)
                write_whole(handle, mark)
                os.fsync(handle)
                make_durable(lock.parent)
        yield mark.decode("ascii")


@contextmanager
def _held(path: Path, lock: Path) -> Iterator[int]:
    # Here, because only POSIX systems have it.
    import fcntl

    with translated("lock", path):
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(
                f"{path} is locked by another process", hint="wait until the other command has ended"
            ) from error
        yield handle
    finally:
        os.close(handle)
