# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The receipts of single credentials, beside their file: `code.sdjwt.receipt.csv`.

If the store is lost, they are all that tells of a credential (`statuses/receipts_taken`). So a table that
is there grows, whatever became of the credential that it was begun with; and what does not look like one
is somebody's own, and left alone. Its name is never that of a roster's table, whose length the store keeps.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vcred.errors import StoreError
from vcred.files import append_at, read_behind
from vcred.files.system import translated
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.receipts import encode_delivered, receipts_header

_LINE_END: Final = b"\r\n"


def receipts_beside(out: Path) -> Path:
    """Return where the receipts of a credential, and of its copies, lie."""
    return Path(f"{out}.receipt.csv")


def check_receipts(out: Path) -> None:
    """Refuse, before anything is issued, a place whose receipts could not be written.

    Raises:
        StoreError: Something else has the name of the table.
    """
    _length(receipts_beside(out))


def add_receipts(out: Path, items: Sequence[OutboxItem]) -> None:
    """Put the receipts of credentials behind those that are there, durably; the same once more is no other.

    Raises:
        StoreError: As `check_receipts`, or the disk refuses.
    """
    path, lines = receipts_beside(out), encode_delivered(items)
    length = _length(path)
    if length >= len(lines) and read_behind(path, length=length - len(lines), at_most=len(lines)) == lines:
        # Who wrote them was stopped before they were durable for certain.
        length -= len(lines)
    append_at(path, lines if length else receipts_header() + lines, length=length)


def _length(path: Path) -> int:
    """Return how long a table is; 0 of one that is not there.

    Raises:
        StoreError: It is no table of receipts, or not a whole one.
    """
    with translated("read", path):
        try:
            length = path.lstat().st_size
        except FileNotFoundError:
            return 0
    header = receipts_header()
    # A link, a pipe or a folder is told by `read_behind`.
    is_begun = read_behind(path, length=0, at_most=len(header)) == header
    if not is_begun or read_behind(path, length=length - len(_LINE_END), at_most=2) != _LINE_END:
        raise StoreError(
            f"{path} exists already, and is no table of receipts",
            hint="move it away, or choose another place for the credential",
        )
    return length
