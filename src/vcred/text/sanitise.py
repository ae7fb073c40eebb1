# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The one function for any text from outside before a person sees it.

A terminal obeys control characters, and a reader is deceived by what does not show or
turns the direction of the line. Each such character becomes its visible name, such as
‹U+202E›, so that nothing is hidden. Sanitised text comes through unchanged, so that it
does no harm to sanitise at every border it crosses; text that spells such a name by
itself only makes itself look worse.

Escaped: controls (newline and tab too), C1, direction controls, zero-width and other
invisible characters, tags, line and paragraph separators, soft hyphen, surrogates,
private use, unassigned. Odd spaces become plain ones. Marks that pile up are cut.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_MAX_MARKS: Final = 4
_CUT: Final = "…"
_CUT_MARKS: Final = "‹…›"
_DOTTED_CIRCLE: Final = "\u25cc"
_IDEOGRAPHIC_SPACE: Final = "\u3000"

# What is always itself, whatever stands beside it: printable ASCII, Latin letters, and the ideographs
# and punctuation of nearly all Chinese. Lists of thousands of names are of nothing else.
PLAIN: Final = re.compile(
    "[ -~\u00c0-\u024f\u2026\u3000-\u3003\u3008-\u3011\u4e00-\u9fef\uff01-\uff5e]*", re.ASCII
)
# Planes 2 and 3 are ideographs or nothing: a rare name may be newer than this Python.
_IDEOGRAPHIC_PLANES: Final = range(0x20000, 0x3FFFE)
_IDEOGRAPHS: Final = (
    range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    _IDEOGRAPHIC_PLANES,
)
_VARIATION_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))

# Letters, marks and symbols that count as printable and yet show nothing.
_INVISIBLE: Final = frozenset(
    (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2800, 0x3164, 0xFFA0, 0x1D159)
)


def sanitise(text: str, *, max_characters: int = 200) -> str:
    """Make text from outside safe and honest to show on one line.

    Args:
        text: Anything at all.
        max_characters: The most characters that come out; what is cut ends in "…".

    Returns:
        Text without any character that a terminal obeys or that does not show. Plain
        printable ASCII comes back as it is.

    Spec: Unicode UAX 9; threats CLI-01, CLI-02, CLI-03.
    """
    if max_characters < 1:
        raise ValueError("max_characters is below 1")
    if len(text) <= max_characters and PLAIN.fullmatch(text):
        return text
    return _join(_visible(text), max_characters)


def _join(pieces: Iterator[str], max_characters: int) -> str:
    """Join whole pieces; stop reading as soon as they do not fit, and never cut an escape."""
    kept: list[str] = []
    size = 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        if size > max_characters:
            break
    else:
        return "".join(kept)
    while size > max_characters - len(_CUT):
        size -= len(kept.pop())
    return "".join(kept) + _CUT


def _visible(text: str) -> Iterator[str]:
    marks = 0
    # Whatever stands before the text must not carry its first mark.
    previous = ""
    for character in text:
        if _is_variation(character, previous):
            yield character
        elif unicodedata.category(character) in ("Mn", "Me", "Mc") and not _is_hidden(character):
            marks += 1
            yield from _mark(character, marks, previous)
        else:
            marks = 0
            yield _visible_character(character)
        previous = character


def _mark(character: str, marks: int, previous: str) -> Iterator[str]:
    if marks > _MAX_MARKS:
        if marks == _MAX_MARKS + 1:
            yield _CUT_MARKS
        return
    yield character if previous and not _is_hidden(previous) else _DOTTED_CIRCLE + character


def _visible_character(character: str) -> str:
    if _is_hidden(character):
        return f"‹U+{ord(character):04X}›"
    if character != _IDEOGRAPHIC_SPACE and unicodedata.category(character) == "Zs":
        return " "
    return character


def _is_hidden(character: str) -> bool:
    code = ord(character)
    if code in _INVISIBLE or any(code in block for block in _VARIATION_SELECTORS):
        return True
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return False
    return code not in _IDEOGRAPHIC_PLANES


def _is_variation(character: str, previous: str) -> bool:
    """Tell whether this selects a glyph of the ideograph before it, as rare names need."""
    code = ord(character)
    if not any(code in block for block in _VARIATION_SELECTORS) or not previous:
        return False
    return any(ord(previous) in block for block in _IDEOGRAPHS)
