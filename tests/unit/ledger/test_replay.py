# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Replay: the same entries mean the same for everybody, in one go or in pieces; what is void is skipped."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ledger.samples import changed, fresh_world, newcomer, signed
from tests.world import World
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.errors import StoreError
from vcred.ledger import rules
from vcred.ledger.change import Draft
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.ledger.rules import is_known, replay
from vcred.ledger.state import State, VoidEntry
from vcred.reasons import Reason
from vcred.verifier.report import Decision

WORLD = fresh_world()
LEAVES = tuple(WORLD.leaves)
NOW = int(WORLD.now.timestamp())


def unknown(**members: object) -> JsonObject:
    return {"kind": "key.escrow", "version": 1, "network": "x", **members}  # type: ignore[dict-item]


def test_a_replay_gives_what_the_log_had() -> None:
    assert replay(LEAVES) == WORLD.state


@given(st.integers(1, len(LEAVES)))
def test_a_replay_may_stop_and_go_on(at: int) -> None:
    assert replay(LEAVES[at:], state=replay(LEAVES[:at])) == replay(LEAVES)


MIXED = st.lists(
    st.sampled_from([*LEAVES[1:], b"", b"{}", encode_leaf(unknown(), logged_at=NOW)])
    | st.builds(lambda n: encode_leaf(unknown(ignorable=True, n=n), logged_at=NOW), st.integers(0, 3))
    | st.builds(
        lambda n, at: encode_leaf(unknown(n=n), logged_at=at), st.integers(0, 3), st.integers(0, NOW)
    ),
    max_size=12,
)


@settings(deadline=None)
@given(MIXED, MIXED)
def test_any_order_of_entries_means_the_same_in_pieces(one: list[bytes], two: list[bytes]) -> None:
    first = [LEAVES[0], *one]
    whole = replay(first + two)
    assert whole == replay(two, state=replay(first))
    assert whole.size == len(first) + len(two)


@settings(deadline=None)
@given(MIXED)
def test_only_entries_that_are_not_void_change_anything(more: list[bytes]) -> None:
    state = replay(LEAVES)
    for leaf in more:
        after = replay([leaf], state=state)
        if len(after.void) > len(state.void):
            assert (after.indices, after.logged_at, after.unsupported) == (
                state.indices,
                state.logged_at,
                state.unsupported,
            )
            assert after.organisations == state.organisations
        else:
            assert after.indices[parse_leaf(leaf).hash] == state.size
        state = after


# Work.


def test_a_replay_copies_the_state_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy for each entry would make a ledger of a million entries cost their square."""
    copied: list[int] = []

    class Counting(Draft):
        def __init__(self, state: State) -> None:
            copied.append(len(state.indices) + len(state.void))
            super().__init__(state)

    many = [*LEAVES, *(encode_leaf(unknown(n=n), logged_at=NOW) for n in range(500)), *[b"{}"] * 500]
    whole = replay(many)
    monkeypatch.setattr(rules, "Draft", Counting)
    assert replay(many) == whole
    assert (whole.size, len(whole.indices), len(whole.void)) == (len(many), len(LEAVES) + 500, 500)
    assert copied == [0]
    one_by_one = State()
    for leaf in many[:40]:
        one_by_one = rules.replay_leaf(one_by_one, leaf)
    assert one_by_one == replay(many[:40])


def test_a_state_does_not_change_when_replay_goes_on() -> None:
    state = replay(LEAVES)
    before = (dict(state.organisations), dict(state.indices), dict(state.types), state.void)
    after = replay([b"{}", encode_leaf(unknown(), logged_at=NOW)], state=state)
    assert after.size == state.size + 2
    assert (dict(state.organisations), dict(state.indices), dict(state.types), state.void) == before


# Void.


def test_void_entries_are_skipped_and_reported() -> None:
    """A log that takes what the rules refuse changes nothing for anybody."""
    world = fresh_world()
    bad = changed(newcomer(world).signed(), "document.name.en", "Hospital")
    for leaf in (b"{}", encode_leaf(bad, logged_at=NOW), world.leaves[3]):
        world.leaves.append(leaf)
    state = replay(world.leaves)
    assert state.void == (
        VoidEntry(index=8, reason=Reason.MALFORMED),
        VoidEntry(index=9, reason=Reason.SIGNATURE_INVALID),
        VoidEntry(index=10, reason=Reason.REPLAYED),
    )
    assert state.size == 11
    assert not state.unsupported
    world.state = state
    world.say(world.mo, Kind.RECOGNISE, type=world.vct, jurisdiction="CN-44", conditions={"max_age": 60})
    assert world.evaluate(world.show()).decision is Decision.ACCEPTED


def test_a_void_entry_does_not_keep_the_true_one_out() -> None:
    """Else whoever writes first, with a broken signature, could silence an organisation."""
    world = fresh_world()
    clinic = newcomer(world)
    unsigned = signed(clinic.draft, [clinic.control])
    world.state = replay([encode_leaf(unsigned, logged_at=NOW)], state=world.state)
    assert world.state.void[-1].reason is Reason.NOT_AUTHORISED
    world.append(clinic.signed())


# Unknown.


@pytest.mark.parametrize(
    "operation",
    [
        unknown(),
        unknown(ignorable=False),
        unknown(ignorable="true"),
        unknown(ignorable=1),
        {"kind": "recognise", "version": 2},
        {"kind": "did.merge", "version": 1},
        {"kind": "", "version": 0},
    ],
)
def test_what_cannot_be_judged_makes_every_decision_indeterminate(operation: JsonObject) -> None:
    world = fresh_world()
    assert world.evaluate(world.show()).decision is Decision.ACCEPTED
    world.append(operation)
    assert world.state.unsupported
    world.import_bundle()
    for jurisdiction in ("MO", "CN-44"):
        report = world.evaluate(world.show(), policy=world.policy(jurisdiction=jurisdiction))
        assert report.decision is Decision.INDETERMINATE
        assert report.reasons == (Reason.VERSION_UNSUPPORTED,)


@pytest.mark.parametrize("kind", ["verifier.register", "recognise"])
def test_what_says_that_it_may_be_ignored_is_skipped(kind: str) -> None:
    world = fresh_world()
    world.append({"kind": kind, "version": 2, "ignorable": True})
    assert not world.state.unsupported
    world.import_bundle()
    assert world.evaluate(world.show()).decision is Decision.ACCEPTED


@pytest.mark.parametrize(
    "kind",
    [
        Kind.NETWORK_CHANGE,
        Kind.DID_UPDATE,
        Kind.ISSUER_WITHDRAW,
        Kind.RECOGNISE_WITHDRAW,
        Kind.VERIFIER_WITHDRAW,
        Kind.KEY_DISTRUST,
    ],
)
def test_what_takes_trust_away_is_never_ignorable(kind: Kind) -> None:
    """Else whoever runs the log could have a newer withdrawal skipped by every older gate."""
    world = fresh_world()
    world.append({"kind": kind.value, "version": 2, "ignorable": True})
    assert world.state.unsupported


def test_what_is_known_cannot_be_made_ignorable() -> None:
    """An author cannot have a withdrawal skipped by some and heeded by others."""
    world = fresh_world()
    draft = world.statement(world.gd, Kind.ISSUER_WITHDRAW, entry=world.entries["gd"], effect="void")
    marked = signed(changed(draft, "ignorable", True), [world.gd.signer(Purpose.STATEMENT)])
    state = replay([encode_leaf(marked, logged_at=NOW)], state=world.state)
    assert state.void[-1].reason is Reason.MALFORMED


def test_an_unknown_entry_is_an_entry_once() -> None:
    world: World = fresh_world()
    state = replay([encode_leaf(unknown(ignorable=True), logged_at=NOW)] * 2, state=world.state)
    assert state.void == (VoidEntry(index=9, reason=Reason.REPLAYED),)


def test_what_is_known() -> None:
    for kind in Kind:
        for version, known in ((1, True), (2, False)):
            leaf = encode_leaf({"kind": kind.value, "version": version}, logged_at=0)
            assert is_known(parse_leaf(leaf)) is known
    assert not is_known(parse_leaf(encode_leaf(unknown(), logged_at=0)))


def test_the_empty_ledger_says_nothing() -> None:
    assert replay([]) == State()
    with pytest.raises(StoreError):
        State().require_network()
