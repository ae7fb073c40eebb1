# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The leaf: what it may say, and its one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.codec.json_values import JSON_VALUES
from tests.unit.ledger.evidence_samples import JWT, leaf_of
from vcred.codec.base64url import encode_base64url
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError
from vcred.ledger.evidence.leaf import (
    MAX_EVENT_TIME,
    CertificateEvent,
    EventKind,
    EvidenceLeaf,
    credential_hash,
)

texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=200).filter(
    lambda text: text == text.strip()
)
events = st.builds(
    CertificateEvent,
    certificate=texts,
    kind=st.sampled_from(EventKind),
    at=st.integers(0, MAX_EVENT_TIME),
    credential=st.none() | st.binary(min_size=1).map(lambda data: credential_hash(data.hex())),
    note=st.none() | texts,
)
leaves = st.builds(EvidenceLeaf, event=events, salt=st.binary(min_size=16, max_size=32))


def sample() -> JsonObject:
    return leaf_of(at=1_795_147_200, note="appeal", credential=credential_hash(JWT)).to_json()


@given(leaves)
def test_a_leaf_is_read_as_it_was_written(leaf: EvidenceLeaf) -> None:
    assert EvidenceLeaf.from_json(decode_json_object(leaf.encode())) == leaf


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("version", 2, "version: only 1 is known here"),
        ("version", True, '"version" must be an integer'),
        ("certificate", "", "certificate: 1 to 200 characters are needed"),
        ("certificate", "x" * 201, "certificate: 1 to 200 characters are needed"),
        ("certificate", " FT-1", "certificate: a control character, or space around it"),
        ("certificate", "FT\n1", "certificate: a control character, or space around it"),
        ("certificate", "FT\x9b1", "certificate: a control character, or space around it"),
        ("certificate", "FT\ud800", "certificate: a control character, or space around it"),
        ("certificate", 17, '"certificate" must be text'),
        ("event", "lost", "event: none of issued, amended, suspended, reinstated, renewed, revoked"),
        ("event", "ISSUED", "event: none of issued, amended, suspended, reinstated, renewed, revoked"),
        ("at", -1, "at: out of range"),
        ("at", MAX_EVENT_TIME + 1, "at: out of range"),
        ("at", 1.5, '"at" must be an integer'),
        ("credential", "0OIl", None),
        ("credential", "", "a hash is not 32 bytes of base58btc"),
        ("note", "", "note: 1 to 500 characters are needed"),
        ("note", "x" * 501, "note: 1 to 500 characters are needed"),
        ("note", None, '"note" must be text'),
        ("salt", encode_base64url(bytes(15)), "salt: 16 to 32 bytes are needed"),
        ("salt", encode_base64url(bytes(33)), "salt: 16 to 32 bytes are needed"),
        ("salt", "", "salt: 16 to 32 bytes are needed"),
        ("salt", encode_base64url(bytes(16)) + "==", None),
        ("subject", "Chan Tai Man", "an unknown member; known are "),
    ],
)
def test_what_a_leaf_may_not_say(member: str, value: str | int, words: str | None) -> None:
    good = sample()
    EvidenceLeaf.from_json(good)
    with pytest.raises(DecodeError) as caught:
        EvidenceLeaf.from_json(good | {member: value})
    assert words is None or str(caught.value).startswith(words)


@pytest.mark.parametrize("member", ["version", "certificate", "event", "at", "salt"])
def test_what_a_leaf_must_say(member: str) -> None:
    good = sample()
    del good[member]
    with pytest.raises(DecodeError, match=f'"{member}" is missing'):
        EvidenceLeaf.from_json(good)


@pytest.mark.parametrize("member", ["credential", "note"])
def test_what_a_leaf_need_not_say(member: str) -> None:
    good = sample()
    del good[member]
    assert EvidenceLeaf.from_json(good).to_json() == good


@given(st.dictionaries(st.sampled_from(sorted(sample())) | st.text(max_size=3), JSON_VALUES))
def test_any_object_is_a_leaf_or_malformed(members: JsonObject) -> None:
    for value in (members, sample() | members):
        try:
            leaf = EvidenceLeaf.from_json(value)
        except DecodeError:
            continue
        assert leaf.to_json() == value


def test_a_leaf_does_not_show_what_it_holds() -> None:
    """A traceback or a log that shows a value must not tell whose certificate it is."""
    leaf = leaf_of("FT-CANARY", at=0, note="canary note", credential=credential_hash(JWT))
    shown = repr(leaf)
    assert "canary" not in shown.lower()
    assert credential_hash(JWT) not in shown
    assert repr(leaf.salt) not in shown
