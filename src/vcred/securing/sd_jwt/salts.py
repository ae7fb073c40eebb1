# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Salts for disclosures: 128 bits each, as base64url text, each handed out once."""

from collections.abc import Callable, Iterator
from typing import Final

from vcred.codec.base64url import encode_base64url
from vcred.securing.sd_jwt.disclosure import SALT_BYTES

_AT_ONCE: Final = 16
# Base64 takes three bytes at a time: with so many more each salt is a text of its own in that of all.
_PADDING: Final = bytes(-SALT_BYTES % 3)
_TEXT_CHARACTERS: Final = -(-SALT_BYTES * 8 // 6)
_STEP: Final = (SALT_BYTES + len(_PADDING)) // 3 * 4


def draw_salts(random_bytes: Callable[[int], bytes], *, at_once: int = _AT_ONCE) -> Iterator[str]:
    """Draw salts, several at once. A broken source must never issue.

    Args:
        random_bytes: A source of unpredictable bytes.
        at_once: How many are asked of it together: about as many as will be used.

    Raises:
        RuntimeError: The source gives too few bytes, or repeats itself.

    Spec: RFC 9901 section 9.3.
    """
    drawn: set[bytes] = set()
    size = at_once * SALT_BYTES
    while True:
        known = len(drawn)
        data = random_bytes(size)
        salts = [data[start : start + SALT_BYTES] for start in range(0, size, SALT_BYTES)]
        drawn.update(salts)
        if len(data) != size or len(drawn) != known + at_once:
            raise RuntimeError("the source of random bytes is broken: too few, or repeating itself")
        text = encode_base64url(_PADDING.join([*salts, b""]))
        yield from [text[start : start + _TEXT_CHARACTERS] for start in range(0, len(text), _STEP)]
