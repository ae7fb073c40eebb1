# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A question before something that cannot be undone. The answer that changes nothing has the focus."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from vcred.wallet_tui.dialogs.base import Dialog
from vcred.wallet_tui.widgets.text import Plain, Prose


class ConfirmDialog(Dialog[bool]):
    """Asks; gives True for yes, and False or None for anything else."""

    def __init__(self, title: str, question: str, *, yes: str, no: str) -> None:
        super().__init__()
        self._title = title
        self._question = question
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """The question, and its two answers."""
        with Vertical(classes="box"):
            yield Plain(self._title, classes="title")
            yield Prose(self._question)
            with Horizontal(classes="buttons"):
                yield Button(self._no, id="no")
                yield Button(self._yes, id="yes", variant="error")

    def on_mount(self) -> None:
        """Whoever presses Enter at once does nothing."""
        self.query_one("#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Give the answer."""
        self.dismiss(event.button.id == "yes")
