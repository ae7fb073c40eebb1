# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What every dialog is: a framed box in the middle, which Escape closes without doing anything."""

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

_Answer = TypeVar("_Answer")


class Dialog(ModalScreen[_Answer]):
    """A box above a screen. Without an answer it gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 70%; }
    Dialog > .box { width: 72; max-width: 96%; height: auto; max-height: 94%; padding: 1 2;
        background: $surface; color: $foreground; border: round $primary; }
    Dialog .title { color: $primary; text-style: bold; margin-bottom: 1; height: auto; }
    Dialog .muted { color: $muted; }
    Dialog .wrong { color: $error; height: auto; }
    Dialog .buttons { height: auto; margin-top: 1; align-horizontal: right; }
    Dialog .buttons Button { margin-left: 2; }
    """

    def action_close(self) -> None:
        """Close it, and do nothing."""
        self.dismiss(None)
