# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Base64url has one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.errors import DecodeError


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"f", "Zg"),
        (b"fo", "Zm8"),
        (b"foo", "Zm9v"),
        (b"foobar", "Zm9vYmFy"),
        (b"\xfb\xff\xfe", "-__-"),
    ],
)
def test_known_values(data: bytes, text: str) -> None:
    """RFC 4648 section 10, without the padding."""
    assert encode_base64url(data) == text
    assert decode_base64url(text) == data


@given(st.binary(max_size=200))
def test_round_trip(data: bytes) -> None:
    assert decode_base64url(encode_base64url(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        "Zh",  # JOS-14: unused bits set, one byte
        "Zm9",  # JOS-14: unused bits set, two bytes
        "Zg==",  # JOS-14: padding
        "Zg=",
        "Zm8=",
        "=",
        "-_+/",  # JOS-14: the other alphabet
        "Zm 9v",  # JOS-14: white space
        "Zm9v ",
        "Zm9v\n",
        "Z",
        "Zm9vZ",
        "Zm9v!",
        "Zm9\N{LATIN SMALL LETTER V WITH TILDE}",
        "Zm9\ud800",
        "Zm\0v",
    ],
)
def test_every_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(DecodeError, match="not base64url"):
        decode_base64url(text)


@given(st.text(max_size=12) | st.text("AZaz09-_=+/", max_size=12))
def test_any_text_is_decoded_and_encodes_back_or_is_refused(text: str) -> None:
    try:
        data = decode_base64url(text)
    except DecodeError:
        return
    assert encode_base64url(data) == text
