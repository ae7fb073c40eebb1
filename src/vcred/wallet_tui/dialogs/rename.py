# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Call a credential otherwise."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from vcred.errors import UsageError
from vcred.text.words import Words
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.dialogs.base import Dialog
from vcred.wallet_tui.widgets.text import Plain, foreign


class RenameDialog(Dialog[str]):
    """Gives the new name once the wallet has taken it, and None if it stays as it is."""

    def __init__(self, name: str, *, wallet: Wallet, words: Words) -> None:
        super().__init__()
        self._before = name
        self._wallet = wallet
        self._words = words

    def compose(self) -> ComposeResult:
        """The field, and two buttons."""
        words = self._words
        with Vertical(classes="box"):
            yield Plain(words.gettext("A new name for this credential"), classes="title")
            yield Input(self._before, max_length=60, select_on_focus=True)
            yield Plain(classes="wrong")
            with Horizontal(classes="buttons"):
                yield Button(words.gettext("Cancel"), id="cancel")
                yield Button(words.gettext("Rename"), id="rename", variant="primary")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self) -> None:
        """Take the name."""
        self._rename()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take the name, or leave it."""
        if event.button.id == "rename":
            self._rename()
        else:
            self.dismiss(None)

    def _rename(self) -> None:
        name = self.query_one(Input).value.strip()
        if name == self._before:
            self.dismiss(None)
            return
        try:
            self._wallet.credentials.rename(self._before, name)
        except UsageError:
            self.query_one(".wrong", Plain).say(f"✗ {self._why(name)}")
            return
        self.dismiss(name)

    def _why(self, name: str) -> str:
        words = self._words
        if any(one.name == name for one in self._wallet.credentials.list()):
            return words.gettext("Another credential is called “%(name)s” already.") % {"name": foreign(name)}
        return words.gettext(
            "A name has 1 to 60 characters that can be shown, and no slash. "
            "It does not begin with a hyphen or a full stop."
        )
