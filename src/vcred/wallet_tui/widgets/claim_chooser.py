# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Claims by group, each with a box to tick. Ticked is a word in brackets, never a colour alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from vcred.wallet_tui.widgets.text import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRow:
    """What can be ticked; every text is sanitised.

    `path` is what is chosen; `notes` stand below it, one a line.
    """

    path: str
    text: str
    notes: tuple[str, ...] = ()
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxGroup:
    """Rows under a title; a title of None is left out, where the group is its one row."""

    title: str | None
    rows: tuple[BoxRow, ...]


class ClaimBox(Static, can_focus=True):
    """One box. Space, Enter or a click ticks it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "tick", show=False)]
    DEFAULT_CSS = """
    ClaimBox { height: auto; width: 1fr; color: $foreground; }
    ClaimBox:focus { background: $block-cursor-background; color: $block-cursor-foreground; }
    """

    class Toggled(Message):
        """It was ticked, or not any more."""

        def __init__(self, box: "ClaimBox") -> None:
            super().__init__()
            self.box = box

    def __init__(self, paths: tuple[str, ...], text: str, *, indent: int = 0) -> None:
        super().__init__(markup=False)
        self.paths = paths
        self.text = text
        self.state = " "
        self._indent = " " * indent

    @property
    def is_chosen(self) -> bool:
        """Whether all of it is ticked."""
        return self.state == "x"

    def mark(self, chosen: frozenset[str]) -> None:
        """Tick it: wholly, or in part, or not."""
        found = sum(path in chosen for path in self.paths)
        self.state = "x" if found == len(self.paths) else "-" if found else " "
        self.draw()

    def draw(self) -> None:
        """Draw it, with a sign where the keys are: a terminal without colours shows no background."""
        sign = "›" if self.has_focus else " "
        self.update(f"{sign}{self._indent}[{self.state}] {self.text}")

    def on_mount(self) -> None:
        """Draw it for the first time."""
        self.draw()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Draw the sign, or none."""
        self.draw()

    def on_click(self, event: events.Click) -> None:
        """Tick it by mouse."""
        event.stop()
        self.action_tick()

    def action_tick(self) -> None:
        """Tell the chooser."""
        self.post_message(self.Toggled(self))


class ClaimChooser(VerticalScroll, can_focus=False):
    """All groups of one credential. `chosen` are the paths that are ticked."""

    DEFAULT_CSS = """
    ClaimChooser { height: 1fr; padding: 0 1; }
    ClaimChooser > .note { color: $muted; height: auto; padding-left: 9; }
    ClaimChooser > .gap { height: 1; }
    """

    class Changed(Message):
        """Something was ticked, or not any more."""

    def __init__(self, groups: Iterable[BoxGroup], *, top: Iterable[Static] = ()) -> None:
        super().__init__()
        self._groups = tuple(groups)
        self._top = tuple(top)
        self.chosen = frozenset([row.path for group in self._groups for row in group.rows if row.is_chosen])

    def compose(self) -> ComposeResult:
        """What stands above, and the groups."""
        yield from self._top
        for group in self._groups:
            yield Static(classes="gap")
            indent = 1
            if group.title is not None:
                yield ClaimBox(tuple([row.path for row in group.rows]), group.title, indent=1)
                indent = 3
            for row in group.rows:
                yield ClaimBox((row.path,), row.text, indent=indent)
                for note in row.notes:
                    yield Plain(note, classes="note")

    def on_mount(self) -> None:
        """Tick what is proposed."""
        self._mark()

    def on_claim_box_toggled(self, event: ClaimBox.Toggled) -> None:
        """Take it in, or out: a group that is ticked in part is ticked wholly first."""
        event.stop()
        paths = frozenset(event.box.paths)
        self.chosen = self.chosen - paths if paths <= self.chosen else self.chosen | paths
        self._mark()
        self.post_message(self.Changed())

    def _mark(self) -> None:
        for box in self.query(ClaimBox):
            box.mark(self.chosen)
