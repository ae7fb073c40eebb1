# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The leaf: one form for one content, nothing beside it. LED-09."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.samples import changed, fresh_world, refusal, removed
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, LimitExceededError, VcredError
from vcred.ledger.entries import MAX_LEAF_BYTES, Kind, encode_leaf, parse_leaf
from vcred.ledger.rules import replay_leaf
from vcred.limits import MAX_TIME
from vcred.reasons import Reason

WORLD = fresh_world()
STATEMENT = WORLD.statement(WORLD.mo, Kind.RECOGNISE, type=WORLD.vct, jurisdiction="CN-44", conditions={})
NOW = int(WORLD.now.timestamp())
LEAF = encode_leaf(STATEMENT, logged_at=NOW)


def test_a_leaf_is_read_back() -> None:
    entry = parse_leaf(LEAF)
    assert (entry.logged_at, entry.operation, entry.kind, entry.version) == (NOW, STATEMENT, "recognise", 1)
    assert entry.operation_bytes == len(encode_jcs(STATEMENT))
    assert replay_leaf(WORLD.state, LEAF).void == WORLD.state.void


def test_the_hash_leaves_the_proofs_out_and_nothing_else() -> None:
    assert parse_leaf(encode_leaf(removed(STATEMENT, "proof"), logged_at=0)).hash == parse_leaf(LEAF).hash
    other = changed(STATEMENT, "previous", None)
    assert parse_leaf(encode_leaf(other, logged_at=0)).hash != parse_leaf(LEAF).hash


def other_spellings() -> dict[str, bytes]:
    content = decode_json_object(LEAF)
    return {
        "spaces": json.dumps(content, sort_keys=True).encode(),
        "order": json.dumps(dict(reversed(content.items())), separators=(",", ":")).encode(),
        "newline": LEAF + b"\n",
        "escaped": LEAF.replace(b"recognise", b"recogni\\u0073e"),
        "escaped solidus": LEAF.replace(b"/types/", b"\\/types\\/"),
        "float": LEAF.replace(b'"version":1', b'"version":1.0'),
        "exponent": LEAF.replace(str(NOW).encode(), f"{NOW}e0".encode()),
        "byte order mark": b"\xef\xbb\xbf" + LEAF,
    }


@pytest.mark.parametrize("name", other_spellings())
def test_led_09_another_spelling_of_the_same_content_is_void(name: str) -> None:
    leaf = other_spellings()[name]
    assert leaf != LEAF
    with pytest.raises(DecodeError):
        parse_leaf(leaf)
    assert replay_leaf(WORLD.state, leaf).void[-1].reason is Reason.MALFORMED


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        encode_jcs({"logged_at": NOW, "operation": STATEMENT, "note": "x"}),
        encode_jcs({"operation": STATEMENT}),
        encode_jcs({"logged_at": NOW}),
        encode_jcs({"logged_at": str(NOW), "operation": STATEMENT}),
        encode_jcs({"logged_at": True, "operation": STATEMENT}),
        encode_jcs({"logged_at": NOW + 0.5, "operation": STATEMENT}),
        encode_jcs({"logged_at": -1, "operation": STATEMENT}),
        encode_jcs({"logged_at": NOW, "operation": [STATEMENT]}),
        encode_jcs({"logged_at": NOW, "operation": {}}),
        encode_jcs({"logged_at": NOW, "operation": removed(STATEMENT, "kind")}),
        encode_jcs({"logged_at": NOW, "operation": changed(STATEMENT, "kind", 1)}),
        encode_jcs({"logged_at": NOW, "operation": changed(STATEMENT, "version", "1")}),
        encode_jcs({"logged_at": NOW, "operation": changed(STATEMENT, "version", True)}),
    ],
)
def test_what_is_no_leaf_is_void(leaf: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_leaf(leaf)
    after = replay_leaf(WORLD.state, leaf)
    assert (after.size, after.void[-1].index, after.void[-1].reason) == (
        WORLD.state.size + 1,
        WORLD.state.size,
        Reason.MALFORMED,
    )
    assert not after.unsupported


def test_a_leaf_has_a_limit_of_its_own() -> None:
    with pytest.raises(LimitExceededError):
        parse_leaf(b'"' + b"x" * MAX_LEAF_BYTES + b'"')
    assert replay_leaf(WORLD.state, b" " * (MAX_LEAF_BYTES + 1)).void[-1].reason is Reason.LIMIT_EXCEEDED


def padded(to_bytes: int) -> JsonObject:
    """An operation of an unknown kind that is ignored, of so many bytes."""
    bare: JsonObject = {"kind": "x", "version": 1, "ignorable": True, "padding": ""}
    return changed(bare, "padding", "x" * (to_bytes - len(encode_jcs(bare))))


def test_led_09_an_operation_of_the_limit_is_taken_and_one_byte_more_is_void() -> None:
    limit = WORLD.state.require_network().entry_bytes
    assert limit == 7_500
    leaf = encode_leaf(padded(limit), logged_at=NOW)
    assert replay_leaf(WORLD.state, leaf).void == WORLD.state.void
    assert refusal(WORLD, padded(limit + 1)) is Reason.LIMIT_EXCEEDED


def test_led_23_the_log_never_goes_back_in_time() -> None:
    """A second earlier than the entry before is void; the same second is not."""
    last = WORLD.state.logged_at
    assert replay_leaf(WORLD.state, encode_leaf(STATEMENT, logged_at=last)).void == WORLD.state.void
    assert refusal(WORLD, STATEMENT, logged_at=last - 1) is Reason.MALFORMED


def test_led_23_a_void_entry_does_not_move_the_time() -> None:
    future = encode_leaf(changed(STATEMENT, "previous", None), logged_at=MAX_TIME)
    after = replay_leaf(WORLD.state, future)
    assert after.void[-1].reason is Reason.SIGNATURE_INVALID
    assert after.logged_at == WORLD.state.logged_at
    assert replay_leaf(after, LEAF).void == after.void


@given(st.binary(max_size=200))
def test_any_bytes_are_a_leaf_or_refused(data: bytes) -> None:
    try:
        parse_leaf(data)
    except VcredError as error:
        assert isinstance(error, DecodeError)


@given(st.integers(0, len(LEAF) - 1), st.integers(0, 255))
def test_a_changed_byte_is_another_entry_or_refused(position: int, value: int) -> None:
    data = bytearray(LEAF)
    data[position] = value
    try:
        entry = parse_leaf(bytes(data))
    except DecodeError:
        return
    assert encode_leaf(entry.operation, logged_at=entry.logged_at) == data


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {"logged_at": JSON, "operation": st.dictionaries(st.sampled_from([*STATEMENT, "x"]), JSON)}
    )
)
def test_any_json_of_a_leafs_shape_is_a_leaf_or_refused(content: JsonObject) -> None:
    leaf = encode_jcs(content)
    try:
        assert parse_leaf(leaf).operation == content["operation"]
    except VcredError as error:
        assert isinstance(error, DecodeError)
    # Whatever it is, a replay goes on behind it.
    assert replay_leaf(WORLD.state, leaf).size == WORLD.state.size + 1
