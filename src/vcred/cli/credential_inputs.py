# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reads credentials from whatever they come in: text, a sealed file, lines of many, a picture of a code.

Nothing is judged here but the form: what a text is, the wallet says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vcred.cli.inputs import read_input
from vcred.errors import DecodeError, VcredError
from vcred.limits import MAX_IMAGE_BYTES
from vcred.wallet.incoming import is_picture, split_credentials

_FORMS: Final = "a credential is text, a sealed file, lines of these, or a picture of a code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One credential of an input, or why there is none. `place` is "FILE" or "FILE line N"."""

    place: str
    text: str = ""
    error: VcredError | None = None


def read_credentials(names: Sequence[str]) -> tuple[Found, ...]:
    """Read all inputs, each a file or "-" for stdin, before anything is done with them.

    Raises:
        StoreError: One is not there or cannot be read.
        LimitExceededError: One is larger than any input.
    """
    read = [(name, read_input(name, max_bytes=MAX_IMAGE_BYTES)) for name in names]
    return tuple([one for name, data in read for one in _found("stdin" if name == "-" else name, data)])


def _found(name: str, data: bytes) -> list[Found]:
    try:
        lines = _lines(data)
    except DecodeError as error:
        return [Found(place=name, error=error)]
    if len(lines) == 1:
        return [_one(name, lines[0])]
    return [_one(f"{name} line {number}", line) for number, line in enumerate(lines, 1)]


def _lines(data: bytes) -> list[str]:
    if is_picture(data):
        # Here, because most credentials come as text.
        from vcred.qr.engines.zxing import read_picture

        return [read_picture(data)]
    try:
        lines = [line.strip() for line in data.decode("ascii").splitlines()]
    except UnicodeDecodeError as error:
        raise DecodeError("neither text nor a picture", hint=_FORMS) from error
    found = [line for line in lines if line]
    if not found:
        raise DecodeError("empty", hint=_FORMS)
    return found


def _one(place: str, line: str) -> Found:
    try:
        (text,) = split_credentials(line)
    except DecodeError as error:
        return Found(place=place, error=error)
    return Found(place=place, text=text)
