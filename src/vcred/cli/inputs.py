# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a command reads from outside: a file or stdin, never more than a limit."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.codec.times import parse_timestamp
from vcred.errors import DecodeError, LimitExceededError, TrustBundleError, UsageError
from vcred.files import read_capped
from vcred.text.languages import LANGUAGES

STREAM: Final = "-"

_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def read_input(name: str, *, max_bytes: int) -> bytes:
    """Read the file `name`, or stdin when `name` is "-".

    Raises:
        StoreError: The file is not there or cannot be read.
        LimitExceededError: There is more than `max_bytes`.
    """
    if name != STREAM:
        return read_capped(Path(name), max_bytes=max_bytes, from_pipe=True)
    data = sys.stdin.buffer.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise LimitExceededError(f"stdin holds more than {max_bytes} bytes")
    return data


def read_object(name: str, *, max_bytes: int) -> JsonObject:
    """Read a JSON object from a file or stdin, strictly.

    Raises:
        StoreError: The file is not there or cannot be read.
        DecodeError: It is not JSON, or no object; the message names the file.
    """
    data = read_input(name, max_bytes=max_bytes)
    with naming(name):
        if not data.strip():
            raise DecodeError("empty")
        return decode_json_object(data, max_bytes=max_bytes)


@contextmanager
def naming(name: str, *, hint: str | None = None) -> Iterator[None]:
    """Let an error about what a file holds name the file, and say what to do if it does not."""
    try:
        yield
    except (DecodeError, TrustBundleError) as error:
        error.args = (f"{'stdin' if name == '-' else name}: {error}",)
        error.hint = error.hint or hint
        raise


def parse_time(option: str, text: str) -> datetime:
    """Read a time that was given on the command line.

    Raises:
        UsageError: It is not a date-time with a zone.
    """
    try:
        return parse_timestamp(text)
    except DecodeError as error:
        day = text[:10] if _DATE.match(text) else "2026-11-20"
        raise UsageError(
            f"{option}: a date with a time and its zone is needed",
            hint=f'write it as "{option} {day}T09:00:00+08:00"',
        ) from error


def parse_moment(option: str, text: str, *, now: datetime) -> datetime:
    """Read a time, or one relative to now: "now", "+365d", "-1h".

    Raises:
        UsageError: It is none of these.
    """
    if text == "now":
        return now
    if text[:1] not in ("+", "-"):
        return parse_time(option, text)
    distance = timedelta(seconds=parse_duration(option, text[1:]))
    try:
        return now + distance if text[0] == "+" else now - distance
    except OverflowError as error:
        raise UsageError(f"{option}: too far away") from error


def split_paths(text: str) -> tuple[str, ...]:
    """Split "match,test" into claim paths; which of them exist is the credential's to say."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def names_by_language(texts: tuple[str, ...]) -> JsonObject:
    """Read names given as "TEXT" (English) or "LANG=TEXT".

    Raises:
        UsageError: A language stands twice.
    """
    names: JsonObject = {}
    for text in texts:
        language, separator, name = text.partition("=")
        if not separator or language not in LANGUAGES:
            language, name = "en", text
        if language in names:
            raise UsageError(f"a name in {language} is given twice")
        names[language] = name
    return names


def parse_duration(option: str, text: str) -> int:
    """Read "24h" or "7d" from the command line, in seconds.

    Raises:
        UsageError: It is not a duration.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise UsageError(f"{option}: not a duration", hint=f'write it as "{option} 24h" or "{option} 7d"')
    return int(match[1]) * _SECONDS[match[2]]
