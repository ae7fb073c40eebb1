# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The network file, the one thing got out of band. BND-18."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.samples import changed, removed
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.errors import DecodeError, LimitExceededError
from vcred.ledger.network_file import NetworkFile, encode_network_file, parse_network_file
from vcred.limits import MAX_NETWORK_FILE_BYTES

FILE = NetworkFile(
    network_id=hash_text(b"\x05" * 32), floor_size=14, floor_root=b"\xab" * 32, floor_date=1_795_136_400
)
CONTENT: JsonObject = json.loads(encode_network_file(FILE))


def test_it_is_read_back() -> None:
    assert parse_network_file(encode_network_file(FILE)) == FILE
    assert encode_network_file(FILE).endswith(b"}\n")
    assert {
        "version": 1,
        "network": FILE.network_id,
        "floor": {"size": 14, "root": "ab" * 32, "date": 1_795_136_400},
    } == CONTENT


@pytest.mark.parametrize("path", ["version", "network", "floor", "floor.size", "floor.root", "floor.date"])
def test_nothing_may_be_missing(path: str) -> None:
    with pytest.raises(DecodeError):
        parse_network_file(json.dumps(removed(CONTENT, path)).encode())


WRONG = [
    ("version", 0),
    ("version", 2),
    ("version", -1),
    ("version", 2**53 - 1),
    ("version", 2**63),
    ("version", "1"),
    ("version", 1.0),
    ("version", True),
    ("network", ""),
    ("network", "x"),
    ("network", "0" * 44),
    ("network", f"did:vcred:{FILE.network_id}"),
    ("network", None),
    ("floor", None),
    ("floor.size", 0),
    ("floor.size", -1),
    ("floor.size", 2**53),
    ("floor.size", "14"),
    ("floor.size", 14.0),
    ("floor.root", "ab" * 31),
    ("floor.root", "ab" * 33),
    ("floor.root", "g" * 64),
    ("floor.root", ""),
    ("floor.date", -1),
    ("floor.date", "2026-11-20"),
    ("floor.date", True),
    ("x", 1),
    ("floor.x", 1),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_bnd_18_a_wrong_value_is_refused(path: str, value: object) -> None:
    with pytest.raises(DecodeError):
        parse_network_file(json.dumps(changed(CONTENT, path, value)).encode())


def test_it_has_a_limit() -> None:
    with pytest.raises(LimitExceededError):
        parse_network_file(b'"' + b"x" * MAX_NETWORK_FILE_BYTES + b'"')


@given(st.binary(max_size=300))
def test_any_bytes_are_a_network_file_or_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_network_file(data)


@given(st.integers(0, len(encode_network_file(FILE)) - 1), st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(position: int, value: int) -> None:
    data = bytearray(encode_network_file(FILE))
    data[position] = value
    with contextlib.suppress(DecodeError):
        assert isinstance(parse_network_file(bytes(data)), NetworkFile)
