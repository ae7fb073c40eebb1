# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Times as people and programs read them."""

from datetime import UTC, datetime
from typing import overload

from vcred.codec.times import format_timestamp

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


@overload
def time_text(seconds: int) -> str: ...
@overload
def time_text(seconds: None) -> None: ...
@overload
def time_text(seconds: int | None) -> str | None: ...
def time_text(seconds: int | None) -> str | None:
    """Write a NumericDate as an RFC 3339 time in UTC; None stays None."""
    return None if seconds is None else format_timestamp(datetime.fromtimestamp(seconds, UTC))


def age_text(seconds: int) -> str:
    """Write an age in its largest whole unit: "2 h", "3 d"."""
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "0 s"
