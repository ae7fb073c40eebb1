# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Decoys: whose they are, that they are final where the real ones are, and that they hide numbers."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.issuer.decoys import _geometric, open_decoys, plan_decoys

SIZE = 131_072
RESERVE = range(SIZE * 7 // 8, SIZE)


def history(seed: int, *, tokens: int, bits: int = 2) -> list[dict[int, int]]:
    """What the decoys of a list say, from the opening on, token by token."""
    random = Random(seed)
    values = open_decoys(RESERVE, bits=bits, size=SIZE, random=random)
    told = [dict(values)]
    for _ in range(tokens):
        values |= plan_decoys(RESERVE, values, bits=bits, size=SIZE, random=random)
        told.append(dict(values))
    return told


def revoked(values: dict[int, int]) -> int:
    return Counter(values.values())[1]


@given(st.integers(), st.sampled_from([1, 2]))
def test_only_the_reserve_lies_and_what_is_revoked_stays_so(seed: int, bits: int) -> None:
    told = history(seed, tokens=30, bits=bits)
    for before, after in pairwise(told):
        assert all(after[index] == 1 for index, value in before.items() if value == 1)
    assert all(index in RESERVE for index in told[-1])
    assert set(told[-1].values()) <= ({0, 1} if bits == 1 else {0, 1, 2})


def test_the_number_of_revoked_decoys_is_another_for_each_list() -> None:
    at_opening = [revoked(history(seed, tokens=0)[0]) for seed in range(300)]
    assert (min(at_opening) >= 32, max(at_opening) <= 256) == (True, True)
    # 100 revoked credentials more or less cannot be told from decoys more or less.
    assert len(set(at_opening)) > 100
    assert max(at_opening) - min(at_opening) > 200


def test_a_quiet_list_changes_and_a_busy_one_need_not_show() -> None:
    """Whether 0 or 3 credentials were revoked since the last token cannot be read off one change."""
    told = history(1, tokens=800)
    steps = [revoked(after) - revoked(before) for before, after in pairwise(told)]
    changes = [
        sum(after.get(index, 0) != before.get(index, 0) for index in after)
        for before, after in pairwise(told)
    ]
    assert min(steps) == 0
    assert max(steps) >= 3
    assert 0.15 < sum(steps) / len(steps) < 0.35
    # Most tokens differ from the one before, though nobody was taken back.
    assert sum(number > 0 for number in changes) > 0.8 * len(changes)
    assert max(changes) > 12


def test_suspensions_come_and_go_and_do_not_pile_up() -> None:
    told = history(2, tokens=1200)
    numbers = [Counter(values.values())[2] for values in told[300:]]
    assert 40 < sum(numbers) / len(numbers) < 220
    ended = [index for index, value in told[-1].items() if value == 0]
    assert len(ended) > 800


def test_the_reserve_lasts_a_year_of_hours_and_longer() -> None:
    random, values = Random(3), open_decoys(RESERVE, bits=1, size=SIZE, random=Random(3))
    for _ in range(8760):
        values |= plan_decoys(RESERVE, values, bits=1, size=SIZE, random=random)
    assert revoked(values) < len(RESERVE) // 5
    # And when it is nearly used up, there are fewer, and it never fails.
    full = dict.fromkeys(RESERVE, 1)
    assert plan_decoys(RESERVE, full, bits=2, size=SIZE, random=Random(4)) == {}
    nearly = dict.fromkeys(RESERVE[:-2], 1)
    for seed in range(200):
        assert set(plan_decoys(RESERVE, nearly, bits=2, size=SIZE, random=Random(seed))) <= set(RESERVE[-2:])


def test_a_large_list_lies_more() -> None:
    random, size = Random(5), 8 * SIZE
    reserve = range(size * 7 // 8, size)
    moved = [plan_decoys(reserve, {}, bits=1, size=size, random=random) for _ in range(500)]
    assert 1.5 < sum(map(len, moved)) / len(moved) < 2.6


@pytest.mark.parametrize("mean", [0.1, 1.0, 7.5])
def test_numbers_have_the_mean_that_is_asked_for(mean: float) -> None:
    random = Random(6)
    drawn = [_geometric(mean, random) for _ in range(20_000)]
    assert abs(sum(drawn) / len(drawn) - mean) < 0.05 + 0.05 * mean
    assert max(drawn) > 3 * mean
    assert _geometric(0, random) == 0
