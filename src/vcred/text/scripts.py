# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Text that mixes scripts, or uses doubles of letters, so as to look like something else.

Says only that a name deserves a second look: an honest name may mix scripts, and a
dishonest one may not need to.
"""

import re
import unicodedata
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")
# What these ranges hold is written also by another character, which looks the same: radicals
# of dictionaries and ideographs kept for old encodings; twelve of the latter are ideographs proper.
_TWINS: Final = re.compile("[\u2e80-\u2fd5\uf900-\ufaff\U0002f800-\U0002fa1f]")
_NO_TWINS: Final = frozenset("﨎﨏﨑﨓﨔﨟﨡﨣﨤﨧﨨﨩")
_FULL_WIDTH: Final = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# All that anything here looks for: Greek and Cyrillic letters, and the ranges above.
_NOTABLE: Final = re.compile(
    "[\u0370-\u052f\u1c80-\u1c8f\u1d26-\u1d7f\u1f00-\u1fff"
    "\u2de0-\u2dff\ua640-\ua69f\uab65\U0001e030-\U0001e08f"
    f"{_TWINS.pattern[1:-1]}{_FULL_WIDTH.pattern[1:-1]}{_RIGHT_TO_LEFT.pattern[1:-1]}]"
)
_LATIN: Final = "LATIN"
_RIVALS: Final = frozenset(("CYRILLIC", "GREEK"))
# Cyrillic and Greek letters whose shape is that of a Latin one.
_LOOKALIKES: Final = frozenset("АВЕЅІЈКМНОРСТУХҮԁаеѕіјорсухһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνυι")


def is_unremarkable(text: str) -> bool:
    """Say whether nothing else here has anything to say about a text; the fast way."""
    return text.isascii() or _NOTABLE.search(text) is None


def is_mixed_script(text: str) -> bool:
    """Tell whether Cyrillic or Greek letters play Latin ones in `text`.

    That is: one word with Latin and Cyrillic or Greek letters, or, in text that has
    Latin words, a word wholly of letters that look Latin and are not.

    Spec: Unicode UTS 39; threats CLI-07.
    """
    if text.isascii():
        return False
    words = [(word, frozenset(map(_script, word))) for word in _WORD.findall(text)]
    if any(_LATIN in scripts and scripts & _RIVALS for _, scripts in words):
        return True
    if not any(_LATIN in scripts for _, scripts in words):
        return False
    return any(_LOOKALIKES.issuperset(word) for word, _ in words)


def has_ideograph_twin(text: str) -> bool:
    """Tell whether a character is only the double of an ideograph: ⼈ for 人.

    Two names that a person reads as one are then not equal.

    Spec: Unicode UTS 39; threats ISS-19.
    """
    return any(character not in _NO_TWINS for character in _TWINS.findall(text))


def has_full_width(text: str) -> bool:
    """Tell whether Latin letters or digits have the width of an ideograph: １２ for 12."""
    return _FULL_WIDTH.search(text) is not None


def has_right_to_left(text: str) -> bool:
    """Tell whether letters run from right to left, and so may turn what stands beside them.

    Spec: Unicode UAX 9; threats ISS-19.
    """
    return _RIGHT_TO_LEFT.search(text) is not None


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
