# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The file that says to whom each row is issued."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError
from vcred.issuer.applications import Application, parse_applications
from vcred.limits import MAX_COPIES, MAX_ROSTER_ROW_BYTES, MIB

A, B = Application(did="did:key:zA"), Application(did="did:key:zB")
P = Application(proof="x.y.z", nonce="n")


@pytest.mark.parametrize(
    "data",
    [
        b"row_id,holder,proof,nonce\n1,did:key:zA,,\n2,did:key:zA,,\n2,did:key:zB,,\n3,,x.y.z,n\n",
        b"\xef\xbb\xbfproof,row_id,nonce,holder\r\n,1,,did:key:zA\r\n,2,,did:key:zA\r\n,2,,did:key:zB\r\n"
        b"x.y.z,3,n,\r\n",
        b'{"1": "did:key:zA", "2": ["did:key:zA", "did:key:zB"], "3": {"proof": "x.y.z", "nonce": "n"}}',
    ],
    ids=["csv", "csv in another order", "json"],
)
def test_the_forms_say_the_same(data: bytes) -> None:
    assert parse_applications(data) == {"1": (A,), "2": (A, B), "3": (P,)}


def test_two_columns_are_enough() -> None:
    assert parse_applications(b"row_id,holder\n1,did:key:zA\n") == {"1": (A,)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1,did:key:zA\n",
        b"row_id\n1\n",
        b"row_id,holder,colour\n1,did:key:zA,red\n",
        b"row_id,holder,holder\n1,a,b\n",
        b"row_id,holder\n1\n",
        b"row_id,holder\n1,\n",
        b"row_id,holder,proof,nonce\n1,did:key:zA,x.y.z,n\n",
        b"row_id,proof\n1,x.y.z\n",
        b'row_id,holder\n1,"open\n',
        b"row_id,holder\n1,\xff\n",
        b'{"1": 7}',
        b'{"1": {"proof": "x"}}',
        b'{"1": "a", "1": "b"}',
        b"{",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_applications(data)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_no_more_keys_for_a_row_than_it_can_have_copies(form: str) -> None:
    """Or one row id on every line of a large file would cost the square of its length."""

    def data(keys: int) -> bytes:
        if form == "csv":
            return b"row_id,holder\n" + b"R,did:key:zA\n" * keys
        return json.dumps({"R": ["did:key:zA"] * keys}).encode()

    assert parse_applications(data(MAX_COPIES)) == {"R": (A,) * MAX_COPIES}
    with pytest.raises(DecodeError, match=f"holders: more than {MAX_COPIES} keys for one row"):
        parse_applications(data(MAX_COPIES + 1))


def test_empty_lines_take_no_memory() -> None:
    """16 MB of them took 1.3 GB."""
    data = b"row_id,holder\n" + b"\n" * MIB + b"1,did:key:zA\n"
    tracemalloc.start()
    try:
        assert parse_applications(data) == {"1": (A,)}
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MIB


@pytest.mark.parametrize("start", [b"", b"row_id,holder\n"])
def test_a_row_that_never_ends_is_refused(start: bytes) -> None:
    """Its quotes close and open on every line."""
    lines = MAX_ROSTER_ROW_BYTES // 6
    assert parse_applications(b'row_id,holder\n"1\n","did:key:zA"\n') == {"1\n": (A,)}
    with pytest.raises(DecodeError, match=f"holders: a row longer than {MAX_ROSTER_ROW_BYTES} characters"):
        parse_applications(start + b'x,"ab\n' + b'","ab\n' * lines)


@given(st.binary(max_size=80), st.sampled_from([b"", b"{", b"row_id,holder\n"]))
def test_any_bytes(data: bytes, start: bytes) -> None:
    try:
        parse_applications(start + data)
    except DecodeError:
        return
