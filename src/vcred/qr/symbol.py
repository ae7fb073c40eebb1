# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which symbol a text needs: its version, its error correction, whether it may be shown at all.

Rules, in order:

1. The highest error correction at which the version is at most 15: a small code affords it.
2. Else the lowest, L: fewer, larger modules help an old camera more than redundancy does.
3. Above version 22 the symbol is refused. Whoever holds the claims says what to drop.

Spec: docs/spec/qr.md section 8; ISO/IEC 18004 sections 7.4.10 and 7.5.1.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vcred.errors import LimitExceededError
from vcred.limits import MAX_QR_VERSION

COMFORTABLE_VERSION: Final = 15
QUIET_MODULES: Final = 4

_ALPHANUMERIC: Final = re.compile(r"[0-9A-Z $%*+\-./:]*", re.ASCII)
_MODE_BITS: Final = 4


class CorrectionLevel(StrEnum):
    """How much of a symbol may be unreadable: about 7, 15, 25 or 30 per cent."""

    LOW = "L"
    MEDIUM = "M"
    QUARTILE = "Q"
    HIGH = "H"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSize:
    """A symbol of `modules` by `modules` squares, without its quiet zone."""

    version: int
    level: CorrectionLevel

    @property
    def modules(self) -> int:
        """The length of a side."""
        return 17 + 4 * self.version


# Data codewords of versions 1, 2, ...: level L up to 40, so that a refusal can name the version.
# fmt: off
_CODEWORDS: Final = {
    CorrectionLevel.HIGH: (
        9, 16, 26, 36, 46, 60, 66, 86, 100, 122, 140, 158, 180, 197, 223,
    ),
    CorrectionLevel.QUARTILE: (
        13, 22, 34, 48, 62, 76, 88, 110, 132, 154, 180, 206, 244, 261, 295,
    ),
    CorrectionLevel.MEDIUM: (
        16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415,
    ),
    CorrectionLevel.LOW: (
        19, 34, 55, 80, 108, 136, 156, 194, 232, 274, 324, 370, 428, 461, 523, 589, 647, 721, 795, 861,
        932, 1006, 1094, 1174, 1276, 1370, 1468, 1531, 1631, 1735, 1843, 1955, 2071, 2191, 2306, 2434,
        2566, 2702, 2812, 2956,
    ),
}
# fmt: on


def choose_symbol(text: str) -> SymbolSize:
    """Choose the symbol for a text, by the rules of this module.

    Args:
        text: ASCII. Text of the alphanumeric mode alone, as `vcred.qr.frame` makes it, needs the
            fewest modules; any other is counted in byte mode.

    Raises:
        LimitExceededError: The symbol would be above version 22; the message says which.
        ValueError: Characters outside ASCII. The caller's mistake.
    """
    if not text.isascii():
        raise ValueError("a symbol holds ASCII text")
    for level in _CODEWORDS:
        version = _version(text, level)
        limit = MAX_QR_VERSION if level is CorrectionLevel.LOW else COMFORTABLE_VERSION
        if version is not None and version <= limit:
            return SymbolSize(version=version, level=level)
    needed = f"version {version}" if version else "more than any version"
    raise LimitExceededError(
        f"{len(text)} characters need {needed} of the QR code, at most {MAX_QR_VERSION} is shown",
        hint="disclose less, or hand over the SD-JWT text itself",
    )


def _version(text: str, level: CorrectionLevel) -> int | None:
    """Return the lowest version that holds the text at a level; None if none of the table does."""
    for version, codewords in enumerate(_CODEWORDS[level], start=1):
        if _MODE_BITS + _data_bits(text, version) <= 8 * codewords:
            return version
    return None


def _data_bits(text: str, version: int) -> int:
    """Count the bits of the character count and the characters."""
    if _ALPHANUMERIC.fullmatch(text):
        count_bits = 9 if version < 10 else 11 if version < 27 else 13
        return count_bits + 11 * (len(text) // 2) + 6 * (len(text) % 2)
    return (8 if version < 10 else 16) + 8 * len(text)
