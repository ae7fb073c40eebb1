# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Bundles that carry only what came since, entries in parts, and what one post hands on to another."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.trust.homes import make_gate, open_store
from tests.unit.trust.samples import (
    Part,
    carrying,
    file_of,
    fresh_world,
    grow,
    head,
    note_of,
    parts_of,
    refusal,
    withdrawal,
)
from tests.world import ORIGIN, START, World
from vcred.codec.cbor import encode_cbor
from vcred.codec.jcs import encode_jcs
from vcred.credential.type_definition import shipped_type
from vcred.did.operations import Purpose
from vcred.errors import LimitExceededError, StoreError, TrustBundleError
from vcred.limits import MAX_LOG_GROWTH_PER_IMPORT
from vcred.reasons import Reason
from vcred.trust.build import build_bundle
from vcred.trust.bundle import Bundle, encode_bundle, parse_bundle
from vcred.trust.held import Held
from vcred.trust.update import decide_update

NOW = int(START.timestamp())
SIZE = 24


@cache
def grown() -> World:
    """Entries of many kinds: keys and the network change on the way."""
    world = fresh_world()
    grow(world, 3)
    world.update_did(world.gd, rotate=[Purpose.STATEMENT])
    world.new_log_key()
    grow(world, 2)
    world.update_did(world.issuer, rotate=[Purpose.STATUS])
    world.new_witness("witness/MO-2", world.mo, instead_of="witness/MO")
    world.publish_type(shipped_type("professional-certificate"), world.mo)
    grow(world, SIZE - len(world.leaves))
    return world


@cache
def notes() -> dict[int, bytes]:
    """The head of each size, by the keys in force at it."""
    world, found = grown(), {}
    keys = {"log": fresh_world().log_key, "log, second": world.log_key}
    witnesses = {**fresh_world().witnesses, **world.witnesses}
    for size in range(8, SIZE + 1):
        network = world.state.network_at(size)
        log_key = next(key for key in keys.values() if key.public_key == network.log_key)
        lines = [(w.name, witnesses[w.name], NOW + size) for w in network.witnesses]
        found[size] = note_of(head(world.leaves[:size], origin=ORIGIN), log_key, lines)
    return found


def between(first: int, size: int) -> Bundle:
    """What came from entry `first` on, up to a size."""
    world = grown()
    return world.bundle(
        first=first,
        leaves=tuple(world.leaves[first:size]),
        checkpoint=notes()[size],
        status_tokens=world.status_tokens() if size == SIZE else (),
        types=world.definitions if size == SIZE else {},
    )


def take(held: Held, bundle: Bundle) -> Held:
    read = parse_bundle(encode_bundle(bundle))
    return held.with_update(decide_update(held, read, grown().network_file(), now=NOW + SIZE))


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(8, SIZE - 1), max_size=4), st.data())
def test_pieces_come_to_the_same_as_the_whole(cuts: set[int], data: st.DataObject) -> None:
    """In any pieces, overlapping or not: [0, n) and then [n, m) or more are [0, m)."""
    whole = take(Held(), between(0, SIZE))
    held = Held()
    for size in (*sorted(cuts), SIZE):
        first = data.draw(st.integers(0, len(held.leaves)))
        held = take(held, between(first, size))
    assert replace(held, checkpoints=whole.checkpoints) == whole
    assert held.checkpoints[-1] == whole.checkpoints[-1]
    assert held.state == whole.state
    # And again what was taken already: nothing.
    again = decide_update(held, between(0, SIZE), grown().network_file(), now=NOW + SIZE)
    assert again.is_empty


@pytest.mark.parametrize(("first", "good"), [(0, True), (9, True), (10, True), (11, False), (23, False)])
def test_a_gap_is_told(first: int, good: bool) -> None:
    held = take(Held(), between(0, 10))
    if good:
        assert len(take(held, between(first, SIZE)).leaves) == SIZE
        return
    with pytest.raises(TrustBundleError) as caught:
        take(held, between(first, SIZE))
    assert caught.value.reason is Reason.BUNDLE_GAP
    assert caught.value.hint is not None and "full one" in caught.value.hint


# Entries in parts.


def with_parts(**parts: bytes) -> Bundle:
    """A bundle in whose file the entries stand in these parts."""
    others = [(name, data) for name, data in parts_of(fresh_world().bundle()) if name != "entries"]
    named = [(name.replace("_", "/"), data) for name, data in parts.items()]
    return parse_bundle(file_of(sorted([*others, *named], key=_name)))


def _name(part: Part) -> str:
    return part[0]


def entries(first: int, *leaves: bytes) -> bytes:
    return encode_cbor([first, list(leaves)])


A, B, C = b"a", b"b", b"c"


def test_parts_of_the_entries_follow_one_another() -> None:
    found = with_parts(entries=entries(5, A), entries_1=entries(6, B), entries_2=entries(7, C))
    assert (found.first, found.leaves) == (5, (A, B, C))
    wrong: list[dict[str, bytes]] = [
        {"entries": entries(5, A), "entries_2": entries(6, B)},
        {"entries": entries(5, A), "entries_1": entries(6, B), "entries_3": entries(7, C)},
        {"entries_1": entries(5, A)},
        {"entries": entries(6, B), "entries_1": entries(5, A)},
        {"entries": entries(5, A), "entries_1": entries(7, B)},
        {"entries": entries(5, A), "entries_1": entries(5, A)},
        {"entries": entries(5, A), "entries_1": entries(6)},
        {"entries": entries(5, A), "entries_1": entries(6), "entries_2": entries(6, B)},
        {"entries": entries(5), "entries_1": entries(5, A)},
    ]
    for parts in wrong:
        with pytest.raises(TrustBundleError) as caught:
            with_parts(**parts)
        assert caught.value.reason is Reason.BUNDLE_INCONSISTENT, parts
    for name in ("entries_0", "entries_01", "entries_x", "entries_99999"):
        with pytest.raises(TrustBundleError) as caught:
            with_parts(entries=entries(5, A), **{name: entries(6, B)})
        assert caught.value.reason is Reason.PATH_REFUSED, name


def test_entries_are_cut_at_4_mib() -> None:
    leaf = b"x" * 65_536
    for amount, parts in ((64, 1), (65, 2), (128, 2), (129, 3)):
        bundle = fresh_world().bundle(first=3, leaves=(leaf,) * amount)
        named = [(name, len(data)) for name, data in parts_of(bundle) if name.startswith("entries")]
        assert [name for name, _ in named] == ["entries", "entries/1", "entries/2"][:parts]
        assert all(size <= 4 * 2**20 + 1024 for _, size in named)
        assert parse_bundle(encode_bundle(bundle)) == bundle
    large = fresh_world().bundle(leaves=(b"x" * (4 * 2**20 + 5), A))
    assert parse_bundle(encode_bundle(large)) == large


def test_bnd_24_parts_together_bring_no_more_entries_than_one_import_may() -> None:
    half = [b""] * (MAX_LOG_GROWTH_PER_IMPORT // 2)
    found = with_parts(entries=entries(0, *half), entries_1=entries(len(half), *half))
    assert len(found.leaves) == MAX_LOG_GROWTH_PER_IMPORT
    with pytest.raises(LimitExceededError):
        with_parts(entries=entries(0, *half), entries_1=entries(len(half), *half, b""))


# Made for those who hold much already.


def built(since: int, **changes: object) -> bytes:
    world = grown()
    values: dict[str, object] = {
        "checkpoint": notes()[SIZE],
        "leaves": world.leaves,
        "status_tokens": world.status_tokens(),
        "types": [world.type_definition, shipped_type("professional-certificate")],
        "network_file": world.network_file(),
        "now": NOW + SIZE,
        "since": since,
    }
    return build_bundle(**(values | changes))  # type: ignore[arg-type]


def test_a_bundle_since_a_size_holds_what_came_after() -> None:
    published = {item.digest: item.index for item in grown().state.types.values()}
    for since in range(SIZE + 1):
        bundle = parse_bundle(built(since))
        assert (bundle.first, bundle.leaves) == (since, tuple(grown().leaves[since:]))
        assert set(bundle.types) == {digest for digest, index in published.items() if index >= since}
        assert bundle.status_tokens == grown().status_tokens()
        if since >= 8:
            held = take(take(Held(), between(0, since)), bundle)
            assert held.leaves == tuple(grown().leaves)
    for since in (-1, SIZE + 1):
        with pytest.raises(ValueError, match="large"):
            built(since)


def test_pending_operations_go_along_if_a_gate_would_take_them() -> None:
    world = grown()
    operation = withdrawal(world)
    bundle = parse_bundle(built(SIZE, pending=[operation]))
    assert bundle.pending == (encode_jcs(operation),)
    assert len(take(take(Held(), between(0, SIZE)), bundle).pending) == 1
    with pytest.raises(TrustBundleError) as caught:
        built(SIZE, pending=[withdrawal(fresh_world())])
    assert caught.value.reason is Reason.REPLAYED


# What one post hands on to another.


@pytest.mark.parametrize("since", [None, 8, 11])
def test_one_post_hands_on_what_it_holds(tmp_path: Path, since: int | None) -> None:
    world = fresh_world()
    one, two = (make_gate(tmp_path / name, world) for name in ("one", "two"))
    with open_store(one) as first, open_store(two) as second:
        for store in (first, second):
            store.import_bundle(encode_bundle(world.bundle()))
        grow(world, 3)
        world.later(seconds=1)
    with open_store(one, now=world.now) as first, open_store(two, now=world.now) as second:
        first.import_bundle(encode_bundle(carrying(world, withdrawal(world))))
        data = first.export_bundle() if since is None else first.export_bundle(since=since)
        if since == 11:
            with pytest.raises(TrustBundleError) as caught:
                second.import_bundle(data)
            assert caught.value.reason is Reason.BUNDLE_GAP
            return
        second.import_bundle(data)
        assert second.held == first.held or since is None
        assert second.belief().state == first.belief().state
        assert second.gossip() == first.gossip()
        for wrong in (-1, 12):
            with pytest.raises(StoreError):
                first.export_bundle(since=wrong)


def test_what_it_hands_on_can_be_imported_whoever_has_lost_a_key_since(tmp_path: Path) -> None:
    """Here a withdrawal counts on whose key has gone; another post cannot check it, and is given the rest."""
    world = fresh_world()
    one, two = (make_gate(tmp_path / name, world) for name in ("one", "two"))
    logged, gone = withdrawal(world, "cease"), withdrawal(world)
    with open_store(one) as first:
        first.import_bundle(encode_bundle(carrying(world, logged, gone)))
    world.append(logged)
    world.later(seconds=1)
    world.update_did(world.gd, rotate=[Purpose.STATEMENT])
    with open_store(one, now=world.now) as first, open_store(two, now=world.now) as second:
        first.import_bundle(encode_bundle(world.bundle()))
        assert first.belief().accreditations(world.issuer.did, world.vct)[0].void
        second.import_bundle(first.export_bundle())
        assert second.held.leaves == first.held.leaves
        assert second.held.pending == ()


def test_a_refused_bundle_since_a_size_changes_nothing() -> None:
    world = fresh_world()
    world.import_bundle()
    grow(world)
    damaged = world.bundle(first=8, leaves=(world.leaves[7],))
    assert refusal(world, damaged) is Reason.BUNDLE_INCONSISTENT
    world.import_bundle(world.bundle(first=8, leaves=tuple(world.leaves[8:])))
