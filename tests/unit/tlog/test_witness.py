# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a witness cosigns (LED-15, LED-19), and the request it is asked with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError, LimitExceededError
from vcred.keys.algorithms import EDDSA
from vcred.keys.software import SoftwareSigner
from vcred.tlog.add_checkpoint import AddCheckpoint, encode_add_checkpoint, parse_add_checkpoint
from vcred.tlog.checkpoint import Checkpoint, encode_checkpoint_text, sign_checkpoint
from vcred.tlog.memory_tree import MemoryTree
from vcred.tlog.note import Note, encode_note
from vcred.tlog.witness import RefusalKind, WitnessRecord, WitnessRefusal, decide_cosign

ORIGIN = "log.example"
LOG = SoftwareSigner.generate(EDDSA)
TREE = MemoryTree(b"entry %d" % index for index in range(9))
OTHER_TREE = MemoryTree(b"other %d" % index for index in range(9))


def _note(size: int, tree: MemoryTree = TREE, origin: str = ORIGIN, signer: SoftwareSigner = LOG) -> bytes:
    checkpoint = Checkpoint(origin=origin, size=size, root=tree.root(size))
    line = sign_checkpoint(checkpoint, origin, signer)
    return encode_note(Note(text=encode_checkpoint_text(checkpoint), signatures=(line,)))


RECORDED = WitnessRecord(size=5, root=TREE.root(5), note=_note(5))


def _decide(
    note: bytes,
    *,
    recorded: WitnessRecord = RECORDED,
    old_size: int = 5,
    proof: list[bytes] | None = None,
) -> WitnessRecord | WitnessRefusal:
    return decide_cosign(
        recorded=recorded,
        old_size=old_size,
        proof=TREE.consistency_proof(5) if proof is None else proof,
        note=note,
        origin=ORIGIN,
        log_keys=[LOG.public_key],
    )


def _refusal(decision: WitnessRecord | WitnessRefusal) -> WitnessRefusal:
    assert isinstance(decision, WitnessRefusal)
    return decision


def test_an_extension_is_recorded() -> None:
    note = _note(9)
    assert _decide(note) == WitnessRecord(size=9, root=TREE.root(), note=note)


def test_a_new_witness_starts_from_nothing() -> None:
    note = _note(9)
    decision = _decide(note, recorded=WitnessRecord(), old_size=0, proof=[])
    assert decision == WitnessRecord(size=9, root=TREE.root(), note=note)


def test_the_same_checkpoint_may_be_cosigned_anew() -> None:
    assert _decide(_note(5), proof=[]) == RECORDED


def test_led_19_old_size_not_the_recorded_one() -> None:
    refusal = _refusal(_decide(_note(9), old_size=4, proof=TREE.consistency_proof(4)))
    assert (refusal.kind, refusal.recorded_size) == (RefusalKind.SIZE_CONFLICT, 5)
    assert refusal.kind.http_status == 409


def test_led_19_an_older_checkpoint_is_never_cosigned() -> None:
    for old_size in (0, 4):
        proof = TREE.consistency_proof(old_size, new_size=4)
        refusal = _refusal(_decide(_note(4), old_size=old_size, proof=proof))
        assert refusal.kind is RefusalKind.SIZE_CONFLICT


def test_led_19_old_size_beyond_the_checkpoint() -> None:
    for old_size in (10, -1):
        refusal = _refusal(_decide(_note(9), old_size=old_size))
        assert (refusal.kind, refusal.kind.http_status) == (RefusalKind.MALFORMED, 400)


def test_led_19_bad_proof() -> None:
    note = _note(9)
    proof = TREE.consistency_proof(5)
    for bad in (proof[:-1], [*proof, bytes(32)], [], OTHER_TREE.consistency_proof(5), [b""]):
        refusal = _refusal(_decide(note, proof=bad))
        assert (refusal.kind, refusal.kind.http_status) == (RefusalKind.PROOF_INVALID, 422)
        assert refusal.evidence == (note,)
    grafted = _refusal(_decide(_note(9, OTHER_TREE), proof=OTHER_TREE.consistency_proof(5)))
    assert grafted.kind is RefusalKind.PROOF_INVALID


def test_led_19_unknown_origin() -> None:
    refusal = _refusal(_decide(_note(9, origin="log.example/2")))
    assert (refusal.kind, refusal.kind.http_status) == (RefusalKind.ORIGIN_UNKNOWN, 404)


def test_led_19_unsigned() -> None:
    stranger = SoftwareSigner.generate(EDDSA)
    for note in (_note(9, signer=stranger), _note(8).replace(b"\n8\n", b"\n9\n")):
        refusal = _refusal(_decide(note))
        assert (refusal.kind, refusal.kind.http_status) == (RefusalKind.UNSIGNED, 403)


@pytest.mark.parametrize("note", [b"", b"\xff", _note(9)[:-1], _note(9).replace(b"\n9\n", b"\n09\n")])
def test_what_is_not_a_checkpoint(note: bytes) -> None:
    assert _refusal(_decide(note)).kind is RefusalKind.MALFORMED


@pytest.mark.parametrize("old_size", [0, 4, 5])
def test_led_15_a_fork_keeps_both_signed_heads(old_size: int) -> None:
    forked = _note(5, OTHER_TREE)
    refusal = _refusal(_decide(forked, old_size=old_size, proof=[]))
    assert (refusal.kind, refusal.kind.http_status) == (RefusalKind.FORK, 409)
    assert refusal.evidence == (RECORDED.note, forked)


REQUEST = AddCheckpoint(old_size=5, proof=tuple(TREE.consistency_proof(5)), note=_note(9))


def test_the_request_comes_back() -> None:
    body = encode_add_checkpoint(REQUEST)
    assert body.startswith(b"old 5\n")
    assert parse_add_checkpoint(body) == REQUEST
    empty = AddCheckpoint(old_size=0, proof=(), note=_note(9))
    assert parse_add_checkpoint(encode_add_checkpoint(empty)) == empty


BODY = encode_add_checkpoint(REQUEST)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY.replace(b"old 5", b"old 05"),
        BODY.replace(b"old 5", b"old -5"),
        BODY.replace(b"old 5", b"old  5"),
        BODY.replace(b"old 5", b"new 5"),
        BODY.replace(b"old 5\n", b""),
        BODY.replace(b"old 5\n", b"old 5\nAAAA\n"),
        BODY.replace(b"old 5\n", b"old 5\n*\n"),
        BODY.replace(b"old 5\n", b"old 5\n\xe2\x80\x94\n"),
        BODY.replace(b"\n\n", b"\n"),
    ],
)
def test_what_is_not_a_request(body: bytes) -> None:
    assert parse_add_checkpoint(BODY) == REQUEST
    with pytest.raises(DecodeError):
        parse_add_checkpoint(body)


def test_a_request_has_limits() -> None:
    line = b"A" * 43 + b"=\n"
    for lines, size in ((64, 0), (0, 70_000)):
        body = b"old 5\n" + line * lines + b"\n" + _note(9) + b"x" * size
        with pytest.raises(LimitExceededError):
            parse_add_checkpoint(body)
    assert len(parse_add_checkpoint(b"old 5\n" + line * 63 + b"\n" + _note(9)).proof) == 63


@given(st.binary(max_size=200))
def test_a_request_or_a_decode_error(data: bytes) -> None:
    for body in (data, b"old 1\n" + data, b"old 1\n\n" + data):
        try:
            request = parse_add_checkpoint(body)
        except DecodeError:
            continue
        assert encode_add_checkpoint(request) == body


@given(st.integers(-5, 12), st.lists(st.binary(max_size=33), max_size=5), st.binary(max_size=99))
def test_a_decision_never_raises(old_size: int, proof: list[bytes], tail: bytes) -> None:
    decision = _decide(_note(9) + tail, old_size=old_size, proof=proof)
    assert isinstance(decision, WitnessRefusal)
