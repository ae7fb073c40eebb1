# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A sheet of labelled values: titles, rows of two columns, and sentences. Long values wrap in theirs."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from vcred.wallet_tui.themes import PALETTES, Palette


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One line of a sheet; its texts are sanitised.

    Attributes:
        label: At the left; None of a sentence over the whole width.
        value: At the right.
        colour: Name of a colour of a palette, of the value.
        note: Below the label, fainter.
    """

    label: str | None
    value: str
    colour: str = "foreground"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPart:
    """Lines under a title."""

    title: str | None
    lines: tuple[SheetLine, ...]


class Sheet(Static):
    """Draws parts one below the other. Nothing in them is markup."""

    DEFAULT_CSS = """
    Sheet { height: auto; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(markup=False, id=id)
        self.parts: tuple[SheetPart, ...] = ()

    def lay(self, parts: Iterable[SheetPart]) -> None:
        """Show these instead."""
        self.parts = tuple(parts)
        palette = PALETTES[self.app.theme]
        self.update(Group(*[_draw(part, palette) for part in self.parts]))

    def forget(self) -> None:
        """Show nothing, and keep nothing of what was shown."""
        self.parts = ()
        self.update("")


def _draw(part: SheetPart, palette: Palette) -> RenderableType:
    drawn: list[RenderableType] = []
    if part.title is not None:
        drawn.append(Text(part.title, style=f"bold {palette.primary}"))
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(ratio=2, min_width=14, overflow="fold")
    table.add_column(ratio=5, overflow="fold")
    for line in part.lines:
        value = Text(line.value, style=getattr(palette, line.colour), overflow="fold")
        if line.label is None:
            drawn.append(value)
            continue
        label = Text(line.label, style=palette.muted)
        if line.note:
            label.append(f"\n{line.note}", style=f"italic {palette.muted}")
        table.add_row(label, value)
    if table.row_count:
        drawn.append(table)
    return Padding(Group(*drawn), (0, 0, 1, 0))
