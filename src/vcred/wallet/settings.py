# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a holder has chosen for the wallet's screens. The language is the home's: it is needed before."""

from dataclasses import dataclass
from typing import Final, Self

from vcred.codec.fields import get_int, get_text, refuse_unknown
from vcred.codec.json_types import JsonObject
from vcred.errors import UsageError

THEMES: Final = ("dawn", "night", "contrast")
MIN_IDLE_MINUTES: Final = 1
MAX_IDLE_MINUTES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletSettings:
    """How the screens look, and after how many minutes without a key they lock.

    Raises:
        UsageError: No such theme, or the wallet would lock too late or at once.
    """

    theme: str = THEMES[0]
    idle_minutes: int = 5

    def __post_init__(self) -> None:
        if self.theme not in THEMES:
            raise UsageError(f"themes are {', '.join(THEMES)}")
        if not MIN_IDLE_MINUTES <= self.idle_minutes <= MAX_IDLE_MINUTES:
            raise UsageError(f"the wallet locks after {MIN_IDLE_MINUTES} to {MAX_IDLE_MINUTES} minutes")

    def encode(self) -> JsonObject:
        """As the store keeps it."""
        return {"theme": self.theme, "idle_minutes": self.idle_minutes}

    @classmethod
    def decode(cls, document: JsonObject) -> Self:
        """Read it back; an empty object is the default.

        Raises:
            DecodeError: Of another form.
            UsageError: As above.
        """
        if not document:
            return cls()
        refuse_unknown(document, cls.__slots__)
        return cls(theme=get_text(document, "theme"), idle_minutes=get_int(document, "idle_minutes"))
