# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Steps 2 to 5 of an import where the network itself has changed: whose keys count at which size.

BND-26, BND-27, BND-29, BND-30 with *root* read as genesis and `network.change`; LED-15.
"""

from collections.abc import Iterable

import pytest

from tests.unit.trust.samples import KEYS, fresh_world, grow, head, note_of, refusal
from tests.world import ORIGIN, START, World, sign_operation, witness_json
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.errors import TrustBundleError
from vcred.keys.algorithms import EDDSA
from vcred.keys.signer import Signer
from vcred.ledger.drafts import draft_change, log_key_json
from vcred.ledger.entries import encode_leaf, parse_leaf
from vcred.reasons import Reason
from vcred.trust.bundle import Bundle
from vcred.trust.offer import SKEW_SECONDS

NOW = int(START.timestamp())
MO, GD = "witness/MO", "witness/CN-44"


@pytest.fixture(params=[False, True], ids=["new gate", "gate that holds a bundle"])
def world(request: pytest.FixtureRequest) -> World:
    world = fresh_world()
    if request.param:
        world.import_bundle()
    return world


def cosigned(world: World, names: Iterable[str]) -> Bundle:
    return world.bundle(checkpoint=world.checkpoint_note(cosigners=names))


def signed_by(world: World, log_key: Signer, size: int | None = None) -> Bundle:
    """The first entries under a head that this key has signed, cosigned by those who watch now."""
    leaves = world.leaves[:size]
    cosigners = [(name, signer, NOW) for name, signer in world.witnesses.items()]
    return world.bundle(
        leaves=tuple(leaves), checkpoint=note_of(head(leaves, origin=ORIGIN), log_key, cosigners)
    )


def forced(world: World, operation: JsonObject) -> None:
    """Put on the log what an honest log would refuse."""
    world.leaves.append(encode_leaf(operation, logged_at=int(world.now.timestamp())))


# The log's key.


def test_a_checkpoint_is_signed_with_the_key_in_force_at_its_size(world: World) -> None:
    old = world.log_key
    grow(world)
    before = len(world.leaves)
    new = world.new_log_key()
    at_change = len(world.leaves)
    grow(world)
    for size in (at_change, len(world.leaves)):
        # The old key, after the change: whoever has stolen it can sign nothing any more.
        assert refusal(world, signed_by(world, old, size)) is Reason.SIGNATURE_INVALID
    # The new one, before it was in force.
    assert refusal(world, signed_by(world, new, before)) is Reason.SIGNATURE_INVALID
    world.import_bundle(signed_by(world, old, before))
    world.import_bundle(signed_by(world, new, at_change))
    world.import_bundle(signed_by(world, new))
    assert [c.size for c in world.held.checkpoints][-3:] == [before, at_change, before + 2]


def test_led_15_the_old_key_still_signs_what_is_evidence(world: World) -> None:
    """A head of a size at which the old key was in force, with another root."""
    old = world.log_key
    world.new_log_key()
    world.import_bundle()
    last = parse_leaf(world.leaves[7])
    other = encode_leaf(last.operation, logged_at=last.logged_at + 1)
    note = note_of(head([*world.leaves[:7], other], origin=ORIGIN), old, [])
    with pytest.raises(TrustBundleError) as caught:
        world.import_bundle(world.bundle(leaves=(*world.leaves[:7], other), checkpoint=note))
    newest = world.held.newest_checkpoint()
    assert newest is not None
    assert (caught.value.reason, caught.value.evidence) == (Reason.FORK, (newest.note, note))


@pytest.mark.parametrize("kept", [0, 1, 5, 7, 8])
def test_led_15_another_root_for_a_size_held_whatever_comes_with_it(kept: int) -> None:
    """The operator gives the entries that are held, or none of his own: the head alone convicts him."""
    world = fresh_world()
    known = world.bundle()
    world.import_bundle(known)
    last = parse_leaf(world.leaves[7])
    fork = [*world.leaves[:7], encode_leaf(last.operation, logged_at=last.logged_at + 1)]
    note = note_of(head(fork, origin=ORIGIN), world.log_key, [])
    for first in range(kept + 1):
        offered = world.bundle(first=first, leaves=tuple(world.leaves[first:kept]), checkpoint=note)
        if kept == 0:
            # Without entry 0 it is of no network.
            assert refusal(world, offered) is Reason.ISSUER_UNKNOWN
            continue
        with pytest.raises(TrustBundleError) as caught:
            world.import_bundle(offered)
        assert (caught.value.reason, caught.value.evidence) == (Reason.FORK, (known.checkpoint, note))


# Witnesses.


def test_bnd_30_a_witness_that_was_removed_stops_counting_at_once(world: World) -> None:
    former = world.witnesses[MO]
    before = len(world.leaves)
    world.new_witness("witness/MO-2", world.mo, instead_of=MO)
    names = ["witness/MO-2", GD]
    lines = [(MO, former, NOW), (GD, world.witnesses[GD], NOW)]
    note = note_of(head(world.leaves, origin=ORIGIN), world.log_key, lines)
    # At the very size of the change.
    assert refusal(world, world.bundle(checkpoint=note)) is Reason.QUORUM_MISSING
    earlier = note_of(head(world.leaves[:before], origin=ORIGIN), world.log_key, lines)
    world.import_bundle(world.bundle(leaves=tuple(world.leaves[:before]), checkpoint=earlier))
    grow(world)
    note = note_of(head(world.leaves, origin=ORIGIN), world.log_key, lines)
    assert refusal(world, world.bundle(checkpoint=note)) is Reason.QUORUM_MISSING
    world.import_bundle(cosigned(world, names))


def test_a_witness_that_is_to_come_does_not_count_yet(world: World) -> None:
    key = KEYS.make("witness witness/MO-2", EDDSA)
    before = len(world.leaves)
    world.new_witness("witness/MO-2", world.mo, instead_of=MO)
    lines = [("witness/MO-2", key, NOW), (GD, world.witnesses[GD], NOW)]
    note = note_of(head(world.leaves[:before], origin=ORIGIN), world.log_key, lines)
    early = world.bundle(leaves=tuple(world.leaves[:before]), checkpoint=note)
    assert refusal(world, early) is Reason.QUORUM_MISSING
    world.import_bundle()


def test_of_two_witnesses_of_a_jurisdiction_any_one_will_do(world: World) -> None:
    """One outage does not close the border; and two of one side are not both sides."""
    world.new_witness("witness/MO-2", world.gd, world.mo)
    for names in ([MO, GD], ["witness/MO-2", GD]):
        world.later(seconds=1)
        world.import_bundle(cosigned(world, names))
    assert refusal(world, cosigned(world, [MO, "witness/MO-2"])) is Reason.QUORUM_MISSING


def test_a_quorum_that_was_raised_holds_from_its_own_entry(world: World) -> None:
    world.new_witness("witness/MO-2", world.gd, world.mo)
    before = len(world.leaves)
    world.import_bundle(cosigned(world, [MO, GD]))
    world.change_network(quorum={"CN-44": 1, "MO": 2})
    assert refusal(world, cosigned(world, [MO, GD])) is Reason.QUORUM_MISSING
    world.import_bundle()
    assert world.held.checkpoints[-1].size == before + 1


@pytest.mark.parametrize(
    ("dates", "reached"),
    [
        # The best witness of each side counts, and the slower side decides.
        ({MO: -200, "witness/MO-2": 0, GD: -10}, -10),
        ({MO: 0, "witness/MO-2": -200, GD: 0}, 0),
        ({MO: -200, "witness/MO-2": -250, GD: 0}, -200),
        # LED-18: what is dated ahead does not count, and takes nothing from the others.
        ({MO: 0, "witness/MO-2": 900, GD: -10}, -10),
        ({MO: -5, "witness/MO-2": SKEW_SECONDS, GD: SKEW_SECONDS}, SKEW_SECONDS),
        ({MO: -5, "witness/MO-2": SKEW_SECONDS + 1, GD: 0}, -5),
    ],
)
def test_the_quorum_time_is_the_greatest_that_still_has_a_quorum(dates: dict[str, int], reached: int) -> None:
    world = fresh_world()
    world.new_witness("witness/MO-2", world.gd, world.mo)
    lines = [(name, world.witnesses[name], NOW + date) for name, date in dates.items()]
    note = note_of(head(world.leaves, origin=ORIGIN), world.log_key, lines)
    world.import_bundle(world.bundle(checkpoint=note))
    assert world.held.time_floor == world.held.checkpoints[-1].quorum_time == NOW + reached


# BND-26, 27, 29: changes that count for nothing, and whoever follows them is alone.


def bnd_26_without_the_one_before(world: World) -> tuple[JsonObject, Signer]:
    new = KEYS.make("thief's log", EDDSA)
    skipped = world.network_change([world.gd, world.mo], threshold=2)
    prev = parse_leaf(encode_leaf(skipped, logged_at=NOW)).hash
    network = world.state.require_network().id
    draft = draft_change(network=network, prev=prev, parts={"log_key": log_key_json(new.public_key)})
    for authority in (world.gd, world.mo):
        draft = sign_operation(draft, authority.signer(Purpose.STATEMENT), world.now)
    return draft, new


def bnd_27_by_one_side(world: World) -> tuple[JsonObject, Signer]:
    new = KEYS.make("thief's log", EDDSA)
    return world.network_change([world.gd], log_key=log_key_json(new.public_key)), new


def bnd_27_by_the_new_key(world: World) -> tuple[JsonObject, Signer]:
    new = KEYS.make("thief's log", EDDSA)
    change = world.network_change([], log_key=log_key_json(new.public_key))
    return sign_operation(change, new, world.now), new


def bnd_27_by_the_old_log_key(world: World) -> tuple[JsonObject, Signer]:
    """Who runs the log does not rule the network."""
    new = KEYS.make("thief's log", EDDSA)
    change = world.network_change([], log_key=log_key_json(new.public_key))
    return sign_operation(change, world.log_key, world.now), new


def bnd_29_with_threshold_0(world: World) -> tuple[JsonObject, Signer]:
    new = KEYS.make("thief's log", EDDSA)
    parts = {"log_key": log_key_json(new.public_key), "threshold": 0}
    return world.network_change([world.gd, world.mo], **parts), new


def bnd_29_with_a_quorum_of_0(world: World) -> tuple[JsonObject, Signer]:
    new = KEYS.make("thief's log", EDDSA)
    parts = {"log_key": log_key_json(new.public_key), "quorum": {"CN-44": 0, "MO": 0}}
    return world.network_change([world.gd, world.mo], **parts), new


def bnd_29_with_a_key_twice(world: World) -> tuple[JsonObject, Signer]:
    new = KEYS.make("thief's log", EDDSA)
    added = [witness_json("witness/MO-2", new), witness_json("witness/MO-3", new)]
    parts = {"log_key": log_key_json(new.public_key), "witnesses": {"add": added, "remove": []}}
    return world.network_change([world.gd, world.mo], **parts), new


VOID = [
    bnd_26_without_the_one_before,
    bnd_27_by_one_side,
    bnd_27_by_the_new_key,
    bnd_27_by_the_old_log_key,
    bnd_29_with_threshold_0,
    bnd_29_with_a_quorum_of_0,
    bnd_29_with_a_key_twice,
]


@pytest.mark.parametrize("make", VOID, ids=lambda make: make.__name__)
def test_a_change_that_is_void_gives_nobody_a_key(world: World, make: object) -> None:
    good = world.fork()
    good.new_log_key()
    good.import_bundle()
    assert callable(make)
    operation, new = make(world)
    forced(world, operation)
    assert refusal(world, signed_by(world, new)) is Reason.SIGNATURE_INVALID
    # The honest head over the same entries is taken; the entry means nothing.
    world.import_bundle(signed_by(world, world.log_key))
    assert [void.index for void in world.held.state.void] == [8]
    assert world.held.state.require_network().log_key == world.log_key.public_key


def test_bnd_26_the_same_change_again_is_void(world: World) -> None:
    first = world.log_key
    world.new_log_key()
    change = parse_leaf(world.leaves[-1]).operation
    world.new_log_key("log, third")
    forced(world, change)
    assert refusal(world, signed_by(world, first)) is Reason.SIGNATURE_INVALID
    world.import_bundle(signed_by(world, world.log_key))
    assert [void.reason for void in world.held.state.void] == [Reason.REPLAYED]


def test_bnd_26_a_long_chain_of_changes_is_followed(world: World) -> None:
    for number in range(40):
        world.new_log_key(f"log {number}")
    world.import_bundle()
    assert len(world.held.state.networks) == 41
