# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which credentials a change is about: by ids, by one row, or by one holder's key.

An id is that of a credential, or of a row: then every credential of the row. A file has one a
line; a line that begins with "#" says nothing to vcred.
"""

import codecs
import io
from dataclasses import dataclass
from typing import Final, TypeAlias

from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_CHANGED_AT_ONCE, MAX_IDS_FILE_BYTES, MAX_IDS_LINE_BYTES, MAX_ROW_ID_CHARACTERS

_COMMENT: Final = "#"


@dataclass(frozen=True, slots=True)
class ByIds:
    """Credential ids or row ids, each once, at least one."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByRow:
    """Every credential of a row, of whatever type."""

    row_id: str


@dataclass(frozen=True, slots=True)
class ByHolder:
    """Every credential that was issued to a key, by its did:key or did:jwk: a lost phone."""

    did: str


Selection: TypeAlias = ByIds | ByRow | ByHolder


def parse_ids(data: bytes) -> ByIds:
    """Read a file of ids, UTF-8, one a line.

    Raises:
        LimitExceededError: More bytes than are read, or more ids than are changed at once.
        DecodeError: Not UTF-8, no id in it, or a line that cannot be one.
    """
    if len(data) > MAX_IDS_FILE_BYTES:
        raise LimitExceededError(f"a file of {len(data)} bytes, at most {MAX_IDS_FILE_BYTES} are read")
    # A dict keeps each once, in order. Line by line: a list of all takes ten times the size of the file.
    ids: dict[str, None] = {}
    file = io.BytesIO(data.removeprefix(codecs.BOM_UTF8))
    for number, line in enumerate(iter(lambda: file.readline(MAX_IDS_LINE_BYTES + 1), b""), 1):
        identifier = _decoded(line, number).strip()
        if not identifier or identifier.startswith(_COMMENT):
            continue
        if len(identifier) > MAX_ROW_ID_CHARACTERS or not identifier.isprintable():
            raise DecodeError(f"line {number} is not an id")
        ids[identifier] = None
        if len(ids) > MAX_CHANGED_AT_ONCE:
            raise LimitExceededError(f"more than {MAX_CHANGED_AT_ONCE} ids: no more are changed at once")
    if not ids:
        raise DecodeError("no id in it")
    return ByIds(tuple(ids))


def _decoded(line: bytes, number: int) -> str:
    if len(line) > MAX_IDS_LINE_BYTES:
        raise DecodeError(f"line {number} is not an id")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError("not UTF-8") from error
