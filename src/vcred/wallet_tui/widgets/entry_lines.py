# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A list of which only what is in the window is drawn: 10,000 entries are listed as fast as ten."""

from abc import abstractmethod
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from vcred.wallet_tui.themes import PALETTES, Palette


class EntryStyles:
    """The styles of one entry: chosen or not, in a list that has the focus or not."""

    def __init__(self, palette: Palette, *, is_chosen: bool, has_focus: bool) -> None:
        self._palette = palette
        self._is_cursor = is_chosen and has_focus
        self._behind = palette.background
        if is_chosen:
            self._behind = palette.cursor if has_focus else palette.panel
        # Without colours, this alone says which one is chosen.
        self.mark = "▌" if is_chosen else " "

    def style(self, colour: str, *, bold: bool = False) -> Style:
        """The style of a text in one of the colours of the palette."""
        name = "on_cursor" if self._is_cursor else colour
        return Style(color=getattr(self._palette, name), bgcolor=self._behind, bold=bold)


class EntryLines(ScrollView, can_focus=True):
    """Entries of `lines_each` lines and a gap; one of them is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "to_end(-1)", show=False),
        Binding("end", "to_end(1)", show=False),
    ]
    DEFAULT_CSS = """
    EntryLines { height: 1fr; width: 1fr; background: $background; scrollbar-size-horizontal: 0; }
    """

    chosen = reactive(0)
    lines_each: ClassVar[int] = 2

    class Chosen(Message):
        """Another entry is chosen, or what is listed is another."""

    class Opened(Message):
        """An entry was clicked that was chosen already."""

    def __init__(self) -> None:
        super().__init__()
        self.size_listed = 0

    @abstractmethod
    def draw(self, index: int, part: int, columns: int, styles: EntryStyles) -> list[Segment]:
        """Draw a line of an entry, exactly so many columns wide; `part` counts from 0."""

    def show_entries(self, size: int, *, chosen: int = 0) -> None:
        """List so many entries from now on."""
        self.size_listed = size
        self.virtual_size = Size(self.size.width, size * self._pitch)
        self.set_reactive(EntryLines.chosen, max(0, min(chosen, size - 1)))
        self._follow()
        self.refresh()
        self.post_message(self.Chosen())

    def validate_chosen(self, chosen: int) -> int:
        """Keep it within the list."""
        return max(0, min(chosen, self.size_listed - 1))

    def watch_chosen(self, before: int, after: int) -> None:
        """Draw it, and tell the screen."""
        if before != after:
            self._follow()
            self.refresh()
            self.post_message(self.Chosen())

    def action_move(self, by: int) -> None:
        """Choose the next or the one before."""
        self.chosen += by

    def action_page(self, by: int) -> None:
        """Choose the one a window further."""
        self.chosen += by * max(1, self.size.height // self._pitch)

    def action_to_end(self, by: int) -> None:
        """Choose the first or the last."""
        self.chosen = 0 if by < 0 else self.size_listed - 1

    def on_click(self, event: events.Click) -> None:
        """Choose by mouse; a second click opens."""
        index = (event.y + self.scroll_offset.y) // self._pitch
        if not 0 <= index < self.size_listed:
            return
        if index == self.chosen:
            self.post_message(self.Opened())
        self.chosen = index

    def on_focus(self) -> None:
        """Draw the chosen entry as such."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw it fainter."""
        self.refresh()

    def on_resize(self) -> None:
        """Keep what is chosen in the window."""
        self.virtual_size = Size(self.size.width, self.size_listed * self._pitch)
        self._follow()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        index, part = divmod(y + self.scroll_offset.y, self._pitch)
        palette, columns = PALETTES[self.app.theme], self.size.width
        if index >= self.size_listed or part >= self.lines_each:
            return Strip.blank(columns, Style(bgcolor=palette.background))
        styles = EntryStyles(palette, is_chosen=index == self.chosen, has_focus=self.has_focus)
        return Strip(self.draw(index, part, columns, styles), columns)

    @property
    def _pitch(self) -> int:
        return self.lines_each + 1

    def _follow(self) -> None:
        region = Region(0, self.chosen * self._pitch, max(1, self.size.width), self._pitch)
        self.scroll_to_region(region, animate=False, force=True)
