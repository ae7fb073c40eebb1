# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Time by turns: A B C A B C, so that a slow second of the machine hits all alike.

CPU time, medians. Each turn repeats its operation until it lasts some milliseconds.
"""

import gc
from collections.abc import Iterable, Sequence
from statistics import median
from time import process_time_ns
from typing import Final

from bench.row import Work

TURN_NS: Final = 4_000_000
_MAX_REPEATS: Final = 100_000


def calibrate(work: Work) -> int:
    """Return how often to repeat an operation so that a turn lasts about 4 ms."""
    work()
    repeats = 1
    while repeats < _MAX_REPEATS:
        spent = _turn(work, repeats) * repeats
        if spent >= TURN_NS / 4:
            return max(1, min(_MAX_REPEATS, int(repeats * TURN_NS / spent)))
        repeats *= 4
    return _MAX_REPEATS


def by_turns(works: Sequence[Work], rounds: int) -> list[list[float]]:
    """Time every operation in turn; return the nanoseconds of one, for each turn it had.

    Args:
        works: The operations.
        rounds: How many turns each gets.
    """
    repeats = [calibrate(work) for work in works]
    times: list[list[float]] = [[] for _ in works]
    # A collection in one operation's turn would be paid for garbage of the others.
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for place, work in enumerate(works):
                times[place].append(_turn(work, repeats[place]))
            gc.collect()
    finally:
        gc.enable()
    return times


def medians(times: Iterable[Sequence[float]]) -> list[float]:
    """Return the median of each operation's turns, in the unit of the turns."""
    return [median(turns) for turns in times]


def _turn(work: Work, repeats: int) -> float:
    # Without the loop's own cost a lookup of 100 ns would be measured a third too slow.
    numbers = range(repeats)
    started = process_time_ns()
    for _ in numbers:
        pass
    empty = process_time_ns() - started
    started = process_time_ns()
    for _ in numbers:
        work()
    return (process_time_ns() - started - empty) / repeats
