# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""To whom a row is issued: the file that maps rows to holders' DIDs or proofs of possession.

Two forms. CSV, UTF-8, one line for each key; several lines of one row are the keys for its
copies; the columns `proof` and `nonce` may be left out:

    row_id,holder,proof,nonce
    HC0000001,did:key:zDnae...,,
    HC0000002,,eyJ...,enrolment-code

JSON, an object by row:

    {"HC0000001": "did:key:zDnae...",
     "HC0000002": [{"proof": "eyJ...", "nonce": "enrolment-code"}]}
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vcred.codec.fields import get_text, refuse_unknown
from vcred.codec.json_types import JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError
from vcred.issuer.possession import HolderKey, Possession, resolve_holder, verify_possession
from vcred.limits import MAX_COPIES, MAX_HOLDERS_FILE_BYTES, MAX_ROSTER_ROW_BYTES

_COLUMNS: Final = frozenset({"row_id", "holder", "proof", "nonce"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A holder's DID, or a proof of possession with the enrolment code that it must answer."""

    did: str | None = None
    proof: str | None = None
    nonce: str | None = None

    def __post_init__(self) -> None:
        if (self.did is None) == (self.proof is None):
            raise ValueError("an application is a DID or a proof, not both and not neither")
        if self.proof is not None and not self.nonce:
            raise ValueError("a proof needs the enrolment code that it answers")


Applications = Mapping[str, tuple[Application, ...]]


def verify_application(application: Application, *, audience: str, now: datetime) -> HolderKey:
    """Return the holder's key, with how possession of it was shown.

    Raises:
        RefusedError, DecodeError, KeyMaterialError: As `possession.verify_possession` and
            `possession.resolve_holder`.
    """
    if application.did is not None:
        return HolderKey(key=resolve_holder(application.did), possession=Possession.DID)
    nonce = application.nonce or ""
    key = verify_possession(application.proof or "", audience=audience, nonce=nonce, now=now)
    return HolderKey(key=key, possession=Possession.PROOF, nonce=nonce)


def parse_applications(data: bytes) -> Applications:
    """Read a file of applications; JSON if it starts with an opening brace, else CSV.

    Raises:
        DecodeError: Neither form, or more keys for a row than it can have copies.
    """
    if len(data) > MAX_HOLDERS_FILE_BYTES:
        raise DecodeError(f"holders: larger than {MAX_HOLDERS_FILE_BYTES} bytes")
    if data.lstrip()[:1] == b"{":
        document = decode_json_object(data, max_bytes=MAX_HOLDERS_FILE_BYTES)
        return {row_id: _from_json(value) for row_id, value in document.items()}
    return _from_csv(data)


def _from_json(value: JsonValue) -> tuple[Application, ...]:
    items = value if isinstance(value, list) else [value]
    _check_number(len(items))
    return tuple(_application(item) for item in items)


def _application(item: JsonValue) -> Application:
    if isinstance(item, str):
        return _make(did=item, proof=None, nonce=None)
    if not isinstance(item, dict):
        raise DecodeError("holders: an entry is neither a DID nor a proof")
    refuse_unknown(item, {"proof", "nonce"})
    return _make(did=None, proof=get_text(item, "proof"), nonce=get_text(item, "nonce"))


def _from_csv(data: bytes) -> Applications:
    # Not a row more at a time than is asked for: as a list, empty lines alone take eighty times their size.
    rows = _iter_csv(data)
    header = next(rows, [])
    is_known = len(set(header)) == len(header) and set(header) <= _COLUMNS
    if not is_known or "row_id" not in header or not {"holder", "proof"} & set(header):
        raise DecodeError("holders: the header must be row_id,holder or row_id,holder,proof,nonce")
    return _grouped(header, (row for row in rows if row))


def _iter_csv(data: bytes) -> Iterator[list[str]]:
    lines = _Lines(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline=""))
    try:
        for row in csv.reader(lines, strict=True):
            lines.row_characters = 0
            yield row
    except (UnicodeDecodeError, csv.Error) as error:
        raise DecodeError("holders: neither JSON nor CSV in UTF-8") from error


class _Lines:
    """The lines of a file, and no more of one row than the limit: quotes need never close."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        self._file = file
        self.row_characters = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAX_ROSTER_ROW_BYTES + 1)
        if not line:
            raise StopIteration
        self.row_characters += len(line)
        if self.row_characters > MAX_ROSTER_ROW_BYTES:
            raise DecodeError(f"holders: a row longer than {MAX_ROSTER_ROW_BYTES} characters")
        return line


def _grouped(header: list[str], rows: Iterable[list[str]]) -> Applications:
    found: dict[str, list[Application]] = {}
    for row in rows:
        if len(row) != len(header):
            raise DecodeError("holders: a line has not as many cells as the header")
        cells = {name: cell or None for name, cell in zip(header, row, strict=True)}
        row_id = cells["row_id"] or ""
        application = _make(did=cells.get("holder"), proof=cells.get("proof"), nonce=cells.get("nonce"))
        keys = found.setdefault(row_id, [])
        keys.append(application)
        _check_number(len(keys))
    return {row_id: tuple(keys) for row_id, keys in found.items()}


def _check_number(keys: int) -> None:
    """Refuse more keys for one row than it can have copies."""
    if keys > MAX_COPIES:
        raise DecodeError(f"holders: more than {MAX_COPIES} keys for one row")


def _make(*, did: str | None, proof: str | None, nonce: str | None) -> Application:
    try:
        return Application(did=did, proof=proof, nonce=nonce)
    except ValueError as error:
        raise DecodeError(f"holders: {error}") from error
