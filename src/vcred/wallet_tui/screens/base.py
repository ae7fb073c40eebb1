# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What every screen of the wallet has: a head, a foot with its keys, help, and the four languages.

    class HistoryScreen(WalletScreen):
        def heading(self) -> str:                  what the head says
        def help_text(self) -> str:                a paragraph for F1
        def keys(self) -> tuple[Binding, ...]:     its keys, described in the language
        def body(self) -> ComposeResult:           what stands between head and foot
        def fill(self) -> None:                    after that is there, and after each change of language

A change of language or size composes the screen anew where it has to; what it shows comes from the
wallet, not from widgets.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap
from textual.screen import Screen

from vcred.clock import Clock
from vcred.text.words import Words
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.widgets.header import Header
from vcred.wallet_tui.widgets.key_line import KeyLine
from vcred.wallet_tui.widgets.text import Plain

if TYPE_CHECKING:
    from vcred.wallet_tui.app import WalletApp

SMALLEST = (60, 20)
WIDE_COLUMNS = 120


class WalletScreen(Screen[None]):
    """A screen; the subclass says what stands in it."""

    DEFAULT_CSS = """
    WalletScreen { background: $background; color: $foreground; layout: vertical; }
    WalletScreen > #too-small { display: none; width: 1fr; height: 1fr; content-align: center middle;
        text-align: center; padding: 0 1; }
    WalletScreen.-small > * { display: none; }
    WalletScreen.-small > #too-small { display: block; }
    WalletScreen .muted { color: $muted; }
    WalletScreen .title { color: $primary; text-style: bold; }
    WalletScreen .wrong { color: $error; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._own_bindings = self._bindings

    # What a subclass says.

    @abstractmethod
    def heading(self) -> str:
        """What the head says, sanitised."""

    @abstractmethod
    def help_text(self) -> str:
        """A paragraph of help."""

    def keys(self) -> tuple[Binding, ...]:
        """The keys of this screen, described in the language."""
        return ()

    @abstractmethod
    def body(self) -> ComposeResult:
        """What stands between head and foot."""

    def fill(self) -> None:
        """Put content into what `body` made. Called after it, and after each change of language."""

    # What a subclass has.

    @property
    def wallet_app(self) -> "WalletApp":
        """The program."""
        return cast("WalletApp", self.app)

    @property
    def words(self) -> Words:
        """The chosen language."""
        return self.wallet_app.words

    @property
    def clock(self) -> Clock:
        """Gives now."""
        return self.wallet_app.clock

    @property
    def wallet(self) -> Wallet:
        """The open wallet.

        Raises:
            RuntimeError: It is locked: then no screen but that which unlocks it is there.
        """
        wallet = self.wallet_app.wallet
        if wallet is None:
            raise RuntimeError("the wallet is locked")
        return wallet

    def all_keys(self) -> tuple[Binding, ...]:
        """The keys of this screen, and those that every screen has."""
        words = self.words
        return (
            *self.keys(),
            Binding("f1,question_mark", "help", words.gettext("Help"), key_display="F1"),
            Binding("ctrl+p", "app.command_palette", words.gettext("Commands"), key_display="^P"),
            Binding("ctrl+l", "app.lock", words.gettext("Lock"), show=False, key_display="^L"),
            Binding("ctrl+q", "app.quit", words.gettext("Quit"), show=False, key_display="^Q"),
        )

    def bind_keys(self) -> None:
        """Describe the keys in the language that is chosen now."""
        self._bindings = BindingsMap.merge([self._own_bindings, BindingsMap(self.all_keys())])

    def compose(self) -> ComposeResult:
        """Head, body, foot, and what is said in a window that is too small."""
        self.bind_keys()
        app = self.wallet_app
        name = app.home.path.resolve().name
        yield Header(self.heading(), name=name, is_open=app.wallet is not None, words=self.words)
        yield from self.body()
        yield Plain(self._too_small(), id="too-small")
        yield KeyLine(self.all_keys())

    def on_mount(self) -> None:
        """Fill it for the first time."""
        self.fill()

    async def reword(self) -> None:
        """Say everything anew, in the language that is chosen now."""
        self.bind_keys()
        await self.recompose()
        self.fill()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the layout to the window."""
        columns, lines = event.size
        self.set_class(columns < SMALLEST[0] or lines < SMALLEST[1], "-small")
        self.set_class(columns >= WIDE_COLUMNS, "-wide")

    def action_help(self) -> None:
        """Show what this screen is for, and its keys."""
        from vcred.wallet_tui.dialogs.help import HelpDialog

        bindings = [binding for binding in self.all_keys() if binding.description]
        self.app.push_screen(HelpDialog(self.heading(), self.help_text(), tuple(bindings), self.words))

    def action_back(self) -> None:
        """Leave this screen for the one below."""
        self.dismiss()

    def _too_small(self) -> str:
        columns, lines = SMALLEST
        return self.words.gettext(
            "Please make the window larger: the wallet needs %(columns)s columns and %(lines)s lines."
        ) % {"columns": self.words.number(columns), "lines": self.words.number(lines)}
