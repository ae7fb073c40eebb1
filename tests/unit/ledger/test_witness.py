# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A witness's durable record: never two roots for one size, never backward. LED-15, LED-19."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.ledger.homes import TestClock
from tests.unit.ledger.samples import KEYS
from tests.world import START
from vcred.errors import InconsistencyError, QuorumError, StoreError
from vcred.keys.algorithms import EDDSA
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.ledger.engines.witness import LocalWitness
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.cosignature import verify_cosignature
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.note import Note, encode_note, parse_note

ORIGIN, NAME = "ledger.example/witnessed", "witness/mo"
LOG, OTHER, WITNESS = (KEYS.make(name, EDDSA) for name in ("log", "other log", "witness"))
TREE = MemoryTree(f"entry {n}".encode() for n in range(20))
FORKED = MemoryTree(f"entry {n if n != 3 else 'x'}".encode() for n in range(20))


def head(size: int, tree: MemoryTree = TREE, *, signer: Signer = LOG, origin: str = ORIGIN) -> bytes:
    checkpoint = Checkpoint(origin=origin, size=size, root=tree.root(size))
    text = encode_checkpoint_text(checkpoint)
    return encode_note(Note(text=text, signatures=(sign_checkpoint(checkpoint, origin, signer),)))


@dataclass
class Desk:
    """A witness's file and how to open it again."""

    path: Path
    clock: TestClock
    signer: Signer = WITNESS

    def open(self) -> LocalWitness:
        return LocalWitness(self.path, name=NAME, signer=self.signer, clock=self.clock)

    def recorded(self) -> tuple[int, bytes] | None:
        """Read the record as another process sees it."""
        database = sqlite3.connect(self.path)
        row = database.execute("SELECT size, root FROM record").fetchone()
        database.close()
        return row  # type: ignore[no-any-return]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "witness.sqlite", TestClock())


@pytest.fixture
def witness(desk: Desk) -> Iterator[LocalWitness]:
    opened = desk.open()
    yield opened
    opened.close()


def ask(witness: LocalWitness, old: int, new: int, tree: MemoryTree = TREE) -> int | None:
    """Have a head cosigned; returns the date of the cosignature."""
    note = head(new, tree)
    line = witness.cosign(
        note,
        origin=ORIGIN,
        log_key=LOG.public_key,
        old_size=old,
        proof=tree.consistency_proof(old, new_size=new) if old <= new else [],
    )
    parsed = parse_note(note)
    return verify_cosignature(Note(text=parsed.text, signatures=(line,)), NAME, WITNESS.public_key)


def test_it_cosigns_what_extends_all_that_it_has_cosigned(witness: LocalWitness, desk: Desk) -> None:
    assert witness.recorded_size(ORIGIN) == 0
    for old, new in ((0, 3), (3, 3), (3, 7), (7, 20)):
        assert ask(witness, old, new) == int(START.timestamp())
        assert witness.recorded_size(ORIGIN) == new
        assert desk.recorded() == (new, TREE.root(new))
    assert witness.evidence() == ()


def test_it_remembers_after_a_restart(desk: Desk) -> None:
    for old, new in ((0, 5), (5, 9)):
        witness = desk.open()
        assert witness.recorded_size(ORIGIN) == old
        ask(witness, old, new)
        witness.close()
    witness = desk.open()
    assert witness.recorded_size(ORIGIN) == 9
    with pytest.raises(QuorumError):
        ask(witness, 5, 9)
    with pytest.raises(InconsistencyError):
        ask(witness, 9, 9, FORKED)
    witness.close()


def test_led_15_a_fork_is_refused_and_both_heads_are_kept(desk: Desk) -> None:
    witness = desk.open()
    ask(witness, 0, 9)
    for _ in range(2):
        with pytest.raises(InconsistencyError):
            ask(witness, 9, 9, FORKED)
    assert desk.recorded() == (9, TREE.root(9))
    assert ask(witness, 9, 10)
    witness.close()
    again = desk.open()
    assert again.evidence() == (head(9), head(9, FORKED))
    again.close()


def test_a_fork_that_goes_on_is_refused_too(witness: LocalWitness, desk: Desk) -> None:
    ask(witness, 0, 9)
    with pytest.raises(QuorumError, match="proof_invalid"):
        ask(witness, 9, 12, FORKED)
    assert desk.recorded() == (9, TREE.root(9))
    # A bad proof is no evidence: whoever carries a good head can put one beside it.
    assert witness.evidence() == ()


@pytest.mark.parametrize("size", [0, 1, 8])
def test_it_never_goes_back(witness: LocalWitness, desk: Desk, size: int) -> None:
    ask(witness, 0, 9)
    for old in (size, 9):
        with pytest.raises(QuorumError):
            ask(witness, old, size)
    assert desk.recorded() == (9, TREE.root(9))


@pytest.mark.parametrize(
    ("old", "word"), [(8, "size_conflict"), (0, "size_conflict"), (13, "malformed"), (-1, "malformed")]
)
def test_led_19_the_caller_says_what_it_has(witness: LocalWitness, desk: Desk, old: int, word: str) -> None:
    ask(witness, 0, 9)
    with pytest.raises(QuorumError, match=f"{word}, it has 9"):
        witness.cosign(head(12), origin=ORIGIN, log_key=LOG.public_key, old_size=old, proof=[])
    assert desk.recorded() == (9, TREE.root(9))


@pytest.mark.parametrize(
    ("note", "word"),
    [
        (head(12, signer=OTHER), "unsigned"),
        (head(12, origin="ledger.example/another"), "origin_unknown"),
        (head(12)[:-1], "malformed"),
        (b"", "malformed"),
        (head(12).replace(b"\n12\n", b"\n012\n"), "malformed"),
        (head(12).replace(b"\n12\n", b"\n13\n"), "unsigned"),
    ],
)
def test_led_19_what_the_log_has_not_signed_is_refused(
    witness: LocalWitness, desk: Desk, note: bytes, word: str
) -> None:
    ask(witness, 0, 9)
    proof = TREE.consistency_proof(9, new_size=12)
    with pytest.raises(QuorumError, match=word):
        witness.cosign(note, origin=ORIGIN, log_key=LOG.public_key, old_size=9, proof=proof)
    assert desk.recorded() == (9, TREE.root(9))
    assert ask(witness, 9, 12)


class Spy:
    """A key that looks around before it signs."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look

    @property
    def public_key(self) -> PublicKey:
        return WITNESS.public_key

    def sign(self, message: bytes) -> bytes:
        self._look()
        return WITNESS.sign(message)


def test_the_record_is_durable_before_the_cosignature_leaves(desk: Desk) -> None:
    seen: list[tuple[int, bytes] | None] = []
    desk.signer = Spy(lambda: seen.append(desk.recorded()))
    witness = desk.open()
    ask(witness, 0, 5)
    ask(witness, 5, 9)
    witness.close()
    assert seen == [(5, TREE.root(5)), (9, TREE.root(9))]


def test_a_key_that_fails_leaves_the_record_and_the_same_head_may_be_asked_again(desk: Desk) -> None:
    def fail() -> None:
        raise StoreError("the key is gone")

    ask(desk.open(), 0, 5)
    desk.signer = Spy(fail)
    with pytest.raises(StoreError):
        ask(desk.open(), 5, 9)
    desk.signer = WITNESS
    witness = desk.open()
    assert witness.recorded_size(ORIGIN) == 9
    assert ask(witness, 9, 9)


def test_what_cannot_be_kept_is_not_signed(desk: Desk) -> None:
    asked: list[None] = []
    desk.signer = Spy(lambda: asked.append(None))
    witness = desk.open()
    ask(witness, 0, 5)
    refuse = "CREATE TRIGGER full BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    for break_it, mend_it in (
        ("PRAGMA query_only=ON", "PRAGMA query_only=OFF"),
        (refuse, "DROP TRIGGER full"),
    ):
        witness._db.execute(break_it)
        with pytest.raises(StoreError):
            ask(witness, 5, 9)
        assert len(asked) == 1
        witness._db.execute(mend_it)
    assert ask(witness, 5, 9)


def test_every_record_is_on_the_disk(witness: LocalWitness) -> None:
    assert witness._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert witness._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_two_that_ask_at_once_cannot_roll_it_back(desk: Desk) -> None:
    one, two = desk.open(), desk.open()
    assert (one.recorded_size(ORIGIN), two.recorded_size(ORIGIN)) == (0, 0)
    ask(one, 0, 9)
    with pytest.raises(QuorumError, match="size_conflict, it has 9"):
        ask(two, 0, 5)
    assert desk.recorded() == (9, TREE.root(9))


def test_each_log_has_a_record_of_its_own(witness: LocalWitness) -> None:
    ask(witness, 0, 9)
    assert witness.recorded_size("ledger.example/another") == 0


def test_a_damaged_file_is_an_error_of_the_store(desk: Desk) -> None:
    witness = desk.open()
    ask(witness, 0, 9)
    witness.close()
    with pytest.raises(StoreError):
        witness.recorded_size(ORIGIN)
    with pytest.raises(StoreError):
        ask(witness, 9, 12)
    desk.path.write_bytes(b"x" * 5000)
    with pytest.raises(StoreError):
        desk.open()
