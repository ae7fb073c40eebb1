# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Times as people and programs read them."""

from datetime import UTC, datetime
from typing import overload

from vcred.cli.phrases import UNITS
from vcred.codec.times import format_timestamp

_SECONDS = {"d": 86_400, "h": 3600, "min": 60, "s": 1}


@overload
def time_text(seconds: int) -> str: ...
@overload
def time_text(seconds: None) -> None: ...
@overload
def time_text(seconds: int | None) -> str | None: ...
def time_text(seconds: int | None) -> str | None:
    """Write a NumericDate as an RFC 3339 time in UTC; None stays None."""
    return None if seconds is None else format_timestamp(datetime.fromtimestamp(seconds, UTC))


def duration_text(seconds: int, language: str = "en") -> str:
    """Write a duration exactly: "12 h", "1 d 30 min", "0 s", in one of `LANGUAGES`."""
    words, told = UNITS[language], []
    for unit, size in _SECONDS.items():
        number, seconds = divmod(seconds, size)
        if number:
            told.append(f"{number} {words[unit]}")
    return " ".join(told) or f"0 {words['s']}"


def age_text(seconds: int, language: str = "en") -> str:
    """Write an age in its largest whole unit: "2 h", "3 d", in one of `LANGUAGES`."""
    words = UNITS[language]
    for unit, size in _SECONDS.items():
        if seconds >= size:
            return f"{seconds // size} {words[unit]}"
    return f"0 {words['s']}"
