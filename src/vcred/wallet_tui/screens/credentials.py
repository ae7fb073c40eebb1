# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The list of what the wallet holds; in a wide window, the chosen one stands beside it."""

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input

from vcred.errors import VcredError
from vcred.wallet.holding import Holding
from vcred.wallet_tui.detail_sheet import DetailSheet
from vcred.wallet_tui.listing import Listing
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.widgets.credential_lines import CredentialLines
from vcred.wallet_tui.widgets.sheet import Sheet
from vcred.wallet_tui.widgets.text import Plain, Prose

_REFRESH_SECONDS = 60.0


class CredentialsScreen(WalletScreen):
    """The first screen of an open wallet."""

    DEFAULT_CSS = """
    CredentialsScreen #warning { display: none; height: auto; padding: 0 1; color: $warning; }
    CredentialsScreen #warning.-shown { display: block; }
    CredentialsScreen #search { display: none; height: 3; }
    CredentialsScreen #search.-shown { display: block; }
    CredentialsScreen #main { height: 1fr; padding-top: 1; }
    CredentialsScreen #left { width: 1fr; }
    CredentialsScreen #empty { display: none; padding: 1 3; height: 1fr; }
    CredentialsScreen.-empty #empty { display: block; }
    CredentialsScreen.-empty CredentialLines { display: none; }
    CredentialsScreen #beside { display: none; width: 60; padding: 0 2; border-left: solid $primary; }
    CredentialsScreen.-wide #beside { display: block; }
    CredentialsScreen.-wide.-empty #beside { display: none; }
    CredentialsScreen #as-of { height: 1; padding: 0 1; color: $muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""
        self._was_left = False

    def heading(self) -> str:
        """What the head says."""
        return self.words.gettext("Credentials")

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "What this wallet holds. The sign and the word at the right say how each credential stands, as "
            "the trust bundle knows it: a newer bundle may know better. Choose one with the arrow keys, and "
            "press Enter to read it or P to show a code of it. Nothing leaves the wallet before you have "
            "seen what it is and agreed."
        )

    def keys(self) -> tuple[Binding, ...]:
        """Everything starts here."""
        words = self.words
        return (
            Binding("enter", "open", words.gettext("Read"), key_display="Enter"),
            Binding("p", "present", words.gettext("Show a code")),
            Binding("r", "answer", words.gettext("Answer a request")),
            Binding("a", "receive", words.gettext("Add")),
            Binding("slash", "search", words.gettext("Search"), key_display="/"),
            Binding("h", "history", words.gettext("History")),
            Binding("s", "settings", words.gettext("Settings")),
            Binding("escape", "clear", words.gettext("Show all again"), show=False, key_display="Esc"),
        )

    def body(self) -> ComposeResult:
        """A warning if there is one, the list and what is beside it, and as of when all this is."""
        yield Prose(id="warning")
        yield Input(placeholder=self.words.gettext("Search by type, name, issuer or state"), id="search")
        with Horizontal(id="main"):
            with Vertical(id="left"):
                yield Prose(id="empty")
                yield CredentialLines()
            with VerticalScroll(id="beside", can_focus=False):
                yield Sheet()
        yield Plain(id="as-of")

    def on_mount(self) -> None:
        """Fill it, and keep what depends on the time up to date."""
        self.query_one(CredentialLines).focus()
        self.set_interval(_REFRESH_SECONDS, self.fill)

    def on_screen_suspend(self) -> None:
        """Another screen is shown, and may change what the wallet holds."""
        self._was_left = True

    def on_screen_resume(self) -> None:
        """Show what it holds now."""
        if self._was_left and self.wallet_app.wallet is not None:
            self._was_left = False
            self.fill()

    def on_resize(self, event: events.Resize) -> None:
        """Show the chosen one beside the list, or not any more."""
        super().on_resize(event)
        self._show_beside()

    def fill(self) -> None:
        """Read what the wallet holds, and show it."""
        try:
            belief = self.wallet.trust.belief()
            holdings = self.wallet.credentials.list()
        except VcredError as error:
            self.wallet_app.say_error(error)
            return
        zone = self.wallet_app.zone
        self._listing = Listing(holdings, belief, words=self.words, zone=zone)
        self._sheet = DetailSheet(belief, words=self.words, zone=zone)
        self.set_class(not holdings, "-empty")
        self.query_one("#empty", Prose).say(self._first_steps(has_bundle=belief is not None))
        as_of = None if belief is None else belief.trust_as_of
        self.query_one("#as-of", Plain).say(self._as_of(as_of))
        self._warn()
        self._list()

    def _list(self) -> None:
        shown = self._listing.matching(self._typed)
        self.query_one(CredentialLines).list_holdings(self._listing, shown)

    def _warn(self) -> None:
        warning = self.query_one("#warning", Prose)
        warning.set_class(self.wallet.was_copied, "-shown")
        if self.wallet.was_copied:
            text = self.words.gettext(
                "This wallet was copied or restored: one-time copies that may have been shown are not used."
            )
            warning.say(f"⚠ {text}")

    def _as_of(self, seconds: int | None) -> str:
        words = self.words
        if seconds is None:
            return words.gettext("No trust bundle is held: nothing can be verified. Import one in Settings.")
        age = int(self.clock().timestamp()) - seconds
        return words.gettext("All this as of %(time)s, %(age)s ago") % {
            "time": self._sheet.moment(seconds),
            "age": words.duration(age),
        }

    def _first_steps(self, *, has_bundle: bool) -> str:
        words = self.words
        steps = [
            words.gettext("Import the trust bundle of your network: press S."),
            words.gettext('Apply to an issuer for a credential: "vcred wallet apply ISSUER --nonce CODE".'),
            words.gettext("Add the credential that the issuer sends you: press A."),
        ]
        if has_bundle:
            del steps[0]
        numbered = [f"{words.number(number)}. {step}" for number, step in enumerate(steps, 1)]
        return "\n\n".join((words.gettext("This wallet is empty. What to do first:"), *numbered))

    # What is chosen.

    @on(CredentialLines.Chosen)
    def _show_beside(self) -> None:
        sheet, holding = self.query_one(Sheet), self._chosen()
        # The message may come when the wallet is locked already.
        if holding is None or not self.has_class("-wide") or self.wallet_app.wallet is None:
            sheet.forget()
            return
        try:
            held = self.wallet.credentials.get(holding.name)
        except VcredError as error:
            sheet.forget()
            self.wallet_app.say_error(error)
            return
        sheet.lay(self._sheet.parts(held, with_paths=False))

    @on(CredentialLines.Opened)
    def action_open(self) -> None:
        """Read the chosen credential."""
        holding = self._chosen()
        if holding is not None:
            self.wallet_app.open_credential(holding.name)

    def action_present(self) -> None:
        """Choose what to show of it."""
        from vcred.wallet_tui.screens.present import PresentScreen

        holding = self._chosen()
        if holding is not None:
            self.app.push_screen(PresentScreen(holding.name))

    def action_answer(self) -> None:
        """Answer what a gate asks."""
        from vcred.wallet_tui.screens.answer import AnswerScreen

        self.app.push_screen(AnswerScreen())

    def action_receive(self) -> None:
        """Add a credential."""
        from vcred.wallet_tui.screens.receive import ReceiveScreen

        self.app.push_screen(ReceiveScreen())

    def action_history(self) -> None:
        """See what was shown."""
        from vcred.wallet_tui.screens.history import HistoryScreen

        self.app.push_screen(HistoryScreen())

    def action_settings(self) -> None:
        """Change language, look, and the rest."""
        from vcred.wallet_tui.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen())

    def _chosen(self) -> Holding | None:
        return self.query_one(CredentialLines).holding

    # Search.

    def action_search(self) -> None:
        """Type what to look for."""
        field = self.query_one("#search", Input)
        field.add_class("-shown")
        field.focus()

    def action_clear(self) -> None:
        """Show all again."""
        field = self.query_one("#search", Input)
        field.value = ""
        field.remove_class("-shown")
        self.query_one(CredentialLines).focus()

    @on(Input.Changed, "#search")
    def _search(self, event: Input.Changed) -> None:
        self._typed = event.value
        self._list()

    @on(Input.Submitted, "#search")
    def _searched(self) -> None:
        self.query_one(CredentialLines).focus()
