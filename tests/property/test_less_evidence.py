# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Taking evidence away never makes anything accepted that was not.

Absence is never good news: whoever cuts a bundle, withholds a list or carries an old stick to
the gate gains nothing. (Entries that take something back cannot be cut out alone: the
checkpoint is over all of them.)
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vectors_read import Vector, by_id
from tests.world import World, make_world
from vcred.errors import DecodeError, TrustBundleError
from vcred.ledger.state import State
from vcred.trust.belief import Belief
from vcred.verifier.report import Decision
from vcred.verifier.steps import evaluate

QUESTIONS = [v for v in by_id().values() if v["expect"] != "import_refused"]
# One of each kind of outcome that evidence has a part in, and two that are accepted.
TELLING = [
    vector
    for vector in QUESTIONS
    if {*vector["covers"]} & {"BND-13", "BND-14", "BND-33", "BND-34", "STA-02", "STA-10", "STA-11", "QR-18"}
    or vector["id"].endswith(("/live", "/code-live", "/challenge"))
]
# What a state holds that only ever adds trust, or takes it away together with what it was added to.
POSITIVE = ("organisations", "types", "accreditations", "recognitions")


def decide(vector: Vector, belief: Belief) -> Decision:
    report = evaluate(
        vector["presentation"], request=vector.request, belief=belief, policy=vector.policy, now=vector.now
    )
    return report.decision


def without_one(mapping: Mapping[object, object]) -> Iterator[dict[object, object]]:
    for key in mapping:
        yield {other: value for other, value in mapping.items() if other != key}


def lesser_states(state: State) -> Iterator[State]:
    """The state without one of the things it holds, and without a whole kind of them."""
    for name in POSITIVE:
        for rest in (*without_one(getattr(state, name)), {}):
            yield replace(state, **{name: rest})
    for did, organisation in state.organisations.items():
        for method in organisation.methods:
            kept = tuple(other for other in organisation.methods if other is not method)
            changed = {**state.organisations, did: replace(organisation, methods=kept)}
            yield replace(state, organisations=changed)
        bare = {**state.organisations, did: replace(organisation, status_bases=())}
        yield replace(state, organisations=bare)


def lesser_beliefs(belief: Belief) -> Iterator[Belief]:
    """What would be believed without one thing."""
    for rest in (*without_one(belief.statuses), {}):
        yield anew(belief, statuses=rest)
    for rest in (*without_one(belief.type_contents), {}):
        yield anew(belief, type_contents=rest)
    for state in lesser_states(belief.state):
        yield anew(belief, state=state)


def anew(belief: Belief, **changes: object) -> Belief:
    """A belief that has looked nothing up yet."""
    values = {f.name: getattr(belief, f.name) for f in fields(belief) if not f.name.startswith("_")}
    return Belief(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("vector", TELLING, ids=lambda vector: vector["id"])
def test_without_any_one_thing(vector: Vector) -> None:
    belief = vector.belief()
    was_accepted = decide(vector, anew(belief)) is Decision.ACCEPTED
    assert was_accepted == (vector["expect"] == "accepted")
    for lesser in lesser_beliefs(belief):
        assert was_accepted or decide(vector, lesser) is not Decision.ACCEPTED


@pytest.mark.parametrize("name", ["live", "code-live", "challenge", "certificate"])
def test_without_everything_of_one_kind_nothing_is_accepted(name: str) -> None:
    """Each kind of evidence is needed: the property above does not hold by accident."""
    vector = by_id()[f"verifier/valid/{name}"]
    belief = vector.belief()
    assert decide(vector, anew(belief)) is Decision.ACCEPTED
    emptied = [anew(belief, state=replace(belief.state, **{kind: {}})) for kind in POSITIVE]
    for lesser in (*emptied, anew(belief, statuses={}), anew(belief, type_contents={})):
        assert decide(vector, lesser) is not Decision.ACCEPTED


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_without_any_number_of_things(data: st.DataObject) -> None:
    vector = data.draw(st.sampled_from(TELLING))
    belief = vector.belief()

    def some(mapping: Mapping[object, object]) -> dict[object, object]:
        kept = data.draw(st.sets(st.sampled_from(sorted(mapping, key=str)))) if mapping else set()
        return {key: value for key, value in mapping.items() if key in kept}

    state = replace(belief.state, **{kind: some(getattr(belief.state, kind)) for kind in POSITIVE})
    lesser = anew(
        belief, state=state, statuses=some(belief.statuses), type_contents=some(belief.type_contents)
    )
    if decide(vector, lesser) is Decision.ACCEPTED:
        assert vector["expect"] == "accepted"


# Bundles that were cut.


@pytest.fixture
def world() -> World:
    """A gate that holds a bundle."""
    world = make_world()
    world.import_bundle()
    return world


def test_no_entry_can_be_left_out() -> None:
    world = make_world()
    whole = world.bundle()
    for index in range(len(whole.leaves)):
        cut = replace(whole, leaves=whole.leaves[:index] + whole.leaves[index + 1 :])
        with pytest.raises((TrustBundleError, DecodeError)):
            make_world().import_bundle(cut)
        with pytest.raises((TrustBundleError, DecodeError)):
            make_world().import_bundle(replace(whole, leaves=whole.leaves[:index]))
    assert make_world().import_bundle(whole).checkpoints


def test_an_older_bundle_brings_nothing_back(world: World) -> None:
    presentation = world.show()
    older = world.bundle()
    assert world.evaluate(presentation).decision is Decision.ACCEPTED
    world.later(seconds=30)
    world.revoke(7)
    world.import_bundle()
    assert world.evaluate(presentation).decision is Decision.REJECTED
    for cut in (older, replace(older, status_tokens=()), replace(older, types={}), replace(older, leaves=())):
        with pytest.raises((TrustBundleError, DecodeError)):
            world.import_bundle(cut)
        assert world.evaluate(presentation).decision is Decision.REJECTED


def test_a_newer_bundle_without_the_list_brings_nothing_back(world: World) -> None:
    presentation = world.show()
    world.revoke(7)
    world.later(seconds=1)
    world.status_dates[world.status_uri()] = world.now
    world.import_bundle()
    assert world.evaluate(presentation).decision is Decision.REJECTED
    world.later(seconds=10)
    world.import_bundle(world.bundle(status_tokens=(), types={}))
    assert world.evaluate(presentation).decision is Decision.REJECTED
