# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The history of a wallet that an older vcred has kept: one line of JSON a presentation.

It is read once, when the wallet's store takes it over. A line counts with its line end: one without
is what a power cut left of a write that nobody was told had succeeded.
"""

from pathlib import Path

from vcred.errors import DecodeError, StoreError
from vcred.files import read_capped
from vcred.files.system import make_durable, translated
from vcred.limits import MAX_HISTORY_BYTES
from vcred.wallet.record import PresentationRecord, decode_record


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


def remove_records(path: Path) -> None:
    """Remove the file, if it is there, once the store has its lines.

    Raises:
        StoreError: The system refuses.
    """
    if path.exists():
        with translated("remove", path):
            path.unlink()
            make_durable(path.parent)
