# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Files of ids."""

import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError, LimitExceededError
from vcred.issuer.selection import ByIds, parse_ids
from vcred.limits import MAX_IDS_LINE_BYTES, MIB


def test_one_id_a_line_each_once_in_order() -> None:
    data = "\ufeff# recalled on Friday\r\nHC2\r\n\n  HC1  \nHC2\n0f0f\n".encode()
    assert parse_ids(data) == ByIds(("HC2", "HC1", "0f0f"))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"HC1\nHC\xff\n", "not UTF-8"),
        (b"", "no id in it"),
        (b"# nothing\n\n", "no id in it"),
        (b"HC1\nHC\x00\n", "line 2 is not an id"),
        ("HC1\nHC\u202e2\n".encode(), "line 2 is not an id"),
        (b"HC1\n" + b"x" * 65, "line 2 is not an id"),
    ],
)
def test_what_is_no_file_of_ids_is_refused(data: bytes, why: str) -> None:
    assert parse_ids(b"HC1\n").ids == ("HC1",)
    with pytest.raises(DecodeError, match=why):
        parse_ids(data)


def test_more_ids_than_are_changed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcred.issuer.selection.MAX_CHANGED_AT_ONCE", 2)
    assert len(parse_ids(b"1\n2\n2\n").ids) == 2
    with pytest.raises(LimitExceededError, match="more than 2 ids"):
        parse_ids(b"1\n2\n3\n")


def test_a_line_that_is_longer_than_any_id_or_remark() -> None:
    remark = b"#" * (MAX_IDS_LINE_BYTES - 1) + b"\n"
    assert parse_ids(remark + b"HC1").ids == ("HC1",)
    with pytest.raises(DecodeError, match="line 1 is not an id"):
        parse_ids(b"#" + remark + b"HC1")


@pytest.mark.parametrize("line", [b"\n", b"#\n", b"HC1\n"])
def test_many_lines_take_no_memory(line: bytes) -> None:
    """90 MB of them took ten times as much."""
    data = b"HC1\n" + line * (MIB // len(line))
    tracemalloc.start()
    try:
        assert parse_ids(data).ids == ("HC1",)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MIB


def test_more_bytes_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcred.issuer.selection.MAX_IDS_FILE_BYTES", 4)
    assert len(parse_ids(b"HC1\n").ids) == 1
    with pytest.raises(LimitExceededError, match="5 bytes"):
        parse_ids(b"HC1\n\n")


@given(st.binary(max_size=200))
def test_any_bytes_are_ids_or_a_decode_error(data: bytes) -> None:
    with suppress(DecodeError):
        assert parse_ids(data).ids
