# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What was shown to whom, when, and with which claims. Never a value: the history has none."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Input

from vcred.errors import VcredError
from vcred.wallet_tui.history_listing import HistoryListing
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.widgets.history_lines import HistoryLines
from vcred.wallet_tui.widgets.sheet import Sheet, SheetLine, SheetPart
from vcred.wallet_tui.widgets.text import Plain


class HistoryScreen(WalletScreen):
    """The history, the newest first; below it what the chosen line says in full."""

    DEFAULT_CSS = """
    HistoryScreen #filter { display: none; height: 3; }
    HistoryScreen #filter.-shown { display: block; }
    HistoryScreen HistoryLines { height: 1fr; margin-top: 1; }
    HistoryScreen #empty { display: none; padding: 1 3; height: 1fr; }
    HistoryScreen.-empty #empty { display: block; }
    HistoryScreen.-empty HistoryLines { display: none; }
    HistoryScreen.-empty #chosen { display: none; }
    HistoryScreen #chosen { height: 8; padding: 0 2; border-top: solid $primary; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""

    def heading(self) -> str:
        """What the head says."""
        return self.words.gettext("History")

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "What you have shown, the newest first: which credential, to whom, when, and which claims. The "
            "values are not kept. A code that answers no request can be read by any gate of the network; a "
            "new one every 30 seconds while it is on the screen counts as one."
        )

    def keys(self) -> tuple[Binding, ...]:
        """Filter, and back."""
        words = self.words
        return (
            Binding("escape", "back", words.gettext("Back"), key_display="Esc"),
            Binding("slash", "filter", words.gettext("Filter"), key_display="/"),
        )

    def body(self) -> ComposeResult:
        """The filter, the list, and the chosen line in full."""
        yield Input(placeholder=self.words.gettext("Filter by credential, gate, day or claim"), id="filter")
        yield Plain(self.words.gettext("Nothing was shown yet."), id="empty")
        yield HistoryLines()
        with VerticalScroll(id="chosen", can_focus=False):
            yield Sheet()

    def fill(self) -> None:
        """Read the history, and list it."""
        try:
            belief, records = self.wallet.trust.belief(), self.wallet.history()
        except VcredError as error:
            self.wallet_app.say_error(error)
            return
        zone = self.wallet_app.zone
        self._listing = HistoryListing(records, belief, words=self.words, zone=zone)
        self.set_class(not records, "-empty")
        self._list()
        self.query_one(HistoryLines).focus()

    def _list(self) -> None:
        self.query_one(HistoryLines).list_records(self._listing, self._listing.matching(self._typed))

    @on(HistoryLines.Chosen)
    def _show_chosen(self) -> None:
        sheet, entry, words = self.query_one(Sheet), self.query_one(HistoryLines).entry, self.words
        if entry is None:
            sheet.forget()
            return
        claims = words.list(entry.claims) or words.gettext("only what is always shown")
        lines = (
            SheetLine(label=words.gettext("Shown to"), value=entry.to_whom),
            SheetLine(label=words.gettext("When"), value=entry.when),
            SheetLine(label=words.gettext("How"), value=entry.how),
            SheetLine(label=words.gettext("Claims"), value=claims),
            SheetLine(label=words.gettext("Issued by"), value=entry.issuer),
        )
        sheet.lay([SheetPart(title=entry.what, lines=lines)])

    def action_filter(self) -> None:
        """Type what to look for."""
        field = self.query_one("#filter", Input)
        field.add_class("-shown")
        field.focus()

    def action_back(self) -> None:
        """Show all again; and where all are shown, leave."""
        field = self.query_one("#filter", Input)
        if not field.has_class("-shown"):
            self.dismiss()
            return
        field.value = ""
        field.remove_class("-shown")
        self.query_one(HistoryLines).focus()

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        self._typed = event.value
        self._list()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self.query_one(HistoryLines).focus()
