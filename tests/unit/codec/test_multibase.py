# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Base58btc with and without its prefix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.multibase import decode_base58, decode_base58btc, encode_base58, encode_base58btc
from vcred.errors import DecodeError, LimitExceededError


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
    ],
)
def test_known_values(data: bytes, text: str) -> None:
    """The examples of draft-msporny-base58-03."""
    assert encode_base58(data) == text
    assert decode_base58(text) == data
    assert encode_base58btc(data) == "z" + text
    assert decode_base58btc("z" + text) == data


@given(st.binary(max_size=64))
def test_round_trip(data: bytes) -> None:
    assert decode_base58btc(encode_base58btc(data)) == data


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "2NEpo ", " 2NEpo", "2NEpo\n", "2N\0", "é"])
def test_a_character_outside_the_alphabet_is_refused(text: str) -> None:
    assert decode_base58("2NEpo")
    with pytest.raises(DecodeError, match="alphabet"):
        decode_base58(text)


@pytest.mark.parametrize("text", ["", "2NEpo", "u2NEpo", "Z2NEpo"])
def test_another_prefix_is_refused(text: str) -> None:
    with pytest.raises(DecodeError, match="multibase"):
        decode_base58btc(text)


def test_the_length_is_capped_before_decoding() -> None:
    assert decode_base58("2" * 256)
    with pytest.raises(LimitExceededError):
        decode_base58("2" * 257)
    with pytest.raises(LimitExceededError):
        decode_base58btc("z" + "2" * 33, max_characters=32)


@given(st.text(max_size=20))
def test_any_text_is_decoded_and_encodes_back_or_is_refused(text: str) -> None:
    try:
        data = decode_base58btc(text)
    except DecodeError:
        return
    assert encode_base58btc(data) == text
