# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a proof proves, and each way in which it does not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.codec.json_values import JSON_VALUES
from tests.unit.ledger.evidence_samples import JWT, Institute, found_institute, leaf_of
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.did.methods.vcred import hash_text
from vcred.errors import DecodeError, InclusionError, LimitExceededError, RefusedError, VcredError
from vcred.ledger.entries import Kind
from vcred.ledger.evidence.leaf import EventKind
from vcred.ledger.evidence.proof import (
    MAX_PROOF_BYTES,
    EvidenceProof,
    encode_proof,
    parse_proof,
    verify_credential,
    verify_evidence,
)
from vcred.ledger.state import State
from vcred.reasons import Reason


@pytest.fixture(scope="module")
def institute() -> Institute:
    """Nobody changes it but by forks of its world."""
    return found_institute()


@pytest.fixture(scope="module")
def proofs(institute: Institute) -> tuple[EvidenceProof, ...]:
    """Twenty events, the first of them the one that most tests are about."""
    others = [leaf_of(f"FT-{number}", at=institute.now) for number in range(19)]
    return institute.record([institute.issued(), *others])


@pytest.fixture(scope="module")
def proof(proofs: tuple[EvidenceProof, ...]) -> EvidenceProof:
    return proofs[0]


@pytest.fixture(scope="module")
def state(institute: Institute, proof: EvidenceProof) -> State:
    """The ledger once the record is on it."""
    return institute.world.state


def refusal(proof: EvidenceProof, state: State) -> Reason:
    with pytest.raises(RefusedError) as caught:
        verify_evidence(proof, state)
    return caught.value.reason


def test_every_event_is_proved(institute: Institute, proofs: tuple[EvidenceProof, ...], state: State) -> None:
    for proof in proofs:
        evidence = verify_evidence(parse_proof(encode_proof(proof)), state)
        assert evidence.event == proof.leaf.event
        assert (evidence.author, evidence.recorded_at) == (institute.me.did, institute.now)
        assert state.evidence[evidence.entry].root != bytes(32)


def test_an_entry_that_is_not_known_yet(proof: EvidenceProof, state: State) -> None:
    verify_evidence(proof, state)
    assert refusal(proof, replace(state, evidence={})) is Reason.REFERENCE_UNKNOWN
    assert refusal(replace(proof, entry=hash_text(bytes(32))), state) is Reason.REFERENCE_UNKNOWN


def test_an_entry_of_another_kind(institute: Institute, proof: EvidenceProof, state: State) -> None:
    verify_evidence(proof, state)
    (accreditation, *_) = (
        item.entry for item in state.accreditations.values() if item.issuer == institute.me.did
    )
    assert refusal(replace(proof, entry=accreditation), state) is Reason.REFERENCE_UNKNOWN


def test_an_author_who_did_not_record_it(institute: Institute, proof: EvidenceProof, state: State) -> None:
    verify_evidence(proof, state)
    assert refusal(replace(proof, author=institute.world.mo.did), state) is Reason.NOT_AUTHORISED


def test_a_record_of_another_house(institute: Institute, proof: EvidenceProof) -> None:
    """The same event in another's record: neither its entry nor its author takes the path."""
    world = institute.world.fork()
    other = found_institute("Academy", world=world)
    (theirs,) = other.record([leaf_of(at=other.now)])
    verify_evidence(proof, world.state)
    verify_evidence(theirs, world.state)
    moved = replace(proof, entry=theirs.entry, author=theirs.author)
    with pytest.raises(InclusionError, match="leads to root"):
        verify_evidence(moved, world.state)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: replace(p, path=(bytes(32), *p.path[1:])),
        lambda p: replace(p, path=(*p.path[1:], p.path[0])),
        lambda p: replace(p, index=p.index ^ 1),
        lambda p: replace(p, index=p.size - 1 - p.index),
        lambda p: replace(p, size=p.size // 2, index=p.index // 2, path=p.path[1:]),
        lambda p: replace(p, size=p.size * 2, path=(*p.path, bytes(32))),
        lambda p: replace(p, leaf=replace(p.leaf, salt=bytes(32))),
        lambda p: replace(p, leaf=replace(p.leaf, event=replace(p.leaf.event, kind=EventKind.RENEWED))),
        lambda p: replace(p, leaf=replace(p.leaf, event=replace(p.leaf.event, at=p.leaf.event.at - 1))),
        lambda p: replace(p, leaf=replace(p.leaf, event=replace(p.leaf.event, note=None))),
        lambda p: replace(p, leaf=replace(p.leaf, event=replace(p.leaf.event, certificate="FT-2026-18"))),
    ],
    ids=["path", "order", "sibling", "place", "shorter", "longer", "salt", "event", "at", "note", "number"],
)
def test_a_leaf_that_is_not_under_the_root(
    change: Callable[[EvidenceProof], EvidenceProof], proof: EvidenceProof, state: State
) -> None:
    verify_evidence(proof, state)
    with pytest.raises(InclusionError):
        verify_evidence(change(proof), state)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 15}, "size: not a power of two"),
        ({"size": 31}, "size: not a power of two"),
        ({"size": 8, "index": 1}, "size: not a power of two"),
        ({"size": 0}, "size: not a power of two"),
        ({"size": -32}, "size: not a power of two"),
        ({"size": 2**21}, "size: not a power of two"),
        ({"size": 16, "index": 1}, "path: one hash of 32 bytes"),
        ({"size": 64}, "path: one hash of 32 bytes"),
        ({"index": 32}, "index: not in the batch"),
        ({"index": -1}, "index: not in the batch"),
        ({"path": ()}, "path: one hash of 32 bytes"),
        ({"path": (bytes(31),) * 5}, "path: one hash of 32 bytes"),
        ({"entry": "0"}, "not base58btc"),
        ({"author": "did:key:z6Mk"}, "author: not a did:vcred"),
        ({"author": "did:vcred:1"}, "a hash is not 32 bytes"),
    ],
)
def test_what_no_proof_can_be(changes: dict[str, Any], words: str, proof: EvidenceProof) -> None:
    assert proof.size == 32
    with pytest.raises(DecodeError) as caught:
        replace(proof, **changes)
    assert words in str(caught.value)


@pytest.mark.parametrize(("seconds", "holds"), [(299, True), (300, True), (301, False)])
def test_an_event_dated_after_its_record(seconds: int, holds: bool) -> None:
    institute = found_institute()
    (proof,) = institute.record([leaf_of(at=institute.now + seconds)])
    if holds:
        assert verify_evidence(proof, institute.world.state).event.at == institute.now + seconds
    else:
        assert refusal(proof, institute.world.state) is Reason.NOT_YET_VALID


def test_a_ledger_that_cannot_be_judged(proof: EvidenceProof, state: State) -> None:
    verify_evidence(proof, state)
    assert refusal(proof, replace(state, unsupported=True)) is Reason.VERSION_UNSUPPORTED


def test_a_record_that_the_rules_refuse_proves_nothing(institute: Institute) -> None:
    """Without an accreditation the entry is void: it stands on the log and means nothing."""
    world = institute.world.fork()
    operation = world.statement(world.mo, Kind.EVIDENCE_RECORD, root=hash_text(bytes(32)))
    with pytest.raises(VcredError) as caught:
        world.append(operation)
    assert getattr(caught.value, "reason", None) is Reason.NOT_AUTHORISED


def test_which_credential_is_meant(proofs: tuple[EvidenceProof, ...], state: State) -> None:
    named, unnamed = (verify_evidence(proof, state) for proof in proofs[:2])
    verify_credential(named, JWT)
    for evidence, jwt, words in (
        (named, JWT + "A", "another credential"),
        (unnamed, JWT, "names no credential"),
    ):
        with pytest.raises(RefusedError, match=words) as caught:
            verify_credential(evidence, jwt)
        assert caught.value.reason is Reason.POLICY_UNMET


# The file.


def test_a_proof_is_read_as_it_was_written(proofs: tuple[EvidenceProof, ...]) -> None:
    for proof in proofs:
        data = encode_proof(proof)
        assert parse_proof(data) == parse_proof(data.removesuffix(b"\n")) == proof


def test_a_proof_has_one_spelling(proof: EvidenceProof) -> None:
    data = encode_proof(proof)
    value = decode_json_object(data)
    for other in (
        b" " + data,
        data + b"\n",
        data.replace(b":", b": ", 1),
        data.replace(b'"author"', b'"\\u0061uthor"'),
        b'{"version":1,' + data[1:].replace(b',"version":1}', b"}", 1),
        encode_jcs(value | {"remark": "x"}),
        encode_jcs(value | {"version": 2}),
        encode_jcs({name: item for name, item in value.items() if name != "author"}),
    ):
        assert other != data
        with pytest.raises(DecodeError):
            parse_proof(other)


@pytest.mark.parametrize("member", [b'"index":', b'"salt":', b'"certificate":', b'"entry":'])
def test_a_member_twice(member: bytes, proof: EvidenceProof) -> None:
    data = encode_proof(proof)
    parse_proof(data)
    with pytest.raises(DecodeError, match="two members of one name"):
        parse_proof(data.replace(member, member + b'"other",' + member, 1))


def test_a_proof_is_not_endless(proof: EvidenceProof) -> None:
    with pytest.raises(LimitExceededError):
        parse_proof(encode_proof(proof) + b" " * MAX_PROOF_BYTES)


def test_no_byte_can_be_changed(proof: EvidenceProof, state: State) -> None:
    """Every position; one bit, the case bit, the high bit, the next digit, left out, put in twice."""
    data = encode_proof(proof)
    verify_evidence(parse_proof(data), state)
    for position, octet in enumerate(data[:-1]):
        before, after = data[:position], data[position + 1 :]
        others = {octet ^ 1, octet ^ 0x20, octet ^ 0x80, (octet + 1) % 256}
        changed = [before + bytes((other,)) + after for other in others]
        for candidate in (*changed, before + after, before + bytes((octet, octet)) + after):
            if candidate == data:
                continue
            with pytest.raises((DecodeError, RefusedError, InclusionError)):
                verify_evidence(parse_proof(candidate), state)


@settings(max_examples=300)
@given(data=st.data())
def test_any_object_is_a_proof_or_malformed(data: st.DataObject, proof: EvidenceProof) -> None:
    good: JsonObject = decode_json_object(encode_proof(proof))
    name = data.draw(st.sampled_from(sorted(good)) | st.text(max_size=3))
    value = good | {name: data.draw(JSON_VALUES)}
    try:
        raw = encode_jcs(value)
    except ValueError:
        return
    try:
        assert encode_proof(parse_proof(raw)) == raw + b"\n"
    except DecodeError:
        return


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_malformed(data: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_proof(data)
