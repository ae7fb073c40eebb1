# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One credential: how it stands, who stands behind it, and all that it says."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll

from vcred.errors import VcredError
from vcred.wallet_tui.detail_sheet import DetailSheet
from vcred.wallet_tui.dialogs.confirm import ConfirmDialog
from vcred.wallet_tui.dialogs.rename import RenameDialog
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.widgets.sheet import Sheet
from vcred.wallet_tui.widgets.text import foreign


class DetailScreen(WalletScreen):
    """The screen of one credential, by its name in the wallet."""

    DEFAULT_CSS = """
    DetailScreen VerticalScroll { padding: 1 2; height: 1fr; }
    DetailScreen Sheet { max-width: 100; }
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.credential_name = name
        self._with_paths = False

    def heading(self) -> str:
        """What the head says."""
        return foreign(self.credential_name, max_characters=60)

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "All that this credential says. What is always shown stands first: a gate sees it whatever you "
            "choose. Each group below can be kept back. Who trusts the issuer, and how the credential "
            "stands, is as the trust bundle knows it."
        )

    def keys(self) -> tuple[Binding, ...]:
        """What can be done with it."""
        words = self.words
        return (
            Binding("escape", "back", words.gettext("Back"), key_display="Esc"),
            Binding("p", "present", words.gettext("Show a code")),
            Binding("c", "paths", words.gettext("Claim paths")),
            Binding("e", "rename", words.gettext("Rename")),
            Binding("d", "remove", words.gettext("Remove")),
        )

    def body(self) -> ComposeResult:
        """One sheet, which scrolls."""
        with VerticalScroll():
            yield Sheet()

    def fill(self) -> None:
        """Read the credential, and lay it out."""
        self.query_one(VerticalScroll).focus()
        try:
            held = self.wallet.credentials.get(self.credential_name)
            belief = self.wallet.trust.belief()
        except VcredError as error:
            self.query_one(Sheet).forget()
            self.wallet_app.say_error(error)
            return
        sheet = DetailSheet(belief, words=self.words, zone=self.wallet_app.zone)
        self.query_one(Sheet).lay(sheet.parts(held, with_paths=self._with_paths))

    def action_paths(self) -> None:
        """Show or hide the claim paths, as commands and gates write them."""
        self._with_paths = not self._with_paths
        self.fill()

    def action_present(self) -> None:
        """Choose what to show of it."""
        from vcred.wallet_tui.screens.present import PresentScreen

        self.app.push_screen(PresentScreen(self.credential_name))

    def action_rename(self) -> None:
        """Call it otherwise."""
        dialog = RenameDialog(self.credential_name, wallet=self.wallet, words=self.words)
        self.app.push_screen(dialog, self._renamed)

    async def _renamed(self, name: str | None) -> None:
        if name is not None:
            self.credential_name = name
            await self.reword()

    def action_remove(self) -> None:
        """Forget it, after a question."""
        words = self.words
        question = words.gettext(
            "“%(name)s”, its one-time copies and their keys are gone for good: nobody can bring them back, "
            "and only its issuer can give you a new one. What was shown stays in the history."
        ) % {"name": foreign(self.credential_name)}
        dialog = ConfirmDialog(
            words.gettext("Remove this credential?"),
            question,
            yes=words.gettext("Remove"),
            no=words.gettext("Keep it"),
        )
        self.app.push_screen(dialog, self._removed)

    def _removed(self, is_agreed: bool | None) -> None:
        if not is_agreed:
            return
        try:
            self.wallet.credentials.remove(self.credential_name)
        except VcredError as error:
            self.wallet_app.say_error(error)
            return
        self.wallet_app.say(self.words.gettext("Removed."))
        self.dismiss()
