# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is written on a ledger, by whoever: everybody finds the same in it, and only signatures count."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.ledger_moves import HISTORIES, MOVES, START_WORLD, write_history
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, LedgerError
from vcred.ledger.entries import Entry, Kind, parse_leaf
from vcred.ledger.rules import Judged, replay
from vcred.ledger.state import State

BASE = tuple(START_WORLD.leaves)


def states_of(leaves: tuple[bytes, ...]) -> list[State]:
    """What the ledger says before the moves, and after each of them."""
    states = [START_WORLD.state]
    for leaf in leaves[len(BASE) :]:
        states.append(replay([leaf], state=states[-1]))
    return states


def is_void(state: State) -> bool:
    """Whether the last entry is void."""
    return bool(state.void) and state.void[-1].index == state.size - 1


@settings(deadline=None, max_examples=60)
@given(HISTORIES, st.data())
def test_in_one_go_or_in_pieces_it_means_the_same(leaves: tuple[bytes, ...], data: st.DataObject) -> None:
    whole = replay(leaves)
    assert replay(leaves) == whole
    states = states_of(leaves)
    assert states[-1] == whole
    at = data.draw(st.integers(1, len(leaves)))
    beginning = replay(leaves[:at])
    if at >= len(BASE):
        assert beginning == states[at - len(BASE)]
    # What was said of a beginning stays what it says.
    assert replay(leaves[at:], state=beginning) == whole
    assert [entry for entry in whole.void if entry.index < at] == list(beginning.void)


@settings(deadline=None, max_examples=40)
@given(HISTORIES)
def test_a_void_entry_changes_nothing_but_the_count(leaves: tuple[bytes, ...]) -> None:
    states = states_of(leaves)
    for before, after in pairwise(states):
        assert after.size == before.size + 1
        if is_void(after):
            assert replace(after, size=before.size, void=before.void) == before
        else:
            assert after.void == before.void
            assert len(after.indices) == len(before.indices) + 1
            assert after.logged_at >= before.logged_at


@settings(deadline=None, max_examples=40)
@given(HISTORIES)
def test_void_entries_may_as_well_not_be_there(leaves: tuple[bytes, ...]) -> None:
    """But for the places of what follows."""
    whole = replay(leaves)
    gone = {entry.index for entry in whole.void}
    rest = replay(leaf for index, leaf in enumerate(leaves) if index not in gone)
    assert rest.void == ()
    assert set(rest.indices) == set(whole.indices)
    for name in ("accreditations", "recognitions", "registrations", "list_places", "network", "logged_at"):
        assert getattr(rest, name) == getattr(whole, name), name
    for did, organisation in whole.organisations.items():
        assert rest.organisations[did].methods == organisation.methods


@settings(deadline=None, max_examples=40)
@given(HISTORIES, st.data())
def test_what_was_judged_before_is_judged_alike(leaves: tuple[bytes, ...], data: st.DataObject) -> None:
    whole = replay(leaves)
    size = data.draw(st.integers(0, len(leaves)))
    void = {entry.index: entry.reason for entry in whole.void if entry.index < size}
    assert replay(leaves, judged=Judged(size=size, void=void)) == whole


@settings(deadline=None, max_examples=40)
@given(HISTORIES)
def test_trust_that_is_gone_does_not_return(leaves: tuple[bytes, ...]) -> None:
    """Keys that have ended, and what is withdrawn, distrusted, retired or deactivated, stay so."""
    states = states_of(leaves)
    for before, after in pairwise(states):
        for did, was in before.organisations.items():
            now = after.organisations[did]
            assert now.next_keys is None or was.next_keys is not None
            assert now.versions[: len(was.versions)] == was.versions
            for old, new in zip(was.methods, now.methods, strict=False):
                assert (old.id, old.purpose, old.added_at) == (new.id, new.purpose, new.added_at)
                assert old.removed_at is None or new.removed_at == old.removed_at
                assert old.distrusted_from is None or (
                    new.distrusted_from is not None and new.distrusted_from <= old.distrusted_from
                )
        for name in ("accreditations", "recognitions", "registrations"):
            for entry, said in getattr(before, name).items():
                still = getattr(after, name)[entry]
                assert still.void or not said.void
                assert said.ceased_at is None or still.ceased_at <= said.ceased_at
        network, changed = before.require_network(), after.require_network()
        assert network.retired_names <= changed.retired_names
        assert network.retired_keys <= changed.retired_keys
        assert not changed.retired_names & {witness.name for witness in changed.witnesses}
        assert not changed.retired_keys & {changed.log_key, *(w.key for w in changed.witnesses)}


# One byte, one proof.


def parsed(leaf: bytes) -> Entry | None:
    try:
        return parse_leaf(leaf)
    except DecodeError:
        return None


@settings(deadline=None, max_examples=150)
@given(HISTORIES, st.data())
def test_one_byte_makes_an_entry_void_or_says_nothing_new(
    leaves: tuple[bytes, ...], data: st.DataObject
) -> None:
    """Only `logged_at` is the log's own word. What no rule knows stops decisions, and says nothing else."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    leaf = leaves[index]
    if not leaf:
        return
    at, other = data.draw(st.integers(0, len(leaf) - 1)), data.draw(st.integers(1, 255))
    flipped = leaf[:at] + bytes([leaf[at] ^ other]) + leaf[at + 1 :]
    if index == 0:
        try:
            state = replay([flipped])
        except LedgerError:
            return
        assert parsed(flipped) == replace(parse_leaf(leaf), logged_at=state.logged_at)
        return
    before = replay(leaves[:index])
    after = replay([flipped], state=before)
    if is_void(after):
        return
    entry, was = parsed(flipped), parsed(leaf)
    assert entry is not None
    assert was is not None
    if was.kind not in set(Kind) or entry.kind not in set(Kind) or entry.version != was.version:
        silent = {"size", "logged_at", "indices", "unsupported"}
        kept = {name: getattr(before, name) for name in State.__dataclass_fields__ if name not in silent}
        assert {name: getattr(after, name) for name in kept} == kept
        return
    assert entry.operation == was.operation


@settings(deadline=None, max_examples=60)
@given(HISTORIES, st.data())
def test_less_proof_never_says_more(leaves: tuple[bytes, ...], data: st.DataObject) -> None:
    index = data.draw(st.integers(1, len(leaves) - 1))
    entry = parsed(leaves[index])
    if entry is None or not isinstance(entry.operation.get("proof"), list):
        return
    proofs = entry.operation["proof"]
    assert isinstance(proofs, list)
    gone = data.draw(st.integers(0, len(proofs) - 1))
    fewer: JsonObject = {**entry.operation, "proof": proofs[:gone] + proofs[gone + 1 :]}
    before = replay(leaves[:index])
    with_all = replay([leaves[index]], state=before)
    after = replay([encode_jcs({"logged_at": entry.logged_at, "operation": fewer})], state=before)
    assert is_void(after) or after == with_all


@settings(deadline=None, max_examples=60)
@given(HISTORIES)
def test_only_whoever_may_has_changed_anything(leaves: tuple[bytes, ...]) -> None:
    """A DID changes by its own operations, its keys' trust by its own word or by those who vouched for it."""
    states = states_of(leaves)
    for before, after, leaf in zip(states, states[1:], leaves[len(BASE) :], strict=False):
        entry = parsed(leaf)
        if is_void(after) or entry is None or entry.kind not in set(Kind):
            continue
        moved = {
            did
            for did, organisation in after.organisations.items()
            if did not in before.organisations or before.organisations[did].versions != organisation.versions
        }
        subject = entry.operation.get("did")
        assert moved <= ({subject} if entry.kind == Kind.DID_UPDATE else set())
        if entry.kind != Kind.NETWORK_CHANGE:
            assert after.network == before.network
        if entry.kind not in (Kind.DID_UPDATE, Kind.KEY_DISTRUST):
            for did, organisation in before.organisations.items():
                assert after.organisations[did].methods == organisation.methods


# The histories themselves.


@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_move_writes_entries(name: str) -> None:
    """Else the properties above would hold of nothing."""
    void = {False: 0, True: 0}
    for choice in range(24):
        leaves = write_history([(name, choice)])
        assert leaves[: len(BASE)] == BASE
        void[is_void(replay(leaves))] += 1
    refused_always = {"pass", "stolen update", "again"}
    assert (void[False] > 0) is (name not in refused_always)
