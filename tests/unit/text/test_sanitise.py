# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""No text from outside moves the cursor, hides, or turns the line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.text.sanitise import PLAIN, _visible, sanitise
from vcred.text.scripts import is_mixed_script


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Guangdong Health Code Centre",
        "陳大文",
        "澳門特別行政區　衛生局",
        "São João, ação",
        "e\u0301a\u0323\u0302",
        "葛\U000e0100飾",  # a variant of the ideograph before it
        "\U0002ebf5\U00031350",  # ideographs newer than this Python may know
        "हिन्दी",
        "✔ VALID",
        "‹U+202E›",
    ],
)
def test_honest_text_is_unchanged(text: str) -> None:
    assert sanitise(text) == text


@pytest.mark.parametrize(
    "character",
    [
        *map(chr, range(0x20)),  # CLI-01: C0, with newline, BEL, BS, CR, ESC
        *map(chr, range(0x7F, 0xA0)),  # CLI-01: DEL and C1, with CSI, OSC, DCS, APC
        *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",  # CLI-03: directions
        *"\u200b\u200c\u200d\u2060\ufeff\u034f\u115f\u1160\u3164\uffa0\u2800\u180e",  # CLI-03: zero width
        *"\U000e0001\U000e0041\U000e007f\ufe0f\U000e0100",  # CLI-03: tags, selectors of nothing
        *"\u2028\u2029\u00ad",  # CLI-03: separators, soft hyphen
        *"\ud800\udfff\ue000\ufff9\ufffe\uffff\u0378",
    ],
)
def test_what_is_obeyed_or_hidden_becomes_visible(character: str) -> None:
    assert sanitise(f"a{character}b") == f"a‹U+{ord(character):04X}›b"


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J\x1b[1A\rVALID",  # CLI-01
        "\x9b2J",
        "\x1b]8;;https://evil.example\x07here\x1b]8;;\x07",  # CLI-02
        "\x1b]52;c;ZXZpbA==\x07",
        "\x1b]0;title\x1b\\",
        "\x1bP0;1|17/ab\x1b\\",
        "\x1b_Gf=24;AAAA\x1b\\",
        "\x1bPq#0~~\x1b\\",
    ],
)
def test_terminal_commands_become_plain_text(text: str) -> None:
    shown = sanitise(text)
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) <= 0x9F for character in shown)
    assert "‹U+001B›" in shown or "‹U+009B›" in shown


def test_piled_marks_are_cut() -> None:
    """CLI-03."""
    assert sanitise("a" + "\u0301" * 4 + "b") == "a" + "\u0301" * 4 + "b"
    assert sanitise("a" + "\u0301" * 200 + "b") == "a" + "\u0301" * 4 + "‹…›b"


def test_a_mark_does_not_fall_on_what_stands_before_the_text() -> None:
    assert sanitise("\u0301a") == "\u25cc\u0301a"
    assert sanitise("\u200b\u0301a") == "‹U+200B›\u25cc\u0301a"


def test_odd_spaces_are_plain() -> None:
    assert sanitise("a\u00a0b\u2003c\u3000d") == "a b c\u3000d"


def test_long_text_is_cut_between_escapes() -> None:
    assert sanitise("a" * 200) == "a" * 200
    assert sanitise("a" * 201) == "a" * 199 + "…"
    assert sanitise("陳" * 10**6, max_characters=5) == "陳陳陳陳…"
    assert sanitise("ab\x1bcd", max_characters=12) == "ab‹U+001B›cd"
    assert sanitise("ab\x1bcd", max_characters=11) == "ab‹U+001B›…"
    assert sanitise("ab\x1bcd", max_characters=10) == "ab…"
    assert sanitise("ab", max_characters=1) == "…"
    with pytest.raises(ValueError, match="max_characters"):
        sanitise("", max_characters=0)


@given(st.text(st.characters(), max_size=300), st.integers(1, 300))
def test_any_text_comes_out_safe_short_and_stable(text: str, limit: int) -> None:
    shown = sanitise(text, max_characters=limit)
    assert len(shown) <= limit
    assert sanitise(shown, max_characters=limit) == shown
    shown.encode("utf-8")
    for character in shown:
        category = unicodedata.category(character)
        assert category not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        assert category != "Cn" or 0x20000 <= ord(character) < 0x3FFFE


@pytest.mark.parametrize(
    "text",
    [
        "\u041cacau Health",  # CLI-07: a Cyrillic M
        "M\u0430cau",
        "Macau \u041d\u0435\u0430lth",
        "\u041c\u0410\u0421\u0410\u041e Health",  # a word wholly of look-alikes
        "\u041c\u0301acau",
        "Ma\u03bfcau",
    ],
)
def test_letters_that_play_latin_ones(text: str) -> None:
    assert is_mixed_script(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Macau Health",
        "Saúde de Macau",
        "Москва",
        "Москва Health",
        "МОСКВА",
        "Αθήνα Health",
        "陳大文 CHAN Tai Man",
        "澳門Macau衛生局",
        "マカオ",
    ],
)
def test_honest_scripts(text: str) -> None:
    assert not is_mixed_script(text)


def test_what_is_let_through_at_once_would_be_let_through_one_by_one() -> None:
    """The short way and the long one say the same: of each character, and beside any other."""
    plain = [chr(code) for code in range(0x11000) if PLAIN.fullmatch(chr(code))]
    assert len(plain) > 20_000
    assert {character for character in plain if "".join(_visible(character)) != character} == set()
    whole = "".join(plain)
    assert "".join(_visible(whole)) == whole == sanitise(whole, max_characters=len(whole))
    marked = "a\u0301\u6f22\ufe00"
    assert PLAIN.fullmatch(marked) is None
