# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which index of a status list a new credential gets.

Random, because neighbours in a list must not tell who was issued to one after another;
never one that was given before, because taking back one credential would take back two.
The caller makes the choice durable before the credential leaves.

Spec: Token Status List sections 12.5.1 and 13.
"""

import secrets
from collections.abc import Callable
from typing import Final

from vcred.limits import MIN_STATUS_LIST_SIZE

# A list counts as full at seven eighths: a draw then finds a free index in eight tries on
# average, and nobody can tell the last ones given from those never given.
_FULL_NUMERATOR: Final = 7
_FULL_DENOMINATOR: Final = 8
_MAX_DRAWS: Final = 512


def allottable(size: int) -> int:
    """Return how many indices of a list of `size` entries are given out before it is full."""
    return size * _FULL_NUMERATOR // _FULL_DENOMINATOR


def choose_index(
    *,
    size: int,
    used_count: int,
    is_used: Callable[[int], bool],
    random_below: Callable[[int], int] = secrets.randbelow,
) -> int | None:
    """Choose an index nobody has, each free one as likely as another.

    Args:
        size: Entries of the list, at least 131,072: in a small list a fetch tells who is meant.
        used_count: How many indices were given out.
        is_used: Whether an index was given out, ever.
        random_below: Unpredictable number from 0 up to, not including, its argument.

    Returns:
        Zero-based index, or None: the list is full, open a new one.

    Raises:
        ValueError: The list is too small.
    """
    if size < MIN_STATUS_LIST_SIZE:
        raise ValueError(f"a status list has at least {MIN_STATUS_LIST_SIZE} entries")
    if used_count >= allottable(size):
        return None
    for _ in range(_MAX_DRAWS):
        index = random_below(size)
        if not is_used(index):
            return index
    # Fuller than `used_count` says: safe, and the caller opens a new list.
    return None
