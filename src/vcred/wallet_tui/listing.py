# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The lines of the list: what is said of each credential at a glance, in the language.

Names of types and issuers are looked up once each, however many credentials there are. All texts come
out sanitised.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from vcred.text.scripts import is_mixed_script
from vcred.text.states import say_state
from vcred.text.words import Words
from vcred.trust.belief import Belief
from vcred.wallet.detail import type_label
from vcred.wallet.holding import Holding
from vcred.wallet.parties import organisation_name
from vcred.wallet_tui.widgets.text import foreign

# A sign beside the word: whoever sees no colour, or reads another language, tells states apart.
SIGNS: Final = {
    "valid": "✓",
    "expiring": "⚠",
    "expired": "✗",
    "not_yet_valid": "⋯",
    "suspended": "⊝",
    "revoked": "⊘",
    "unknown": "?",
}
# Which colour of a palette goes with a state.
COLOURS: Final = {
    "valid": "success",
    "expiring": "warning",
    "expired": "error",
    "not_yet_valid": "muted",
    "suspended": "warning",
    "revoked": "error",
    "unknown": "warning",
}
_NAME_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One credential at a glance; every text is sanitised.

    Attributes:
        label: Of the type, in the language.
        name: In this wallet.
        issuer: Its name on the ledger; its DID where it has none.
        sign, state: A sign and a word for how it stands.
        colour: Name of a colour of a palette, for both.
        until: "until 23 Nov 2026", or that there is no end.
        copies: "3 of 5 left"; empty where it can be shown again and again.
    """

    label: str
    name: str
    issuer: str
    sign: str
    state: str
    colour: str
    until: str
    copies: str


class Listing:
    """What a wallet holds, ready to be said line by line."""

    def __init__(
        self, holdings: Iterable[Holding], belief: Belief | None, *, words: Words, zone: tzinfo
    ) -> None:
        self.holdings = tuple(holdings)
        self._belief = belief
        self._words = words
        self._zone = zone
        self._labels: dict[str, str] = {}
        self._issuers: dict[str, str] = {}

    def entry(self, holding: Holding) -> Entry:
        """Say one of them."""
        state = holding.standing.state.value
        return Entry(
            label=self._label(holding),
            name=foreign(holding.name, max_characters=_NAME_CHARACTERS),
            issuer=self._issuer(holding.issuer),
            sign=SIGNS[state],
            state=say_state(state, self._words),
            colour=COLOURS[state],
            until=self._until(holding),
            copies=say_copies(holding, self._words),
        )

    def matching(self, typed: str) -> tuple[Holding, ...]:
        """Those of whose texts one has every word that was typed; all for nothing typed."""
        wanted = typed.casefold().split()
        if not wanted:
            return self.holdings
        return tuple([one for one in self.holdings if self._has(one, wanted)])

    def _has(self, holding: Holding, wanted: list[str]) -> bool:
        state = say_state(holding.standing.state.value, self._words)
        texts = (self._label(holding), holding.name, self._issuer(holding.issuer), holding.type_name, state)
        text = "\n".join(texts).casefold()
        return all(word in text for word in wanted)

    def _label(self, holding: Holding) -> str:
        if holding.type not in self._labels:
            label = type_label(self._belief, holding.type, holding.type_name, self._words.language)
            self._labels[holding.type] = foreign(label, max_characters=_NAME_CHARACTERS)
        return self._labels[holding.type]

    def _issuer(self, did: str) -> str:
        if did not in self._issuers:
            name = organisation_name(self._belief, did, self._words.language)
            self._issuers[did] = say_name(name or did)
        return self._issuers[did]

    def _until(self, holding: Holding) -> str:
        if holding.expires_at is None:
            return self._words.gettext("no end")
        day = datetime.fromtimestamp(holding.expires_at, UTC).astimezone(self._zone).date()
        return self._words.gettext("until %(date)s") % {"date": self._words.date(day)}


def say_name(name: str) -> str:
    """Make a name from the ledger fit to be shown, with a sign where it mixes scripts (CLI-07)."""
    shown = foreign(name, max_characters=_NAME_CHARACTERS)
    return f"⚠ {shown}" if is_mixed_script(name) else shown


def say_copies(holding: Holding, words: Words) -> str:
    """Say how many one-time copies are left; nothing where it has none."""
    if not holding.copies:
        return ""
    return words.gettext("%(left)s of %(copies)s left") % {
        "left": words.number(holding.left),
        "copies": words.number(holding.copies),
    }
