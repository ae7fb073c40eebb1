# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The text in the symbol (QR-01, QR-03, QR-11)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import DecodeError, LimitExceededError
from vcred.qr.frame import decode_text, encode_text

# Of whole triplets, so that one character more is no base45.
GOOD = encode_text(b"\x86\x00packed")


@given(st.binary(max_size=300))
def test_bytes_come_back(packed: bytes) -> None:
    text = encode_text(packed)
    assert text.startswith("VC1:")
    assert decode_text(text) == packed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "VC1",
        GOOD.replace("VC1:", "VC9:"),
        GOOD.replace("VC1:", "HC2:"),
        GOOD.replace("VC1:", "HC1:"),
        GOOD.replace("VC1:", "VC1"),
        GOOD.replace("VC1:", "vc1:"),
        GOOD.replace("VC1:", " VC1:"),
        GOOD.replace("VC1:", "VC1 :"),
        GOOD.replace("VC1:", "VC1: "),
        GOOD.lower(),
        GOOD + "\n",
        GOOD + "A",
        GOOD[:-1] + "é",
        GOOD[:-1] + "#",
        "VC1:" + ":::",
        "VC1:" + "::",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "$(reboot)",
        "\x1b]0;title\x07",
    ],
)
def test_other_texts_are_malformed(text: str) -> None:
    assert decode_text(GOOD)
    with pytest.raises(DecodeError) as caught:
        decode_text(text)
    assert caught.value.code == "malformed"


def test_message_does_not_repeat_the_text() -> None:
    with pytest.raises(DecodeError) as caught:
        decode_text("javascript:alert(1)")
    assert "alert" not in str(caught.value)


def test_limit() -> None:
    assert decode_text("VC1:" + "0" * 4_292)
    with pytest.raises(LimitExceededError):
        decode_text("VC1:" + "0" * 4_293)
    with pytest.raises(LimitExceededError):
        encode_text(bytes(2_900))


@given(st.text(max_size=40) | st.text("0123456789ABC $%*+-./:", max_size=40).map("VC1:".__add__))
def test_any_text_is_bytes_or_refused(text: str) -> None:
    try:
        packed = decode_text(text)
    except DecodeError:
        return
    assert encode_text(packed) == text
