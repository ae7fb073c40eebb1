# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A mark beside a record: how far the record has come, and which file the mark itself is.

    8
    5310665:657521485

A witness has one beside its keys, an issuer beside its store. The first line is the size of the
record, a number that only grows. The second is inode and generation of the very file in
which it stands, `-` where the file system tells no generation. Each mark is a new file that takes
the place of the one before, whole and in one step. So a mark that was put back, by whatever way,
is in another file than the one that it names: also where the system gives an inode number again,
as ext4 does, for the generation is then another; and where the old content was written into the
file that was there. A third line, if there is one, is what the owner of the record notes beside it.

The record itself is not asked for its generation: that needs a second descriptor of it, and closing
one takes away every lock that SQLite holds on that file in this process.
"""

import errno
import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vcred.files.system import NO_FOLLOW, PRIVATE_FILE, make_durable, translated
from vcred.limits import MAX_LOG_SIZE

_MAX_BYTES: Final = 512
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW
_UNKNOWN: Final = "-"
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
# FS_IOC_GETVERSION of Linux, _IOR('v', 1, long); what the kernel writes is an int.
_GET_GENERATION: Final = 0x8000_7601 | struct.calcsize("l") << 16
# What a system or file system answers that tells no generation. Anything else is a failure, and no
# reason to end a key.
_NOT_TOLD: Final = frozenset((errno.ENOTTY, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.EPERM))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark, as it was found.

    Attributes:
        size: Of the record when it was written; the greatest there is if it cannot be read: then it
            no longer shows that the record is whole.
        says: Which file it says that it is; None in a mark that an older vcred has written.
        file: Which file it is.
        note: What the owner of the record notes in it; "" if nothing.
    """

    size: int
    says: str | None
    file: str
    note: str = ""

    @property
    def is_original(self) -> bool:
        """Whether it is the file that it says it is."""
        if self.says is None:
            return False
        inode, _, generation = self.says.partition(":")
        # A newer kernel may tell the generation of a file that had none to tell before.
        return self.says == self.file or (generation == _UNKNOWN and inode == self.file.partition(":")[0])


def read_mark(path: Path) -> Mark | None:
    """Read a mark, and which file it is, of one and the same file.

    Raises:
        StoreError: The system refuses.
    """
    with translated("read", path):
        try:
            descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            return _parse(file.read(_MAX_BYTES), file=_identity(descriptor))


def write_mark(path: Path, size: int, *, note: str = "") -> None:
    """Put a new mark in the place of the one before, durably.

    Not by `files.write_atomic`, which takes the content before there is the file that it must name.

    Args:
        path: Of the mark.
        size: Of the record.
        note: One line of ASCII, at most some 300 characters.

    Raises:
        StoreError: The system refuses.
    """
    temporary = path.parent / f".{os.urandom(8).hex()}.tmp"
    with translated("write", path):
        try:
            with os.fdopen(os.open(temporary, _NEW_FILE, PRIVATE_FILE), "wb") as file:
                noted = f"{note}\n" if note else ""
                file.write(f"{size}\n{_identity(file.fileno())}\n{noted}".encode("ascii"))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        # Else a power cut may bring back the mark before.
        make_durable(path.parent)


def _parse(data: bytes, *, file: str) -> Mark:
    lines = data.decode("ascii", errors="replace").split("\n")
    if not _SIZE.fullmatch(lines[0]) or int(lines[0]) > MAX_LOG_SIZE:
        return Mark(size=MAX_LOG_SIZE, says=None, file=file)
    says = lines[1] if len(lines) > 2 else None
    return Mark(size=int(lines[0]), says=says, file=file, note=lines[2] if len(lines) > 3 else "")


def _identity(descriptor: int) -> str:
    """Which file is open: its inode, which may be given again, and its generation, which then differs."""
    generation = _generation(descriptor)
    return f"{os.fstat(descriptor).st_ino}:{_UNKNOWN if generation is None else generation}"


def _generation(descriptor: int) -> int | None:
    # Here, because only POSIX systems have it.
    import fcntl

    try:
        answer = fcntl.ioctl(descriptor, _GET_GENERATION, bytes(struct.calcsize("l")))
    except OSError as error:
        if error.errno in _NOT_TOLD:
            return None
        raise
    return int(struct.unpack_from("I", answer)[0])
