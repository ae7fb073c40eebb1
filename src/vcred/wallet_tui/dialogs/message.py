# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Something that a person should read before going on."""

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button

from vcred.text.words import Words
from vcred.wallet_tui.dialogs.base import Dialog
from vcred.wallet_tui.error_words import ErrorText
from vcred.wallet_tui.widgets.text import Prose


class ErrorDialog(Dialog[None]):
    """Says what went wrong, what to do, and the code by which others know it."""

    def __init__(self, text: ErrorText, words: Words) -> None:
        super().__init__()
        self._text = text
        self._words = words

    def compose(self) -> ComposeResult:
        """The sentence first, the code last."""
        with VerticalScroll(classes="box"):
            yield Prose(f"✗ {self._text.sentence}", classes="title wrong")
            if self._text.hint is not None:
                yield Prose(self._text.hint)
            yield Prose(f"{self._text.detail}  ({self._text.code})", classes="muted")
            with Horizontal(classes="buttons"):
                yield Button(self._words.gettext("Close"), id="close")

    def on_mount(self) -> None:
        """Enter closes it."""
        self.query_one("#close", Button).focus()

    def on_button_pressed(self) -> None:
        """Close it."""
        self.dismiss(None)
