# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""ISS-22: in which hours keys sign, at any time, in any place."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError
from vcred.issuer.signing_hours import SigningHours, hours_text, is_open, make_hours, parse_hours

DAY = 24 * 60
PLACES = ("Asia/Macau", "UTC", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
minutes = st.integers(0, DAY - 1)
places = st.sampled_from(PLACES)
moments = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def opened(period: str, place: str, now: str) -> bool:
    hours = make_hours(period, place)
    return is_open(hours, now=datetime.fromisoformat(now), zone=ZoneInfo(place))


@st.composite
def any_hours(draw: st.DrawFn) -> SigningHours:
    begin, end = draw(st.lists(minutes, min_size=2, max_size=2, unique=True))
    return SigningHours(begin=begin, end=end, timezone=draw(places))


@given(any_hours(), moments)
def test_the_minutes_from_the_begin_to_the_end_are_open(hours: SigningHours, now: datetime) -> None:
    """Walked minute by minute, over midnight or not."""
    walked, minute = set(), hours.begin
    while minute != hours.end:
        walked.add(minute)
        minute = (minute + 1) % DAY
    zone = ZoneInfo(hours.timezone)
    local = now.astimezone(zone)
    assert is_open(hours, now=now, zone=zone) is (local.hour * 60 + local.minute in walked)


@given(any_hours(), moments)
def test_turned_round_they_are_the_others(hours: SigningHours, now: datetime) -> None:
    zone = ZoneInfo(hours.timezone)
    turned = SigningHours(begin=hours.end, end=hours.begin, timezone=hours.timezone)
    assert is_open(hours, now=now, zone=zone) is not is_open(turned, now=now, zone=zone)


@given(any_hours(), moments, places)
def test_in_which_zone_now_is_told_changes_nothing(hours: SigningHours, now: datetime, told: str) -> None:
    zone = ZoneInfo(hours.timezone)
    there = now.astimezone(ZoneInfo(told))
    assert is_open(hours, now=now, zone=zone) is is_open(hours, now=there, zone=zone)


@given(st.none() | any_hours())
def test_written_and_read_they_are_the_same(hours: SigningHours | None) -> None:
    assert parse_hours(hours_text(hours)) == hours


@given(moments, places)
def test_without_hours_every_moment_is_open(now: datetime, place: str) -> None:
    assert is_open(None, now=now, zone=ZoneInfo(place))


@pytest.mark.parametrize(
    ("now", "is_inside"),
    [("05:59:59", False), ("06:00:00", True), ("21:59:59", True), ("22:00:00", False), ("00:00:00", False)],
)
def test_the_begin_is_inside_and_the_end_is_not(now: str, is_inside: bool) -> None:
    assert opened("06:00-22:00", "Asia/Macau", f"2026-11-20T{now}+08:00") is is_inside
    assert opened("22:00-06:00", "Asia/Macau", f"2026-11-20T{now}+08:00") is not is_inside


def test_the_hour_that_comes_twice_is_open_twice() -> None:
    """Lisbon, 2026-10-25: at 02:00 summer time the clocks go back to 01:00."""
    for now, is_inside in (
        ("2026-10-24T23:59:00", False),
        ("2026-10-25T00:30:00", True),
        ("2026-10-25T01:30:00", True),
        ("2026-10-25T02:00:00", False),
    ):
        assert opened("01:00-02:00", "Europe/Lisbon", f"{now}+00:00") is is_inside


def test_the_hour_that_is_skipped_never_comes() -> None:
    """Lisbon, 2026-03-29: at 01:00 the clocks go on to 02:00."""
    first = datetime(2026, 3, 29, tzinfo=UTC)
    hours, zone = make_hours("01:00-02:00", "Europe/Lisbon"), ZoneInfo("Europe/Lisbon")
    day = [first + timedelta(minutes=minute) for minute in range(23 * 60)]
    assert not any(is_open(hours, now=now, zone=zone) for now in day)
    # The control: the day before, and what begins in the skipped hour begins when it is over.
    assert any(is_open(hours, now=now - timedelta(days=1), zone=zone) for now in day)
    assert opened("01:30-03:00", "Europe/Lisbon", "2026-03-29T01:00:00+00:00")


@pytest.mark.parametrize(
    "text",
    ["", "Any", "06:00-22:00", "06:00-22:00 ", "6:00-22:00 UTC", "06:00-24:00 UTC", "06:60-22:00 UTC",
     "06:00-06:00 UTC", "06:00 - 22:00 UTC", "06:00-22:00 ../UTC", "06:00-22:00 /etc/passwd",
     "06:00-22:00 A//B", "06:00-22:00 UTC UTC", "06:00-22:00 UTC\n", "\u0660\u0666:00-22:00 UTC",
     "06:00-22:00 " + "A" * 65],
)  # fmt: skip
def test_what_is_written_otherwise(text: str) -> None:
    assert parse_hours("06:00-22:00 UTC") is not None
    with pytest.raises(DecodeError):
        parse_hours(text)
