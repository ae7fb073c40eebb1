# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Calls with a limit of time: answered, failed, given up; and the lane that a late call comes back to."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event, current_thread

import pytest

from vcred.keys.engines.lanes import Lanes
from vcred.keys.hsm_errors import HsmSlowError

LONG, SHORT = 30.0, 0.1


def test_a_call_returns_or_raises_what_the_work_does() -> None:
    lanes = Lanes(object, size=1)
    assert lanes.call(lambda _: 7, seconds=LONG) == 7
    with pytest.raises(ZeroDivisionError):
        lanes.call(lambda _: 1 // 0, seconds=LONG)
    assert lanes.call(lambda _: current_thread().daemon, seconds=LONG)


def test_calls_one_after_another_have_one_seat() -> None:
    numbers = count()
    lanes = Lanes(lambda: next(numbers), size=4)
    assert {lanes.call(lambda seat: seat, seconds=LONG) for _ in range(50)} == {0}


def test_no_two_calls_have_a_seat_at_the_same_time() -> None:
    lanes: Lanes[list[int]] = Lanes(list, size=3)

    def work(seat: list[int]) -> int:
        seat.append(1)
        taken = len(seat)
        seat.pop()
        return taken

    with ThreadPoolExecutor(8) as pool:
        assert {*pool.map(lambda _: lanes.call(work, seconds=LONG), range(400))} == {1}


def test_a_call_that_hangs_is_given_up_and_its_lane_comes_back() -> None:
    lanes, end, ended = Lanes(object, size=1), Event(), Event()

    def hang(_: object) -> None:
        end.wait(LONG)
        ended.set()

    with pytest.raises(HsmSlowError, match="has not answered within"):
        lanes.call(hang, seconds=SHORT)
    # All lanes hang: the next call waits for one, and is given up too.
    with pytest.raises(HsmSlowError):
        lanes.call(lambda _: None, seconds=SHORT)
    end.set()
    assert ended.wait(LONG)
    assert lanes.call(lambda _: 1, seconds=LONG) == 1
