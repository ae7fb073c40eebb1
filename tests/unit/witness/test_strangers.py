# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What anybody may ask a witness that is behind costs it no replay, and the second time no reading."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.ledger.samples import KEYS
from tests.unit.witness.test_witness import fork_of, grow
from tests.unit.witness.watching import Post, extension, head
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.keys.algorithms import EDDSA
from vcred.ledger.drafts import log_key_json
from vcred.tlog.add_checkpoint import AddCheckpoint
from vcred.tlog.witness import RefusalKind, WitnessRefusedError
from vcred.witness.engines.store import HandedOperation
from vcred.witness.monitor import Replayed
from vcred.witness.witness import LocalWitness

STRANGER = KEYS.make("stranger to the log", EDDSA)


class Watched(Post):
    """Counts what is read and what is replayed."""

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[tuple[int, int]] = []
        self.replayed: list[int] = []
        grown = Replayed.grow

        def grow_and_count(replayed: Replayed, leaves: Sequence[bytes]) -> Replayed:
            self.replayed += range(replayed.state.size, replayed.state.size + len(leaves))
            return grown(replayed, leaves)

        def source(start: int, end: int) -> Sequence[bytes]:
            leaves = self.world.leaves[start:end]
            self.read.append((start, start + len(leaves)))
            return leaves

        monkeypatch.setattr(Replayed, "grow", grow_and_count)
        self.source = source

    def forget(self) -> None:
        self.read.clear()
        self.replayed.clear()


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """It has cosigned 5 of 8 entries, and nothing is read yet."""
    post = Watched(tmp_path)
    assert post.ask(0, 5)
    post.watch(monkeypatch)
    return post


def kind_of(witness: LocalWitness, request: AddCheckpoint) -> RefusalKind:
    with pytest.raises(WitnessRefusedError) as caught:
        witness.add_checkpoint(request)
    return caught.value.kind


def unsigned(post: Post, size: int | None = None) -> AddCheckpoint:
    return extension(post.world, 5, size, note=head(post.world, size, signer=STRANGER))


def test_a_note_that_nobody_has_signed_is_not_worth_a_replay(begun: Watched) -> None:
    with begun.open() as witness:
        witness.catch_up()
        begun.forget()
        assert kind_of(witness, unsigned(begun)) is RefusalKind.UNSIGNED
        # Looked through once, for a change of the log key.
        assert (begun.read, begun.replayed) == ([(5, 8)], [])
        for size in (8, 7, 6):
            assert kind_of(witness, unsigned(begun, size)) is RefusalKind.UNSIGNED
        assert (begun.read, begun.replayed) == ([(5, 8)], [])
        assert witness.add_checkpoint(extension(begun.world, 5, 8))
    assert begun.replayed == [5, 6, 7]


def test_a_size_that_no_log_has_is_asked_for_once(begun: Watched) -> None:
    note = head(begun.world, 8, signer=STRANGER).replace(b"\n8\n", b"\n900000\n")
    with begun.open() as witness:
        witness.catch_up()
        begun.forget()
        for _ in range(3):
            assert kind_of(witness, AddCheckpoint(old_size=5, proof=(), note=note)) is RefusalKind.UNSIGNED
    assert begun.replayed == []
    # The second time, only whether there is more by now.
    assert begun.read == [(5, 8), (8, 8), (8, 8), (8, 8)]


def test_what_was_looked_through_grows_with_the_log(begun: Watched) -> None:
    with begun.open() as witness:
        assert kind_of(witness, unsigned(begun)) is RefusalKind.UNSIGNED
        begun.world.new_log_key()
        begun.forget()
        assert kind_of(witness, unsigned(begun)) is RefusalKind.UNSIGNED
        assert (begun.read, begun.replayed) == ([(8, 9)], [])
        assert witness.add_checkpoint(extension(begun.world, 5))


def test_what_was_looked_through_is_looked_through_anew_after_a_minute(begun: Watched) -> None:
    """A source that was damaged and is whole again must not lock the new key out."""
    begun.world.new_log_key()
    whole = begun.world.leaves
    request = extension(begun.world, 5)
    begun.world.leaves = [*whole[:8], b"void"]
    now = begun.world.now
    begun.clock = lambda: now
    with begun.open() as witness:
        assert kind_of(witness, request) is RefusalKind.UNSIGNED
        begun.world.leaves = whole
        now += timedelta(seconds=60)
        assert kind_of(witness, request) is RefusalKind.UNSIGNED
        now += timedelta(seconds=1)
        assert witness.add_checkpoint(request)


def test_a_new_witness_replays_nothing_but_the_genesis_for_a_stranger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Watched(tmp_path)
    post.watch(monkeypatch)
    request = extension(post.world, 0, note=head(post.world, signer=STRANGER))
    with post.open() as witness:
        assert kind_of(witness, request) is RefusalKind.UNSIGNED
        assert post.replayed == [0]
        assert witness.add_checkpoint(extension(post.world, 0))


@pytest.mark.parametrize("valid", [False, True])
def test_an_entry_that_names_the_key_is_worth_one_and_the_rules_decide(begun: Watched, valid: bool) -> None:
    if valid:
        begun.world.new_log_key()
        with begun.open() as witness:
            assert witness.add_checkpoint(extension(begun.world, 5))
        return
    # In the form of a change, signed by nobody: void.
    change: JsonObject = {
        "kind": "network.change",
        "version": 1,
        "log_key": log_key_json(STRANGER.public_key),
    }
    begun.world.leaves.append(encode_jcs({"logged_at": 1, "operation": change}))
    with begun.open() as witness:
        assert kind_of(witness, unsigned(begun)) is RefusalKind.UNSIGNED
    assert begun.replayed == [*range(9)]


def test_the_root_is_compared_before_a_rule_is_asked(begun: Watched) -> None:
    request = extension(begun.world, 5, 8)
    honest = begun.world
    begun.world = fork_of(honest, after=6)
    with begun.open() as witness:
        witness.catch_up()
        begun.forget()
        assert kind_of(witness, request) is RefusalKind.ENTRIES_DIFFER
        assert (begun.read, begun.replayed) == ([(5, 8)], [])
        begun.world = honest
        assert witness.add_checkpoint(request)


def test_entries_too_many_to_be_held_are_read_twice(begun: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcred.witness.engines.reader.LEAVES_AT_A_TIME", 2)
    request = extension(begun.world, 5, 8)
    with begun.open() as witness:
        witness.catch_up()
        begun.forget()
        assert witness.add_checkpoint(request)
    assert begun.read == [(5, 7), (7, 8)] * 2
    assert begun.replayed == [5, 6, 7]


def test_entries_that_are_others_when_they_are_read_again(
    begun: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vcred.witness.engines.reader.LEAVES_AT_A_TIME", 2)
    answers = [begun.world.leaves[:8], fork_of(begun.world, after=6).leaves[:8]]
    asked: list[int] = []

    def source(start: int, end: int) -> Sequence[bytes]:
        asked.append(start)
        return answers[asked.count(start) > 1][start:end]

    begun.source = source
    with begun.open() as witness:
        assert kind_of(witness, extension(begun.world, 5, 8)) is RefusalKind.ENTRIES_DIFFER


@pytest.fixture
def hiding(begun: Watched) -> Watched:
    """Something that was handed over is missing: every head is refused until it is there."""
    early = int(begun.world.now.timestamp()) - 1_000_000
    with begun.store() as store:
        store.hand(HandedOperation(hash="hidden", handed_at=early, operation=b"{}"))
    return begun


def test_a_signed_head_that_is_refused_is_replayed_once(hiding: Watched) -> None:
    with hiding.open() as witness:
        witness.catch_up()
        hiding.forget()
        for old, size in ((5, 8), (5, 5), (5, 8), (5, 8)):
            assert kind_of(witness, extension(hiding.world, old, size)) is RefusalKind.WITHHELD
        assert hiding.replayed == [5, 6, 7]
        grow(hiding.world)
        assert kind_of(witness, extension(hiding.world, 5)) is RefusalKind.WITHHELD
        assert hiding.replayed == [5, 6, 7, 8]
        witness._store.drop(["hidden"])
        assert witness.add_checkpoint(extension(hiding.world, 5))
        assert hiding.replayed == [5, 6, 7, 8]


def test_what_was_kept_does_not_stand_in_for_another_head(hiding: Watched) -> None:
    """The log has signed two ways on from the record: each is judged by its own entries."""
    honest = hiding.world
    forked = fork_of(honest, after=6)
    grow(honest)
    with hiding.open() as witness:
        hiding.world = forked
        assert kind_of(witness, extension(forked, 5)) is RefusalKind.WITHHELD
        hiding.world = honest
        assert kind_of(witness, extension(honest, 5, 7)) is RefusalKind.WITHHELD
        assert kind_of(witness, extension(honest, 5)) is RefusalKind.WITHHELD
        witness._store.drop(["hidden"])
        assert witness.add_checkpoint(extension(honest, 5))
