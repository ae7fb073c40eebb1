# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What `exp` must be, from the claim that says until when a credential is good.

Spec: docs/spec/types.md, expiry_claim.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from vcred.codec.times import parse_date, parse_timestamp
from vcred.errors import SchemaError

_DATE_CHARACTERS = 10
# The rows of a roster end on few days; and each credential is asked more than once for its end.
_REMEMBERED = 64
_OFFSET = re.compile(r"([+-])(0[0-9]|1[0-4]):([0-5][0-9])", re.ASCII)


@lru_cache(maxsize=_REMEMBERED)
def expiry_of(text: str, *, utc_offset: timedelta) -> int:
    """Compute the end in seconds since 1970: a date-time is that instant, a date the end of that day.

    Args:
        text: RFC 3339 date or date-time.
        utc_offset: Of the type; in it a day ends.

    Raises:
        DecodeError: Neither.
    """
    if len(text) > _DATE_CHARACTERS:
        return int(parse_timestamp(text).timestamp())
    return int((local_midnight(text, utc_offset=utc_offset) + timedelta(days=1)).timestamp())


def local_midnight(day: str, *, utc_offset: timedelta) -> datetime:
    """The first instant of a day at an offset, as UTC.

    Raises:
        DecodeError: Not a date.
    """
    date = parse_date(day)
    return datetime(date.year, date.month, date.day, tzinfo=timezone(utc_offset)).astimezone(UTC)


def parse_utc_offset(text: str) -> timedelta:
    """Read an offset such as "+08:00".

    Raises:
        SchemaError: It is not one.
    """
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise SchemaError("utc_offset", "must be like +08:00")
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset
