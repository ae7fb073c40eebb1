# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Paragraphs are broken where their writing allows it, and nothing is lost."""

import pytest

from vcred.text.columns import width
from vcred.text.prose import wrap

CHINESE = "這裏列出此電子錢包內的憑證。按 P 出示其二維碼（動態碼）。"


def test_words_are_kept_whole() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("one two three", 80) == ["one two three"]
    assert wrap("a\n\nb", 10) == ["a", "", "b"]
    assert wrap("", 10) == [""]


def test_chinese_breaks_anywhere_but_beside_marks() -> None:
    assert wrap("電子錢包內的憑證", 8) == ["電子錢包", "內的憑證"]
    assert wrap("電子錢包。內", 8) == ["電子錢", "包。內"]
    assert wrap("電子錢（內）", 8) == ["電子錢", "（內）"]
    # From six on: an ideograph and two marks are one piece.
    for columns in range(6, 60):
        for line in wrap(CHINESE, columns)[1:]:
            assert line[0] not in "，。）", columns


@pytest.mark.parametrize("text", [CHINESE, "a" * 50, "x " + "陳" * 30, "（" * 9 + "。" * 9, "e\u0301" * 30])
@pytest.mark.parametrize("columns", [2, 3, 7, 20])
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_one_column_is_too_few() -> None:
    with pytest.raises(ValueError, match="columns"):
        wrap("a", 1)
