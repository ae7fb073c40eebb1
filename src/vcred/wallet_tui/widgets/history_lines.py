# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The list of what was shown: when and what, to whom and how, and which claims."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.segment import Segment

from vcred.text.columns import fit, pad, width
from vcred.wallet.record import PresentationRecord
from vcred.wallet_tui.history_listing import HistoryEntry, HistoryListing
from vcred.wallet_tui.widgets.entry_lines import EntryLines, EntryStyles

_MARGIN: Final = 3


class HistoryLines(EntryLines):
    """Two lines for each presentation."""

    lines_each: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__()
        self._listing: HistoryListing | None = None
        self._shown: Sequence[PresentationRecord] = ()

    @property
    def entry(self) -> HistoryEntry | None:
        """The chosen one; None of an empty list."""
        if self._listing is None or not self._shown:
            return None
        return self._listing.entry(self._shown[self.chosen])

    def list_records(self, listing: HistoryListing, shown: Sequence[PresentationRecord]) -> None:
        """Show these."""
        self._listing, self._shown = listing, shown
        self.show_entries(len(shown))

    def draw(self, index: int, part: int, columns: int, styles: EntryStyles) -> list[Segment]:
        """Draw one of the two."""
        assert self._listing is not None
        entry = self._listing.entry(self._shown[index])
        left, right = (entry.what, entry.when) if part == 0 else (f"→ {entry.to_whom}", entry.how)
        right = fit(right, max(0, columns // 2))
        room = max(0, columns - _MARGIN - width(right) - 2)
        return [
            Segment(f"{styles.mark}  ", styles.style("primary")),
            Segment(f"{pad(left, room)} ", styles.style("muted" if part else "foreground", bold=not part)),
            Segment(f"{right} ", styles.style("muted")),
        ]
