# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A code on the screen: black on white, whatever the theme, so that a camera reads it off the terminal.

    small      one module is a column wide and half a line high: two modules in a cell
    doubled    one module is two columns wide and a line high, where the window is large enough

Each cell has both of its colours set, as RGB: a terminal's own black and white may be anything, and a
cell that is left out would show what is behind the window. A cell of one colour is a space on that
colour, for in some fonts the full block leaves seams that a camera sees.

Textual turns colours to grey for NO_COLOR, and black, white and grey stay what they are.

Spec: docs/spec/qr.md section 8; ISO/IEC 18004 section 9.1 (the quiet zone of four modules).
"""

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Final, TypeAlias

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from vcred.qr.engines.zxing import draw_modules

INKS: Final = ("#ffffff", "#c8c8c8", "#8f8f8f")
"""The light modules, from bright to dim: a bright screen in a dark room blinds a camera."""

_BLACK: Final = "#000000"
_UPPER_HALF: Final = "▀"

# Whether the upper and the lower half of a cell are dark.
Cell: TypeAlias = tuple[bool, bool]
Cells: TypeAlias = tuple[tuple[Cell, ...], ...]


def cells_of(modules: Sequence[Sequence[bool]], *, is_doubled: bool = False) -> Cells:
    """Lay out modules in cells of a terminal, line by line.

    Args:
        modules: True for dark, with the quiet zone; see `draw_modules`.
        is_doubled: Two columns and a whole line for each module.
    """
    if is_doubled:
        return tuple([tuple([(dark, dark) for dark in row for _ in range(2)]) for row in modules])
    # An odd number of rows ends in half a line of the quiet zone.
    rows = [*modules, [False] * len(modules[0])]
    return tuple([tuple(zip(rows[y], rows[y + 1], strict=True)) for y in range(0, len(rows) - 1, 2)])


class SymbolView(Widget):
    """One code. It has the size of its code, and is drawn whole or not at all: who holds it sees to that."""

    DEFAULT_CSS = """
    SymbolView { width: auto; height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._modules: list[list[bool]] = []
        self.cells: Cells = ()
        self.ink = INKS[0]
        self.is_doubled = False

    def show(self, text: str) -> None:
        """Draw the code of a text.

        Raises:
            LimitExceededError: No symbol that is shown holds it.
        """
        self._modules = draw_modules(text)
        self._lay_out()

    def double(self, *, is_doubled: bool) -> None:
        """Draw it twice as large, or not."""
        self.is_doubled = is_doubled
        self._lay_out()

    def change_ink(self) -> None:
        """Draw it in the next brightness."""
        self.ink = INKS[(INKS.index(self.ink) + 1) % len(INKS)]
        self.refresh()

    def forget(self) -> None:
        """Show nothing, and keep nothing of what was shown."""
        self._modules, self.cells = [], ()
        self.refresh(layout=True)

    def room(self, *, is_doubled: bool) -> Size:
        """The columns and lines that the code takes."""
        side = len(self._modules)
        return Size(2 * side, side) if is_doubled else Size(side, (side + 1) // 2)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        """As wide as the code."""
        return self.room(is_doubled=self.is_doubled).width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As high as the code."""
        return self.room(is_doubled=self.is_doubled).height

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        if y >= len(self.cells):
            return Strip.blank(self.size.width)
        return draw_line(self.cells[y], self.ink)

    def _lay_out(self) -> None:
        self.cells = cells_of(self._modules, is_doubled=self.is_doubled) if self._modules else ()
        self.refresh(layout=True)


def draw_line(cells: Sequence[Cell], ink: str) -> Strip:
    """Draw one line of cells; `ink` is the colour of light modules, as "#rrggbb"."""
    segments = []
    for (upper, lower), same in groupby(cells):
        glyph = " " if upper == lower else _UPPER_HALF
        segments.append(Segment(glyph * len(list(same)), _style((upper, lower), ink)))
    return Strip(segments, len(cells))


@cache
def _style(cell: Cell, ink: str) -> Style:
    """One of the twelve that there are: thousands of equal ones would cost a tenth of a second."""
    upper, lower = cell
    return Style(color=_colour(upper, ink), bgcolor=_colour(lower, ink))


def _colour(is_dark: bool, ink: str) -> Color:
    return Color.parse(_BLACK if is_dark else ink)
