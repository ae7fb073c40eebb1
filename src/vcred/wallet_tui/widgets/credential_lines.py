# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The list of credentials: what it is and how it stands, who issued it and until when."""

from collections.abc import Sequence
from typing import Final

from rich.segment import Segment

from vcred.text.columns import fit, pad, width
from vcred.wallet.holding import Holding
from vcred.wallet_tui.listing import Entry, Listing
from vcred.wallet_tui.widgets.entry_lines import EntryLines, EntryStyles

_MARGIN: Final = 3


class CredentialLines(EntryLines):
    """Two lines for each credential."""

    def __init__(self) -> None:
        super().__init__()
        self._listing: Listing | None = None
        self._shown: Sequence[Holding] = ()

    @property
    def holding(self) -> Holding | None:
        """The chosen one; None of an empty list."""
        return self._shown[self.chosen] if self._shown else None

    def list_holdings(self, listing: Listing, shown: Sequence[Holding]) -> None:
        """Show these; the one of the same name as before stays chosen, if it is there."""
        name = None if self.holding is None else self.holding.name
        self._listing, self._shown = listing, shown
        chosen = next((index for index, one in enumerate(shown) if one.name == name), 0)
        self.show_entries(len(shown), chosen=chosen)

    def draw(self, index: int, part: int, columns: int, styles: EntryStyles) -> list[Segment]:
        """Draw one of the two."""
        assert self._listing is not None
        entry = self._listing.entry(self._shown[index])
        return _first(entry, columns, styles) if part == 0 else _second(entry, columns, styles)


def _first(entry: Entry, columns: int, styles: EntryStyles) -> list[Segment]:
    state = f"{entry.sign} {entry.state} "
    room = max(0, columns - _MARGIN - width(state) - 1)
    label = fit(entry.label, room)
    rest = room - width(label)
    name = pad(f"  {entry.name}", rest) if rest > _MARGIN else " " * rest
    return [
        Segment(f"{styles.mark}  ", styles.style("primary")),
        Segment(label, styles.style("foreground", bold=True)),
        Segment(f"{name} ", styles.style("muted")),
        Segment(state, styles.style(entry.colour, bold=True)),
    ]


def _second(entry: Entry, columns: int, styles: EntryStyles) -> list[Segment]:
    right = f"{entry.copies} · {entry.until} " if entry.copies else f"{entry.until} "
    room = max(0, columns - _MARGIN - width(right) - 1)
    return [
        Segment(f"{styles.mark}  ", styles.style("primary")),
        Segment(f"{pad(entry.issuer, room)} ", styles.style("muted")),
        Segment(right, styles.style("muted")),
    ]
