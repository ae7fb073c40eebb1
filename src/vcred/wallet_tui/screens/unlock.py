# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Unlock: a passphrase, or nothing but a key where a key file opens the wallet.

The passphrase is never shown, and forgotten as soon as it was tried. Stretching it takes half a
second, in a thread of its own: the screen stays alive.
"""

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Center, Middle, Vertical
from textual.widgets import Button, Input
from textual.worker import get_current_worker

from vcred.errors import UsageError, VcredError
from vcred.keys.custody import Passphrase, Unlock
from vcred.keys.passphrases import read_passphrase
from vcred.wallet.engines.ways_in import opens_by_itself
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.unlocking import delay_after, say_failure
from vcred.wallet_tui.widgets.secret_input import SecretInput
from vcred.wallet_tui.widgets.text import Plain, Prose, foreign


class UnlockScreen(WalletScreen):
    """The screen of a locked wallet."""

    DEFAULT_CSS = """
    UnlockScreen Middle { height: 1fr; }
    UnlockScreen .card { width: 64; max-width: 96%; height: auto; padding: 1 3; border: round $primary;
        background: $surface; }
    UnlockScreen .title { text-align: center; width: 1fr; margin-bottom: 1; }
    UnlockScreen .place { text-align: center; width: 1fr; margin-bottom: 1; }
    UnlockScreen #said { margin-top: 1; height: auto; min-height: 2; }
    UnlockScreen Button { width: 1fr; margin-top: 1; }
    """

    def __init__(self, *, at_once: bool) -> None:
        super().__init__()
        self._at_once = at_once
        self._failures = 0
        self._is_opening = False

    def heading(self) -> str:
        """What the head says."""
        return self.words.gettext("Wallet")

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "The wallet is locked, and nothing in it can be read. Type the passphrase and press Enter. "
            "Nobody can give you back a passphrase that is lost: keep a backup."
        )

    def keys(self) -> tuple[Binding, ...]:
        """Only Enter, which the field has anyway."""
        return (Binding("enter", "open", self.words.gettext("Open"), key_display="Enter"),)

    def body(self) -> ComposeResult:
        """The card in the middle."""
        words = self.words
        path = foreign(str(self.wallet_app.home.path))
        with Middle(), Center(), Vertical(classes="card"):
            yield Plain(words.gettext("Your wallet is locked"), classes="title")
            yield Plain(path, classes="place muted")
            if self._needs_passphrase():
                yield SecretInput(words.gettext("Passphrase"), id="passphrase")
            else:
                yield Button(words.gettext("Open"), id="open", variant="primary")
            yield Prose(id="said")

    def fill(self) -> None:
        """Go on at once where nobody has to be asked."""
        field = self.query("#passphrase, #open").first()
        field.focus()
        if self._at_once and not self._needs_passphrase():
            self._at_once = False
            self.action_open()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try what was typed."""
        event.stop()
        self.action_open()

    def on_button_pressed(self) -> None:
        """Open with the key file."""
        self.action_open()

    def action_open(self) -> None:
        """Try to open the wallet."""
        if self._is_opening:
            return
        try:
            unlock = self._typed() if self._needs_passphrase() else self.wallet_app.unlock
        except UsageError:
            self._say(self.words.gettext("Type the passphrase of this wallet."), is_wrong=True)
            return
        self._is_opening = True
        self._say(self.words.gettext("Unlocking: this takes a moment."))
        self._set_enabled(enabled=False)
        self._open(unlock)

    @work(thread=True, exclusive=True, exit_on_error=True)
    def _open(self, unlock: Unlock | None) -> None:
        app, worker = self.wallet_app, get_current_worker()
        try:
            wallet = Wallet.open(app.home, unlock=unlock, clock=app.clock)
        except VcredError as error:
            app.call_from_thread(self._failed, error)
            return
        if worker.is_cancelled:
            # The program was ended meanwhile: nobody takes the wallet.
            wallet.close()
            return
        app.call_from_thread(self._opened, wallet)

    def _opened(self, wallet: Wallet) -> None:
        if isinstance(self.wallet_app.unlock, Passphrase):
            # It was given for this once. Kept, it would make every later lock one for show.
            self.wallet_app.unlock = None
        self.wallet_app.adopt(wallet)

    def _failed(self, error: VcredError) -> None:
        self._failures += 1
        if isinstance(self.wallet_app.unlock, Passphrase):
            self.wallet_app.unlock = None
        self._say(say_failure(error, self.words), is_wrong=True)
        self.set_timer(delay_after(self._failures), self._allow_again)

    async def _allow_again(self) -> None:
        self._is_opening = False
        if not self.query("#passphrase" if self._needs_passphrase() else "#open"):
            said = self.query_one("#said", Prose).text
            await self.reword()
            self._say(said, is_wrong=True)
        self._set_enabled(enabled=True)

    def _typed(self) -> Passphrase:
        field = self.query_one("#passphrase", SecretInput)
        typed, field.value = field.value, ""
        return read_passphrase(typed.encode("utf-8", "surrogateescape"))

    def _needs_passphrase(self) -> bool:
        app = self.wallet_app
        return app.unlock is None and not opens_by_itself(app.home)

    def _set_enabled(self, *, enabled: bool) -> None:
        for field in self.query("#passphrase, #open"):
            field.disabled = not enabled
            if enabled:
                field.focus()

    def _say(self, message: str, *, is_wrong: bool = False) -> None:
        said = self.query_one("#said", Prose)
        said.set_class(is_wrong, "wrong")
        said.say(f"✗ {message}" if is_wrong else message)
