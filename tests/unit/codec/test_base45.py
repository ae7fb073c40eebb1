# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Base45 against the examples of its RFC, and against every pair of bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.base45 import decode_base45, encode_base45
from vcred.errors import DecodeError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
    ],
)
def test_the_examples_of_rfc_9285(data: bytes, text: str) -> None:
    """RFC 9285 sections 4.3 and 4.4."""
    assert encode_base45(data) == text
    assert decode_base45(text) == data


def test_every_pair_of_bytes_is_the_sum_of_its_digits() -> None:
    data = b"".join(number.to_bytes(2, "big") for number in range(2**16))
    text = encode_base45(data)
    digits = [ALPHABET.index(character) for character in text]
    assert [a + 45 * b + 2025 * c for a, b, c in zip(*[iter(digits)] * 3, strict=True)] == list(range(2**16))
    assert decode_base45(text) == data


def test_every_single_byte() -> None:
    for number in range(256):
        data = bytes((number,))
        assert decode_base45(encode_base45(data)) == data


@given(st.binary(max_size=200))
def test_round_trip(data: bytes) -> None:
    assert decode_base45(encode_base45(data)) == data


def test_the_largest_triple_and_the_next() -> None:
    assert decode_base45("FGW") == b"\xff\xff"
    with pytest.raises(DecodeError, match="above 65535"):  # QR-01
        decode_base45("GGW")
    with pytest.raises(DecodeError, match="above 65535"):
        decode_base45(":::")
    with pytest.raises(DecodeError, match="above 65535"):
        decode_base45("BB8" * 100 + "GGW" + "BB8" * 100)


def test_the_largest_pair_and_the_next() -> None:
    assert decode_base45("U5") == b"\xff"
    with pytest.raises(DecodeError, match="above 255"):
        decode_base45("V5")


@pytest.mark.parametrize("text", ["B", "BB8B", "bb8", "BB!", "BB\n", "BB\x00", "ÄBB", "BB8\ud800B"])
def test_a_bad_length_or_character_is_refused(text: str) -> None:
    """QR-01."""
    with pytest.raises(DecodeError, match="not base45"):
        decode_base45(text)


@given(st.text(max_size=30) | st.text(ALPHABET, max_size=30))
def test_any_text_is_decoded_and_encodes_back_or_is_refused(text: str) -> None:
    try:
        data = decode_base45(text)
    except DecodeError:
        return
    assert encode_base45(data) == text
