# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Asks for the name of a file to write. Empty, or Escape, writes none."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from vcred.text.words import Words
from vcred.wallet_tui.dialogs.base import Dialog
from vcred.wallet_tui.widgets.text import Plain


class FileNameDialog(Dialog[str]):
    """Gives the name that was typed, with the ending of its kind."""

    def __init__(self, title: str, note: str, *, suffix: str, words: Words) -> None:
        super().__init__()
        self._title = title
        self._note = note
        self._suffix = suffix
        self._words = words

    def compose(self) -> ComposeResult:
        """A field, and two buttons."""
        with Vertical(classes="box"):
            yield Plain(self._title, classes="title")
            yield Plain(self._note)
            placeholder = self._words.gettext("Name of the file, ending in %(ending)s")
            yield Input(placeholder=placeholder % {"ending": self._suffix}, id="name")
            with Horizontal(classes="buttons"):
                yield Button(self._words.gettext("Cancel"), id="no")
                yield Button(self._words.gettext("Save"), id="yes")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#name", Input).focus()

    def on_input_submitted(self) -> None:
        """Enter saves."""
        self._give()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save, or not."""
        if event.button.id == "yes":
            self._give()
        else:
            self.dismiss(None)

    def _give(self) -> None:
        typed = self.query_one("#name", Input).value.strip()
        if not typed:
            self.dismiss(None)
            return
        self.dismiss(typed if typed.lower().endswith(self._suffix) else typed + self._suffix)
