# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""In which hours an issuer's issuing keys sign: a function of the setting and the time (threats ISS-22).

    06:00-22:00 Asia/Macau    from six in the morning on, and no longer at ten in the evening
    22:00-06:00 Asia/Macau    over midnight
    any                       always, as long as nothing else was set

What counts is what the clocks of that place show: an hour that comes twice, when summer time ends,
is open twice, and one that is skipped never comes. Revoking and publishing have no hours.

Spec: docs/spec/changes.md, Hours.
"""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from vcred.errors import DecodeError

ANY_HOURS: Final = "any"
HOURS_LIMIT: Final = "hours"
"""What a request and an audit call them, beside the names of limits."""

_MINUTES_AN_HOUR: Final = 60
_TIME: Final = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_PERIOD: Final = re.compile(f"{_TIME}-{_TIME}")
# As the tz database names them. Whether this machine knows one is not asked here.
_TIMEZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_MAX_TIMEZONE_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningHours:
    """From a minute of the day on, and no longer from another on, by the clocks of a timezone."""

    begin: int
    end: int
    timezone: str

    @property
    def period(self) -> str:
        """As 06:00-22:00."""
        return f"{_clock_time(self.begin)}-{_clock_time(self.end)}"

    @property
    def opens_at(self) -> str:
        """As 06:00."""
        return _clock_time(self.begin)


def is_open(hours: SigningHours | None, *, now: datetime, zone: tzinfo) -> bool:
    """Say whether issuing keys sign now.

    Args:
        hours: None: any.
        now: Aware.
        zone: That of the hours.
    """
    if hours is None:
        return True
    local = now.astimezone(zone)
    minute = local.hour * _MINUTES_AN_HOUR + local.minute
    if hours.begin < hours.end:
        return hours.begin <= minute < hours.end
    return minute >= hours.begin or minute < hours.end


def hours_text(hours: SigningHours | None) -> str:
    """Write hours as requests, the store and the audit log have them."""
    return ANY_HOURS if hours is None else f"{hours.period} {hours.timezone}"


def parse_hours(text: str) -> SigningHours | None:
    """Read what `hours_text` wrote.

    Raises:
        DecodeError: No such text.
    """
    if text == ANY_HOURS:
        return None
    period, _, timezone = text.partition(" ")
    return make_hours(period, timezone)


def is_period(text: str) -> bool:
    """Say whether a text has the form of a period, 06:00-22:00."""
    return _PERIOD.fullmatch(text) is not None


def make_hours(period: str, timezone: str) -> SigningHours:
    """Read hours as people write them: "06:00-22:00", and the name of a timezone.

    Raises:
        DecodeError: Another form, or a period that is empty, or the whole day.
    """
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise DecodeError("hours are written as 06:00-22:00")
    begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
    begin, end = begin_hour * _MINUTES_AN_HOUR + begin_minute, end_hour * _MINUTES_AN_HOUR + end_minute
    if begin == end:
        raise DecodeError("hours that end when they begin are none, or all")
    if len(timezone) > _MAX_TIMEZONE_CHARACTERS or not _TIMEZONE.fullmatch(timezone):
        raise DecodeError("a timezone is written as Asia/Macau")
    return SigningHours(begin=begin, end=end, timezone=timezone)


def _clock_time(minute: int) -> str:
    return "{:02}:{:02}".format(*divmod(minute, _MINUTES_AN_HOUR))
