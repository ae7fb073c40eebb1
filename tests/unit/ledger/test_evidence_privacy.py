# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a stranger can read, or link: nothing. What the holder of one proof can: that event."""

from itertools import pairwise

import pytest

from tests.unit.ledger.evidence_samples import CERTIFICATE, Institute, found_institute, leaf_of
from vcred.codec.base64url import encode_base64url
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.did.methods.vcred import hash_text
from vcred.errors import VcredError
from vcred.ledger.entries import parse_leaf
from vcred.ledger.evidence.leaf import EventKind, EvidenceLeaf
from vcred.ledger.evidence.proof import EvidenceProof, encode_proof, parse_proof, verify_evidence
from vcred.tlog.tree import leaf_hash

WINDOW = 8
SECONDS_BETWEEN = 3600


@pytest.fixture(scope="module")
def institute() -> Institute:
    return found_institute()


@pytest.fixture(scope="module")
def history(institute: Institute) -> tuple[EvidenceProof, ...]:
    """Two events of one certificate in one batch, one in a later batch; a stranger's in each."""
    first = institute.record(
        [
            leaf_of(at=institute.now),
            leaf_of(kind=EventKind.AMENDED, at=institute.now),
            leaf_of("AC-99-004410", at=institute.now),
        ]
    )
    institute.world.later(seconds=SECONDS_BETWEEN)
    second = institute.record(
        [leaf_of(kind=EventKind.REVOKED, at=institute.now), leaf_of("AC-99-004411", at=institute.now)]
    )
    return first + second


def windows(data: bytes) -> set[bytes]:
    """Every string of 8 bytes."""
    return {data[start : start + WINDOW] for start in range(len(data) - WINDOW + 1)}


def bare(proof: EvidenceProof) -> bytes:
    """What is a proof's own: all its values that no constant gives, one a line."""
    return b"\n".join((leaf_hash(proof.leaf.encode()), proof.leaf.salt, *proof.path))


def records(institute: Institute) -> list[JsonObject]:
    entries = [parse_leaf(leaf).operation for leaf in institute.world.leaves]
    return [entry for entry in entries if entry["kind"] == "evidence.record"]


def test_two_events_of_one_certificate_share_nothing_on_the_ledger(
    institute: Institute, history: tuple[EvidenceProof, ...]
) -> None:
    """Two records differ in root, order and proof; equal are only the members that all records have."""
    first, second = records(institute)
    same = {name for name in first if first[name] == second[name]}
    assert first.keys() == second.keys() == same | {"root", "previous", "proof"}
    assert same == {"kind", "version", "network", "author"}
    assert not windows(str(first["root"]).encode()) & windows(str(second["root"]).encode())


def test_two_events_of_one_certificate_share_nothing_in_their_proofs(
    history: tuple[EvidenceProof, ...],
) -> None:
    """Salts, leaf hashes and, in different batches, paths have no 8 bytes in common."""
    issued, amended, _, revoked, _ = history
    assert not windows(bare(issued)) & windows(bare(revoked))
    own = [b"\n".join((leaf_hash(p.leaf.encode()), p.leaf.salt)) for p in (issued, amended, revoked)]
    assert all(not windows(a) & windows(b) for a, b in pairwise(own))


def test_events_of_one_certificate_are_no_nearer_than_strangers(
    history: tuple[EvidenceProof, ...],
) -> None:
    """In one batch any two paths meet at some height: how high, the certificate does not tell."""
    meetings: dict[bool, list[int]] = {True: [], False: []}
    institute = found_institute("Sampler")
    for _ in range(60):
        institute.world.later(seconds=SECONDS_BETWEEN)
        one, two, other = institute.record(
            [
                leaf_of(at=institute.now),
                leaf_of(kind=EventKind.AMENDED, at=institute.now),
                leaf_of("AC-1", at=institute.now),
            ]
        )
        meetings[True].append(len(set(one.path) & set(two.path)))
        meetings[False].append(len(set(one.path) & set(other.path)))
    means = {same: sum(found) / len(found) for same, found in meetings.items()}
    # Expected 11/15 shared hashes each; its deviation over 60 draws is 0.13.
    assert abs(means[True] - means[False]) < 1


def test_a_proof_tells_nothing_of_the_others(history: tuple[EvidenceProof, ...]) -> None:
    """A neighbour's leaf can stand in a path, as a hash that no guess can be tested against."""
    for shown in history:
        data = encode_proof(shown)
        for hidden in history:
            if hidden is shown:
                continue
            assert hidden.leaf.salt not in bare(shown)
            assert encode_base64url(hidden.leaf.salt).encode() not in data
            if hidden.leaf.event.certificate != shown.leaf.event.certificate:
                assert hidden.leaf.event.certificate.encode() not in data


def test_a_guess_without_the_salt_finds_nothing(history: tuple[EvidenceProof, ...]) -> None:
    """Who knows everything but the salt cannot recognise the leaf in a neighbour's path."""
    issued = history[0]
    guesses = {
        leaf_hash(EvidenceLeaf(event=issued.leaf.event, salt=salt).encode())
        for salt in (bytes(16), bytes(32), issued.leaf.salt[:31] + b"\0", issued.leaf.salt[:16])
    }
    seen = {item for proof in history for item in proof.path}
    assert not guesses & seen


def test_nothing_of_a_leaf_is_on_the_ledger(institute: Institute, history: tuple[EvidenceProof, ...]) -> None:
    """Canaries: no certificate, no salt, no leaf hash in any encoding that is used here."""
    ledger = b"\n".join(institute.world.leaves)
    bundle = b"\n".join(institute.world.bundle().leaves)
    for proof in history:
        salt, digest = proof.leaf.salt, leaf_hash(proof.leaf.encode())
        canaries = {
            proof.leaf.event.certificate.encode(),
            *(encode(value) for value in (salt, digest) for encode in (bytes, _hex, _url, _text)),
        }
        assert not [canary for canary in canaries if canary in ledger or canary in bundle]


def test_no_error_quotes_a_leaf(institute: Institute, history: tuple[EvidenceProof, ...]) -> None:
    """Each member damaged in turn: what is said never holds certificate, salt or note."""
    data = encode_proof(history[0])
    salt = encode_base64url(history[0].leaf.salt)
    value = decode_json_object(data)
    said = []
    for position in range(0, len(data), 3):
        try:
            verify_evidence(parse_proof(data[:position] + b"7" + data[position + 1 :]), institute.world.state)
        except VcredError as error:
            said.append(f"{error} {error.hint} {error!r}")
    assert len(said) > 100
    assert value["author"] == institute.me.did
    assert not [words for words in said if CERTIFICATE in words or salt[:8] in words]


def _hex(data: bytes) -> bytes:
    return data.hex().encode()


def _url(data: bytes) -> bytes:
    return encode_base64url(data).encode()


def _text(data: bytes) -> bytes:
    return hash_text(data).encode()
