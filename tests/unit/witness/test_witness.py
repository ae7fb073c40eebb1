# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a witness answers, and that its record is never behind what it has said. LED-15, LED-19."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ledger.samples import KEYS
from tests.unit.witness.watching import NAME, Post, date_of, extension, head
from tests.world import HOUR, World
from vcred.did.methods.vcred import hash_text
from vcred.errors import DecodeError, InconsistencyError, StoreError
from vcred.keys.algorithms import EDDSA
from vcred.keys.public import PublicKey
from vcred.ledger.entries import Kind
from vcred.ledger.network_file import NetworkFile
from vcred.tlog.add_checkpoint import AddCheckpoint
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.witness import RefusalKind, WitnessRefusedError


def grow(world: World, by: int = 1, *, first: int = 1) -> None:
    """Append statements that say nothing of importance."""
    for number in range(first, first + by):
        vct = f"{world.gd.did}/types/badge/{number}"
        world.say(world.gd, Kind.TYPE_PUBLISH, type=vct, digest=hash_text(bytes(32)), size=1)


def root(world: World, size: int) -> bytes:
    return MemoryTree(world.leaves).root(size)


def refusal(post: Post, request: AddCheckpoint) -> WitnessRefusedError:
    """How a request is refused; the record stays as it is."""
    before = post.recorded()
    with post.open() as witness, pytest.raises(WitnessRefusedError) as caught:
        witness.add_checkpoint(request)
    assert post.recorded() == before
    return caught.value


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


@pytest.fixture
def begun(post: Post) -> Post:
    """A witness that has cosigned 5 of 8 entries; the other 3 it would cosign."""
    assert post.ask(0, 5)
    return post


def test_it_cosigns_what_extends_all_that_it_has_cosigned(post: Post) -> None:
    with post.open() as witness:
        assert witness.known_size() == 0
        for old, new in ((0, 1), (1, 1), (1, 3), (3, 8), (8, 8)):
            request = extension(post.world, old, new)
            lines = witness.cosign(request.note, old_size=old, proof=request.proof)
            at = date_of(lines, request.note, NAME, post.signer())
            assert at == int(post.world.now.timestamp())
            assert witness.known_size() == new
            assert post.recorded() == (new, root(post.world, new))
        assert witness.evidence() == ()
        assert witness.name == NAME


def test_it_remembers_after_a_restart(begun: Post) -> None:
    with begun.open() as witness:
        assert witness.known_size() == 5
    assert begun.ask(5, 8)
    error = refusal(begun, extension(begun.world, 5, 8))
    assert (error.kind, error.recorded_size) == (RefusalKind.SIZE_CONFLICT, 8)


# LED-19: the protocol's own refusals, each beside the good request.


@pytest.mark.parametrize("old", [0, 4, 6, 8])
def test_led_19_the_caller_says_what_it_has(begun: Post, old: int) -> None:
    error = refusal(begun, extension(begun.world, old, 8))
    assert (error.kind, error.recorded_size) == (RefusalKind.SIZE_CONFLICT, 5)
    assert begun.ask(5, 8)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda w: {"note": head(w, 8, signer=KEYS.make("other log", EDDSA))}, RefusalKind.UNSIGNED),
        (lambda w: {"note": head(w, 8).replace(b"\n8\n", b"\n7\n")}, RefusalKind.UNSIGNED),
        (lambda w: {"note": head(w, 8, origin="ledger.example/x")}, RefusalKind.ORIGIN_UNKNOWN),
        (lambda w: {"note": head(w, 8)[:-1]}, RefusalKind.MALFORMED),
        (lambda w: {"note": b""}, RefusalKind.MALFORMED),
        (lambda w: {"note": head(w, 8).replace(b"\n8\n", b"\n08\n")}, RefusalKind.MALFORMED),
        (lambda w: {"old_size": 9}, RefusalKind.MALFORMED),
        (lambda w: {"old_size": -1}, RefusalKind.MALFORMED),
        (lambda w: {"proof": ()}, RefusalKind.PROOF_INVALID),
        (lambda w: {"proof": (*extension(w, 5, 8).proof, bytes(32))}, RefusalKind.PROOF_INVALID),
    ],
)
@pytest.mark.parametrize("is_new", [False, True], ids=["begun", "new"])
def test_led_19_each_refusal_has_its_kind(
    post: Post, change: Callable[[World], dict[str, Any]], kind: RefusalKind, is_new: bool
) -> None:
    if not is_new:
        assert post.ask(0, 5)
    request = replace(extension(post.world, 5, 8), **change(post.world))
    error = refusal(post, request)
    if is_new and request.old_size == 5 and kind is RefusalKind.PROOF_INVALID:
        # It has nothing yet, so another size is said first.
        kind = RefusalKind.SIZE_CONFLICT
    assert (error.kind, error.recorded_size) == (kind, 0 if is_new else 5)
    assert post.ask(0 if is_new else 5, 8)


def test_each_kind_has_a_status_of_the_protocol() -> None:
    assert {kind.value: kind.http_status for kind in RefusalKind} == {
        "malformed": 400,
        "unsigned": 403,
        "origin_unknown": 404,
        "size_conflict": 409,
        "fork": 409,
        "proof_invalid": 422,
        "entries_missing": 503,
        "entries_differ": 503,
        "logged_ahead": 503,
        "logged_backward": 403,
        "version_unsupported": 503,
        "withheld": 503,
        "retired": 403,
    }


# LED-15: forks.


def fork_of(world: World, *, after: int) -> World:
    """The same log up to a size, and another entry from there on."""
    other = world.fork()
    other.leaves[after:] = [b"other %d" % number for number in range(len(world.leaves) - after)]
    return other


def test_led_15_a_fork_is_refused_and_both_heads_are_kept(begun: Post) -> None:
    forked = fork_of(begun.world, after=3)
    with begun.open() as witness:
        for _ in range(2):
            with pytest.raises(InconsistencyError) as caught:
                witness.cosign(head(forked, 5), old_size=5, proof=())
            assert caught.value.hint is not None
        assert witness.evidence() == (head(begun.world, 5), head(forked, 5))
    error = refusal(begun, extension(forked, 5, 5))
    assert (error.kind, error.evidence) == (RefusalKind.FORK, (head(begun.world, 5), head(forked, 5)))
    assert begun.ask(5, 8)


@pytest.mark.parametrize("old", [0, 5, 8, 20])
def test_led_15_a_head_of_the_past_shows_a_fork_too(begun: Post, old: int) -> None:
    assert begun.ask(5, 8)
    forked = fork_of(begun.world, after=3)
    note = head(forked, 5)
    error = refusal(begun, AddCheckpoint(old_size=old, proof=(), note=note))
    assert (error.kind, error.evidence) == (RefusalKind.FORK, (head(begun.world, 5), note))
    # The same head unsigned is no evidence of anything.
    unsigned = head(forked, 5, signer=KEYS.make("other log", EDDSA))
    assert refusal(begun, AddCheckpoint(old_size=old, proof=(), note=unsigned)).kind is RefusalKind.UNSIGNED


def test_a_fork_is_noticed_even_if_the_ledger_is_out_of_reach(begun: Post) -> None:
    def silent(start: int, end: int) -> Sequence[bytes]:
        raise StoreError("no answer")

    forked = fork_of(begun.world, after=3)
    begun.source = silent
    assert refusal(begun, extension(forked, 5, 5)).kind is RefusalKind.FORK
    assert refusal(begun, extension(begun.world, 5, 8)).kind is RefusalKind.ENTRIES_MISSING


def test_a_fork_that_goes_on_is_refused(begun: Post) -> None:
    forked = fork_of(begun.world, after=3)
    assert refusal(begun, extension(forked, 5, 8)).kind is RefusalKind.PROOF_INVALID
    with begun.open() as witness:
        assert witness.evidence() == ()


# A witness reads for itself.


def test_a_good_proof_does_not_stand_in_for_the_entries(begun: Post) -> None:
    """The log signs and proves a head; what it shows of the entries is something else."""
    shown = fork_of(begun.world, after=6).leaves
    begun.source = lambda start, end: shown[start:end]
    assert refusal(begun, extension(begun.world, 5, 8)).kind is RefusalKind.ENTRIES_DIFFER
    begun.source = None
    assert begun.ask(5, 8)


@pytest.mark.parametrize("index", [0, 4])
def test_a_source_that_lies_about_the_past_is_noticed(begun: Post, index: int) -> None:
    lying = list(begun.world.leaves)
    lying[index] = b"void" if index else begun.world.leaves[1]
    begun.source = lambda start, end: lying[start:end]
    kind = refusal(begun, extension(begun.world, 5, 8)).kind
    assert kind is (RefusalKind.ENTRIES_DIFFER if index else RefusalKind.ORIGIN_UNKNOWN)
    with begun.open() as witness, pytest.raises(WitnessRefusedError):
        witness.catch_up()


def test_one_that_has_told_the_truth_again_is_believed_again(begun: Post) -> None:
    shown = list(begun.world.leaves)
    begun.source = lambda start, end: shown[start:end]
    with begun.open() as witness:
        shown[4] = b"void"
        with pytest.raises(WitnessRefusedError):
            witness.add_checkpoint(extension(begun.world, 5, 8))
        shown[4] = begun.world.leaves[4]
        assert witness.add_checkpoint(extension(begun.world, 5, 8))


@pytest.mark.parametrize("shown", [0, 4, 7])
def test_entries_that_are_missing(begun: Post, shown: int) -> None:
    begun.source = lambda start, end: begun.world.leaves[:shown][start:end]
    assert refusal(begun, extension(begun.world, 5, 8)).kind is RefusalKind.ENTRIES_MISSING


def test_more_entries_than_asked_for_are_no_answer(begun: Post) -> None:
    begun.source = lambda start, end: begun.world.leaves
    assert refusal(begun, extension(begun.world, 5, 8)).kind is RefusalKind.ENTRIES_MISSING


def test_a_head_of_endless_size_is_not_read(begun: Post) -> None:
    asked: list[int] = []

    def source(start: int, end: int) -> Sequence[bytes]:
        asked.append(end)
        return begun.world.leaves[start:end]

    begun.source = source
    huge = head(begun.world, 8).replace(b"\n8\n", b"\n9007199254740991\n")
    assert refusal(begun, AddCheckpoint(old_size=5, proof=(), note=huge)).kind is RefusalKind.UNSIGNED
    assert max(asked) == 5


def test_it_does_not_read_again_what_it_has_read(begun: Post) -> None:
    asked: list[tuple[int, int]] = []

    def source(start: int, end: int) -> Sequence[bytes]:
        asked.append((start, end))
        return begun.world.leaves[start:end]

    begun.source = source
    with begun.open() as witness:
        witness.catch_up()
        witness.add_checkpoint(extension(begun.world, 5, 6))
        witness.add_checkpoint(extension(begun.world, 6, 8))
        witness.add_checkpoint(extension(begun.world, 8, 8))
    assert asked == [(0, 5), (5, 6), (6, 8)]


# What changes in the network.


def test_the_log_key_changes(begun: Post) -> None:
    old_key = begun.world.log_key
    new_key = begun.world.new_log_key()
    size = len(begun.world.leaves)
    # From the entry on that names it, the new key signs, and the old one no more.
    too_old = extension(begun.world, 5, note=head(begun.world, signer=old_key))
    assert refusal(begun, too_old).kind is RefusalKind.UNSIGNED
    too_early = extension(begun.world, 5, 8, note=head(begun.world, 8, signer=new_key))
    assert refusal(begun, too_early).kind is RefusalKind.UNSIGNED
    # Who does not know the size of the witness learns it, under the new key too.
    error = refusal(begun, extension(begun.world, 0))
    assert (error.kind, error.recorded_size) == (RefusalKind.SIZE_CONFLICT, 5)
    assert begun.ask(5, size)
    grow(begun.world)
    assert begun.ask(size, size + 1)
    late = extension(begun.world, size + 1, note=head(begun.world, signer=old_key))
    assert refusal(begun, late).kind is RefusalKind.UNSIGNED


def test_the_newest_key_that_the_network_lists_cosigns(begun: Post) -> None:
    second = f"{NAME}/2"
    first = begun.signer()
    begun.signers = {NAME: first, second: KEYS.make(f"witness {second}", EDDSA)}
    begun.names = (NAME, second)
    with begun.open() as witness:
        request = extension(begun.world, 5, 6)
        assert date_of(witness.add_checkpoint(request), request.note, NAME, first)
        begun.world.new_witness(second, instead_of=NAME)
        assert witness.name == NAME
        request = extension(begun.world, 6)
        lines = witness.add_checkpoint(request)
        assert [line.name for line in lines] == [second]
        assert date_of(lines, request.note, second, begun.signers[second])
        assert witness.name == second


def test_a_witness_that_the_network_has_replaced_cosigns_no_more(begun: Post) -> None:
    begun.signers = {NAME: begun.signer()}
    begun.world.new_witness(f"{NAME}/2", instead_of=NAME)
    assert refusal(begun, extension(begun.world, 5)).kind is RefusalKind.RETIRED
    assert begun.ask(5, 8)


# The network file's floor.


def floor(world: World, size: int) -> NetworkFile:
    return NetworkFile(
        network_id=world.state.require_network().id,
        floor_size=size,
        floor_root=root(world, size),
        floor_date=int((world.now - HOUR).timestamp()),
    )


def test_a_witness_begins_with_the_floor(post: Post) -> None:
    post.floor = floor(post.world, 5)
    with post.open() as witness:
        assert witness.known_size() == 5
    for size in (3, 5, 8):
        error = refusal(post, extension(post.world, 0, size))
        assert (error.kind, error.recorded_size) == (RefusalKind.SIZE_CONFLICT, 5)
    assert post.ask(5, 8)
    assert post.recorded() == (8, root(post.world, 8))


def test_what_does_not_contain_the_floor_is_refused(post: Post) -> None:
    forked = fork_of(post.world, after=3)
    post.floor = floor(post.world, 5)
    honest = post.world
    post.world = forked
    for size in (5, 8):
        # Of the entries that it is shown, none lead to the floor.
        assert refusal(post, extension(forked, 5, size)).kind is RefusalKind.ENTRIES_DIFFER
    post.source = lambda start, end: honest.leaves[start:end]
    assert refusal(post, extension(forked, 5, 5)).kind is RefusalKind.FORK
    assert refusal(post, extension(forked, 5, 8)).kind is RefusalKind.PROOF_INVALID
    post.world, post.source = honest, None
    assert post.ask(5, 8)


def test_a_floor_above_the_record_lifts_it(begun: Post) -> None:
    begun.floor = floor(begun.world, 7)
    with begun.open() as witness:
        assert witness.known_size() == 7
    assert refusal(begun, extension(begun.world, 5, 8)).recorded_size == 7
    assert begun.ask(7, 8)


def test_a_record_above_the_floor_must_contain_it_too(begun: Post) -> None:
    begun.floor = floor(fork_of(begun.world, after=2), 4)
    assert refusal(begun, extension(begun.world, 5, 8)).kind is RefusalKind.ENTRIES_DIFFER
    begun.floor = floor(begun.world, 4)
    assert begun.ask(5, 8)


def test_a_record_is_of_one_network(begun: Post) -> None:
    begun.world = begun.world.fork()
    with begun.open():
        pass
    store = begun.store()
    store.keep_network(hash_text(bytes(32)))
    store.close()
    with pytest.raises(StoreError, match="another network"):
        begun.open()


# The record is durable before the cosignature leaves.


class Spy:
    """A key that looks around before it signs."""

    def __init__(self, post: Post, look: Callable[[], None]) -> None:
        self._signer = post.signer()
        self._look = look

    @property
    def public_key(self) -> PublicKey:
        return self._signer.public_key

    def sign(self, message: bytes) -> bytes:
        self._look()
        return self._signer.sign(message)


def test_the_record_is_durable_before_the_cosignature_leaves(post: Post) -> None:
    seen: list[tuple[object, int | None]] = []
    post.signers[NAME] = Spy(post, lambda: seen.append((post.recorded(), post.marked())))
    assert post.ask(0, 5)
    assert post.ask(5, 8)
    assert seen == [((5, root(post.world, 5)), 5), ((8, root(post.world, 8)), 8)]


def test_a_key_that_fails_leaves_the_record_and_the_same_head_may_be_asked_again(begun: Post) -> None:
    def fail() -> None:
        raise StoreError("the key is gone")

    begun.signers[NAME] = Spy(begun, fail)
    with pytest.raises(StoreError):
        begun.ask(5, 8)
    begun.signers = {}
    assert begun.recorded() == (8, root(begun.world, 8))
    assert begun.ask(8, 8)


def test_what_cannot_be_kept_is_not_signed(begun: Post) -> None:
    asked: list[None] = []
    begun.signers[NAME] = Spy(begun, lambda: asked.append(None))
    full = "CREATE TRIGGER full BEFORE INSERT ON head BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    with begun.open() as witness:
        witness._store._db.execute(full)
        with pytest.raises(StoreError, match="disk full"):
            witness.add_checkpoint(extension(begun.world, 5, 8))
        assert not asked
        witness._store._db.execute("DROP TRIGGER full")
        assert witness.add_checkpoint(extension(begun.world, 5, 8))
    assert len(asked) == 1


# Two at once.


def test_two_open_witnesses_never_roll_the_record_back(begun: Post) -> None:
    with begun.open() as one, begun.open() as two:
        one.catch_up()
        two.catch_up()
        two.add_checkpoint(extension(begun.world, 5, 8))
        with pytest.raises(WitnessRefusedError) as caught:
            one.add_checkpoint(extension(begun.world, 5, 6))
        assert (caught.value.kind, caught.value.recorded_size) == (RefusalKind.SIZE_CONFLICT, 8)
        grow(begun.world)
        assert one.add_checkpoint(extension(begun.world, 8, 9))
        assert two.known_size() == 9
    assert begun.recorded() == (9, root(begun.world, 9))


def test_one_that_cosigns_while_another_reads(begun: Post) -> None:
    """Between the question and the record, another process has cosigned more."""
    with begun.open() as other:

        def overtaken(start: int, end: int) -> Sequence[bytes]:
            if start == 5:
                other.add_checkpoint(extension(begun.world, 5, 8))
            return begun.world.leaves[start:end]

        begun.source = overtaken
        with begun.open() as witness, pytest.raises(WitnessRefusedError) as caught:
            witness.add_checkpoint(extension(begun.world, 5, 6))
    assert (caught.value.kind, caught.value.recorded_size) == (RefusalKind.SIZE_CONFLICT, 8)
    assert begun.recorded() == (8, root(begun.world, 8))


def test_many_threads_ask_one_witness(post: Post) -> None:
    grow(post.world, 24)
    sizes = list(range(1, len(post.world.leaves) + 1))
    requests = [extension(post.world, old, new) for new in sizes for old in range(new)]
    cosigned: list[int] = []

    def ask(request: AddCheckpoint) -> None:
        try:
            witness.add_checkpoint(request)
        except WitnessRefusedError as error:
            assert error.kind is RefusalKind.SIZE_CONFLICT
        else:
            cosigned.append(request.old_size)

    with post.open() as witness, ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, requests))
        assert witness.known_size() == len(post.world.leaves)
    # From each recorded size, one step was taken: none twice, none back.
    assert cosigned == sorted(set(cosigned))


def test_a_damaged_file_is_an_error_of_the_store(begun: Post) -> None:
    with begun.open() as witness:
        pass
    with pytest.raises(StoreError):
        witness.known_size()
    begun.path.write_bytes(b"x" * 5000)
    with pytest.raises(StoreError):
        begun.open()


def test_a_witness_without_a_key_is_no_witness(post: Post) -> None:
    post.names = ()
    with pytest.raises(ValueError):
        post.open()


def test_observing_what_cannot_be_read(begun: Post) -> None:
    with begun.open() as witness:
        witness.observe(begun.world.checkpoint_note(cosigners=["witness/MO"]))
        with pytest.raises(WitnessRefusedError) as caught:
            witness.observe(b"")
    assert caught.value.kind is RefusalKind.MALFORMED
    assert isinstance(caught.value.__cause__, DecodeError)
