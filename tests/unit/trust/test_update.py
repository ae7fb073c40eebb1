# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What may replace what: each rule of an import, its good case, one change, and the exact reason.

BND-01 to BND-11, BND-14, BND-15, BND-18, BND-20, BND-21, BND-29, BND-31, BND-33; LED-15, LED-18, LED-23.
"""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from tests.unit.trust.samples import (
    KEYS,
    another_network,
    fresh_world,
    grow,
    head,
    note_of,
    refusal,
)
from tests.world import ORIGIN, START, World
from vcred.codec.jcs import encode_jcs
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.errors import DecodeError, LimitExceededError, TrustBundleError
from vcred.keys.algorithms import EDDSA
from vcred.keys.signer import Signer
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.ledger.network_file import NetworkFile
from vcred.reasons import Reason
from vcred.tlog.note import Note, NoteSignature, encode_note, parse_note
from vcred.tlog.tree import leaf_hash, root_of
from vcred.trust.bundle import Bundle
from vcred.trust.held import Held
from vcred.trust.update import SKEW_SECONDS, decide_update
from vcred.verifier.report import Decision

NOW = int(START.timestamp())


def refused(held: Held, bundle: Bundle, network_file: NetworkFile, *, now: int = NOW) -> TrustBundleError:
    with pytest.raises(TrustBundleError) as caught:
        decide_update(held, bundle, network_file, now=now)
    return caught.value


def both(world: World, at: int = NOW) -> list[tuple[str, Signer, int]]:
    return [(name, signer, at) for name, signer in world.witnesses.items()]


def unlike(world: World, index: int = 5) -> list[bytes]:
    """The leaves with another, well-formed one at an index."""
    entry = parse_leaf(world.leaves[index])
    other = encode_leaf(entry.operation, logged_at=entry.logged_at + 1)
    return [*world.leaves[:index], other, *world.leaves[index + 1 :]]


def forked(world: World) -> Bundle:
    """What the log has signed over other entries, and the witnesses too."""
    leaves = unlike(world)
    note = note_of(head(leaves, origin=ORIGIN), world.log_key, both(world))
    return world.bundle(leaves=tuple(leaves), checkpoint=note)


# The good case, again and again.


def test_a_first_bundle_is_taken_whole() -> None:
    world = fresh_world()
    addition = decide_update(Held(), world.bundle(), world.network_file(), now=NOW)
    assert addition.leaves == tuple(world.leaves)
    assert addition.checkpoint is not None
    assert (addition.checkpoint.size, addition.checkpoint.quorum_time) == (8, NOW)
    assert addition.checkpoint.root == root_of(map(leaf_hash, world.leaves))
    assert addition.checkpoint.note == world.bundle().checkpoint
    assert {status.did for status in addition.statuses} == {world.issuer.did, world.mo_issuer.did}
    assert addition.types == world.definitions
    assert not addition.is_empty


def test_bnd_07_the_same_bundle_again_changes_nothing() -> None:
    world = fresh_world()
    bundle = world.bundle()
    held = world.import_bundle(bundle)
    again = decide_update(held, bundle, world.network_file(), now=NOW + 5)
    assert again.is_empty


def test_any_one_thing_that_is_new_is_news() -> None:
    world = fresh_world()
    bare = world.bundle(types={}, status_tokens=())
    world.import_bundle(bare)
    distrust = world.statement(world.gd, Kind.KEY_DISTRUST, key=world.issuer.key_id())
    fresher = world.fork().later(seconds=1).checkpoint_note()
    news: list[dict[str, object]] = [
        {"types": world.definitions},
        {"status_tokens": world.status_tokens()},
        {"pending": (encode_jcs(distrust),)},
        {"checkpoint": fresher},
    ]
    file = world.network_file()
    assert decide_update(world.held, bare, file, now=NOW).is_empty
    for changes in news:
        bundle = replace(bare, **changes)  # type: ignore[arg-type]
        assert not decide_update(world.held, bundle, file, now=NOW).is_empty, changes.keys()


def test_a_later_bundle_brings_only_what_is_new() -> None:
    world = fresh_world()
    world.import_bundle()
    grow(world, 3)
    world.later(hours=1)
    addition = decide_update(world.held, world.bundle(), world.network_file(), now=NOW + 3600)
    assert addition.leaves == tuple(world.leaves[8:])
    assert addition.types == {}
    for first in range(9):
        part = world.bundle(first=first, leaves=tuple(world.leaves[first:]))
        assert decide_update(world.held, part, world.network_file(), now=NOW + 3600) == addition


def test_the_same_head_cosigned_anew_is_fresher() -> None:
    world = fresh_world()
    world.import_bundle()
    world.later(hours=1)
    world.import_bundle()
    assert [checkpoint.quorum_time for checkpoint in world.held.checkpoints] == [NOW, NOW + 3600]
    assert world.held.time_floor == NOW + 3600


# Step 2: which network, from which entry on.


def test_a_gap_is_refused() -> None:
    world = fresh_world()
    assert refusal(world, world.bundle(first=1, leaves=tuple(world.leaves[1:]))) is Reason.BUNDLE_GAP
    world.import_bundle()
    grow(world, 2)
    assert refusal(world, world.bundle(first=9, leaves=tuple(world.leaves[9:]))) is Reason.BUNDLE_GAP
    world.import_bundle(world.bundle(first=8, leaves=tuple(world.leaves[8:])))


@pytest.mark.parametrize("holds", [False, True], ids=["new gate", "gate that holds a bundle"])
def test_bnd_05_a_bundle_of_another_network_is_unknown(holds: bool) -> None:
    """Same form, same origin, well signed: no fork either, for nobody has lied."""
    world, other = fresh_world(), another_network()
    if holds:
        world.import_bundle()
    error = refused(world.held, other.bundle(), world.network_file())
    assert error.reason is Reason.ISSUER_UNKNOWN
    assert error.evidence == ()


def test_bnd_05_the_network_file_decides_even_over_what_is_held() -> None:
    world = fresh_world()
    world.import_bundle()
    error = refused(world.held, world.bundle(), another_network().network_file())
    assert error.reason is Reason.ISSUER_UNKNOWN
    error = refused(world.held, world.bundle(first=8, leaves=()), another_network().network_file())
    assert error.reason is Reason.ISSUER_UNKNOWN


def test_a_bundle_without_entries_is_of_no_network() -> None:
    world = fresh_world()
    assert refusal(world, world.bundle(leaves=())) is Reason.ISSUER_UNKNOWN


@pytest.mark.parametrize("leaf", [b"", b"{}", b"x" * 70_000])
def test_bnd_29_entry_0_is_a_valid_genesis(leaf: bytes) -> None:
    world = fresh_world()
    reason = Reason.LIMIT_EXCEEDED if len(leaf) > 65_536 else Reason.MALFORMED
    assert refusal(world, world.bundle(leaves=(leaf, *world.leaves[1:]))) is reason
    unsigned = world.leaves[0].replace(b"proofValue", b"proofvalue")
    assert refusal(world, world.bundle(leaves=(unsigned, *world.leaves[1:]))) is Reason.MALFORMED


def test_a_bundle_brings_so_many_entries_and_no_more() -> None:
    world = fresh_world()
    many = (world.leaves[0], *[b"x"] * 1_000_000)
    assert refusal(world, world.bundle(leaves=many)) is Reason.LIMIT_EXCEEDED
    # One less, and it is looked at further; but not for long, for the log has not signed it.
    started = time.process_time()
    assert refusal(world, world.bundle(leaves=many[:-1])) is Reason.BUNDLE_INCONSISTENT
    assert time.process_time() - started < 20


def test_nothing_is_replayed_that_log_and_witnesses_have_not_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Void entries cost a few bytes each: 64 KiB of them could keep a gate busy for hours."""
    world = fresh_world()
    replayed: list[int] = []

    def counting(leaves: tuple[bytes, ...], **options: object) -> object:
        replayed.append(len(leaves))
        return real(leaves, **options)  # type: ignore[arg-type]

    from vcred.trust import offer

    real = offer.replay
    monkeypatch.setattr(offer, "replay", counting)
    padded = (*world.leaves, *[b"{}"] * 1000)
    assert refusal(world, world.bundle(leaves=padded)) is Reason.BUNDLE_INCONSISTENT
    assert replayed == [1]
    # Nor that only the log has signed, or one side.
    for cosigners, now in ((both(world)[:1], NOW), (both(world, NOW + 900), NOW)):
        note = note_of(head(padded, origin=ORIGIN), world.log_key, cosigners)
        error = refused(Held(), world.bundle(leaves=padded, checkpoint=note), world.network_file(), now=now)
        assert error.reason in {Reason.QUORUM_MISSING, Reason.NOT_YET_VALID}
    assert replayed == [1, 1, 1]
    note = note_of(head(padded, origin=ORIGIN), world.log_key, both(world))
    world.import_bundle(world.bundle(leaves=padded, checkpoint=note))
    assert replayed == [1, 1, 1, 1, 1, 1007]
    assert len(world.held.state.void) == 1000


# Step 3: what is held already.


def test_led_15_a_fork_that_the_log_signed_is_evidence() -> None:
    world = fresh_world()
    known = world.bundle()
    world.import_bundle(known)
    error = refused(world.held, forked(world), world.network_file())
    assert error.reason is Reason.FORK
    assert error.evidence == (known.checkpoint, forked(world).checkpoint)


@pytest.mark.parametrize("size", [6, 7, 8, 10])
def test_led_15_a_fork_of_any_size_is_one(size: int) -> None:
    world = fresh_world()
    world.import_bundle()
    leaves = [*unlike(world), b"{}", b"{}"][:size]
    note = note_of(head(leaves, origin=ORIGIN), world.log_key, [])
    # The quorum does not matter: the log's own signature is the evidence.
    assert refusal(world, world.bundle(leaves=tuple(leaves), checkpoint=note)) is Reason.FORK


def test_a_changed_file_is_no_fork() -> None:
    """Whoever carries a bundle can change it: that is not the log's doing, and no evidence."""
    world = fresh_world()
    world.import_bundle()
    damaged = world.bundle(leaves=tuple(unlike(world)))
    error = refused(world.held, damaged, world.network_file())
    assert (error.reason, error.evidence) == (Reason.BUNDLE_INCONSISTENT, ())
    forger = KEYS.make("forger", EDDSA)
    unsigned = note_of(head(unlike(world), origin=ORIGIN), forger, both(world))
    error = refused(world.held, replace(damaged, checkpoint=unsigned), world.network_file())
    assert (error.reason, error.evidence) == (Reason.SIGNATURE_INVALID, ())


# Step 4: signature, number, root.


def test_bnd_01_a_checkpoint_that_the_log_has_not_signed() -> None:
    world = fresh_world()
    forger = KEYS.make("forger", EDDSA)
    good = head(world.leaves, origin=ORIGIN)
    world.import_bundle(world.bundle(checkpoint=note_of(good, world.log_key, both(world))))
    for signer in (forger, world.witnesses["witness/MO"]):
        note = note_of(good, signer, both(world))
        assert refusal(world, world.bundle(checkpoint=note)) is Reason.SIGNATURE_INVALID


def test_bnd_05_a_checkpoint_of_another_log() -> None:
    world = fresh_world()
    other = note_of(head(world.leaves, origin="ledger.vcred.example/other"), world.log_key, both(world))
    with pytest.raises((TrustBundleError, DecodeError)):
        decide_update(Held(), world.bundle(checkpoint=other), world.network_file(), now=NOW)


@pytest.mark.parametrize("note", [b"", b"x", b"\xff", b"\n\n"])
def test_a_checkpoint_that_is_none_is_malformed(note: bytes) -> None:
    world = fresh_world()
    with pytest.raises(DecodeError):
        decide_update(Held(), world.bundle(checkpoint=note), world.network_file(), now=NOW)


@pytest.mark.parametrize("size", [0, 7, 9, 2**53 - 1])
def test_bnd_18_the_number_of_entries_is_the_checkpoints(size: int) -> None:
    world = fresh_world()
    note = note_of(head(world.leaves, origin=ORIGIN, size=size), world.log_key, both(world))
    assert refusal(world, world.bundle(checkpoint=note)) is Reason.BUNDLE_INCONSISTENT


@pytest.mark.parametrize("size", ["9007199254740992", "9223372036854775808", "-1", "08", "8.0", ""])
def test_bnd_18_a_size_that_is_none_is_malformed(size: str) -> None:
    world = fresh_world()
    note = world.checkpoint_note().replace(b"\n8\n", f"\n{size}\n".encode())
    assert note != world.checkpoint_note()
    with pytest.raises(DecodeError):
        decide_update(Held(), world.bundle(checkpoint=note), world.network_file(), now=NOW)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n8\n", b"\n08\n"),
        (b"\n\n", b"\n"),
        (b"\n8\n", b"\n8\t\n"),
        (b"\n8\n", b"\r\n8\r\n"),
        (b"\xe2\x80\x94 witness/MO", b"\xe2\x80\x94 witness+MO"),
        (b"\xe2\x80\x94 witness/MO", b"- witness/MO"),
        (b"ledger.vcred.example/test\n", b"\n"),
    ],
)
def test_led_17_a_checkpoint_is_a_note_to_the_letter(old: bytes, new: bytes) -> None:
    world = fresh_world()
    note = world.checkpoint_note()
    assert old in note
    with pytest.raises(DecodeError):
        decide_update(
            Held(), world.bundle(checkpoint=note.replace(old, new, 1)), world.network_file(), now=NOW
        )
    with pytest.raises(DecodeError):
        decide_update(Held(), world.bundle(checkpoint=note[:-1]), world.network_file(), now=NOW)


def test_led_17_a_checkpoint_bears_16_signatures_and_no_more() -> None:
    world = fresh_world()
    note = parse_note(world.checkpoint_note())
    junk = tuple(NoteSignature(name=f"x/{n}", key_id=b"junk", signature=b"x") for n in range(13))
    full = replace(note, signatures=(*junk, *note.signatures))
    world.import_bundle(world.bundle(checkpoint=encode_note(full)))
    line = encode_note(note).splitlines(keepends=True)[-1]
    with pytest.raises(LimitExceededError):
        bundle = world.bundle(checkpoint=encode_note(full) + line)
        decide_update(Held(), bundle, world.network_file(), now=NOW)


@pytest.mark.parametrize("index", range(1, 8))
def test_bnd_11_an_entry_left_out_is_seen(index: int) -> None:
    """An issuer that was taken off the ledger without a word would be such an entry."""
    world = fresh_world()
    leaves = tuple(world.leaves[:index] + world.leaves[index + 1 :])
    assert refusal(world, world.bundle(leaves=leaves)) is Reason.BUNDLE_INCONSISTENT
    again = (*leaves, world.leaves[index])
    if again != tuple(world.leaves):
        assert refusal(world, world.bundle(leaves=again)) is Reason.BUNDLE_INCONSISTENT


def test_bnd_11_what_was_there_stays_there() -> None:
    world = fresh_world()
    world.import_bundle()
    grow(world)
    without = [*world.leaves[:1], *world.leaves[2:]]
    note = note_of(head(without, origin=ORIGIN), world.log_key, both(world))
    assert refusal(world, world.bundle(leaves=tuple(without), checkpoint=note)) is Reason.FORK


# Steps 5 and 6: the quorum and its dates.


def test_bnd_01_no_cosignature_no_quorum() -> None:
    world = fresh_world()
    assert (
        refusal(world, world.bundle(checkpoint=world.checkpoint_note(cosigners=[]))) is Reason.QUORUM_MISSING
    )
    strangers = [(name, KEYS.make(f"forged {name}", EDDSA), NOW) for name in world.witnesses]
    note = note_of(head(world.leaves, origin=ORIGIN), world.log_key, strangers)
    assert refusal(world, world.bundle(checkpoint=note)) is Reason.QUORUM_MISSING


@pytest.mark.parametrize("names", [["witness/MO"], ["witness/CN-44"], ["witness/MO", "witness/MO"]])
def test_bnd_02_one_side_alone_makes_no_quorum(names: list[str]) -> None:
    world = fresh_world()
    note = world.checkpoint_note(cosigners=names)
    assert refusal(world, world.bundle(checkpoint=note)) is Reason.QUORUM_MISSING
    world.import_bundle()


def test_bnd_02_one_key_under_two_names_counts_once() -> None:
    world = fresh_world()
    signer = world.witnesses["witness/MO"]
    lines = [("witness/MO", signer, NOW), ("witness/CN-44", signer, NOW)]
    note = note_of(head(world.leaves, origin=ORIGIN), world.log_key, lines)
    assert refusal(world, world.bundle(checkpoint=note)) is Reason.QUORUM_MISSING


def test_bnd_02_the_log_is_no_witness() -> None:
    world = fresh_world()
    lines = [("witness/MO", world.witnesses["witness/MO"], NOW), ("witness/CN-44", world.log_key, NOW)]
    note = note_of(head(world.leaves, origin=ORIGIN), world.log_key, lines)
    assert refusal(world, world.bundle(checkpoint=note)) is Reason.QUORUM_MISSING


def test_bnd_03_cosignatures_over_other_bytes_do_not_count() -> None:
    """Those of yesterday's head, put under today's."""
    world = fresh_world()
    old = parse_note(world.checkpoint_note())
    grow(world)
    new = parse_note(world.checkpoint_note())
    note = encode_note(Note(text=new.text, signatures=(new.signatures[0], *old.signatures[1:])))
    assert refusal(world, world.bundle(checkpoint=note)) is Reason.QUORUM_MISSING
    world.import_bundle()


def test_led_18_a_cosignature_without_a_date_does_not_count() -> None:
    world = fresh_world()
    note = parse_note(world.checkpoint_note())
    log, first, second = note.signatures
    undated = NoteSignature(name=second.name, key_id=second.key_id, signature=second.signature[8:])
    other = encode_note(Note(text=note.text, signatures=(log, first, undated)))
    assert refusal(world, world.bundle(checkpoint=other)) is Reason.QUORUM_MISSING


def test_a_broken_line_takes_nothing_from_the_good_ones() -> None:
    world = fresh_world()
    note = parse_note(world.checkpoint_note())
    junk = NoteSignature(name="witness/HK", key_id=b"junk", signature=b"x" * 72)
    world.import_bundle(
        world.bundle(checkpoint=encode_note(replace(note, signatures=(*note.signatures, junk))))
    )


@pytest.mark.parametrize(("ahead", "good"), [(0, True), (SKEW_SECONDS, True), (SKEW_SECONDS + 1, False)])
def test_bnd_15_cosignatures_from_the_future(ahead: int, good: bool) -> None:
    world = fresh_world()
    world.cosigned_at = world.now + timedelta(seconds=ahead)
    if good:
        world.import_bundle()
        return
    assert refusal(world) is Reason.NOT_YET_VALID
    assert world.held.time_floor == 0
    # One of the two is enough to make it late, and the other does not make it old.
    lines = [("witness/MO", world.witnesses["witness/MO"], NOW + ahead)]
    lines += [("witness/CN-44", world.witnesses["witness/CN-44"], NOW)]
    note = note_of(head(world.leaves, origin=ORIGIN), world.log_key, lines)
    assert refusal(world, world.bundle(checkpoint=note)) is Reason.NOT_YET_VALID


def test_the_slower_witness_tells_the_time() -> None:
    world = fresh_world()
    lines = [("witness/MO", world.witnesses["witness/MO"], NOW)]
    lines += [("witness/CN-44", world.witnesses["witness/CN-44"], NOW - 3600)]
    note = note_of(head(world.leaves, origin=ORIGIN), world.log_key, lines)
    world.import_bundle(world.bundle(checkpoint=note))
    assert world.held.time_floor == NOW - 3600


@pytest.mark.parametrize(("ahead", "good"), [(0, True), (300, True), (301, False)])
def test_led_23_an_entry_is_not_dated_ahead_of_its_cosigners(ahead: int, good: bool) -> None:
    world = fresh_world()
    world.later(seconds=ahead)
    grow(world)
    world.later(seconds=-ahead)
    if good:
        world.import_bundle()
    else:
        assert refusal(world) is Reason.NOT_YET_VALID


# Step 7: never backward, never below the floor.


def test_bnd_07_fewer_entries_are_a_rollback() -> None:
    world = fresh_world()
    old = world.bundle()
    grow(world)
    world.import_bundle()
    assert refusal(world, old) is Reason.ROLLBACK


def test_bnd_07_an_older_quorum_time_is_a_rollback() -> None:
    world = fresh_world()
    old = world.bundle()
    world.later(hours=1)
    world.import_bundle()
    assert refusal(world, old) is Reason.ROLLBACK
    # Also with more entries: what came before cannot be known later.
    grow(world)
    world.cosigned_at = world.now - timedelta(seconds=1)
    assert refusal(world) is Reason.ROLLBACK


def floor_at(world: World, size: int, *, date: datetime | None = None) -> NetworkFile:
    root = root_of(leaf_hash(leaf) for leaf in world.leaves[:size])
    at = int((date or START).timestamp())
    return replace(world.network_file(), floor_size=size, floor_root=root, floor_date=at)


def test_bnd_09_a_store_that_was_deleted_does_not_fall_below_the_floor() -> None:
    """The network file was got out of band, and later: it knows more than an old bundle."""
    world = fresh_world()
    old = world.bundle()
    grow(world, 2)
    file = floor_at(world, 10)
    assert refused(Held(), old, file).reason is Reason.ROLLBACK
    assert decide_update(Held(), world.bundle(), file, now=NOW).checkpoint is not None


def test_the_floor_has_a_root() -> None:
    world = fresh_world()
    bundle = world.bundle()
    for size in range(1, 9):
        decide_update(Held(), bundle, floor_at(world, size), now=NOW)
        wrong = replace(floor_at(world, size), floor_root=bytes(32))
        error = refused(Held(), bundle, wrong)
        assert error.reason is Reason.FORK
        assert error.evidence == (b"", bundle.checkpoint)


@pytest.mark.parametrize(("offset", "good"), [(-1, True), (0, True), (1, False)])
def test_cosignatures_before_the_floors_date_make_no_quorum(offset: int, good: bool) -> None:
    world = fresh_world()
    file = floor_at(world, 8, date=START + timedelta(seconds=offset))
    if good:
        decide_update(Held(), world.bundle(), file, now=NOW)
    else:
        assert refused(Held(), world.bundle(), file).reason is Reason.ROLLBACK


# Step 8: status lists.


def later_list(world: World) -> None:
    """A day on, the issuer revokes someone."""
    world.later(days=1)
    world.revoke(7)


def test_a_newer_list_replaces_the_one_held() -> None:
    world = fresh_world()
    world.import_bundle()
    later_list(world)
    world.import_bundle()
    uri = world.status_uri()
    assert [status.issued_at for status in world.held.statuses if status.uri == uri] == [NOW, NOW + 86_400]
    assert world.held.newest_statuses()[uri].issued_at == NOW + 86_400
    assert world.held.newest_statuses(NOW + 86_399)[uri].issued_at == NOW


def test_bnd_20_the_head_of_today_with_the_list_of_yesterday() -> None:
    """Else a revoked credential would come back."""
    world = fresh_world()
    yesterday = world.bundle()
    world.import_bundle(yesterday)
    later_list(world)
    world.import_bundle()
    mixed = world.bundle(status_tokens=yesterday.status_tokens)
    assert refusal(world, mixed) is Reason.ROLLBACK
    world.import_bundle(world.bundle(status_tokens=()))


@pytest.mark.parametrize(
    ("before", "after", "good"),
    [(1, 1, True), (2, 0, True), (2, 1, True), (0, 2, True), (1, 0, False), (1, 2, False)],
)
def test_sta_18_a_newer_list_that_takes_a_revocation_back(before: int, after: int, good: bool) -> None:
    """An issuer that has put an old store back signs it as good as any other list."""
    world = fresh_world()
    world.revoke(7, value=before)
    world.revoke(8)
    world.import_bundle()
    world.later(days=1)
    world.revoke(7, value=after)
    if good:
        world.import_bundle()
    else:
        assert refusal(world) is Reason.ROLLBACK
        # One that never knew of it cannot tell.
        assert decide_update(Held(), world.bundle(), world.network_file(), now=int(world.now.timestamp()))


def test_a_list_of_a_void_key_takes_nothing_back() -> None:
    """Whoever stole the key has revoked everybody: what the issuer says by another key counts."""
    world = fresh_world()
    world.revoke(7)
    world.import_bundle()
    world.later(days=1)
    stolen = world.issuer.key_id(Purpose.STATUS)
    world.update_did(world.issuer, rotate=[Purpose.STATUS])
    world.later(seconds=1)
    world.revoke(7, value=0)
    assert refusal(world) is Reason.ROLLBACK
    world.distrust(world.gd, stolen)
    world.import_bundle()


def test_a_newer_list_that_cannot_be_read_takes_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fresh_world()
    world.revoke(7)
    world.import_bundle()
    world.later(days=1)
    world.revoke(8)
    good = world.bundle()
    with monkeypatch.context() as patched:
        patched.setattr("vcred.status.token_status_list.compress_list", lambda _: "AAAA")
        assert refusal(world) is Reason.STATUS_INVALID
    world.import_bundle(good)


def test_a_list_that_could_not_be_read_keeps_no_later_one_out(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fresh_world()
    with monkeypatch.context() as patched:
        patched.setattr("vcred.status.token_status_list.compress_list", lambda _: "AAAA")
        world.import_bundle()
    world.later(days=1)
    world.revoke(7)
    world.import_bundle()
    assert world.held.newest_statuses()[world.status_uri()].issued_at == NOW + 86_400


def test_bnd_31_two_lists_of_one_date_are_a_fork() -> None:
    world = fresh_world()
    bundle = world.bundle()
    world.import_bundle(bundle)
    world.statuses[world.status_uri()] = {7: 1}
    world.status_dates[world.status_uri()] = world.now
    other = world.bundle()
    error = refused(world.held, other, world.network_file())
    assert error.reason is Reason.FORK
    assert error.evidence == (bundle.status_tokens[0].encode(), other.status_tokens[0].encode())


def test_the_same_list_under_another_signature_is_the_same_list() -> None:
    """ECDSA signatures are malleable: (r, -s) is as good, and no new statement of the issuer."""
    from vcred.codec.base64url import decode_base64url, encode_base64url

    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    world = fresh_world()
    world.import_bundle()
    token = world.status_tokens()[0]
    signed, _, signature = token.rpartition(".")
    raw = decode_base64url(signature)
    mirrored = raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    twin = f"{signed}.{encode_base64url(mirrored)}"
    assert twin != token
    again = world.bundle(status_tokens=(twin, world.status_tokens()[1]))
    assert decide_update(world.held, again, world.network_file(), now=NOW).is_empty


@pytest.mark.parametrize(("ahead", "good"), [(SKEW_SECONDS, True), (SKEW_SECONDS + 1, False)])
def test_bnd_15_a_list_from_the_future(ahead: int, good: bool) -> None:
    world = fresh_world()
    world.status_dates[world.status_uri()] = world.now + timedelta(seconds=ahead)
    if good:
        world.import_bundle()
    else:
        assert refusal(world) is Reason.NOT_YET_VALID


def test_a_bundle_brings_one_list_for_a_place() -> None:
    world = fresh_world()
    first = world.status_token(world.issuer)
    world.status_dates[world.status_uri()] = world.now - timedelta(hours=1)
    older = world.status_token(world.issuer)
    for tokens in ((first, first), (first, older), (older, first)):
        assert refusal(world, world.bundle(status_tokens=tokens)) is Reason.BUNDLE_INCONSISTENT


# Step 9: types.


def test_a_type_travels_once() -> None:
    world = fresh_world()
    world.import_bundle(world.bundle(types={}))
    assert world.belief().type_definition(world.vct) is None
    world.import_bundle()
    definition = world.belief().type_definition(world.vct)
    assert definition is not None and definition.name == "health-code"
    assert decide_update(world.held, world.bundle(), world.network_file(), now=NOW).is_empty


def test_a_type_has_one_spelling() -> None:
    """A digest of other bytes can be published: what it is the digest of is no definition."""
    world = fresh_world()
    world.import_bundle()
    definition = world.type_definition.encoded
    for content, good in ((definition, True), (definition.replace(b":", b": ", 1), False)):
        digest = sha256(content).digest()
        vct = f"{world.mo.did}/types/health-code/{1 + good}"
        world.say(world.mo, Kind.TYPE_PUBLISH, type=vct, digest=hash_text(digest), size=len(content))
        bundle = world.bundle(types={digest: content})
        if good:
            world.import_bundle(bundle)
        else:
            assert refusal(world, bundle) is Reason.BUNDLE_INCONSISTENT


# All or nothing.


def test_bnd_06_what_failed_once_is_not_used_next_time() -> None:
    world = fresh_world()
    world.import_bundle()
    held = world.held
    grow(world)
    assert refusal(world, world.bundle(status_tokens=("x.y.z",))) is Reason.STATUS_INVALID
    assert (
        refusal(world, world.bundle(checkpoint=world.checkpoint_note(cosigners=[]))) is Reason.QUORUM_MISSING
    )
    assert world.held is held
    world.import_bundle()
    assert len(world.held.leaves) == 9


def test_bnd_10_a_restored_backup_is_caught_up_by_the_next_bundle() -> None:
    """A gate cannot know that it has forgotten; the first newer bundle, or a gossip line, tells."""
    world = fresh_world()
    world.import_bundle()
    backup = world.held
    later_list(world)
    grow(world)
    world.import_bundle()
    newer = world.held
    world.held = backup
    assert world.held.newest_statuses()[world.status_uri()].issued_at == NOW
    world.import_bundle()
    assert world.held == newer


def test_bnd_14_a_clock_that_was_set_back_after_an_import_is_unreliable() -> None:
    world = fresh_world()
    world.import_bundle()
    presentation = world.show()
    assert world.evaluate(presentation).decision is Decision.ACCEPTED
    for back in (timedelta(days=1), timedelta(days=366)):
        report = world.evaluate(presentation, now=world.now - back)
        assert report.decision is not Decision.ACCEPTED
        assert Reason.CLOCK_UNRELIABLE in report.reasons


def test_limits_are_errors_of_their_own() -> None:
    world = fresh_world()
    with pytest.raises(LimitExceededError):
        decide_update(Held(), world.bundle(checkpoint=b"x" * 70_000), world.network_file(), now=NOW)
