# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Text that mixes scripts so as to look like something else.

Says only that a name deserves a second look: an honest name may mix scripts, and a
dishonest one may not need to.
"""

import re
import unicodedata
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_LATIN: Final = "LATIN"
_RIVALS: Final = frozenset(("CYRILLIC", "GREEK"))
# Cyrillic and Greek letters whose shape is that of a Latin one.
_LOOKALIKES: Final = frozenset("АВЕЅІЈКМНОРСТУХҮԁаеѕіјорсухһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνυι")


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


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
