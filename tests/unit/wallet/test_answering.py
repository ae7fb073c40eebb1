# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a wallet proposes to answer: never more than was asked. H9, H15, WAL-09."""

import pytest

from tests.tui.gate_world import CANARIES
from tests.unit.wallet.held import ask, hold, make_asking_world, make_holding
from vcred.codec.json_types import JsonObject
from vcred.formats.sd_jwt_vc.present import select
from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words
from vcred.verifier.asking import Standing
from vcred.wallet.answering import find_answering, prepare_answer
from vcred.wallet.choosing import describe_choice
from vcred.wallet.sentences import asker_name, say_authority, say_purpose, say_to_asker


def test_what_a_registration_covers_is_proposed() -> None:
    world, asker = make_asking_world()
    answer = prepare_answer(ask(world, asker, "match", "test"), hold(world), "en")
    assert answer.preselected == {"match", "test"}
    assert [(one.unit.path, one.is_excess) for one in answer.offered] == [("match", False), ("test", False)]
    assert (answer.missing, answer.together) == ((), ())


def test_what_no_registration_covers_is_offered_and_not_proposed() -> None:
    """VP-14: excess defaults to No; the rest stays proposed."""
    world, asker = make_asking_world()
    answer = prepare_answer(ask(world, asker, "match", "identity.name"), hold(world), "en")
    assert answer.preselected == {"match"}
    assert [one.unit.path for one in answer.offered if one.is_excess] == ["identity.name"]


def test_a_group_beyond_the_registration_of_one_member() -> None:
    world, asker = make_asking_world(registered=("identity.name",))
    answer = prepare_answer(ask(world, asker, "identity"), hold(world), "en")
    assert answer.preselected == frozenset()
    assert all(one.is_excess for one in answer.offered)
    exact = prepare_answer(ask(world, asker, "identity.name"), hold(world), "en")
    assert exact.preselected == {"identity.name"}


def test_nothing_is_proposed_to_somebody_unknown() -> None:
    """WAL-09. One registration less, and the default is No."""
    known, asker = make_asking_world()
    assert prepare_answer(ask(known, asker, "match"), hold(known), "en").preselected == {"match"}
    world, asker = make_asking_world(registered=None)
    asked = ask(world, asker, "match")
    assert asked.standing is Standing.UNKNOWN
    answer = prepare_answer(asked, hold(world), "en")
    assert answer.preselected == frozenset()
    assert [one.is_excess for one in answer.offered] == [True]


def test_nothing_is_proposed_for_another_purpose_than_the_registered_one() -> None:
    """VP-14. Claims that are registered for one purpose do not count for another: one word, and it is No."""
    world, asker = make_asking_world()
    asked = ask(world, asker, "match", purpose="Entry at a border")
    assert prepare_answer(asked, hold(world), "en").preselected == {"match"}
    asked = ask(world, asker, "match", purpose="Entry at a casino")
    assert (asked.standing, asked.is_purpose_registered) == (Standing.REGISTERED, False)
    answer = prepare_answer(asked, hold(world), "en")
    assert answer.preselected == frozenset()
    assert [one.unit.path for one in answer.offered] == ["match"]


def test_a_claim_that_is_missing_proposes_nothing() -> None:
    """H9: what was asked is not there, so that nothing is returned unless the holder wants to."""
    world, asker = make_asking_world()
    asked = ask(world, asker, "match", "test")
    assert prepare_answer(asked, hold(world), "en").preselected
    without: JsonObject = {name: value for name, value in CANARIES.items() if name != "test"}
    answer = prepare_answer(asked, hold(world, claims=without), "en")
    assert answer.missing == ("Test",)
    assert answer.preselected == frozenset()
    assert [one.unit.path for one in answer.offered] == ["match"]


def test_a_claim_that_its_group_does_not_have_is_missing() -> None:
    world, asker = make_asking_world()
    assert prepare_answer(ask(world, asker, "match"), hold(world), "en").preselected
    answer = prepare_answer(ask(world, asker, "match", "match.shoe_size"), hold(world), "en")
    assert answer.missing == ("match.shoe_size",)
    assert answer.preselected == frozenset()


def test_a_part_of_a_whole_is_not_offered_for_it_shows_more() -> None:
    """H9. The name in `match` is shown only with the rest of it, which was not asked."""
    world, asker = make_asking_world()
    assert prepare_answer(ask(world, asker, "match"), hold(world), "en").offered
    answer = prepare_answer(ask(world, asker, "match.name"), hold(world), "en")
    assert answer.offered == ()
    assert answer.together == ("Name",)
    assert answer.preselected == frozenset()


def test_what_is_always_shown_may_be_asked() -> None:
    world, asker = make_asking_world()
    answer = prepare_answer(ask(world, asker, "colour", "match"), hold(world), "en")
    assert answer.missing == ()
    assert answer.preselected == {"match"}
    assert [line.path for line in answer.always] == ["colour", "valid_until"]


@pytest.mark.parametrize(
    "claims", [("match",), ("identity",), ("identity.name", "test"), ("match.name", "vaccination")]
)
def test_no_offer_shows_more_than_was_asked(claims: tuple[str, ...]) -> None:
    """H9, over every subset that could be ticked: the units are independent of each other."""
    world, asker = make_asking_world()
    held = hold(world)
    answer = prepare_answer(ask(world, asker, *claims), held, "en")
    revealed = select(held.stored, [one.unit.path for one in answer.offered]).revealed
    asked = tuple(f"{claim}." for claim in claims)
    assert all(f"{leaf}.".startswith(asked) for leaf in revealed)


def test_only_credentials_of_the_type_with_a_copy_left_can_answer() -> None:
    world, asker = make_asking_world()
    asked = ask(world, asker, "match")
    right = make_holding(world.vct)
    spent = make_holding(world.vct, name="spent", copies=3, left=0)
    other = make_holding(world.vct.replace("health-code", "other"), name="other")
    later = make_holding(world.vct.rpartition("/")[0] + "/2", name="later")
    assert find_answering(asked, [right, spent, other, later]) == (right,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_asker_is_named_from_the_ledger_and_only_from_there(language: str) -> None:
    words = load_words(language)
    world, asker = make_asking_world()
    asked = ask(world, asker, "match", purpose="I am the Hospital Conde")
    assert asker_name(asked, words) == "Hospital Conde"
    assert "Macao" in say_authority(asked, words) or "澳門" in say_authority(asked, words)
    purpose = say_purpose(asked, words)
    assert "“I am the Hospital Conde”" in purpose or "I am the Hospital Conde" in purpose
    said = say_to_asker(describe_choice(hold(world), ["match"], language), words, asked=asked)
    assert "Hospital Conde" in said
    unknown, stranger = make_asking_world(registered=None)
    asked = ask(unknown, stranger, "match")
    assert asker_name(asked, words) is None
    said = say_to_asker(describe_choice(hold(unknown), ["match"], language), words, asked=asked)
    assert "Hospital Conde" not in said
