# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door on a real disk: kept after a restart, all or nothing, evidence of a fork, damage noticed.

BND-06, BND-07, BND-09, BND-10, BND-31; LED-15.
"""

import base64
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tests.unit.trust.homes import change, held_in, make_gate, open_store
from tests.unit.trust.samples import another_network, fresh_world, grow, head, note_of
from tests.world import ORIGIN, START, World
from vcred.codec.base64url import encode_base64url
from vcred.did.operations import Purpose
from vcred.errors import DecodeError, StoreError, TrustBundleError, VcredError
from vcred.home import Home, Role, Settings, create_home
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.reasons import Reason
from vcred.tlog.tree import leaf_hash, root_of
from vcred.trust.bundle import Bundle, encode_bundle
from vcred.trust.engines.sqlite import SCHEMA, SqliteTrust
from vcred.trust.held import Held
from vcred.trust.store import FILE_NAME, TrustStore

NOW = int(START.timestamp())


@pytest.fixture
def world() -> World:
    return fresh_world()


@pytest.fixture
def gate(tmp_path: Path, world: World) -> Home:
    return make_gate(tmp_path / "gate", world)


def take(home: Home, world: World, bundle: Bundle | None = None) -> None:
    """Import a bundle into a home, at the world's time."""
    with open_store(home, now=world.now) as store:
        store.import_bundle(encode_bundle(bundle or world.bundle()))


def forked(world: World) -> Bundle:
    entry = parse_leaf(world.leaves[5])
    other = encode_leaf(entry.operation, logged_at=entry.logged_at + 1)
    leaves = (*world.leaves[:5], other, *world.leaves[6:])
    cosigners = [(name, signer, NOW) for name, signer in world.witnesses.items()]
    note = note_of(head(leaves, origin=ORIGIN), world.log_key, cosigners)
    return world.bundle(leaves=leaves, checkpoint=note)


# Kept.


def test_what_was_imported_is_there_after_a_restart(gate: Home, world: World) -> None:
    with open_store(gate) as store:
        imported = store.import_bundle(encode_bundle(world.bundle()))
        assert (imported.size_before, imported.size, imported.statuses) == (0, 8, 2)
        assert imported.changed
        held = store.held
    assert held_in(gate) == held == world.import_bundle()
    with open_store(gate) as store:
        belief = store.belief()
        assert belief.network_id == world.state.require_network().id
        assert (belief.size, belief.trust_as_of, belief.time_floor, belief.audit) == (8, NOW, NOW, False)
        assert belief.root == root_of(map(leaf_hash, world.leaves))


def test_bnd_07_the_same_bundle_again_changes_nothing(gate: Home, world: World) -> None:
    take(gate, world)
    before = (gate.path / FILE_NAME).read_bytes()
    with open_store(gate) as store:
        imported = store.import_bundle(encode_bundle(world.bundle()))
        assert (imported.size_before, imported.size, imported.statuses, imported.changed) == (8, 8, 0, False)
    assert (gate.path / FILE_NAME).read_bytes() == before


def test_a_later_bundle_adds_to_it(gate: Home, world: World) -> None:
    take(gate, world)
    world.later(days=1)
    world.revoke(7)
    grow(world, 2)
    with open_store(gate, now=world.now) as store:
        imported = store.import_bundle(
            encode_bundle(world.bundle(first=8, leaves=tuple(world.leaves[8:]), types={}))
        )
        assert (imported.size_before, imported.size, imported.statuses) == (8, 10, 2)
    held = held_in(gate)
    assert held.leaves == tuple(world.leaves)
    assert [checkpoint.size for checkpoint in held.checkpoints] == [8, 10]
    assert held.types == world.definitions


def test_every_import_is_on_the_disk(gate: Home, world: World) -> None:
    take(gate, world)
    with SqliteTrust(gate.path / FILE_NAME) as engine:
        for pragma, value in (("synchronous", 2), ("journal_mode", "wal"), ("user_version", SCHEMA.version)):
            assert engine._db.execute(f"PRAGMA {pragma}").fetchone() == (value,)


# All or nothing.

Breaker = Callable[[World], Bundle]
BROKEN: dict[str, tuple[Breaker, Reason]] = {
    "status": (lambda world: world.bundle(status_tokens=("a.b.c",)), Reason.STATUS_INVALID),
    "type": (lambda world: world.bundle(types={sha256(b"{}").digest(): b"{}"}), Reason.BUNDLE_INCONSISTENT),
    "quorum": (
        lambda world: world.bundle(checkpoint=world.checkpoint_note(cosigners=[])),
        Reason.QUORUM_MISSING,
    ),
    "entry": (lambda world: world.bundle(leaves=tuple(world.leaves[:-1])), Reason.BUNDLE_INCONSISTENT),
    "network": (lambda world: another_network().bundle(), Reason.ISSUER_UNKNOWN),
    "gap": (lambda world: world.bundle(first=9, leaves=()), Reason.BUNDLE_GAP),
    "pending": (lambda world: world.bundle(pending=(b'{"proof": []}',)), Reason.BUNDLE_INCONSISTENT),
}


@pytest.mark.parametrize("name", BROKEN)
def test_bnd_06_what_is_refused_leaves_nothing_behind(gate: Home, world: World, name: str) -> None:
    make, reason = BROKEN[name]
    take(gate, world)
    grow(world)
    before = (gate.path / FILE_NAME).read_bytes()
    held = held_in(gate)
    with open_store(gate) as store:
        with pytest.raises(TrustBundleError) as caught:
            store.import_bundle(encode_bundle(make(world)))
        assert caught.value.reason is reason
        assert (store.held, store.evidence()) == (held, ())
    assert (gate.path / FILE_NAME).read_bytes() == before
    take(gate, world)
    assert len(held_in(gate).leaves) == 9


@pytest.mark.parametrize("data", [b"", b"x" * 100, b"vcred-bundle/1\n"])
def test_what_is_no_bundle_changes_nothing(gate: Home, world: World, data: bytes) -> None:
    with open_store(gate) as store:
        with pytest.raises(DecodeError):
            store.import_bundle(data)
        assert store.held == Held()


def test_a_store_that_cannot_write_keeps_what_it_has(gate: Home, world: World) -> None:
    take(gate, world)
    held = held_in(gate)
    grow(world)
    with open_store(gate) as store:
        store._engine._db.execute("PRAGMA query_only=ON")
        with pytest.raises(StoreError):
            store.import_bundle(encode_bundle(world.bundle()))
        assert store.held == held
        store._engine._db.execute("PRAGMA query_only=OFF")
        store.import_bundle(encode_bundle(world.bundle()))
        assert len(store.held.leaves) == 9


# Two at once.


def test_of_two_imports_at_once_the_second_is_told_and_may_try_again(gate: Home, world: World) -> None:
    small = encode_bundle(world.bundle())
    grow(world)
    large = encode_bundle(world.bundle())
    with open_store(gate) as one, open_store(gate) as two:
        one.import_bundle(small)
        with pytest.raises(StoreError) as caught:
            two.import_bundle(large)
        assert caught.value.hint == "import again"
        assert two.held == one.held
        two.import_bundle(large)
        assert len(two.held.leaves) == 9
        # What the first one read is old now; nothing goes back for it.
        with pytest.raises(StoreError):
            one.import_bundle(large)
        assert not one.import_bundle(large).changed
    assert len(held_in(gate).leaves) == 9


def test_an_older_list_that_comes_second_does_not_win(gate: Home, world: World) -> None:
    take(gate, world)
    middle, newest = world.fork(), world.fork()
    for later, hours in ((middle, 1), (newest, 2)):
        later.later(hours=hours)
        later.revoke(7)
    with open_store(gate, now=newest.now) as one, open_store(gate, now=newest.now) as two:
        one.import_bundle(encode_bundle(newest.bundle()))
        two.import_bundle(encode_bundle(middle.bundle()))
    held = held_in(gate)
    assert held.newest_statuses()[world.status_uri()].issued_at == NOW + 7200
    assert held.time_floor == NOW + 7200
    newest_checkpoint = held.newest_checkpoint()
    assert newest_checkpoint is not None and newest_checkpoint.quorum_time == NOW + 7200


# Evidence.


def test_led_15_both_heads_of_a_fork_are_kept(gate: Home, world: World) -> None:
    take(gate, world)
    other = forked(world)
    for _ in range(2):
        with open_store(gate) as store, pytest.raises(TrustBundleError) as caught:
            store.import_bundle(encode_bundle(other))
        assert caught.value.reason is Reason.FORK
    with open_store(gate) as store:
        assert store.evidence() == (world.bundle().checkpoint, other.checkpoint)
        assert store.held.leaves == tuple(world.leaves)
        # The gate goes on with what it had.
        assert store.belief().size == 8


def test_bnd_31_both_lists_of_one_date_are_kept(gate: Home, world: World) -> None:
    take(gate, world)
    known = world.status_tokens()[0]
    world.statuses[world.status_uri()] = {7: 1}
    with open_store(gate) as store:
        with pytest.raises(TrustBundleError):
            store.import_bundle(encode_bundle(world.bundle()))
        assert store.evidence()[0] == known.encode()
        assert len(store.evidence()) == 2


def test_what_nobody_signed_is_no_evidence(gate: Home, world: World) -> None:
    """Else a stick full of rubbish could fill the disk, and raise an alarm about the log."""
    take(gate, world)
    other = replace(forked(world), checkpoint=world.bundle().checkpoint)
    with open_store(gate) as store:
        with pytest.raises(TrustBundleError) as caught:
            store.import_bundle(encode_bundle(other))
        assert caught.value.reason is Reason.BUNDLE_INCONSISTENT
        assert store.evidence() == ()


# Gossip.


def test_bnd_31_two_posts_compare_what_they_hold(tmp_path: Path, world: World) -> None:
    one, two = (make_gate(tmp_path / name, world) for name in ("one", "two"))
    take(one, world)
    take(two, world)
    with open_store(one) as first, open_store(two) as second:
        line = str(first.gossip())
        assert line == str(second.gossip())
    size, root, digest, _ = line.split(" ")
    assert (size, base64.b64decode(root)) == ("8", root_of(map(leaf_hash, world.leaves)))
    lists = sorted(world.held.newest_statuses().items() or world.import_bundle().newest_statuses().items())
    text = "".join(f"{uri} {NOW} {sha256(status.token.encode()).hexdigest()}\n" for uri, status in lists)
    assert digest == encode_base64url(sha256(text.encode()).digest())
    assert line.isprintable()


def test_bnd_31_a_fork_shows_in_the_gossip_lines(tmp_path: Path, world: World) -> None:
    one, two = (make_gate(tmp_path / name, world) for name in ("one", "two"))
    take(one, world)
    take(two, world, forked(world))
    with open_store(one) as first, open_store(two) as second:
        (size, root, lists), (size_2, root_2, lists_2) = (
            str(s.gossip()).split()[:3] for s in (first, second)
        )
        assert (size, lists) == (size_2, lists_2)
        assert root != root_2
        # And when they exchange bundles, each of them says so.
        for store, other in ((first, second.export_bundle()), (second, first.export_bundle())):
            with pytest.raises(TrustBundleError) as caught:
                store.import_bundle(other)
            assert caught.value.reason is Reason.FORK


def test_bnd_10_a_gossip_line_tells_a_restored_post_that_it_is_behind(gate: Home, world: World) -> None:
    take(gate, world)
    with open_store(gate) as store:
        before = store.gossip()
    world.later(hours=1)
    world.revoke(7)
    take(gate, world)
    with open_store(gate, now=world.now) as store:
        after = store.gossip()
    assert (before.size, before.root) == (after.size, after.root)
    assert before.lists != after.lists


def test_what_one_post_holds_another_can_import(tmp_path: Path, world: World) -> None:
    one, two = (make_gate(tmp_path / name, world) for name in ("one", "two"))
    take(one, world)
    world.later(hours=1)
    world.revoke(7)
    grow(world)
    take(one, world)
    with open_store(one, now=world.now) as first, open_store(two, now=world.now) as second:
        second.import_bundle(first.export_bundle())
        assert second.gossip() == first.gossip()
        assert second.belief().state == first.belief().state


def test_a_list_whose_key_is_void_by_now_is_not_handed_on(tmp_path: Path, world: World) -> None:
    """Else one distrusted status key would spoil every bundle that gates hand to each other."""
    one, two = (make_gate(tmp_path / name, world) for name in ("one", "two"))
    take(one, world)
    world.distrust(world.gd, world.issuer.key_id(Purpose.STATUS))
    take(one, world, world.bundle(status_tokens=()))
    with open_store(one, now=world.now) as first, open_store(two, now=world.now) as second:
        assert len(first.held.newest_statuses()) == 2
        second.import_bundle(first.export_bundle())
        assert [status.did for status in second.held.newest_statuses().values()] == [world.mo_issuer.did]


def test_before_the_first_bundle_there_is_nothing_to_say(gate: Home) -> None:
    with open_store(gate) as store:
        for ask in (store.belief, store.gossip, store.export_bundle):
            with pytest.raises(StoreError) as caught:
                ask()
            assert caught.value.hint is not None and "trust import" in caught.value.hint


# Floors.


def test_bnd_09_a_deleted_store_does_not_fall_below_the_network_file(tmp_path: Path, world: World) -> None:
    old = encode_bundle(world.bundle())
    grow(world, 2)
    floor = replace(
        world.network_file(), floor_size=10, floor_root=root_of(map(leaf_hash, world.leaves)), floor_date=NOW
    )
    gate = make_gate(tmp_path / "managed", world, network_file=floor)
    take(gate, world)
    for file in gate.path.glob(f"{FILE_NAME}*"):
        file.unlink()
    with open_store(gate) as store:
        with pytest.raises(TrustBundleError) as caught:
            store.import_bundle(old)
        assert caught.value.reason is Reason.ROLLBACK
        store.import_bundle(encode_bundle(world.bundle()))


def test_a_home_without_a_network_file_believes_nothing(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", Role.VERIFIER, Settings())
    with pytest.raises(StoreError):
        TrustStore.open(home)


# Audit questions.


def test_an_audit_question_is_judged_on_what_was_known_then(gate: Home, world: World) -> None:
    take(gate, world)
    world.later(days=1)
    world.revoke(7)
    world.say(world.gd, Kind.ISSUER_WITHDRAW, entry=world.entries["gd"], effect="void")
    take(gate, world)
    with open_store(gate, now=world.now) as store:
        for offset, size, index in ((0, 8, 0), (86_399, 8, 0), (86_400, 9, 1)):
            belief = store.belief(at=START + timedelta(seconds=offset))
            assert (belief.size, belief.audit, belief.time_floor) == (size, True, 0)
            status = belief.status(world.status_uri())
            assert status is not None and status.snapshot.lookup(7) == index
            accreditation = belief.accreditations(world.issuer.did, world.vct)[0]
            assert accreditation.void is (size == 9)
        with pytest.raises(StoreError):
            store.belief(at=START - timedelta(seconds=1))
        assert store.belief().time_floor == NOW + 86_400


# Damage.


def flip(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


@pytest.mark.parametrize("index", range(8))
def test_a_flipped_bit_in_an_entry_is_noticed(gate: Home, world: World, index: int) -> None:
    """In a withdrawal it would bring back what was taken away."""
    take(gate, world)
    change(gate, "UPDATE leaf SET bytes = ? WHERE idx = ?", flip(world.leaves[index]), index)
    with pytest.raises(StoreError, match="damaged"):
        open_store(gate)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM leaf WHERE idx = 7",
        "DELETE FROM leaf WHERE idx = 3",
        "INSERT INTO leaf VALUES (8, x'00')",
        "DELETE FROM checkpoint",
        "UPDATE checkpoint SET root = zeroblob(32)",
        "UPDATE checkpoint SET size = 9",
        "UPDATE checkpoint SET quorum_time = quorum_time + 1",
        "UPDATE checkpoint SET quorum_time = quorum_time - 1",
        "UPDATE checkpoint SET note = CAST(note || 'x' AS BLOB)",
        "UPDATE checkpoint SET note = zeroblob(9)",
        "UPDATE time_floor SET value = value + 1",
        "DELETE FROM time_floor",
        "UPDATE status SET issued_at = issued_at + 1",
        "UPDATE status SET did = did || '1'",
        "UPDATE status SET uri = uri || '1'",
        "UPDATE status SET token = 'x.y.z'",
        "UPDATE type SET bytes = zeroblob(9)",
        "UPDATE type SET digest = zeroblob(32)",
    ],
)
def test_what_is_missing_or_changed_is_noticed(gate: Home, world: World, statement: str) -> None:
    take(gate, world)
    change(gate, statement)
    with pytest.raises(StoreError, match="damaged"):
        open_store(gate)


@pytest.mark.parametrize("number", range(30))
def test_a_flipped_bit_in_the_checkpoints_note_is_noticed(gate: Home, world: World, number: int) -> None:
    take(gate, world)
    note = bytearray(world.checkpoint_note())
    note[number * len(note) // 30] ^= 1 << number % 7
    change(gate, "UPDATE checkpoint SET note = ?", bytes(note))
    with pytest.raises(StoreError, match="damaged"):
        open_store(gate)


def test_bytes_that_became_text_are_damage(gate: Home, world: World) -> None:
    """What a flipped bit in the header of a record does."""
    take(gate, world)
    database = sqlite3.connect(gate.path / FILE_NAME)
    database.execute("PRAGMA writable_schema=ON")
    database.execute("UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'leaf'")
    database.commit()
    database.close()
    change(gate, "UPDATE leaf SET bytes = CAST(bytes AS TEXT) WHERE idx = 1")
    with pytest.raises(StoreError, match="damaged"):
        open_store(gate)


def test_a_changed_list_says_nothing(gate: Home, world: World) -> None:
    take(gate, world)
    change(gate, "UPDATE status SET token = substr(token, 1, length(token) - 2) || 'AA'")
    with open_store(gate) as store, pytest.raises(TrustBundleError) as caught:
        store.belief().status(world.status_uri())
    assert caught.value.reason is Reason.STATUS_INVALID


def test_a_store_of_a_newer_vcred_is_left_alone(gate: Home, world: World) -> None:
    take(gate, world)
    database = sqlite3.connect(gate.path / FILE_NAME)
    database.execute(f"PRAGMA user_version={SCHEMA.version + 1}")
    database.close()
    with pytest.raises(StoreError) as caught:
        open_store(gate)
    assert caught.value.hint == "upgrade vcred"


def test_what_is_no_database_is_a_store_error(gate: Home) -> None:
    (gate.path / FILE_NAME).write_bytes(b"x" * 5000)
    with pytest.raises(StoreError):
        open_store(gate)


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_byte_of_the_file_is_no_bug_and_no_other_ledger(
    gate: Home, world: World, seed: int
) -> None:
    """FI-07, a sample. The signature of a list is looked at when the list is."""
    take(gate, world)
    good = held_in(gate)
    path = gate.path / FILE_NAME
    data = bytearray(path.read_bytes())
    data[(seed * 2_654_435_761) % len(data)] ^= 1 << seed % 8
    path.write_bytes(data)
    try:
        with open_store(gate) as store:
            belief = store.belief()
            for issuer in (world.issuer, world.mo_issuer):
                belief.status(world.status_uri(issuer))
            assert store.held == good
    except VcredError:
        pass
