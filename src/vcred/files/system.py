# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What every way of writing shares: errors that name the path, whole writes, durable names."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vcred.errors import StoreError

PRIVATE_FILE: Final = 0o600
NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_PR_SET_DUMPABLE: Final = 4
# What a file system without hard links answers; memory sticks often have one.
NO_LINKS: Final = frozenset((errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK))


@contextmanager
def translated(verb: str, path: Path) -> Iterator[None]:
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


def write_whole(handle: int, data: bytes) -> None:
    """Write all of `data` at the place where the open file is.

    Raises:
        OSError: The system refuses.
    """
    while written := os.write(handle, data):
        if written == len(data):
            return
        # A nearly full disk takes a part; the next call says why.
        data = data[written:]
    if data:
        raise OSError(errno.EIO, "nothing could be written")


def make_durable(folder: Path) -> None:
    """Make the new name durable: without this a power cut may forget the rename."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def leave_no_core_file() -> None:
    """Let no crash of this process, or of one that it starts, write keys and claims to the disk."""
    # Here, because a verifier's start does without it.
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def keep_memory_private() -> None:
    """Let neither a crash nor another process of the same person show the memory of this process.

    For whoever holds keys and credentials, before the first secret is read. A limit of no bytes is not
    enough: a kernel that hands core dumps to a collector does not ask for it (core(5)). Processes that
    are started from here have to do it for themselves. On other systems than Linux only the limit is set.
    """
    leave_no_core_file()
    if sys.platform == "linux":
        # Here, because only these commands need it.
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
