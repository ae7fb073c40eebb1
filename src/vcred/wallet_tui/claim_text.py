# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Claims and credentials as the screens of choosing write them: one line each, sanitised."""

from datetime import tzinfo

from vcred.text.words import Words
from vcred.trust.belief import Belief
from vcred.wallet.choosing import Unit
from vcred.wallet.detail import ClaimRow
from vcred.wallet.holding import Holding
from vcred.wallet_tui.detail_sheet import DetailSheet
from vcred.wallet_tui.listing import say_copies
from vcred.wallet_tui.widgets.text import foreign


class ClaimText:
    """Writes in one language, by the wallet's belief."""

    def __init__(self, belief: Belief | None, *, words: Words, zone: tzinfo) -> None:
        self._words = words
        self._sheet = DetailSheet(belief, words=words, zone=zone)

    def title(self, holding: Holding) -> str:
        """What credential it is, and its name in the wallet."""
        return self._words.gettext("%(type)s, “%(name)s” in this wallet") % {
            "type": self._sheet.title(holding),
            "name": foreign(holding.name),
        }

    def copies(self, holding: Holding) -> tuple[str, ...]:
        """That showing uses up a one-time copy; no line where it does not."""
        left = say_copies(holding, self._words)
        if not left:
            return ()
        return (self._words.gettext("Showing it uses up one copy: %(left)s.") % {"left": left},)

    def claim(self, row: ClaimRow) -> str:
        """Label and value."""
        return self._words.gettext("%(label)s: %(value)s") % {
            "label": foreign(row.label),
            "value": self._sheet.value(row.value),
        }

    def unit(self, unit: Unit) -> tuple[str, tuple[str, ...]]:
        """The line of a unit, and those below it; one claim alone needs none."""
        if len(unit.claims) == 1 and unit.claims[0].path == unit.path:
            return self.claim(unit.claims[0]), ()
        return foreign(unit.label), tuple(map(self.claim, unit.claims))
