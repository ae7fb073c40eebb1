# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Endless data: a stranger's bundle in which someone may have changed the network costs a second at most.

Without a `network.change` nothing is replayed before log and witnesses have signed (`test_update.py`).
"""

import time

import pytest

from tests.unit.trust.samples import KEYS, fresh_world, grow, head, note_of, refusal
from tests.world import ORIGIN, START, World, sign_operation
from vcred.codec.json_types import JsonObject
from vcred.keys.algorithms import ES256
from vcred.ledger.entries import MAX_LEAF_BYTES, Kind, encode_leaf
from vcred.limits import MAX_UNVOUCHED_VOID_ENTRIES
from vcred.reasons import Reason
from vcred.trust.bundle import Bundle, encode_bundle, parse_bundle

NOW = int(START.timestamp())
CHANGE = encode_leaf({"kind": Kind.NETWORK_CHANGE, "version": 1}, logged_at=NOW)


@pytest.fixture
def world() -> World:
    return fresh_world()


def followed_by(world: World, *junk: bytes, honest: bool = False) -> Bundle:
    """The ledger, a change of the network that nobody signed, and junk. Honest: the log signed it."""
    leaves = (*world.leaves, CHANGE, *junk)
    if not honest:
        return world.bundle(leaves=leaves)
    cosigners = [(name, signer, NOW) for name, signer in world.witnesses.items()]
    note = note_of(head(leaves, origin=ORIGIN), world.log_key, cosigners)
    return world.bundle(leaves=leaves, checkpoint=note)


def unknown(number: int) -> bytes:
    """Needs no signature, and is void for nobody."""
    operation: JsonObject = {"kind": "x", "version": 1, "ignorable": True, "n": number}
    return encode_leaf(operation, logged_at=NOW)


def costly(world: World) -> bytes:
    """As many proofs as an entry can bear, by keys that anyone can make."""
    network = world.state.require_network()
    operation: JsonObject = {
        "kind": Kind.ISSUER_ACCREDIT,
        "version": 1,
        "network": network.id,
        "author": world.gd.did,
        "previous": None,
    }
    for number in range(18):
        operation = sign_operation(operation, KEYS.make(f"stranger {number}", ES256), START)
    leaf = encode_leaf(operation, logged_at=NOW)
    assert len(leaf) < network.entry_bytes
    return leaf


def deep(size: int) -> bytes:
    """Costs much to read, and is no entry."""
    return b'{"a":[' + b"[]," * (size // 3) + b"0]}"


def stops_in_a_second(world: World, junk: list[bytes]) -> None:
    """Read from its file, and refused. It may try again: other processes slow this one down."""
    data = encode_bundle(followed_by(world, *junk))
    assert any(_seconds_to_refuse(world, data) < 1 for _ in range(3))


def _seconds_to_refuse(world: World, data: bytes) -> float:
    started = time.process_time()
    assert refusal(world, parse_bundle(data)) is Reason.LIMIT_EXCEEDED
    return time.process_time() - started


def test_100_000_void_entries(world: World) -> None:
    stops_in_a_second(world, [b"{}"] * 100_000)


def test_entries_of_an_unknown_kind(world: World) -> None:
    """They are void for nobody, so they are counted apart."""
    stops_in_a_second(world, [unknown(number) for number in range(20_000)])


def test_entries_with_many_proofs(world: World) -> None:
    stops_in_a_second(world, [costly(world)] * 500)


@pytest.mark.parametrize("size", [MAX_LEAF_BYTES - 10, 2 * MAX_LEAF_BYTES])
def test_entries_that_are_too_long(world: World, size: int) -> None:
    stops_in_a_second(world, [deep(size)] * 60)


def test_where_log_and_witnesses_have_signed_some_are_borne(world: World) -> None:
    """An honest log takes none; but a rule that a later version adds may make old entries void."""
    few = MAX_UNVOUCHED_VOID_ENTRIES
    for junk in ([b"{}"] * (few - 1), [unknown(number) for number in range(few)]):
        world.held = fresh_world().held
        world.import_bundle(followed_by(world, *junk, honest=True))
        more = followed_by(world, *junk, junk[0] if junk[0] == b"{}" else unknown(few), honest=True)
        world.held = fresh_world().held
        assert refusal(world, more) is Reason.LIMIT_EXCEEDED


def test_void_entries_that_are_held_are_not_counted_again(world: World) -> None:
    world.import_bundle(followed_by(world, *[b"{}"] * (MAX_UNVOUCHED_VOID_ENTRIES - 1), honest=True))
    world.leaves = list(world.held.leaves)
    world.new_log_key()
    grow(world)
    world.import_bundle()
    assert len(world.held.state.void) == MAX_UNVOUCHED_VOID_ENTRIES


def test_what_looks_like_a_change_and_is_none_changes_nothing(world: World) -> None:
    """The words may stand anywhere in a leaf: then it is only replayed earlier."""
    spoken = b'{"x":"\\"kind\\":\\"network.change\\"","kind":"network.change"}'
    leaves = (*world.leaves, spoken)
    cosigners = [(name, signer, NOW) for name, signer in world.witnesses.items()]
    note = note_of(head(leaves, origin=ORIGIN), world.log_key, cosigners)
    world.import_bundle(world.bundle(leaves=leaves, checkpoint=note))
    assert [void.index for void in world.held.state.void] == [8]
