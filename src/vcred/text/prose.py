# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Paragraphs in lines of a terminal, broken where the writing allows it.

Latin words are kept whole. Chinese breaks between any two characters, but no line begins with a mark
that closes and none ends with one that opens: so much of Unicode UAX 14 as these languages need.
"""

import re
from collections.abc import Iterator
from typing import Final

from vcred.text.columns import fit, width

_IDEOGRAPHS: Final = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_OPENING: Final = "（「『《〈【“‘"
_CLOSING: Final = "，。、；：？！）」』》〉】”’…·"
# A piece that no line may break: marks that open, one ideograph or a run of others, marks that close.
_PIECE: Final = re.compile(
    f"[{_OPENING}]*(?:[{_IDEOGRAPHS}]|[^\\s{_IDEOGRAPHS}{_OPENING}{_CLOSING}]+)?[{_CLOSING}]*|\\s+"
)


def wrap(text: str, columns: int) -> list[str]:
    """Break a text into lines of at most so many columns; line ends in it stay.

    A piece that is wider than a line is cut into lines of its own.

    Args:
        text: Sanitised, but for line ends that are ours.
        columns: 2 or more.

    Raises:
        ValueError: `columns` is below 2: a wide character would have no place.
    """
    if columns < 2:
        raise ValueError("columns is below 2")
    return [line for paragraph in text.split("\n") for line in _wrap(paragraph, columns)]


def _wrap(paragraph: str, columns: int) -> Iterator[str]:
    line, used = "", 0
    for piece in _pieces(paragraph):
        room = width(piece)
        if used + room > columns and line.strip():
            yield line.rstrip()
            line, used = "", 0
            piece = piece.lstrip()
            room = width(piece)
        while room > columns:
            head = _head(piece, columns)
            yield head
            piece = piece[len(head) :]
            room = width(piece)
        line, used = line + piece, used + room
    yield line.rstrip()


def _pieces(paragraph: str) -> Iterator[str]:
    for found in _PIECE.finditer(paragraph):
        if found[0]:
            yield found[0]


def _head(piece: str, columns: int) -> str:
    """The longest beginning that takes at most so many columns, and at least one character."""
    # What `fit` cuts ends in a mark of one column; what it leaves whole is a column too wide.
    head = fit(piece, columns + 1)[:-1]
    return head if head and width(head) <= columns else piece[:1]
