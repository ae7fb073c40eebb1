# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The program of the screens: it opens and locks the wallet, and knows language, look and time.

What is never left behind: after `lock` no screen is there that showed a claim. What is never drawn:
the local values of a program that failed. Textual would print them, and claims are among them.
"""

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType

from vcred.clock import Clock
from vcred.errors import VcredError
from vcred.home import Home
from vcred.keys.custody import Unlock
from vcred.text.languages import choose_language
from vcred.text.words import Words, load_words
from vcred.wallet.settings import WalletSettings
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.commands import WalletCommands
from vcred.wallet_tui.idle import IdleWatch, boot_seconds
from vcred.wallet_tui.themes import PALETTES, make_themes
from vcred.wallet_tui.widgets.text import clean_paste

_IDLE_CHECK_SECONDS = 5.0


class WalletApp(App[int]):
    """The screens of one wallet.

    Attributes:
        home: Whose it is.
        wallet: Open, or None while it is locked.
        words: The chosen language.
        clock: Gives now, timezone-aware.
        unlock: What opened it last without being asked for: a key file, or what the command was given.
    """

    ENABLE_COMMAND_PALETTE = True
    # Flat, so that a dialog fits into 24 lines; underlined where colours do not say what has the focus.
    CSS = """
    Button { height: 1; min-width: 10; border: none; padding: 0 2; background: $panel; color: $foreground;
        text-style: none; }
    Button.-primary { background: $primary; color: $background; }
    Button.-error { background: $error; color: $background; }
    Button:hover { border: none; text-style: bold; }
    Button:focus { border: none; background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: bold underline; background-tint: $background 0%; }
    Input > .input--placeholder { color: $muted; }
    Button.-error:focus { background: $error; color: $background; }
    """
    # Instead of Textual's own: one of those writes the screen, and so claims, to a file.
    COMMANDS: ClassVar = {WalletCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+l", "lock", show=False, priority=True),
    ]

    def __init__(
        self,
        home: Home,
        *,
        clock: Clock,
        language: str | None = None,
        unlock: Unlock | None = None,
        zone: tzinfo | None = None,
        seconds: Callable[[], float] = boot_seconds,
    ) -> None:
        super().__init__()
        self.home = home
        self.clock = clock
        self.unlock = unlock
        self.wallet: Wallet | None = None
        self.words: Words = load_words(language or choose_language(home.settings.language))
        self.failure: BaseException | None = None
        self.settings = WalletSettings()
        self._zone = zone
        self._idle = IdleWatch(seconds)

    @property
    def language(self) -> str:
        """One of `vcred.text.languages.LANGUAGES`."""
        return self.words.language

    @property
    def zone(self) -> tzinfo:
        """The holder's time zone, as the machine has it now."""
        return self._zone or self.clock().astimezone().tzinfo or UTC

    def on_mount(self) -> None:
        """Show the first screen."""
        for theme in make_themes():
            self.register_theme(theme)
        self.theme = self.settings.theme
        self.title = "vcred"
        self.set_interval(_IDLE_CHECK_SECONDS, self.lock_if_idle)
        self._show_unlock(at_once=True)

    # Open and locked.

    def adopt(self, wallet: Wallet) -> None:
        """Take a wallet that was opened, and show what is in it."""
        from vcred.wallet_tui.screens.credentials import CredentialsScreen

        self.wallet = wallet
        self.settings = wallet.settings()
        self.theme = self.settings.theme
        self._idle.touch()
        self.switch_screen(CredentialsScreen())

    async def action_lock(self) -> None:
        """Lock the wallet: no claim stays on the screen or in a widget."""
        if self.wallet is None:
            return
        self.close_wallet()
        self.clear_notifications()
        # Textual keeps what was last copied, beside the terminal's own clipboard.
        self._clipboard = ""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        self._show_unlock(at_once=False)

    def close_wallet(self) -> None:
        """Forget what opens the wallet; its screens go next."""
        wallet, self.wallet = self.wallet, None
        if wallet is not None:
            wallet.close()

    async def lock_if_idle(self) -> None:
        """Lock after the minutes that the holder has chosen without a key or the mouse."""
        if self.wallet is not None and self._idle.is_over(self.settings.idle_minutes):
            await self.action_lock()

    def keep_awake(self) -> None:
        """A code is being shown: nobody has to press a key meanwhile. After a long sleep it locks first."""
        # Later, and not in the screen that asks: to lock is to wait until that screen is gone.
        self.call_later(self._stay_awake)

    async def _stay_awake(self) -> None:
        await self.lock_if_idle()
        self._idle.touch()

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is there; and let nothing be pasted that a terminal obeys."""
        if isinstance(event, events.Key | events.MouseEvent | events.Paste):
            # The first key after the machine slept must not undo the lock that is due.
            await self.lock_if_idle()
            self._idle.touch()
        if isinstance(event, events.Paste):
            event.text = clean_paste(event.text)
        await super().on_event(event)

    async def action_quit(self) -> None:
        """Lock, and end."""
        self.end(0)

    def end(self, code: int) -> None:
        """Lock, and end with an exit code."""
        self.close_wallet()
        self.exit(code)

    def _show_unlock(self, *, at_once: bool) -> None:
        from vcred.wallet_tui.screens.unlock import UnlockScreen

        self.push_screen(UnlockScreen(at_once=at_once))

    # What screens ask for.

    def say_error(self, error: VcredError) -> None:
        """Say in words what went wrong, and what to do."""
        from vcred.wallet_tui.dialogs.message import ErrorDialog
        from vcred.wallet_tui.error_words import describe_error

        self.push_screen(ErrorDialog(describe_error(error, self.words), self.words))

    def say(self, message: str) -> None:
        """Say in passing that something was done. What is foreign in it is sanitised."""
        self.notify(message, markup=False)

    def open_credential(self, name: str) -> None:
        """Show a credential of the wallet by its name."""
        from vcred.wallet_tui.screens.detail import DetailScreen

        try:
            self.push_screen(DetailScreen(name))
        except VcredError as error:
            self.say_error(error)

    async def change_language(self, language: str) -> None:
        """Say everything in another language, at once."""
        from vcred.wallet_tui.screens.base import WalletScreen

        self.words = load_words(language)
        for screen in self.screen_stack:
            if isinstance(screen, WalletScreen):
                await screen.reword()

    def action_command_palette(self) -> None:
        """Show all commands, in the language."""
        from vcred.wallet_tui.commands import WalletPalette

        if not isinstance(self.screen, WalletPalette):
            self.push_screen(WalletPalette(placeholder=self.words.gettext("Search for a command")))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What the looks add to Textual's names of colours."""
        return {"muted": PALETTES["dawn"].muted}

    def action_help_quit(self) -> None:
        """Say which key ends the program: it is not Ctrl+C."""
        self.say(self.words.gettext("Press Ctrl+Q to quit."))

    def _fatal_error(self) -> None:
        """End after a fault of the program, without printing the values of its variables."""
        import sys

        self.failure = sys.exc_info()[1]
        self._close_messages_no_wait()
