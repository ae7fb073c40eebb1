# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Text in columns of a terminal, where an ideograph takes two and a mark none.

Measured by the tables by which the screens are drawn (rich, and Textual on it), so that what
is measured here is what is drawn. Text is sanitised before: what a terminal obeys has no width.
"""

from typing import Final

_CUT: Final = "…"


def width(text: str) -> int:
    """Count the columns that a text takes on one line."""
    from rich.cells import cell_len

    return cell_len(text)


def fit(text: str, columns: int) -> str:
    """Cut a text to at most so many columns; what is cut ends in "…".

    Never cuts between a letter and its marks, and never in the middle of a wide character:
    beside one the result may be a column short.

    Raises:
        ValueError: `columns` is below zero.
    """
    if columns < 0:
        raise ValueError("columns is below zero")
    if width(text) <= columns:
        return text
    if columns == 0:
        return ""
    from rich.cells import split_graphemes

    end, used = 0, width(_CUT)
    for _, stop, cells in split_graphemes(text)[0]:
        if used + cells > columns:
            break
        end, used = stop, used + cells
    return text[:end] + _CUT


def pad(text: str, columns: int) -> str:
    """Make a text exactly so many columns wide: cut as by `fit`, or spaces after it.

    Raises:
        ValueError: `columns` is below zero.
    """
    fitting = fit(text, columns)
    return fitting + " " * (columns - width(fitting))
