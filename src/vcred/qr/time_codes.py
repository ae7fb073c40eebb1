# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Short forms of dates and date-times: numbers, where the text has its one usual spelling.

Spec: docs/spec/qr.md section 5.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from vcred.codec.cbor import CborValue
from vcred.codec.json_types import JsonValue
from vcred.codec.times import parse_date, parse_timestamp_offset
from vcred.errors import DecodeError
from vcred.qr.claim_codes import ClaimCode

# Without a zone: what is added to it is what the clock in the claim's zone shows.
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FIRST_SECOND: Final = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())
_LAST_SECOND: Final = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_FIRST_DAY: Final = 1 - _EPOCH_DAY
_LAST_DAY: Final = date.max.toordinal() - _EPOCH_DAY
_MAX_OFFSET_MINUTES: Final = 23 * 60 + 59


class DateCode(ClaimCode):
    """A date: its days since 1970-01-01."""

    __slots__ = ()

    def shorten(self, value: JsonValue) -> CborValue:
        """Return the days of a well-formed date."""
        if type(value) is str:
            try:
                return parse_date(value).toordinal() - _EPOCH_DAY
            except DecodeError:
                return value
        return self._shorten_other(value)

    def expand(self, item: CborValue) -> str:
        """See `ClaimCode.expand`."""
        if type(item) is not int:
            return self._expand_other(item)
        if not _FIRST_DAY <= item <= _LAST_DAY:
            raise DecodeError("packed presentation: a day outside the years 1 to 9999")
        return f'"{date.fromordinal(item + _EPOCH_DAY).isoformat()}"'


class DateTimeCode(ClaimCode):
    """A time: its seconds since 1970 if written in the type's zone, else [seconds, minutes of its zone]."""

    __slots__ = ("_offset", "_seconds", "_suffix")

    def __init__(self, utc_offset: timedelta) -> None:
        self._seconds = int(utc_offset.total_seconds())
        self._offset = self._seconds // 60
        self._suffix = _zone(self._offset)

    def shorten(self, value: JsonValue) -> CborValue:
        """Return the number or the pair of a time written as `expand` writes it."""
        if type(value) is not str:
            return self._shorten_other(value)
        try:
            seconds, offset = parse_timestamp_offset(value)
        except DecodeError:
            return value
        # "+00:00" is written "Z" by `expand`: the other spelling stays text.
        if not value.endswith(_zone(offset)):
            return value
        return seconds if offset == self._offset else [seconds, offset]

    def expand(self, item: CborValue) -> str:
        """See `ClaimCode.expand`."""
        if type(item) is int:
            return f'"{_wall_clock(item, self._seconds)}{self._suffix}"'
        if type(item) is not list:
            return self._expand_other(item)
        if len(item) != 2:
            raise DecodeError("packed presentation: a time that is not seconds and zone")
        seconds, offset = item
        if type(seconds) is not int or type(offset) is not int or offset == self._offset:
            raise DecodeError("packed presentation: a time that is not seconds and another zone")
        if abs(offset) > _MAX_OFFSET_MINUTES:
            raise DecodeError("packed presentation: a zone that no clock has")
        return f'"{_wall_clock(seconds, 60 * offset)}{_zone(offset)}"'


def _wall_clock(instant: int, offset: int) -> str:
    """Write what a clock in the zone shows; both the instant and the clock keep to the years 1 to 9999."""
    seconds = instant + offset
    if not (_FIRST_SECOND <= seconds <= _LAST_SECOND and _FIRST_SECOND <= instant <= _LAST_SECOND):
        raise DecodeError("packed presentation: a time outside the years 1 to 9999")
    return (_EPOCH + timedelta(0, seconds)).isoformat()


def _zone(offset_minutes: int) -> str:
    if offset_minutes == 0:
        return "Z"
    hours, minutes = divmod(abs(offset_minutes), 60)
    return f"{'-' if offset_minutes < 0 else '+'}{hours:02}:{minutes:02}"
