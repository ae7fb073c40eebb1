# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Pending operations take away and never give, in any order, at any time; other bytes are refused."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.seeded_keys import SeededKeys
from tests.world import START, Update, World, make_world
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.did.operations import Purpose
from vcred.errors import VcredError
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind
from vcred.ledger.subtract import subtract
from vcred.trust.belief import belief_of
from vcred.trust.held import Held
from vcred.trust.update import decide_update
from vcred.verifier.report import Decision

NOW = int(START.timestamp())
LATER = NOW + 600


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A world whose gate holds a bundle, what takes something away there, and credentials of many times."""

    world: World
    operations: Sequence[JsonObject]
    shown: Sequence[str]


@cache
def scene() -> Scene:
    world = make_world(SeededKeys("pending"))
    world.update_did(world.issuer, add={Purpose.STATEMENT: EDDSA})
    registered = world.register(world.mo, world.mo_issuer, world.vct)
    world.import_bundle()
    issuer = world.issuer
    operations = []
    for effect in ("cease", "void"):
        for author, kind, entry in (
            (world.gd, Kind.ISSUER_WITHDRAW, world.entries["gd"]),
            (world.mo, Kind.ISSUER_WITHDRAW, world.entries["mo"]),
            (world.mo, Kind.RECOGNISE_WITHDRAW, world.entries["mo<-gd"]),
            (world.mo, Kind.VERIFIER_WITHDRAW, registered),
        ):
            world.later(seconds=30)
            operations.append(world.statement(author, kind, entry=entry, effect=effect))
    since = {"scope": {"from": NOW + 100}, "never_left_hsm": True}
    operations.append(world.statement(issuer, Kind.KEY_DISTRUST, key=issuer.key_id(), **since))
    operations.append(world.statement(world.gd, Kind.KEY_DISTRUST, key=issuer.key_id()))
    operations.append(world.did_update(issuer, Update(deactivate=True))[0])
    operations.append(world.did_update(world.mo_issuer, Update(deactivate=True))[0])
    world.now = datetime.fromtimestamp(LATER, UTC)
    shown = [
        world.present(world.issue(issuer=by, issued_at=NOW + offset), "match")
        for by in (issuer, world.mo_issuer)
        for offset in (0, 29, 30, 31, 99, 100, 101, 599)
    ]
    return Scene(world=world, operations=operations, shown=shown)


def holding(operations: Sequence[JsonObject]) -> Held:
    world = scene().world
    bundle = world.bundle(
        pending=tuple(map(encode_jcs, operations)), checkpoint=world.held.checkpoints[-1].note
    )
    # The lists held before: what ends a status key must not be hidden behind a newer list.
    bundle = replace(bundle, status_tokens=())
    return world.held.with_update(decide_update(world.held, bundle, world.network_file(), now=LATER))


def decisions(held: Held) -> list[Decision]:
    belief = belief_of(held)
    assert belief is not None
    return [scene().world.evaluate(text, belief=belief).decision for text in scene().shown]


def no_more(less: Sequence[Decision], more: Sequence[Decision]) -> bool:
    """Whether what is accepted after the second is accepted after the first."""
    return all(
        first is Decision.ACCEPTED or second is not Decision.ACCEPTED
        for first, second in zip(less, more, strict=True)
    )


@given(st.permutations(range(12)), st.integers(1, 12))
@settings(max_examples=30, deadline=None)
def test_what_is_pending_only_takes_away(order: list[int], amount: int) -> None:
    before = decisions(holding([]))
    assert Decision.ACCEPTED in before
    some = [scene().operations[number] for number in order[:amount]]
    after = decisions(holding(some))
    assert no_more(before, after)
    # One less can only leave more.
    assert no_more(decisions(holding(some[1:])), after)


def test_each_of_them_takes_something_away() -> None:
    """The property above does not hold by accident."""
    before = decisions(holding([]))
    for number in (0, 2, 4, 6, 8, 9, 10):
        assert decisions(holding([scene().operations[number]])) != before, number


@given(st.permutations(range(12)), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_the_order_does_not_matter(order: list[int], amount: int) -> None:
    state, operations = scene().world.held.state, scene().operations
    chosen = [(operations[number], NOW + number) for number in order[:amount]]
    assert subtract(state, chosen) == subtract(state, sorted(chosen, key=lambda item: item[1]))
    # Nor does hearing it twice.
    assert subtract(state, [*chosen, *chosen[:1]]) == subtract(state, chosen)


def test_every_order_of_three_is_the_same() -> None:
    state, operations = scene().world.held.state, scene().operations
    for three in ((0, 4, 8), (8, 9, 10), (2, 6, 10)):
        found = [subtract(state, [(operations[n], NOW + n) for n in order]) for order in permutations(three)]
        assert all(other == found[0] for other in found)


@given(st.data(), st.integers(NOW - 5, LATER + 5))
@settings(max_examples=60, deadline=None)
def test_any_audit_question_has_an_answer(data: st.DataObject, at: int) -> None:
    """An earlier ledger may not have had yet what a pending operation, dated back, takes away."""
    held = holding(scene().operations)
    size = data.draw(st.integers(1, len(held.leaves)))
    assert held.believed(size, at=at).size == size
    # What was signed later was not known.
    assert held.believed(size, at=NOW - 1) == held.state_of(size)


# Hostile bytes.


def outcome(data: bytes) -> int | None:
    """How much of it the gate takes, or None if it refuses the bundle."""
    world = scene().world
    bundle = replace(
        world.bundle(pending=(data,), status_tokens=()), checkpoint=world.held.checkpoints[-1].note
    )
    try:
        return len(decide_update(world.held, bundle, world.network_file(), now=LATER).pending)
    except VcredError:
        return None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert outcome(data) is None


@given(st.integers(0, 11), st.data())
@settings(max_examples=300, deadline=None)
def test_any_member_changed_is_refused_or_passed_over(number: int, data: st.DataObject) -> None:
    operation = dict(scene().operations[number])
    name = data.draw(st.sampled_from(sorted(operation)) | st.text(max_size=6))
    value: JsonValue = data.draw(json_values | st.sampled_from([str(kind) for kind in Kind]))
    if operation.get(name) == value and type(operation.get(name)) is type(value):
        return
    with suppress(ValueError):
        assert outcome(encode_jcs({**operation, name: value})) is None
    without = {other: kept for other, kept in operation.items() if other != name}
    if without != operation:
        assert outcome(encode_jcs(without)) is None


@given(st.integers(0, 11), st.integers(0, 2**20), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_with_any_byte_changed_nothing_is_taken(number: int, position: int, change: int) -> None:
    data = bytearray(encode_jcs(scene().operations[number]))
    data[position % len(data)] ^= change
    # Of a deactivation that names another operation before it, nothing is taken either: it is passed over.
    assert not outcome(bytes(data))


@pytest.mark.parametrize("number", range(12))
def test_unchanged_it_is_taken(number: int) -> None:
    assert outcome(encode_jcs(scene().operations[number])) == 1
