# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Salts for disclosures: 128 bits each, as base64url text, each handed out once."""

from collections.abc import Callable, Iterator
from typing import Final

from vcred.codec.base64url import encode_base64url
from vcred.securing.sd_jwt.disclosure import SALT_BYTES

_AT_ONCE: Final = 16


def draw_salts(random_bytes: Callable[[int], bytes]) -> Iterator[str]:
    """Draw salts, several at once. A broken source must never issue.

    Args:
        random_bytes: A source of unpredictable bytes.

    Raises:
        RuntimeError: The source gives too few bytes, or repeats itself.

    Spec: RFC 9901 section 9.3.
    """
    drawn: set[bytes] = set()
    size = _AT_ONCE * SALT_BYTES
    while True:
        known = len(drawn)
        data = random_bytes(size)
        salts = [data[start : start + SALT_BYTES] for start in range(0, size, SALT_BYTES)]
        drawn.update(salts)
        if len(data) != size or len(drawn) != known + _AT_ONCE:
            raise RuntimeError("the source of random bytes is broken: too few, or repeating itself")
        yield from map(encode_base64url, salts)
