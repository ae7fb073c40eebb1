# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Doubles of letters: what looks like another name and is not equal to it (ISS-19)."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.text.scripts import (
    has_full_width,
    has_ideograph_twin,
    has_right_to_left,
    is_mixed_script,
    is_unremarkable,
)

HONEST = [
    "",
    "陳大文",
    "杨𠮷祥",
    "葛\U000e0100飾",
    "﨑田",
    "São João",
    "Москва",
    "マカオ",
    "澳門（氹仔）、二樓",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_names_are_left_alone(text: str) -> None:
    assert not has_ideograph_twin(text)
    assert not has_full_width(text)
    assert not has_right_to_left(text)


@pytest.mark.parametrize("text", ["⼈大文", "⻑", "\uf9e1大文", "\U0002f804"])
def test_doubles_of_ideographs(text: str) -> None:
    assert has_ideograph_twin(text)


@pytest.mark.parametrize("text", ["ＣＨＡＮ", "１２３", "陳ａ"])
def test_full_width_letters_and_digits(text: str) -> None:
    assert has_full_width(text)


@pytest.mark.parametrize("text", ["محمد", "Chan \u05d0", "\ufb1d", "\ufefc", "\U0001e900"])
def test_letters_from_right_to_left(text: str) -> None:
    assert has_right_to_left(text)


@given(st.characters(min_codepoint=0x3400, max_codepoint=0x3FFFD))
def test_an_ideograph_that_normalises_to_another_has_a_double(character: str) -> None:
    if (
        unicodedata.name(character, "").startswith("CJK")
        and unicodedata.normalize("NFC", character) != character
    ):
        assert has_ideograph_twin(character)


@given(st.characters(codec="utf-8"))
def test_letters_of_that_direction_are_known(character: str) -> None:
    if unicodedata.bidirectional(character) in ("R", "AL") and unicodedata.category(character) != "Cf":
        assert has_right_to_left(character)


def test_the_fast_way_overlooks_nothing() -> None:
    """Every character that one of the slow ways could stumble over is noticed by the fast one."""
    assert is_unremarkable("Chan Tai Man 陳大文, São Tomé")
    for letter in map(chr, range(sys.maxunicode + 1)):
        if is_unremarkable(letter):
            assert not has_full_width(letter) and not has_right_to_left(letter)
            assert not has_ideograph_twin(letter)
            # A word is mixed by a Greek or Cyrillic letter only.
            assert unicodedata.name(letter, "").partition(" ")[0] not in ("GREEK", "CYRILLIC") or (
                not letter.isalpha()
            )


@given(st.text())
def test_what_is_unremarkable_has_nothing_to_say(text: str) -> None:
    if is_unremarkable(text):
        checks = (is_mixed_script, has_full_width, has_right_to_left, has_ideograph_twin)
        assert not any(check(text) for check in checks)
