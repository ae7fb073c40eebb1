# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which characters a claim may hold. What a person cannot see, a person cannot agree to.

Refused are controls (C0, DEL, C1, line and paragraph separators), direction controls (they
make a name read as another: threats, ISS-19), invisible formatting characters, and half
surrogates. Variation selectors stay: Chinese names need them.
"""

import re
from typing import Final

NOT_TEXT: Final = "not valid text"
DIRECTION_CONTROLS: Final = "direction control characters"
CONTROLS: Final = "control characters"
INVISIBLE: Final = "invisible characters"

_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL = "\u0000-\u001f\u007f-\u009f\u2028\u2029"
_FORMATTING = "\u00ad\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_SURROGATE = "\ud800-\udfff"

_REFUSED = re.compile(f"([{_DIRECTION}])|([{_CONTROL}])|([{_SURROGATE}])|([{_FORMATTING}])")
_ANY_REFUSED = re.compile(f"[{_DIRECTION}{_CONTROL}{_SURROGATE}{_FORMATTING}]")
_FAULTS: Final = (DIRECTION_CONTROLS, CONTROLS, NOT_TEXT, INVISIBLE)


def text_fault(text: str) -> str | None:
    """Say which kind of refused character a text holds first, or None."""
    match = _REFUSED.search(text)
    return None if match is None or match.lastindex is None else _FAULTS[match.lastindex - 1]


def is_plain_text(text: str) -> bool:
    """Say whether a text holds no refused character; the fast way."""
    return text.isprintable() if text.isascii() else _ANY_REFUSED.search(text) is None
