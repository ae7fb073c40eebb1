# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The last line of every screen: its keys, in the language. A click does what the key does."""

from collections.abc import Iterable

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

HELP_ACTION = "help"


class KeyHint(Static):
    """One key and what it does."""

    DEFAULT_CSS = """
    KeyHint { width: auto; height: 1; text-wrap: nowrap; }
    KeyHint:hover { background: $block-cursor-background; color: $block-cursor-foreground; }
    KeyHint.-help { dock: right; background: $footer-background; }
    """

    def __init__(self, key: str, display: str, description: str, *, is_help: bool) -> None:
        text = Content.assemble((f" {display} ", "bold $accent"), (f"{description} ", ""))
        super().__init__(text, markup=False, classes="-help" if is_help else "")
        self.columns = text.cell_length
        self.is_help = is_help
        self._key = key

    def on_click(self) -> None:
        """Press the key."""
        self.app.simulate_key(self._key)


class KeyLine(Horizontal):
    """The keys of a screen, whatever has the focus; help stands at the right, in any window.

    Textual's own foot leaves out a key that the field with the focus takes for itself, such as Enter.
    """

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; background: $footer-background; color: $footer-foreground;
        scrollbar-size: 0 0; overflow: hidden; }
    """

    def __init__(self, bindings: Iterable[Binding]) -> None:
        super().__init__()
        self._shown = [binding for binding in bindings if binding.show and binding.description]

    def on_resize(self, event: events.Resize) -> None:
        """Leave out what would be cut; help has it."""
        hints = list(self.query(KeyHint))
        left = event.size.width - sum(hint.columns for hint in hints if hint.is_help)
        for hint in hints:
            if not hint.is_help:
                left -= hint.columns
                hint.display = left >= 0

    def compose(self) -> ComposeResult:
        """One piece for each key."""
        for binding in self._shown:
            key = binding.key.partition(",")[0]
            display = binding.key_display or self.app.get_key_display(binding)
            yield KeyHint(key, display, binding.description, is_help=binding.action == HELP_ACTION)
