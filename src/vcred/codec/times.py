# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Times as text: RFC 3339 to the second, with a zone, in one spelling; and plain dates."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

from vcred.errors import DecodeError

# The library reads more spellings than one, other ones in each version: only this one gets to it.
# [0-9], for \d would take the digits of every script. RFC 3339 section 4.3: "-00:00" means that
# the zone is unknown.
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIMESTAMP: Final = re.compile(
    rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}:[0-5][0-9](?:Z|(?!-00:00)[+-]{_CLOCK})"
)
_DATE: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)
_MAX_OFFSET_MINUTES: Final = 23 * 60 + 59
# The schema of a type, its rules and its expiry read the same times one after the other.
_REMEMBERED_TIMES: Final = 64


def parse_timestamp(text: str) -> datetime:
    """Parse "2026-11-20T02:58:00+08:00" or "...Z" into an aware datetime in UTC.

    Raises:
        DecodeError: No zone, a fraction of a second, lower case, a leap second, "-00:00",
            or a day that no calendar has.

    Spec: RFC 3339 section 5.6.
    """
    return _parse(text)[0]


def parse_timestamp_offset(text: str) -> tuple[int, int]:
    """Parse as `parse_timestamp`, and keep the zone.

    Returns:
        Seconds since 1970-01-01T00:00:00Z, and the offset from UTC in minutes (east is
        positive; "Z" and "+00:00" are both 0).
    """
    instant, offset = _parse(text)
    return (instant - _EPOCH) // _SECOND, offset // _MINUTE


@lru_cache(maxsize=_REMEMBERED_TIMES)
def _parse(text: str) -> tuple[datetime, timedelta]:
    """Return the instant in UTC, and the offset that was written."""
    if _TIMESTAMP.fullmatch(text) is None:
        raise DecodeError("not a timestamp like 2026-11-20T02:58:00+08:00")
    try:
        local = datetime.fromisoformat(text)
        return local.astimezone(UTC), local.utcoffset() or timedelta(0)
    except (ValueError, OverflowError) as error:
        raise DecodeError("a timestamp that no calendar has") from error


def format_timestamp(moment: datetime) -> str:
    """Format an aware datetime as "2026-11-19T18:58:00Z"; a fraction of a second is cut.

    Raises:
        ValueError: `moment` is naive.
    """
    if moment.utcoffset() is None:
        raise ValueError("the datetime has no zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def format_timestamp_offset(seconds: int, offset_minutes: int) -> str:
    """Format what `parse_timestamp_offset` returned; offset 0 is written "Z".

    Raises:
        ValueError: A zone of a day or more, or a moment outside the years 1 to 9999.
    """
    if abs(offset_minutes) > _MAX_OFFSET_MINUTES:
        raise ValueError("the offset is not within a day")
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
        local = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    except OverflowError as error:
        raise ValueError("the moment is outside the years 1 to 9999") from error
    return local.isoformat() if offset_minutes else local.replace(tzinfo=None).isoformat() + "Z"


def parse_date(text: str) -> date:
    """Parse "2026-11-20".

    Raises:
        DecodeError: Another form, or a day that no calendar has.
    """
    if _DATE.fullmatch(text) is None:
        raise DecodeError("not a date like 2026-11-20")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DecodeError("a date that no calendar has") from error
