# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Take a request: pasted, or from a picture file. What it asks is shown on the next screen."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Input

from vcred.errors import VcredError
from vcred.wallet.answering import find_answering
from vcred.wallet_tui.request_input import read_given
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.screens.reply import ReplyScreen
from vcred.wallet_tui.widgets.text import Plain


class AnswerScreen(WalletScreen):
    """Reads the request of a gate."""

    DEFAULT_CSS = """
    AnswerScreen #take { height: 1fr; padding: 1 2; }
    AnswerScreen #take Plain { height: auto; margin-bottom: 1; }
    AnswerScreen #buttons { height: auto; }
    AnswerScreen #buttons Button { margin-right: 2; }
    """

    def heading(self) -> str:
        """What the head says."""
        return self.words.gettext("Answer a request")

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "A gate shows a request as a code that begins with VQ1:, or hands it over as a picture. Paste "
            "the text here, or type the name of the picture file. The next screen says who asks and what "
            "for; nothing is shown to anybody before you agree there."
        )

    def keys(self) -> tuple[Binding, ...]:
        """Reading, and leaving."""
        words = self.words
        return (
            Binding("enter", "read", words.gettext("Read it"), key_display="Enter"),
            Binding("escape", "back", words.gettext("Back"), key_display="Esc"),
        )

    def body(self) -> ComposeResult:
        """A field, and two buttons."""
        words = self.words
        with VerticalScroll(id="take", can_focus=False):
            yield Plain(words.gettext("Paste the request (VQ1:…), or type the name of a picture file."))
            yield Input(placeholder=words.gettext("VQ1:… or request.png"), id="given")
            with Horizontal(id="buttons"):
                yield Button(words.gettext("Read it"), id="read")
                yield Button(words.gettext("Back"), id="back")

    def on_mount(self) -> None:
        """Paste at once."""
        self.query_one("#given", Input).focus()

    @on(Button.Pressed, "#back")
    def leave(self) -> None:
        """Read nothing."""
        self.action_back()

    @on(Input.Submitted, "#given")
    @on(Button.Pressed, "#read")
    def action_read(self) -> None:
        """Read the request, and show what it asks."""
        given = self.query_one("#given", Input).value
        if not given.strip():
            return
        try:
            asked = read_given(given, self.wallet, now=self.clock())
            able = find_answering(asked, self.wallet.credentials.list())
        except VcredError as error:
            self.wallet_app.say_error(error)
            return
        self.app.switch_screen(ReplyScreen(asked, tuple([one.name for one in able])))
