# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How large lists are, of how many bits, and on which grid they are dated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import StoreError, UsageError
from vcred.issuer.journal import StatusValue
from vcred.issuer.status_lists import (
    MAX_AHEAD_SECONDS,
    MAX_LIST_SIZE,
    Purposes,
    fits,
    interval_of,
    issue_tick,
    list_bits,
    next_list_size,
    parse_interval,
    parse_purposes,
    tick_of,
)
from vcred.limits import MAX_STATUS_LIST_BYTES, MIN_STATUS_LIST_SIZE

INTERVALS = [seconds for seconds in range(60, 86_401) if 86_400 % seconds == 0]
TIMES = st.integers(0, 4_000_000_000)


@given(st.integers(0, 100_000_000))
def test_a_list_is_large_enough_to_hide_in_and_near_what_was_issued(issued: int) -> None:
    """STA-13."""
    size = next_list_size(issued)
    assert size.bit_count() == 1
    assert MIN_STATUS_LIST_SIZE <= size <= MAX_LIST_SIZE
    if MIN_STATUS_LIST_SIZE <= issued <= MAX_LIST_SIZE:
        assert 3 * size / 4 <= 1.5 * issued
        assert issued <= 1.5 * size
    assert size * 2 // 8 <= MAX_STATUS_LIST_BYTES


def test_a_province_has_few_lists() -> None:
    issued, sizes = 0, []
    while issued < 10_000_000:
        sizes.append(next_list_size(issued))
        issued += sizes[-1] * 7 // 8
    assert sizes[:4] == [131_072, 131_072, 262_144, 524_288]
    assert set(sizes[4:]) == {1_048_576}
    assert len(sizes) == 14


def test_bits_follow_the_purposes() -> None:
    assert [list_bits(item) for item in (None, *Purposes)] == [2, 1, 2]
    assert parse_purposes("revocation") is Purposes.REVOCATION
    for text in ("", "suspension", "revocation, suspension", "REVOCATION"):
        with pytest.raises(UsageError, match="the purposes of status lists are"):
            parse_purposes(text)
    with pytest.raises(StoreError, match="damaged"):
        list_bits("suspension")
    assert [fits(value, bits=1) for value in StatusValue] == [True, True, False]
    assert all(fits(value, bits=2) for value in StatusValue)


def test_an_interval_goes_into_a_day() -> None:
    assert [parse_interval(seconds) for seconds in INTERVALS] == INTERVALS
    for seconds in (0, -60, 59, 61, 7 * 60, 86_401, 172_800):
        with pytest.raises(UsageError, match="goes into a day"):
            parse_interval(seconds)
    assert interval_of(None) == 60
    assert interval_of("3600") == 3600
    for setting in ("", "7", "-60", "1e3", "６０", 60, b"60"):
        with pytest.raises(StoreError, match="damaged"):
            interval_of(setting)


@given(
    now=TIMES, every=st.sampled_from(INTERVALS), before=st.integers(0, 200_000), key=st.integers(0, 90_000)
)
def test_every_date_is_on_the_grid_and_later_than_any_before(
    now: int, every: int, before: int, key: int
) -> None:
    last, in_force = max(0, now - before), max(0, now - key)
    tick = issue_tick(now=now, every=every, last_issued_at=last, not_before=in_force)
    assert tick % every == 0
    assert tick > last or last == 0
    # Never as of a time at which the key did not count yet.
    assert tick >= in_force
    assert tick == tick_of(now, every) or tick > now


@given(now=st.integers(86_400, 4_000_000_000), every=st.sampled_from(INTERVALS))
def test_within_one_interval_there_is_one_date(now: int, every: int) -> None:
    first = issue_tick(now=now, every=every, last_issued_at=0)
    assert first == tick_of(now, every)
    for later in (now, first, first + every - 1):
        assert issue_tick(now=later, every=every, last_issued_at=first) == first + every
    assert issue_tick(now=first + every, every=every, last_issued_at=first) == first + every


def test_a_clock_behind_what_was_published_publishes_nothing() -> None:
    last = 1_800_000_000
    assert issue_tick(now=last - MAX_AHEAD_SECONDS, every=60, last_issued_at=last) == last + 60
    with pytest.raises(StoreError, match="later time than this clock"):
        issue_tick(now=last - MAX_AHEAD_SECONDS - 1, every=60, last_issued_at=last)


def test_a_change_of_the_interval_never_goes_back() -> None:
    # Dated to the minute before, to the hour from now on; and a token of an older vcred, off the grid.
    assert issue_tick(now=7205, every=3600, last_issued_at=7200) == 10_800
    assert issue_tick(now=10_900, every=60, last_issued_at=7200) == 10_860
    assert issue_tick(now=7265, every=60, last_issued_at=7263) == 7320
