# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The gossip line, what comparing it says, and the floor that an operator enters. BND-09, BND-10, BND-31."""

from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trust.homes import make_gate, open_store
from tests.unit.trust.samples import fresh_world, grow, head, note_of
from tests.world import ORIGIN, START, World
from vcred.errors import DecodeError, StoreError, TrustBundleError
from vcred.home import Home
from vcred.ledger.entries import encode_leaf, parse_leaf
from vcred.reasons import Reason
from vcred.trust.bundle import Bundle, encode_bundle
from vcred.trust.gossip import MAX_LINE_CHARACTERS, Comparison, GossipLine, compare, gossip_of, parse_gossip
from vcred.trust.held import Held, HeldFloor
from vcred.verifier.report import Decision

NOW = int(START.timestamp())


@pytest.fixture
def world() -> World:
    return fresh_world()


def forked(world: World) -> Bundle:
    """What log and witnesses have signed over another last entry."""
    last = parse_leaf(world.leaves[-1])
    leaves = (*world.leaves[:-1], encode_leaf(last.operation, logged_at=last.logged_at + 1))
    cosigners = [(name, signer, NOW) for name, signer in world.witnesses.items()]
    note = note_of(head(leaves, origin=ORIGIN), world.log_key, cosigners)
    return world.bundle(leaves=leaves, checkpoint=note)


def line_of(held: Held) -> GossipLine:
    line = gossip_of(held)
    assert line is not None
    return line


# The line.


def test_a_line_is_read_as_it_is_printed(world: World) -> None:
    line = line_of(world.import_bundle())
    assert parse_gossip(str(line)) == line
    assert parse_gossip(f"  {line}\n") == line
    assert gossip_of(Held()) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda size, root, lists: f"{size} {root}",
        lambda size, root, lists: f"{size} {root} {lists} x",
        lambda size, root, lists: f"0 {root} {lists}",
        lambda size, root, lists: f"0{size} {root} {lists}",
        lambda size, root, lists: f"-{size} {root} {lists}",
        lambda size, root, lists: f"{2**63} {root} {lists}",
        lambda size, root, lists: f"{size} {root[:-4]} {lists}",
        lambda size, root, lists: f"{size} {root.rstrip('=')} {lists}",
        lambda size, root, lists: f"{size} {root} {lists[:-2]}",
        lambda size, root, lists: f"{size} {root} {lists}=",
        lambda size, root, lists: f"{size} {root} {lists[:40]}",
        lambda size, root, lists: f"{size} {root[:40]} {lists}",
        lambda size, root, lists: f"{size} {lists} {root}",
        lambda size, root, lists: f"{size} {root} {lists}" + " " * MAX_LINE_CHARACTERS,
        lambda size, root, lists: "",
    ],
)
def test_what_is_no_line(world: World, change: object) -> None:
    *words, check = str(line_of(world.import_bundle())).split()
    parse_gossip(" ".join([*words, check]))
    assert callable(change)
    wrong = change(*words)
    for line in (wrong, f"{wrong} {check}", f"{wrong} {sha256(wrong.encode()).hexdigest()[:6]}"):
        with pytest.raises(DecodeError):
            parse_gossip(line)


@given(st.integers(0, 200), st.sampled_from("0123456789abcdefXYZ"))
def test_a_slip_of_the_tongue_is_no_fork(position: int, letter: str) -> None:
    said = str(GossipLine(size=14, root=bytes(range(32)), lists=bytes(range(32, 64))))
    changed = said[: position % len(said)] + letter + said[position % len(said) + 1 :]
    if changed.lower() != said.lower():
        with pytest.raises(DecodeError):
            parse_gossip(changed)


@given(st.text(max_size=100) | st.text("0123456789 =/+-_Aaz\n", max_size=120))
def test_any_text_is_a_line_or_refused(text: str) -> None:
    with suppress(DecodeError):
        parse_gossip(text)


@given(st.integers(1, 2**53 - 1), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_any_line_is_read_back(size: int, root: bytes, lists: bytes) -> None:
    line = GossipLine(size=size, root=root, lists=lists)
    assert parse_gossip(str(line)) == line


# What two posts find out.


def test_what_two_posts_find_out(world: World) -> None:
    mine = line_of(world.import_bundle())
    held = world.held
    assert compare(held, mine, mine) is Comparison.SAME
    assert compare(held, mine, replace(mine, lists=bytes(32))) is Comparison.LISTS_DIFFER
    assert compare(held, mine, replace(mine, root=bytes(32))) is Comparison.FORK
    # Of more than is held here nothing can be told, whatever it is.
    assert compare(held, mine, replace(mine, size=9)) is Comparison.BEHIND
    assert compare(held, mine, replace(mine, size=9, root=bytes(32))) is Comparison.BEHIND


def test_whoever_holds_more_can_tell(world: World) -> None:
    known = {8: line_of(world.import_bundle())}
    for size in (9, 10, 11):
        grow(world)
        known[size] = line_of(world.import_bundle())
    held, mine = world.held, known[11]
    for size in (8, 9, 10):
        assert compare(held, mine, known[size]) is Comparison.AHEAD
        assert compare(held, mine, replace(known[size], root=known[11].root)) is Comparison.FORK
        # The lists of another time say nothing.
        assert compare(held, mine, replace(known[size], lists=bytes(32))) is Comparison.AHEAD
    early = fresh_world()
    assert compare(early.import_bundle(), line_of(early.held), mine) is Comparison.BEHIND


def test_bnd_31_a_fork_shown_to_one_post_is_found_and_kept(tmp_path: Path, world: World) -> None:
    one, two = (make_gate(tmp_path / name, world) for name in ("one", "two"))
    with open_store(one) as first, open_store(two) as second:
        first.import_bundle(encode_bundle(world.bundle()))
        second.import_bundle(encode_bundle(forked(world)))
        for here, there in ((first, second), (second, first)):
            line = there.gossip()
            head_here = here.held.checkpoints[-1].note
            for _ in range(2):
                assert here.compare(line) is Comparison.FORK
            assert here.evidence() == (head_here, f"gossip {line}\n".encode())
            # What was told by telephone changes nothing that is believed.
            assert here.held.checkpoints[-1].note == head_here
            assert here.compare(here.gossip()) is Comparison.SAME
        assert len(first.evidence()) == 2


def test_a_post_that_holds_nothing_has_nothing_to_compare(tmp_path: Path, world: World) -> None:
    line = line_of(world.import_bundle())
    with open_store(make_gate(tmp_path / "gate", world)) as store, pytest.raises(StoreError):
        store.compare(line)


# BND-10: a backup was restored here, and the operator knows more than the gate.


@pytest.fixture
def gate(tmp_path: Path, world: World) -> Home:
    """A gate that holds a bundle, while the world has gone on."""
    gate = make_gate(tmp_path / "gate", world)
    with open_store(gate) as store:
        store.import_bundle(encode_bundle(world.bundle()))
    return gate


def test_bnd_10_a_restored_backup_decides_nothing_below_the_floor(gate: Home, world: World) -> None:
    presentation = world.show()
    with open_store(gate) as store:
        assert world.evaluate(presentation, belief=store.belief()).decision is Decision.ACCEPTED
    grow(world, 2)
    theirs = line_of(world.fork().import_bundle())
    with open_store(gate) as store:
        assert store.compare(theirs) is Comparison.BEHIND
        store.enter_floor(theirs)
        report = world.evaluate(presentation, belief=store.belief())
        assert (report.decision, report.reasons) == (Decision.INDETERMINATE, (Reason.ROLLBACK,))
    with open_store(gate) as store:
        # It is still there after a restart; what is refused for ever is still refused.
        assert store.held.floor == HeldFloor(size=10, root=theirs.root)
        forged = presentation.replace("~", "~WyJ4Il0~", 1)
        assert world.evaluate(forged, belief=store.belief()).decision is Decision.REJECTED
        # An audit question is about what was known then.
        assert not store.belief(at=START).is_below_floor
        store.import_bundle(encode_bundle(world.bundle()))
        assert world.evaluate(presentation, belief=store.belief()).decision is Decision.ACCEPTED


def test_bnd_10_a_bundle_that_is_still_too_little_does_not_help(gate: Home, world: World) -> None:
    grow(world, 1)
    between = encode_bundle(world.bundle())
    grow(world, 1)
    theirs = line_of(world.fork().import_bundle())
    with open_store(gate) as store:
        store.enter_floor(theirs)
        store.import_bundle(between)
        assert store.belief().is_below_floor
        store.import_bundle(encode_bundle(world.bundle()))
        assert not store.belief().is_below_floor


def test_bnd_10_another_root_at_the_floor_is_a_fork(gate: Home, world: World) -> None:
    """The post that told the line was shown another log than this one is offered."""
    grow(world, 2)
    theirs = line_of(world.fork().import_bundle())
    other = encode_bundle(forked(world))
    with open_store(gate) as store:
        store.enter_floor(theirs)
        with pytest.raises(TrustBundleError) as caught:
            store.import_bundle(other)
        assert caught.value.reason is Reason.FORK
        assert len(store.evidence()) == 2
        store.import_bundle(encode_bundle(world.bundle()))


def test_a_floor_is_raised_and_never_lowered(gate: Home, world: World) -> None:
    grow(world, 2)
    high = line_of(world.fork().import_bundle())
    low = line_of(fresh_world().import_bundle())
    with open_store(gate) as store:
        store.enter_floor(low)
        assert store.held.floor == HeldFloor(size=8, root=low.root)
        assert not store.belief().is_below_floor
        store.enter_floor(high)
        store.enter_floor(low)
        assert store.held.floor == HeldFloor(size=10, root=high.root)


def test_a_floor_cannot_contradict_what_is_held(gate: Home, world: World) -> None:
    line = line_of(world.import_bundle())
    with open_store(gate) as store:
        with pytest.raises(StoreError):
            store.enter_floor(replace(line, root=bytes(32)))
        assert store.held.floor is None
        store.enter_floor(line)


def test_bnd_09_a_floor_is_entered_before_the_first_bundle(tmp_path: Path, world: World) -> None:
    """A gate whose store was lost: an old bundle is taken, and decides nothing."""
    old = encode_bundle(world.bundle())
    presentation = world.show()
    grow(world, 2)
    theirs = line_of(world.fork().import_bundle())
    with open_store(make_gate(tmp_path / "new", world)) as store:
        store.enter_floor(theirs)
        store.import_bundle(old)
        report = world.evaluate(presentation, belief=store.belief())
        assert (report.decision, report.reasons) == (Decision.INDETERMINATE, (Reason.ROLLBACK,))
