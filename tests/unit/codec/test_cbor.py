# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""CBOR has one spelling; the rest is refused without being built."""

import time

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.codec.json_values import CBOR_VALUES
from vcred.codec import cbor_extent
from vcred.codec.cbor import CborValue, decode_cbor, encode_cbor
from vcred.errors import DecodeError, LimitExceededError

CAP = 1024
# Far above what any machine needs, far below what the attack would cost.
BLINK_SECONDS = 1


def _decode(text: str) -> CborValue:
    return decode_cbor(bytes.fromhex(text), max_bytes=CAP)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("1903e8", 1000),
        ("1b000000e8d4a51000", 10**12),
        ("1bffffffffffffffff", 2**64 - 1),
        ("3bffffffffffffffff", -(2**64)),
        ("20", -1),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("40", b""),
        ("4401020304", b"\x01\x02\x03\x04"),
        ("60", ""),
        ("62c3bc", "ü"),
        ("64f0908591", "\U00010151"),
        ("83010203", [1, 2, 3]),
        ("a201020304", {1: 2, 3: 4}),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ],
)
def test_known_values(text: str, value: CborValue) -> None:
    """RFC 8949 appendix A."""
    assert encode_cbor(value).hex() == text
    decoded = _decode(text)
    assert decoded == value
    assert type(decoded) is type(value)


@given(CBOR_VALUES)
def test_round_trip(value: CborValue) -> None:
    assert decode_cbor(encode_cbor(value), max_bytes=2**20) == value


def test_map_keys_are_in_bytewise_order_of_their_encoding() -> None:
    """RFC 8949 section 4.2.1: 10, 100, -1, then text by length."""
    value: CborValue = {"aa": 0, "z": 0, -1: 0, 100: 0, 10: 0}
    assert encode_cbor(value).hex() == "a50a001864002000617a0062616100"
    decoded = _decode("a50a001864002000617a0062616100")
    assert isinstance(decoded, dict)
    assert list(decoded) == [10, 100, -1, "z", "aa"]


@pytest.mark.parametrize(
    "text",
    [
        "a2010101 02",  # CBR-01: the same integer twice
        "a20101180102",  # CBR-01: 1 and 0x1801
        "a2616101616102",  # CBR-01: the same text twice
        "82 01 a1 61 78 a2 01 01 01 02",  # CBR-01: nested
        "a201 00 f5 00",  # 1 and true are one key to Python
        "1801",  # CBR-05: not the shortest
        "190017",
        "1a0000ffff",
        "1b00000000ffffffff",
        "3800",
        "5801 00",
        "7801 61",
        "9801 00",
        "b801 00 00",
        "f814",  # false in two bytes
        "a2 02 00 01 00",  # CBR-05: unsorted
        "a2 20 00 01 00",
        "a2 6161 00 01 00",
        "a2 626161 00 617a 00",
        "5f 4100 ff",  # indefinite lengths
        "7f 6161 ff",
        "9f ff",
        "bf ff",
        "ff",
        "f93c00",  # floats
        "fa47c35000",
        "fb3ff199999999999a",
        "f97e00",
        "81 f90000",
        "a1 f90000 00",
        "f7",  # undefined
        "e0",
        "f8ff",
        "f800",
        "fc",
        "1c",
        "a1 40 00",  # CBR-09: a byte string as key
        "a2 4161 00 6161 00",  # CBR-09: bytes and text of one content
        "a1 f9 8000 00",  # CBR-09: negative zero
        "a1 80 00",
        "a1 a0 00",
        "a1 f6 00",
        "a1 f4 00",
        "0102",  # CBR-07: two items
        "a000",
        "8101 00",
        "",
        "18",
        "82 01",
        "a1 01",
        "42 00",
        "62c328",
        "63eda080",
    ],
)
def test_every_other_spelling_is_malformed(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        _decode(text)
    assert not isinstance(caught.value, LimitExceededError)


@pytest.mark.parametrize(
    "text",
    [
        "c0 74" + b"2026-11-20T00:00:00Z".hex(),
        "c11a514b67b0",
        "c24101",
        "c348010000000000000000",
        "c4 82 1b000000e8d4a51000 01",  # an exponent of 10**12
        "c5 82 1b000000e8d4a51000 01",
        "d81c 81 d81d00",  # a cycle
        "82 d81c 82 00 00 d81d 00",  # laughs
        "d90100 82 63616161 d81900",
        "d823 63 282b29",  # a regular expression
        "d824 63 613a62",  # MIME
        "d9010281 01",
        "d825 50 " + "00" * 16,
        "d90104 44 7f000001",
        "d9d9f7 01",
        "d8ff 00",
        "81 c100",
    ],
)
def test_no_tag_is_followed(text: str) -> None:
    """CBR-06."""
    start = time.process_time()
    with pytest.raises(DecodeError) as caught:
        _decode(text)
    assert not isinstance(caught.value, LimitExceededError)
    assert time.process_time() - start < BLINK_SECONDS


@pytest.mark.parametrize("head", ["81", "a100", "82008200", "a10082"])
def test_the_depth_is_bounded(head: str) -> None:
    """CBR-02."""
    per_head = {"81": 1, "a100": 1, "82008200": 2, "a10082": 2}[head]
    tail = {"81": "", "a100": "", "82008200": "", "a10082": ""}[head]
    for levels in (18, 401 + 401 % per_head, 100_000):
        data = bytes.fromhex(head * (levels // per_head) + "00" + tail)
        start = time.process_time()
        with pytest.raises(LimitExceededError, match="nested"):
            decode_cbor(data, max_bytes=2**20)
        assert time.process_time() - start < BLINK_SECONDS


def test_sixteen_levels_are_read_and_seventeen_are_not() -> None:
    """CBR-02."""
    assert _decode("81" * 16 + "00")
    with pytest.raises(LimitExceededError, match="nested deeper than 16"):
        _decode("81" * 17 + "00")
    with pytest.raises(LimitExceededError, match="nested deeper than 3"):
        decode_cbor(bytes.fromhex("8181818100"), max_bytes=CAP, max_depth=3)


@pytest.mark.parametrize("head", ["9b", "bb", "5b", "7b"])
@pytest.mark.parametrize("tail", ["", "00", "0000"])
def test_a_declared_length_takes_no_memory(head: str, tail: str) -> None:
    """CBR-03."""
    start = time.process_time()
    with pytest.raises(LimitExceededError, match="length"):
        _decode(head + "7fffffffffffffff" + tail)
    assert time.process_time() - start < BLINK_SECONDS


def test_the_size_is_bounded() -> None:
    data = encode_cbor(b"x" * (CAP - 3))
    assert decode_cbor(data, max_bytes=CAP)
    with pytest.raises(LimitExceededError, match="1024"):
        decode_cbor(data + b"\0", max_bytes=CAP)


def test_a_large_integer_in_many_bytes_is_not_built() -> None:
    """CBR-06: a bignum of one megabyte."""
    data = b"\xc2\x5a\x00\x10\x00\x00" + bytes(2**20)
    with pytest.raises(DecodeError):
        decode_cbor(data, max_bytes=2**21)


@given(st.binary(max_size=40))
@example(bytes.fromhex("d81c81d81d00"))
@example(bytes.fromhex("c1" * 40))
def test_any_bytes_are_a_value_that_encodes_back_or_refused(data: bytes) -> None:
    try:
        value = decode_cbor(data, max_bytes=CAP)
    except DecodeError:
        return
    assert encode_cbor(value) == data


@given(CBOR_VALUES, st.data())
def test_one_changed_byte_never_gives_the_same_value(value: CborValue, data: st.DataObject) -> None:
    encoded = bytearray(encode_cbor(value))
    index = data.draw(st.integers(0, len(encoded) - 1))
    encoded[index] ^= data.draw(st.integers(1, 255))
    try:
        changed = decode_cbor(bytes(encoded), max_bytes=2**20)
    except DecodeError:
        return
    assert encode_cbor(changed) == encoded


@pytest.mark.parametrize(
    "value",
    [1.5, 2**64, -(2**64) - 1, (1,), {b"a": 1}, {True: 1}, {None: 1}, {1.0: 1}, [object()], bytearray(b"a")],
)
def test_what_is_not_a_value_here_is_the_callers_mistake(value: CborValue) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode_cbor(value)


def test_encoding_too_deep_is_the_callers_mistake() -> None:
    value: CborValue = 0
    for _ in range(16):
        value = [value]
    assert encode_cbor(value)
    with pytest.raises(ValueError, match="nested"):
        encode_cbor([value])


# How many items: a byte of input is an object of many bytes.


def _numbers(count: int) -> bytes:
    return b"\x9a" + count.to_bytes(4, "big") + bytes(count)


@pytest.mark.parametrize("limit", [65_600, 100_000])
def test_the_number_of_items_is_bounded(limit: int) -> None:
    value = decode_cbor(_numbers(limit - 1), max_bytes=2**20, max_items=limit)
    assert isinstance(value, list)
    assert len(value) == limit - 1
    with pytest.raises(LimitExceededError, match=f"more than {limit} items"):
        decode_cbor(_numbers(limit), max_bytes=2**20, max_items=limit)


def test_what_is_long_and_not_many_is_read() -> None:
    value: CborValue = [b"x" * 2**20, {"a" * 2**17: [1, 2, 3]}]
    assert decode_cbor(encode_cbor(value), max_bytes=2**22, max_items=8) == value
    with pytest.raises(LimitExceededError, match="more than 7 items"):
        decode_cbor(encode_cbor(value), max_bytes=2**22, max_items=7)


def test_counting_stops_at_the_limit_and_nothing_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[int] = []
    real = cbor_extent._read_head

    def counting(data: bytes, offset: int) -> tuple[int, int, int]:
        heads.append(offset)
        return real(data, offset)

    monkeypatch.setattr(cbor_extent, "_read_head", counting)
    monkeypatch.setattr(cbor2, "loads", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(LimitExceededError, match="items"):
        decode_cbor(_numbers(2**22), max_bytes=2**23, max_items=1_000)
    assert len(heads) == 1_000


def test_small_data_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hot path of a gate: a code has 2,900 bytes at most."""
    monkeypatch.setattr(cbor_extent, "_read_head", lambda *_: pytest.fail("counted"))
    assert decode_cbor(encode_cbor([0] * 2_000), max_bytes=2_900, max_items=1) == [0] * 2_000
