# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Times have one spelling, a zone, and a day that exists."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.times import (
    format_timestamp,
    format_timestamp_offset,
    parse_date,
    parse_timestamp,
    parse_timestamp_offset,
)
from vcred.errors import DecodeError


def test_good_timestamps() -> None:
    moment = datetime(2026, 11, 19, 18, 58, tzinfo=UTC)
    for text in ("2026-11-20T02:58:00+08:00", "2026-11-19T18:58:00Z", "2026-11-19T09:28:00-09:30"):
        assert parse_timestamp(text) == moment
        assert parse_timestamp(text).tzinfo is UTC
    assert parse_timestamp_offset("2026-11-20T02:58:00+08:00") == (1795114680, 480)
    assert parse_timestamp_offset("2026-11-19T18:58:00Z") == (1795114680, 0)
    assert parse_timestamp_offset("2026-11-19T09:28:00-09:30") == (1795114680, -570)
    assert parse_timestamp_offset("1969-12-31T23:59:59Z") == (-1, 0)
    assert parse_timestamp("2024-02-29T00:00:00Z").day == 29


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-20",
        "2026-11-20T02:58:00",
        "2026-11-20T02:58:00.5Z",
        "2026-11-20T02:58Z",
        "2026-11-20 02:58:00Z",
        "2026-11-20t02:58:00z",
        "2026-11-20T02:58:00+0800",
        "2026-11-20T02:58:00+08",
        "2026-11-20T02:58:00+08:00 ",
        "2026-11-20T02:58:00Z\n",
        "2026-11-20T02:58:60Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20T02:60:00Z",
        "2026-13-20T02:58:00Z",
        "2026-02-29T02:58:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "2026-11-20T02:58:00+24:00",
        "2026-11-20T02:58:00+08:60",
        "2026-11-20T02:58:00-00:00",
        "2026-11-20T02:58:00+08:00:00",
        "20261120T025800Z",
        "2026-W47-5T02:58:00Z",
        "２０２６-11-20T02:58:00Z",
        "2026-11-2\u0660T02:58:00Z",
        "+2026-11-20T02:58:00Z",
    ],
)
def test_every_other_timestamp_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_timestamp(text)


@given(st.integers(-62135510400, 253402214400), st.integers(-1439, 1439))
def test_seconds_and_zone_round_trip(seconds: int, offset: int) -> None:
    assert parse_timestamp_offset(format_timestamp_offset(seconds, offset)) == (seconds, offset)


@given(
    st.datetimes(timezones=st.just(timezone(timedelta(hours=8)))).filter(
        lambda moment: 1 < moment.year < 9999
    )
)
def test_a_moment_round_trips_to_the_second(moment: datetime) -> None:
    assert parse_timestamp(format_timestamp(moment)) == moment.replace(microsecond=0)


def test_formats() -> None:
    moment = datetime(2026, 11, 20, 2, 58, 0, 999_999, tzinfo=timezone(timedelta(hours=8)))
    assert format_timestamp(moment) == "2026-11-19T18:58:00Z"
    assert format_timestamp_offset(1795114680, 480) == "2026-11-20T02:58:00+08:00"
    assert format_timestamp_offset(1795114680, 0) == "2026-11-19T18:58:00Z"
    assert format_timestamp_offset(1795114680, -570) == "2026-11-19T09:28:00-09:30"


def test_misuse() -> None:
    with pytest.raises(ValueError, match="zone"):
        format_timestamp(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="offset"):
        format_timestamp_offset(0, 1440)
    with pytest.raises(ValueError, match="years"):
        format_timestamp_offset(10**15, 0)
    with pytest.raises(ValueError, match="years"):
        format_timestamp_offset(-62135596800, -60)


def test_dates() -> None:
    assert parse_date("2026-11-20") == date(2026, 11, 20)
    for text in (
        "",
        "2026-1-2",
        "20261120",
        "2026-02-30",
        "0000-01-01",
        "2026-11-20T",
        "2026-11-20\n",
        "２０２６-11-20",
    ):
        with pytest.raises(DecodeError):
            parse_date(text)


@given(st.text(max_size=30) | st.text("0123456789-+:TZ", max_size=26))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    for parse in (parse_timestamp, parse_date):
        with suppress(DecodeError):
            parse(text)
