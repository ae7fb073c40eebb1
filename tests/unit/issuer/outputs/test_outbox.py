# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What waits in the store: only the home that sealed it opens it, and only as it was."""

import contextlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.outputs.memory_store import chunk, item
from vcred.errors import DecodeError, StoreError
from vcred.issuer.outbox import OutboxSeal, decode_items, encode_items

SEAL = OutboxSeal(bytes(range(32)))
ITEMS = [*chunk("A1", "A2"), item("杨", copy=2)]


def test_a_chunk_comes_back() -> None:
    sealed = SEAL.seal(ITEMS)
    assert SEAL.open(sealed) == ITEMS
    assert OutboxSeal(bytes(range(32))).open(sealed) == ITEMS
    assert SEAL.open(SEAL.seal([])) == []


def test_nothing_of_it_can_be_read() -> None:
    """PRV-05."""
    sealed = SEAL.seal(ITEMS)
    for one in ITEMS:
        for text in (one.text, one.row_id, one.credential_id, one.vct):
            assert text.encode() not in sealed
    assert SEAL.seal(ITEMS)[:40] != sealed[:40]


def test_another_home_does_not_open_it() -> None:
    sealed = SEAL.seal(ITEMS)
    with pytest.raises(StoreError, match="do not open") as caught:
        OutboxSeal(os.urandom(32)).open(sealed)
    assert caught.value.hint and "home" in caught.value.hint


@given(st.data())
def test_a_changed_byte_does_not_open(data: st.DataObject) -> None:
    sealed = bytearray(SEAL.seal(ITEMS))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(StoreError):
        SEAL.open(bytes(sealed))


@given(st.integers(0, 60))
def test_a_cut_chunk_does_not_open(length: int) -> None:
    with pytest.raises(StoreError):
        SEAL.open(SEAL.seal(ITEMS)[:length])


ROW = ["A1", "ab", "did:x", 0, 0, "did", 1, "https://x/1", 7]


@pytest.mark.parametrize("place", range(len(ROW)))
def test_each_member_is_of_its_type(place: int) -> None:
    assert len(decode_items(json.dumps([ROW]).encode() + b"\neyJ~")) == 1
    for value in (None, [], 1.5, {}, "none of them" if place == 5 else "" if type(ROW[place]) is int else 0):
        changed = [*ROW[:place], value, *ROW[place + 1 :]]
        with pytest.raises(DecodeError):
            decode_items(json.dumps([changed]).encode() + b"\neyJ~")


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]\n", b"[]\n\n", json.dumps([ROW]).encode(), json.dumps([ROW, ROW]).encode() + b"\na~",
     json.dumps([ROW[:-1]]).encode() + b"\na~", json.dumps([ROW]).encode() + b"\n\xff"],
)  # fmt: skip
def test_shapes_that_are_none(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_items(data)


@given(st.one_of(st.binary(max_size=200), st.integers(0, 200).map(lambda n: encode_items(ITEMS)[:-n])))
def test_fuzz(data: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert decode_items(data) is not None
