# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Random indices, each once (INV-4, STA-13)."""

import random
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.status.allotment import allottable, choose_index

SIZE = MIN_STATUS_LIST_SIZE


def _choose(used: set[int], seed: int = 0, size: int = SIZE) -> int | None:
    generator = random.Random(seed)
    return choose_index(
        size=size, used_count=len(used), is_used=used.__contains__, random_below=generator.randrange
    )


@given(st.sets(st.integers(0, SIZE - 1), max_size=50), st.integers())
def test_an_index_nobody_has(used: set[int], seed: int) -> None:
    index = _choose(used, seed)
    assert index is not None
    assert 0 <= index < SIZE
    assert index not in used


def test_a_list_is_given_out_until_it_is_full() -> None:
    used: set[int] = set()
    generator = random.Random(1)
    while (
        index := choose_index(
            size=SIZE,
            used_count=len(used),
            is_used=used.__contains__,
            random_below=generator.randrange,
        )
    ) is not None:
        assert index not in used
        used.add(index)
    assert len(used) == allottable(SIZE) == SIZE * 7 // 8


def test_neighbours_in_time_are_not_neighbours_in_the_list() -> None:
    used: set[int] = set()
    given_out: list[int] = []
    for _ in range(200):
        index = choose_index(size=SIZE, used_count=len(used), is_used=used.__contains__)
        assert index is not None
        used.add(index)
        given_out.append(index)
    steps = [after - before for before, after in pairwise(given_out)]
    assert sum(abs(step) < 100 for step in steps) < 10
    assert sorted(given_out) != given_out


def test_every_index_can_be_drawn() -> None:
    draws = count()
    last = choose_index(
        size=SIZE,
        used_count=0,
        is_used=lambda index: index < SIZE - 1,
        random_below=lambda below: min(next(draws) * SIZE, below - 1),
    )
    assert last == SIZE - 1


def test_a_list_fuller_than_its_count_says_is_full() -> None:
    assert choose_index(size=SIZE, used_count=0, is_used=lambda _: True) is None


@pytest.mark.parametrize("size", [0, 1, SIZE - 1])
def test_sta_13_small_lists_are_refused(size: int) -> None:
    assert _choose(set(), size=SIZE) is not None
    with pytest.raises(ValueError, match="131072"):
        _choose(set(), size=size)
