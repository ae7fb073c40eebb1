# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The text of a request: one for one JWS, never too large for a symbol (QR-01, QR-03, QR-11)."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vcred.codec.base64url import encode_base64url
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_QR_VERSION, MAX_REQUEST_CHARACTERS, MAX_REQUEST_PACKED_BYTES
from vcred.qr.engines.zxing import draw_png, read_picture
from vcred.qr.request_text import REQUEST_PREFIX, decode_request, encode_request
from vcred.qr.symbol import choose_symbol

BASE45 = string.digits + string.ascii_uppercase + " $%*+-./:"
PART = st.binary(min_size=1, max_size=310)
# Two heads of three bytes and one of two before the parts, one of a byte before all.
MOST = MAX_REQUEST_PACKED_BYTES - 9


def jws(*parts: bytes) -> str:
    return ".".join(map(encode_base64url, parts))


@given(PART, PART, PART)
@settings(deadline=None)
def test_a_jws_comes_back(header: bytes, payload: bytes, signature: bytes) -> None:
    text = encode_request(jws(header, payload, signature))
    assert text.startswith("VQ1:")
    assert decode_request(text) == jws(header, payload, signature)


@given(st.text(max_size=60) | st.text(BASE45, max_size=200).map(REQUEST_PREFIX.__add__))
@example("VQ1:")
@example("VQ1:\ud800")
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_jws_or_refused(text: str) -> None:
    try:
        found = decode_request(text)
    except DecodeError:
        return
    assert encode_request(found) == text


@given(st.integers(0, 400), st.sampled_from(BASE45))
@settings(max_examples=300, deadline=None)
def test_one_character_changed_is_another_request_or_none(place: int, character: str) -> None:
    good = encode_request(jws(b"header", b"payload" * 20, b"s" * 64))
    at = place % len(good)
    changed = good[:at] + character + good[at + 1 :]
    try:
        found = decode_request(changed)
    except DecodeError:
        return
    assert (found == decode_request(good)) == (changed == good)


def test_the_largest_fits_the_largest_symbol() -> None:
    """One byte more is refused, before anything is drawn."""
    rest = MOST - 64 - 300
    text = encode_request(jws(b"h" * 300, b"p" * rest, b"s" * 64))
    assert choose_symbol(text).version == MAX_QR_VERSION
    assert read_picture(draw_png(text)) == text
    assert len(decode_request(text)) <= MAX_REQUEST_CHARACTERS
    with pytest.raises(LimitExceededError):
        encode_request(jws(b"h" * 300, b"p" * (rest + 1), b"s" * 64))


@pytest.mark.parametrize(
    "text", ["", "a.b", "QQ.QQ.QQ.QQ", "QQ.QQ.", "QQ..QQ", ".QQ.QQ", "QR.QQ.QQ", "QQ.QQ.QQ="]
)
def test_what_is_no_jws_is_not_packed(text: str) -> None:
    assert encode_request("QQ.QQ.QQ")
    with pytest.raises(DecodeError) as caught:
        encode_request(text)
    assert caught.value.code == "malformed"


def test_longer_than_any_code() -> None:
    with pytest.raises(LimitExceededError):
        decode_request("VQ1:" + "0" * 4_293)
    with pytest.raises(LimitExceededError):
        decode_request("VQ1:" + "0" * 1_458)


def test_message_does_not_repeat_the_text() -> None:
    with pytest.raises(DecodeError) as caught:
        decode_request("javascript:alert(1)")
    assert "alert" not in str(caught.value)
