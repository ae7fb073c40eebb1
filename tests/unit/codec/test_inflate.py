# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A bomb stops at the cap; a stream is whole and alone."""

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.inflate import deflate_zlib, inflate_zlib
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MIB

DATA = b"status " * 100


@given(st.binary(max_size=500), st.integers(0, 9))
def test_round_trip(data: bytes, level: int) -> None:
    assert inflate_zlib(deflate_zlib(data, level), max_bytes=500) == data


def test_the_cap_is_exact() -> None:
    stream = deflate_zlib(DATA)
    assert inflate_zlib(stream, max_bytes=len(DATA)) == DATA
    with pytest.raises(LimitExceededError, match=str(len(DATA) - 1)):
        inflate_zlib(stream, max_bytes=len(DATA) - 1)
    assert inflate_zlib(deflate_zlib(b""), max_bytes=0) == b""
    with pytest.raises(LimitExceededError):
        inflate_zlib(stream, max_bytes=0)


def test_a_bomb_costs_no_more_than_the_cap() -> None:
    """QR-02: 64 MiB from a stream of 64 kB, a thousandfold."""
    bomb = deflate_zlib(bytes(64 * MIB), 9)
    tracemalloc.start()
    with pytest.raises(LimitExceededError):
        inflate_zlib(bomb, max_bytes=2900)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MIB


def _with_dictionary() -> bytes:
    stream = zlib.compressobj(zdict=b"status")
    return stream.compress(DATA) + stream.flush()


@pytest.mark.parametrize(
    "data",
    [
        deflate_zlib(DATA) + b"\0",  # QR-02: trailing garbage
        deflate_zlib(DATA) * 2,  # QR-02: second member
        _with_dictionary(),  # QR-02: preset dictionary
        gzip.compress(DATA),  # QR-02: gzip header
        zlib.compress(DATA, wbits=-15),  # QR-02: raw deflate
        deflate_zlib(DATA)[:-1],  # QR-02: truncated
        deflate_zlib(DATA)[:-5],
        deflate_zlib(DATA)[:-1] + b"\0",  # another checksum
        b"",
        b"\x78",
    ],
)
def test_anything_else_is_malformed(data: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        inflate_zlib(data, max_bytes=MIB)
    assert not isinstance(caught.value, LimitExceededError)


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: b"\x78\x9c" + tail))
def test_any_bytes_are_inflated_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        assert len(inflate_zlib(data, max_bytes=1000)) <= 1000


def test_a_negative_cap_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="max_bytes"):
        inflate_zlib(b"", max_bytes=-1)
