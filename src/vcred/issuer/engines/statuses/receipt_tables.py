# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Read tables of receipts line by line, however long they are."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from vcred.errors import DecodeError
from vcred.files.system import translated
from vcred.issuer.kept_receipts import is_header, parse_receipt
from vcred.issuer.receipts import Receipt
from vcred.limits import MAX_ROSTER_LINE_BYTES

_AT_ONCE: Final = 500
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class ReceiptLine(NamedTuple):
    """One receipt, and where it stands."""

    where: str
    receipt: Receipt


def read_receipts(paths: Iterable[Path]) -> Iterator[ReceiptLine]:
    """Yield the receipts of tables, one after the other.

    Raises:
        DecodeError: One is no table of receipts; the first line that is none.
        StoreError: The system refuses.
    """
    for path in paths:
        with translated("read", path), path.open("rb") as file:
            if not is_header(_text(file.readline(MAX_ROSTER_LINE_BYTES).removeprefix(_BYTE_ORDER_MARK))):
                raise DecodeError(f"{path} is no table of receipts", hint="name receipts.csv of an output")
            number = 1
            while line := file.readline(MAX_ROSTER_LINE_BYTES):
                number += 1
                if not line.strip():
                    continue
                where = f"{path}, line {number}"
                try:
                    yield ReceiptLine(where, parse_receipt(_text(line)))
                except DecodeError as error:
                    raise DecodeError(f"{where}: {error}") from error


def in_slices(lines: Iterable[ReceiptLine]) -> Iterator[list[ReceiptLine]]:
    """Yield the lines, as many at a time as one statement takes."""
    some: list[ReceiptLine] = []
    for line in lines:
        some.append(line)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DecodeError("not UTF-8") from error
