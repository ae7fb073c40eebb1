# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a person chooses among, what that shows, and how large it is. WAL-05, WAL-06, H3, H4."""

from datetime import timedelta

import pytest

from tests.unit.wallet.held import AT, hold
from tests.world import START, World, make_world
from vcred.errors import SchemaError
from vcred.formats.sd_jwt_vc.present import select
from vcred.text.languages import LANGUAGES
from vcred.text.words import load_words
from vcred.wallet.choosing import describe_choice, offer_choices
from vcred.wallet.code import make_code, make_plan
from vcred.wallet.cost import claims_to_drop, measure_code
from vcred.wallet.preview import Previewer
from vcred.wallet.sentences import say_network, say_to_gates, say_withheld


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def test_claims_are_offered_by_group_in_the_order_of_the_type(world: World) -> None:
    choices = offer_choices(hold(world), "en")
    assert [line.path for line in choices.always] == ["colour", "valid_until"]
    assert [group.path for group in choices.groups] == ["match", "identity", "test", "vaccination"]
    whole = {group.path: group.is_whole for group in choices.groups}
    assert whole == {"match": True, "identity": False, "test": True, "vaccination": True}
    identity = choices.groups[1]
    assert [unit.path for unit in identity.units] == [
        f"identity.{name}" for name in ("birth_date", "id_number", "id_type", "name", "name_latin", "region")
    ]
    assert [line.path for line in choices.groups[0].units[0].claims] == [
        "match.id_type",
        "match.last_four",
        "match.name",
    ]


def test_every_claim_is_offered_once(world: World) -> None:
    held = hold(world)
    choices = offer_choices(held, "en")
    shown = [line.path for unit in choices.units for line in unit.claims]
    along = [line.path for group in choices.groups for line in group.along]
    assert sorted(shown + along) == sorted(path for path, _ in held.stored.leaves)


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_are_in_the_language(world: World, language: str) -> None:
    held = hold(world)
    assert held.definition is not None
    choices = offer_choices(held, language)
    assert choices.groups[0].label == held.definition.label("match", language)


def test_a_type_that_is_not_known_shows_paths(world: World) -> None:
    choices = offer_choices(hold(world, is_known=False), "en")
    assert {group.label for group in choices.groups} == {"match", "identity", "test", "vaccination"}
    assert {line.label for line in choices.always} == {"colour", "valid_until"}


def test_a_child_brings_its_parent_and_that_is_said(world: World) -> None:
    """WAL-06. What the group's own disclosure shows is counted among what is revealed."""
    held = hold(world)
    selection = select(held.stored, ["identity.name"])
    assert len(selection.disclosures) == 2
    said = describe_choice(held, ["identity.name"], "en")
    assert [(portion.label, portion.claims) for portion in said.shown] == [("Identity", ("Name",))]
    assert said.always == ("Colour", "Valid until")
    assert "Name" not in {one.label: one.claims for one in said.withheld}["Identity"]


def test_a_claim_that_is_not_in_the_credential_is_not_shown(world: World) -> None:
    """H4."""
    describe_choice(hold(world), ["identity.name"], "en")
    with pytest.raises(SchemaError) as refused:
        describe_choice(hold(world), ["identity.shoe_size"], "en")
    assert refused.value.path == "identity.shoe_size"


def test_the_sentence_says_what_and_to_whom(world: World) -> None:
    words, belief = load_words("en"), world.belief()
    network = say_network(belief, belief.network_id, words)
    said = describe_choice(hold(world), ["match", "identity.name"], "en")
    assert say_to_gates(said, words, network=network) == (
        "You will show to any gate of the network of Guangdong and Macao: Colour, Valid until, Match with "
        "the document (Document, Last four of the document number and Name) and Identity (Name)."
    )
    assert "Date of birth" in say_withheld(said, words)
    assert say_network(None, "uEiNetwork", words) == "uEiNetwork"


@pytest.mark.parametrize("paths", [(), ("match",), ("match", "test", "identity")])
@pytest.mark.parametrize("hours", [0, 2, 40])
def test_the_size_is_that_of_the_code_to_the_byte(world: World, paths: tuple[str, ...], hours: int) -> None:
    held, belief = hold(world), world.belief()
    at = int((START + timedelta(hours=hours)).timestamp())
    plan = make_plan(
        held.stored,
        paths,
        network_id=belief.network_id,
        request=None,
        paper=False,
        references=belief,
        symbol=False,
    )
    code = make_code(plan, world.holder, nonce="bm9uY2Ugb2YgdGhlIGNvZA", issued_at=at)
    audience = f"{belief.network_id}#live"
    size = measure_code(held.stored, paths, references=belief, audience=audience, issued_at=at)
    assert size.size_bytes == code.size_bytes


def test_what_does_not_fit_is_named_the_dearest_first(world: World) -> None:
    held = hold(world)
    previewer = Previewer(held=held, language="en", references=None, network_id="uEi", request=None)
    every = [unit.path for unit in offer_choices(held, "en").units]
    assert previewer.preview(every, now=AT).size.symbol is None
    drop = claims_to_drop(held.stored, every, references=None, audience="uEi#live", issued_at=AT)
    assert drop
    small = Previewer(
        held=held, language="en", references=world.belief(), network_id="uEi", request=None
    ).preview(["match"], now=AT)
    assert small.size.symbol is not None
    assert small.to_drop == ()
