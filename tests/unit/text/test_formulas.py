# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a spreadsheet would compute is shown instead (ISS-18)."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.text.formulas import is_formula_like, neutralise

SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫−"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\r", "\n", "\u3000", "\u00a0", "\u200b", "\ufeff", "\u202e ", "  "]
)
def test_a_formula_gets_an_apostrophe(before: str, sign: str) -> None:
    cell = f"{before}{sign}1+1"
    assert is_formula_like(cell)
    assert neutralise(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["\tx", "\rx", "\nx", "\r"])
def test_what_begins_a_new_cell_gets_one_too(cell: str) -> None:
    assert neutralise(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("x;=1", "x;'=1"), ("=a; +b;c", "'=a;' +b;c"), ("a; b", "a; b"), ("Payments=63; Regtech=85",) * 2],
)
def test_a_formula_behind_a_semicolon_gets_one(cell: str, safe: str) -> None:
    assert neutralise(cell) == safe


@pytest.mark.parametrize("cell", ["", "HC0000001", "陳大文", "a=b", "1-2", "x@example.org", "'=1", "(853) 1"])
def test_plain_text_stays(cell: str) -> None:
    assert not is_formula_like(cell)
    assert neutralise(cell) == cell


@given(st.text(max_size=60))
def test_what_was_made_safe_is_safe_and_stays_so(cell: str) -> None:
    safe = neutralise(cell)
    assert not is_formula_like(safe)
    assert neutralise(safe) == safe
    assert safe.replace("'", "") == cell.replace("'", "")


def test_no_formula_begins_with_a_letter_or_a_digit() -> None:
    """The readers of rosters rely on it."""
    assert is_formula_like("=1") and not is_formula_like("a=1")
    for character in map(chr, range(sys.maxunicode + 1)):
        assert not (character.isalnum() and is_formula_like(f"{character}=1"))
