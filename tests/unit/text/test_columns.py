# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Columns are kept whatever script stands in them, as the screens draw it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from vcred.text.columns import fit, pad, width
from vcred.text.sanitise import sanitise

# Ideographs of planes 2 and 3, marks, kana, Hangul, letters, signs of ambiguous width.
TEXTS = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("陳大文杨𠮷祥\U00020bb7\U000302de\u0301\u0323éãç…—“”°①■가ｶ\u3000 a"),
    ),
    max_size=40,
).map(sanitise)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("Chan Tai Man", 12),
        ("陳大文", 6),
        ("São João", 8),
        ("Sa\u0303o", 3),  # the mark takes no column
        ("𠮷", 2),  # plane 2
        ("\U000302de", 2),  # plane 3
        ("葛\U000e0100飾", 4),  # a variant selected
        ("“…”—°①", 6),  # ambiguous width: narrow, as it is drawn
        ("，。：（）", 10),
        ("ｶﾅ", 2),
        ("澳門\u3000衛生局", 12),
        ("█▀▄", 3),
    ],
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns
    assert Text(text).cell_len == columns


@pytest.mark.parametrize(
    ("text", "columns", "cut"),
    [
        ("陳大文", 6, "陳大文"),
        ("陳大文", 5, "陳大…"),
        ("陳大文", 4, "陳…"),  # half an ideograph is none
        ("陳大文", 3, "陳…"),
        ("陳大文", 2, "…"),
        ("陳大文", 1, "…"),
        ("陳大文", 0, ""),
        ("Macau", 5, "Macau"),
        ("Macau", 4, "Mac…"),
        ("Sa\u0303o Joa\u0303o", 3, "Sa\u0303…"),  # the mark stays with its letter
        ("𠮷祥文", 4, "𠮷…"),
        ("葛\U000e0100飾區", 4, "葛\U000e0100…"),
    ],
)
def test_a_text_is_cut_between_characters(text: str, columns: int, cut: str) -> None:
    assert fit(text, columns) == cut


def test_a_text_is_padded_to_its_columns() -> None:
    assert pad("陳", 4) == "陳  "
    assert pad("陳大文", 4) == "陳… "
    assert pad("", 3) == "   "


@pytest.mark.parametrize("make", [fit, pad])
def test_columns_below_zero_are_the_callers_mistake(make: Callable[[str, int], str]) -> None:
    with pytest.raises(ValueError, match="below zero"):
        make("a", -1)


@given(TEXTS, st.integers(min_value=0, max_value=60))
def test_columns_are_kept(text: str, columns: int) -> None:
    fitting = fit(text, columns)
    assert width(fitting) <= columns
    assert fitting == text or fitting == "" or text.startswith(fitting.removesuffix("…"))
    assert width(pad(text, columns)) == columns
    assert width(pad(text, columns) + "│") == columns + 1


@given(TEXTS)
def test_what_fits_is_unchanged(text: str) -> None:
    assert fit(text, width(text)) == text
    assert pad(text, width(text)) == text
