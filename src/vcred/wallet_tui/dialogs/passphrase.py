# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Change what opens the wallet. The present passphrase is asked again, and then the new one twice.

Whoever finds an open wallet must not be able to shut its holder out of it.
"""

import asyncio

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from vcred.errors import UsageError, VcredError
from vcred.keys.custody import Passphrase
from vcred.keys.passphrases import read_new_passphrase, read_passphrase
from vcred.text.words import Words
from vcred.wallet.engines.ways_in import check_unlock
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.dialogs.base import Dialog
from vcred.wallet_tui.unlocking import delay_after, say_failure
from vcred.wallet_tui.widgets.secret_input import SecretInput
from vcred.wallet_tui.widgets.text import Plain, Prose


class PassphraseDialog(Dialog[bool]):
    """Gives True once the new passphrase opens the wallet."""

    DEFAULT_CSS = """
    PassphraseDialog #said { height: auto; min-height: 1; margin-top: 1; }
    """

    def __init__(self, *, wallet: Wallet, words: Words, has_passphrase: bool) -> None:
        super().__init__()
        self._wallet = wallet
        self._words = words
        self._has_passphrase = has_passphrase
        self._failures = 0
        self._is_busy = False

    def compose(self) -> ComposeResult:
        """Two or three fields."""
        words = self._words
        with Vertical(classes="box"):
            yield Plain(words.gettext("Passphrase of this wallet"), classes="title")
            if self._has_passphrase:
                yield SecretInput(words.gettext("Present passphrase"), id="present")
            yield SecretInput(words.gettext("New passphrase, at least 8 characters"), id="new")
            yield SecretInput(words.gettext("The new passphrase once more"), id="again")
            yield Prose(id="said")
            with Horizontal(classes="buttons"):
                yield Button(words.gettext("Cancel"), id="cancel")
                yield Button(words.gettext("Change"), id="change", variant="primary")

    def on_mount(self) -> None:
        """Type at once."""
        self.query(SecretInput).first().focus()

    def on_input_submitted(self) -> None:
        """Go to the next field, and at the last one change it."""
        fields = list(self.query(SecretInput))
        index = next((place for place, field in enumerate(fields) if field.has_focus), len(fields) - 1)
        if index + 1 < len(fields):
            fields[index + 1].focus()
        else:
            self._start()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Change it, or leave it."""
        if event.button.id == "change":
            self._start()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Close it, unless the change is under way: its end has to be told."""
        if not self._is_busy:
            self.dismiss(None)

    def _start(self) -> None:
        if self._is_busy:
            return
        typed = {field.id: field.value for field in self.query(SecretInput)}
        words = self._words
        if typed["new"] != typed["again"]:
            self._say(words.gettext("The two new passphrases differ."), is_wrong=True)
            return
        try:
            new = read_new_passphrase(_bytes(typed["new"]))
        except UsageError:
            self._say(words.gettext("A new passphrase has 8 characters or more."), is_wrong=True)
            return
        try:
            present = read_passphrase(_bytes(typed["present"])) if self._has_passphrase else None
        except UsageError:
            self._say(words.gettext("Type the passphrase of this wallet."), is_wrong=True)
            return
        for field in self.query(SecretInput):
            field.value = ""
        self._is_busy = True
        self._say(words.gettext("Changing: this takes a moment."))
        self._change(present, new)

    @work(exclusive=True)
    async def _change(self, present: Passphrase | None, new: Passphrase) -> None:
        try:
            if present is not None:
                # A lock meanwhile ends this here, and then nothing is changed.
                await asyncio.to_thread(check_unlock, self._wallet.home, present)
            await asyncio.to_thread(self._wallet.change_unlock, new)
        except VcredError as error:
            self._failed(error)
            return
        self.dismiss(True)

    def _failed(self, error: VcredError) -> None:
        self._failures += 1
        self._say(say_failure(error, self._words), is_wrong=True)
        self.set_timer(delay_after(self._failures), self._allow_again)

    def _allow_again(self) -> None:
        self._is_busy = False
        self.query(SecretInput).first().focus()

    def _say(self, message: str, *, is_wrong: bool = False) -> None:
        said = self.query_one("#said", Prose)
        said.set_class(is_wrong, "wrong")
        said.say(f"✗ {message}" if is_wrong else message)


def _bytes(typed: str) -> bytes:
    return typed.encode("utf-8", "surrogateescape")
