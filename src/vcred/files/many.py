# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Many files, or a file that grows, at the price that a roster of millions can pay.

Durable means durable: each function returns when a power cut can no longer take back what it
wrote, and what the disk refuses is an error, never a shrug.
"""

import errno
import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vcred.errors import StoreError
from vcred.files.system import NO_FOLLOW, NO_LINKS, PRIVATE_FILE, make_durable, translated, write_whole
from vcred.files.whole import write_atomic

_APPENDED_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | NO_FOLLOW
# What one answers that has no files without a name, or a system without /proc.
_NO_UNNAMED: Final = NO_LINKS | {errno.EISDIR, errno.ENOENT, errno.EINVAL}
_OPEN_FILES: Final = "/proc/self/fd"
# Files held open together; the usual bound of a process is 1,024.
_TOGETHER: Final = 256
# From here on `syncfs` tells of a block that the disk refused.
_SYNCFS_TELLS_SINCE: Final = (5, 8)


def write_many(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write many small private files (0600) into one folder, each whole or not at all, all durably.

    Where the system allows it they are made without names, made durable together, and only then
    named: a tenth of the time of one by one, and whoever is killed leaves nothing half done. A file
    that is there already with the same content is no conflict, so that a run that was stopped may
    do it again.

    Args:
        folder: Exists.
        files: Name in the folder to whole content.

    Raises:
        StoreError: A file of another content, a symbolic link, a pipe or a device has a name, or the
            system refuses.
            Some of the files may be there then.
    """
    names = list(files)
    for start in range(0, len(names), _TOGETHER):
        part = {name: files[name] for name in names[start : start + _TOGETHER]}
        with translated("write into", folder):
            is_done = _syncfs_tells() and _write_together(folder, part)
        if not is_done:
            for name, data in part.items():
                _write_once(folder / name, data)


def append_at(path: Path, data: bytes, *, length: int) -> int:
    """Put `data` behind the first `length` bytes of a file, durably; what stood there is cut off first.

    For a file whose durable length is kept elsewhere: what lies beyond it was never vouched for, and
    doing the same again gives the same bytes.

    Args:
        path: The file; made, private, if it is missing.
        length: Bytes that stay.

    Returns:
        The new length.

    Raises:
        StoreError: The file is shorter than `length`, a symbolic link, a pipe or a device, or the
            system refuses.
    """
    with translated("write", path):
        handle = os.open(path, _APPENDED_FILE, PRIVATE_FILE)
        try:
            _require_file(handle, path)
            if os.fstat(handle).st_size < length:
                raise StoreError(f"{path} is shorter than the {length} bytes that were written to it")
            os.ftruncate(handle, length)
            os.lseek(handle, length, os.SEEK_SET)
            write_whole(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        if not length:
            make_durable(path.parent)
    return length + len(data)


def read_behind(path: Path, *, length: int, at_most: int) -> bytes:
    """Read what stands behind the first `length` bytes of a file, `at_most` bytes of it.

    Raises:
        StoreError: It is missing, a symbolic link, a pipe or a device, or the system refuses.
    """
    with translated("read", path):
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | NO_FOLLOW)
        with open(handle, "rb") as file:
            _require_file(handle, path)
            file.seek(length)
            return file.read(at_most)


def _write_together(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Write files without names, make them durable at once, name them; False if the system cannot."""
    # Opened before the first write: what the disk refuses from now on is told here.
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    opened = [directory]
    try:
        by_number = os.open(_OPEN_FILES, os.O_RDONLY | os.O_DIRECTORY)
        opened.append(by_number)
        for data in files.values():
            opened.append(os.open(".", os.O_WRONLY | os.O_TMPFILE, PRIVATE_FILE, dir_fd=directory))
            write_whole(opened[-1], data)
        _sync_file_system(directory)
        for handle, (name, data) in zip(opened[2:], files.items(), strict=True):
            try:
                # A link never takes the place of a file.
                os.link(f"{handle}", name, src_dir_fd=by_number, dst_dir_fd=directory, follow_symlinks=True)
            except FileExistsError:
                _require_same(folder / name, data)
        os.fsync(directory)
    except OSError as error:
        if error.errno not in _NO_UNNAMED:
            raise
        return False
    finally:
        for handle in opened:
            os.close(handle)
    return True


def _write_once(path: Path, data: bytes) -> None:
    try:
        write_atomic(path, data, mode=PRIVATE_FILE)
    except StoreError:
        if not path.exists():
            raise
        _require_same(path, data)


def _require_same(path: Path, data: bytes) -> None:
    """Raise unless the file is `data`, and make that durable: who wrote it may have been stopped before."""
    if path.is_symlink():
        raise StoreError(f"{path} is a symbolic link", hint="choose another folder, or move it away")
    with translated("read", path):
        # Who has put a pipe there would have this wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | NO_FOLLOW)
        try:
            _require_file(handle, path)
            if os.read(handle, len(data) + 1) != data:
                raise FileExistsError
            os.fsync(handle)
        finally:
            os.close(handle)


def _require_file(handle: int, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise StoreError(f"{path} is not a file", hint="a pipe or a device lies where a file belongs")


def _syncfs_tells() -> bool:
    """Say whether this is a system whose `syncfs` tells of errors."""
    if sys.platform != "linux":
        return False
    release = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return release is not None and (int(release[1]), int(release[2])) >= _SYNCFS_TELLS_SINCE


def _sync_file_system(handle: int) -> None:
    """Make all that was written to the file system of an open file durable.

    Raises:
        OSError: The disk refused something that was written since `handle` was opened.
    """
    # Here: most commands write no file at all, and Python itself has no such call.
    import ctypes

    if ctypes.CDLL(None, use_errno=True).syncfs(handle) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
