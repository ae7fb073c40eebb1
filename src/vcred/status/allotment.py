# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How many places of a status list are dealt before the next list opens.

Spec: Token Status List sections 12.5.1 and 13.
"""

from typing import Final

# Seven eighths: nobody can tell the last ones dealt from those never dealt, and what is left
# serves as decoys.
_FULL_NUMERATOR: Final = 7
_FULL_DENOMINATOR: Final = 8


def allottable(size: int) -> int:
    """Return how many places of a list of `size` entries are dealt before it is full."""
    return size * _FULL_NUMERATOR // _FULL_DENOMINATOR
