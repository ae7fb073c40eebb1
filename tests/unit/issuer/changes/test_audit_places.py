# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whose each place of a list is, by the rules alone: lists of eight, of which seven are dealt."""

from array import array

import pytest

from vcred.issuer.audit.places import ListPlaces, decoys_outside, is_permutation

DECK = array("I", [3, 1, 4, 0, 5, 2, 6, 7])
SIZE = len(DECK)


def places(*, has_deck: bool = True, is_taken_over: bool = False) -> ListPlaces:
    return ListPlaces(size=SIZE, deck=DECK if has_deck else None, is_taken_over=is_taken_over)


def test_each_stands_where_it_was_dealt() -> None:
    one = places()
    assert [one.take(deal, index) for deal, index in enumerate(DECK[:7])] == [True] * 7
    assert one.is_whole
    assert [one.may_lie(index) for index in range(SIZE)] == [False] * 7 + [True]


@pytest.mark.parametrize(("deal", "index"), [(0, 1), (0, 7), (0, -1), (0, 8), (7, 7), (8, 0), (9**9, 3)])
def test_at_another_index_it_does_not(deal: int, index: int) -> None:
    assert not places().take(deal, index)


def test_nobody_has_an_index_twice() -> None:
    assert [(one.take(0, 3), one.take(0, 3)) for one in (places(), places(has_deck=False))] == [
        (True, False)
    ] * 2


@pytest.mark.parametrize("index", [-1, SIZE])
def test_no_decoy_lies_outside_of_the_list(index: int) -> None:
    assert not places(has_deck=False).may_lie(index)
    assert places(has_deck=False).may_lie(0)


@pytest.mark.parametrize(("has_deck", "is_taken_over"), [(False, False), (True, True), (False, True)])
def test_where_others_may_be_a_decoy_is_nobody_who_is_known(has_deck: bool, is_taken_over: bool) -> None:
    one = places(has_deck=has_deck, is_taken_over=is_taken_over)
    assert one.may_lie(3)
    assert one.take(0, 3)
    assert not one.may_lie(3)


def test_a_decoy_stays_where_somebody_says_wrongly_that_they_are() -> None:
    one = places()
    assert one.may_lie(7)
    assert not one.take(0, 7)
    assert one.may_lie(7)


@pytest.mark.parametrize(
    "deck", [[], [0, 1, 2], [0, 1, 2, 3, 4], [0, 1, 2, 2], [0, 1, 2, 4], [0, 1, 2, 2**32 - 1]]
)
def test_a_deck_has_every_index_once(deck: list[int]) -> None:
    assert is_permutation(array("I", [2, 0, 3, 1]), 4)
    assert not is_permutation(array("I", deck), 4)


def test_decoys_outside_of_the_reserve() -> None:
    assert decoys_outside({7}, DECK) == set()
    assert decoys_outside({7, 2, 9}, DECK) == {2, 9}
