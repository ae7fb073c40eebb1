# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Places: random, never twice, durable before they are used (threats ISS-15; INV-4)."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.unit.issuer.store.stores import BASE, NOW, OTHER_VCT, VCT, Stored, deal, in_file
from vcred.errors import StoreError
from vcred.issuer.engines.store.deck import shuffled
from vcred.issuer.engines.store.store import IssuerStore
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.status.allotment import allottable

MANY = 100_000


def test_a_hundred_thousand_places(store: IssuerStore) -> None:
    places = [place for _ in range(MANY // 500) for place in deal(store, 500)]
    assert len({(place.number, place.index) for place in places}) == MANY
    assert [place.deal for place in places] == list(range(MANY))
    assert {(place.number, place.uri) for place in places} == {(0, f"{BASE}0")}
    indices = [place.index for place in places]
    assert all(0 <= index < MIN_STATUS_LIST_SIZE for index in indices)
    # Neither in order nor at a constant distance: neighbours of issue are no neighbours in the list.
    strides = Counter(after - before for before, after in pairwise(indices))
    assert strides.most_common(1)[0][1] < 20
    assert 0.49 < sum(stride > 0 for stride in strides.elements()) / MANY < 0.51
    quarter = MIN_STATUS_LIST_SIZE // 4
    early = Counter(index // quarter for index in indices[: MANY // 10])
    assert all(abs(count - MANY // 40) < 250 for count in early.values())


def test_what_was_dealt_is_dealt_whatever_comes_of_it(stored: Stored) -> None:
    with stored.open() as store:
        first = deal(store, 3)
    with stored.open() as store:
        second = deal(store, 3)
    assert [place.deal for place in first + second] == list(range(6))
    assert len({place.index for place in first + second}) == 6


def test_nothing_is_dealt_for_nothing(store: IssuerStore) -> None:
    assert deal(store, 0) == []
    assert store.db.rows("SELECT number FROM list") == []


def test_two_types_have_lists_of_their_own(store: IssuerStore) -> None:
    assert [place.uri for place in deal(store, 1)] == [f"{BASE}0"]
    assert [place.uri for place in deal(store, 1, vct=OTHER_VCT)] == [f"{BASE}1"]
    assert [place.deal for place in deal(store, 1)] == [1]


def test_a_full_list_is_closed_and_the_next_one_opens(store: IssuerStore) -> None:
    (first,) = deal(store, 1)
    full = allottable(MIN_STATUS_LIST_SIZE)
    with store.db.transaction():
        store.db.execute("UPDATE list SET dealt = ?", (full - 2,))
    places = deal(store, 5)
    assert [(place.number, place.deal) for place in places] == [
        (0, full - 2),
        (0, full - 1),
        (1, 0),
        (1, 1),
        (1, 2),
    ]
    assert store.db.rows("SELECT number, closed FROM list ORDER BY number") == [(0, 1), (1, 0)]
    assert first.uri != places[-1].uri


def test_the_reserve_of_a_list_is_never_dealt(store: IssuerStore) -> None:
    deal(store, 1)
    full = allottable(MIN_STATUS_LIST_SIZE)
    decks = store.lists._decks
    deck = list(decks.indices(0, 0, MIN_STATUS_LIST_SIZE))
    assert sorted(deck) == list(range(MIN_STATUS_LIST_SIZE))
    decoys = {index for (index,) in store.db.rows("SELECT idx FROM decoy WHERE list = 0")}
    assert decoys <= set(deck[full:])


def test_another_base_closes_the_list(store: IssuerStore) -> None:
    deal(store, 1)
    other = "https://elsewhere.example/"
    assert [place.uri for place in deal(store, 1, base=other)] == [f"{other}1"]
    # Back again: what was closed stays closed.
    assert [place.uri for place in deal(store, 1)] == [f"{BASE}2"]


def test_a_deal_that_fails_leaves_no_list_behind(store: IssuerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("vcred.issuer.engines.store.deck.shuffled", refuse)
        with pytest.raises(OSError, match="no randomness"):
            deal(store, 1)
    assert store.db.rows("SELECT number FROM list") == []
    assert [place.deal for place in deal(store, 1)] == [0]


def refuse(size: int) -> None:
    """A system without randomness."""
    raise OSError("no randomness")


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_shuffle_has_every_number_once(size: int) -> None:
    assert sorted(shuffled(size)) == list(range(size))


def test_a_shuffle_is_another_one_each_time() -> None:
    assert shuffled(1000) != shuffled(1000)
    orders = Counter(tuple(shuffled(3)) for _ in range(6000))
    assert len(orders) == 6
    assert all(800 < count < 1200 for count in orders.values())


@pytest.mark.parametrize("damage", ["DELETE FROM hand", "UPDATE hand SET indices = x'00'"])
def test_a_damaged_deck_is_refused(tmp_path_factory: pytest.TempPathFactory, damage: str) -> None:
    stored = in_file(tmp_path_factory.mktemp("store") / "issuer.sqlite")
    with stored.open() as store:
        assert store.deal(VCT, BASE, 1, at=NOW)
    stored.execute("DROP TRIGGER hand_is_kept")
    stored.execute("DROP TRIGGER hand_is_never_changed")
    stored.execute(damage)
    with stored.open() as store, pytest.raises(StoreError, match="deck of a status list is damaged"):
        store.deal(VCT, BASE, 1, at=NOW)
