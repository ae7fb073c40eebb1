# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet's history: one line of JSON a presentation, only ever appended.

A line counts once it is on the disk with its line end. A line without one is what a power
cut left of a write that nobody was told had succeeded: the next write takes it away.
"""

import os
from pathlib import Path
from typing import Final

from vcred.errors import DecodeError, StoreError
from vcred.files import read_capped
from vcred.files.system import make_durable
from vcred.limits import MAX_HISTORY_BYTES
from vcred.wallet.record import PresentationRecord, decode_record, encode_record

_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE: Final = 0o600


def append_record(path: Path, record: PresentationRecord) -> None:
    """Append one record; it is durable when this returns. The caller holds the folder's lock.

    Raises:
        StoreError: The file is a symbolic link, or the system refuses.
    """
    try:
        is_new = not path.exists()
        file = os.open(path, _FLAGS, _PRIVATE)
        try:
            _append(file, encode_record(record) + b"\n")
        finally:
            os.close(file)
        if is_new:
            make_durable(path.parent)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error


def read_records(path: Path) -> tuple[PresentationRecord, ...]:
    """Read all records, oldest first; none if there is no file yet.

    Raises:
        StoreError: A line is damaged, or the system refuses.
    """
    if not path.exists():
        return ()
    *lines, _unfinished = read_capped(path, max_bytes=MAX_HISTORY_BYTES).split(b"\n")
    try:
        return tuple(map(decode_record, lines))
    except DecodeError as error:
        raise StoreError(f"{path} is damaged") from error


def _append(file: int, line: bytes) -> None:
    end = _end_of_last_line(file)
    os.ftruncate(file, end)
    view = memoryview(line)
    while view:
        written = os.pwrite(file, view, end)
        view, end = view[written:], end + written
    os.fsync(file)


def _end_of_last_line(file: int) -> int:
    """Return the offset after the last line end; 0 if there is none."""
    end = os.fstat(file).st_size
    while end > 0:
        start = max(0, end - 4096)
        position = os.pread(file, end - start, start).rfind(b"\n")
        if position >= 0:
            return start + position + 1
        end = start
    return 0
