# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which credentials a change is about: by ids, by one row, or by one holder's key.

An id is that of a credential, or of a row: then every credential of the row. A file has one a
line; a line that begins with "#" says nothing to vcred.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_CHANGED_AT_ONCE, MAX_IDS_FILE_BYTES, MAX_ROW_ID_CHARACTERS

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
        LimitExceededError: More bytes or lines than are read.
        DecodeError: Not UTF-8, no id in it, or a line that cannot be one.
    """
    if len(data) > MAX_IDS_FILE_BYTES:
        raise LimitExceededError(f"a file of {len(data)} bytes, at most {MAX_IDS_FILE_BYTES} are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodeError("not UTF-8") from error
    # A dict keeps each once, in order.
    ids: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), 1):
        identifier = line.strip()
        if not identifier or identifier.startswith(_COMMENT):
            continue
        if len(identifier) > MAX_ROW_ID_CHARACTERS or not identifier.isprintable():
            raise DecodeError(f"line {number} is not an id")
        ids[identifier] = None
    if not ids:
        raise DecodeError("no id in it")
    if len(ids) > MAX_CHANGED_AT_ONCE:
        raise LimitExceededError(f"{len(ids)} ids, at most {MAX_CHANGED_AT_ONCE} are changed at once")
    return ByIds(tuple(ids))
