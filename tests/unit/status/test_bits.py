# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status lists as bits: published vectors, bit order, bounds (STA-05 to STA-07, STA-14)."""

import base64
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.published_vectors import published
from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.inflate import deflate_zlib
from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.limits import MAX_STATUS_LIST_BYTES
from vcred.reasons import Reason
from vcred.status.bits import StatusList, compress_list, inflate_list, takes_back

BITS = st.sampled_from([1, 2, 4, 8])


def _lst(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _published(bits: int) -> dict[str, Any]:
    path = published("token_status_list") / "appendix_c.json"
    lists: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["lists"]
    assert [vector["bits"] for vector in lists] == [1, 2, 4, 8]
    return next(vector for vector in lists if vector["bits"] == bits)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_sta_07_published_lists(bits: int) -> None:
    vector = _published(bits)
    status_list = inflate_list(vector["bits"], vector["lst"])
    expected = dict(vector["values"])
    assert status_list.size >= 2**20
    assert {index: status_list.get(index) for index in expected} == expected
    every = (status_list.get(index) for index in range(status_list.size))
    assert sum(every) == sum(expected.values())
    built = StatusList.empty(bits=vector["bits"], size=status_list.size).changed(expected)
    assert built == status_list
    assert inflate_list(bits, compress_list(built)) == status_list


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_sta_07_published_lists_are_made_again_byte_for_byte(bits: int) -> None:
    """The same bytes before compression, and behind it as long as zlib compresses as its authors' does."""
    vector = _published(bits)
    built = StatusList.empty(bits=bits, size=2**20).changed(dict(vector["values"]))
    assert built.data == zlib.decompress(decode_base64url(vector["lst"]))
    if "ng" in zlib.ZLIB_RUNTIME_VERSION:
        pytest.skip("zlib-ng is right too, and writes other bytes")
    assert encode_base64url(deflate_zlib(built.data, level=9)) == vector["lst"]


@pytest.mark.parametrize(
    ("bits", "lst", "data"), [(1, "eNrbuRgAAhcBXQ", "b9a3"), (2, "eNo76fITAAPfAgc", "c944f9")]
)
def test_sta_07_the_small_lists_of_the_specification(bits: int, lst: str, data: str) -> None:
    """Token Status List section 4.2."""
    assert inflate_list(bits, lst).data.hex() == data
    if "ng" in zlib.ZLIB_RUNTIME_VERSION:
        pytest.skip("zlib-ng is right too, and writes other bytes")
    assert encode_base64url(deflate_zlib(bytes.fromhex(data), level=9)) == lst


@pytest.mark.parametrize(
    ("bits", "data", "values"),
    [
        # The specification's own drawings: 0xb9 0xa3 as single bits, 0xc9 0x44 0xf9 as pairs.
        (1, "b9a3", [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]),
        (2, "c944f9", [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]),
        (4, "1f2e", [15, 1, 14, 2]),
        (8, "01ff", [1, 255]),
    ],
)
def test_sta_07_least_significant_bits_come_first(bits: int, data: str, values: list[int]) -> None:
    status_list = StatusList(bits=bits, data=bytes.fromhex(data))
    assert [status_list.get(index) for index in range(status_list.size)] == values
    empty = StatusList.empty(bits=bits, size=len(values))
    assert empty.changed(dict(enumerate(values))).data.hex() == data


@given(BITS, st.dictionaries(st.integers(0, 199), st.integers(0, 255)))
def test_changed_values_come_back(bits: int, values: dict[int, int]) -> None:
    fitting = {index: value % 2**bits for index, value in values.items()}
    status_list = StatusList.empty(bits=bits, size=200).changed(fitting)
    read = inflate_list(bits, compress_list(status_list))
    assert read == status_list
    assert [read.get(index) for index in range(200)] == [fitting.get(index, 0) for index in range(200)]


def test_changing_makes_a_new_list_and_can_clear() -> None:
    old = StatusList.empty(bits=2, size=8).changed({3: 3, 4: 1})
    new = old.changed({3: 0})
    assert (old.get(3), new.get(3), new.get(4)) == (3, 0, 1)


@pytest.mark.parametrize("values", [{8: 1}, {-1: 1}, {0: 4}, {0: -1}])
def test_changing_refuses_what_does_not_fit(values: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="index"):
        StatusList.empty(bits=2, size=8).changed(values)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_sta_05_index_at_the_edges(bits: int) -> None:
    status_list = StatusList.empty(bits=bits, size=1024)
    assert status_list.get(status_list.size - 1) == 0
    for index in (status_list.size, -1, 2**64, -(2**64)):
        with pytest.raises(RefusedError) as caught:
            status_list.get(index)
        assert caught.value.reason is Reason.STATUS_INVALID


@pytest.mark.parametrize("bits", [0, 3, 16, -1, 64])
def test_sta_06_other_numbers_of_bits(bits: int) -> None:
    lst = compress_list(StatusList.empty(bits=1, size=8))
    assert inflate_list(1, lst).size == 8
    makes: list[Callable[[], object]] = [
        lambda: StatusList(bits=bits, data=b""),
        lambda: StatusList.empty(bits=bits, size=8),
        lambda: inflate_list(bits, lst),
    ]
    for make in makes:
        with pytest.raises(RefusedError) as caught:
            make()
        assert caught.value.reason is Reason.STATUS_INVALID


def test_sta_14_a_list_larger_than_it_may_be() -> None:
    fits = _lst(zlib.compress(bytes(MAX_STATUS_LIST_BYTES)))
    assert inflate_list(1, fits).size == MAX_STATUS_LIST_BYTES * 8
    for bomb in (bytes(MAX_STATUS_LIST_BYTES + 1), bytes(64 * 1024 * 1024)):
        with pytest.raises(LimitExceededError):
            inflate_list(1, _lst(zlib.compress(bomb)))


GOOD = zlib.compress(bytes(100))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GOOD[:-1],
        GOOD + b"\x00",
        GOOD + GOOD,
        b"not zlib",
        zlib.compress(bytes(100))[2:-4],
        b"\x1f\x8b" + GOOD,
    ],
)
def test_sta_14_what_is_not_one_zlib_stream(data: bytes) -> None:
    assert inflate_list(1, _lst(GOOD)).size == 800
    with pytest.raises(DecodeError):
        inflate_list(1, _lst(data))


@given(BITS, st.binary(max_size=60).map(_lst) | st.text(max_size=60))
def test_a_list_or_a_decode_error(bits: int, lst: str) -> None:
    try:
        status_list = inflate_list(bits, lst)
    except DecodeError:
        return
    assert status_list.bits == bits


@given(
    bits=st.sampled_from([(1, 1), (2, 2), (4, 4), (8, 8), (1, 2), (2, 1), (8, 2)]),
    earlier=st.lists(st.integers(0, 3), min_size=8, max_size=40),
    later=st.lists(st.integers(0, 3), min_size=8, max_size=40),
)
def test_what_is_revoked_is_taken_back(bits: tuple[int, int], earlier: list[int], later: list[int]) -> None:
    first, second = (
        StatusList.empty(bits=wide, size=len(values)).changed(
            {index: value & ((1 << wide) - 1) for index, value in enumerate(values)}
        )
        for wide, values in zip(bits, (earlier, later), strict=True)
    )
    revoked, still = ({index for index, value in one.nonzero() if value == 1} for one in (first, second))
    assert takes_back(first, second) is not (revoked <= still)
    assert not takes_back(first, first)
