# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Add a credential: pasted, or from a file. What was verified is shown as it is stored."""

import asyncio

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Input, TextArea

from vcred.errors import VcredError
from vcred.wallet.engines.credentials import Received
from vcred.wallet.engines.incoming import read_credential_file
from vcred.wallet.incoming import split_credentials
from vcred.wallet_tui.detail_sheet import DetailSheet
from vcred.wallet_tui.error_words import describe_error
from vcred.wallet_tui.request_input import path_of
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.widgets.sheet import Sheet, SheetLine, SheetPart
from vcred.wallet_tui.widgets.text import Plain


class ReceiveScreen(WalletScreen):
    """Takes credentials in; each is verified in full before it is stored."""

    DEFAULT_CSS = """
    ReceiveScreen VerticalScroll { padding: 0 2; height: 1fr; }
    ReceiveScreen TextArea { height: 6; margin-top: 1; }
    ReceiveScreen #buttons { height: auto; margin: 1 0; }
    ReceiveScreen #or { margin-top: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._stored: tuple[str, ...] = ()
        self._is_busy = False

    def heading(self) -> str:
        """What the head says."""
        return self.words.gettext("Add a credential")

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "Paste the credential that an issuer has sent you, or name its file: text, a sealed file, or a "
            "picture of a QR code (PNG or JPEG). The wallet verifies it in full: the signature, that its key "
            "is yours, its type, and who trusts the issuer. Only then is it stored. What does not hold is "
            "not stored, and the reason is said."
        )

    def keys(self) -> tuple[Binding, ...]:
        """Ctrl+S adds from wherever the cursor is."""
        words = self.words
        return (
            Binding("escape", "back", words.gettext("Back"), key_display="Esc"),
            Binding("ctrl+s", "add", words.gettext("Verify and store"), key_display="^S", priority=True),
            Binding("ctrl+o", "open_stored", words.gettext("Read what was stored"), key_display="^O"),
        )

    def body(self) -> ComposeResult:
        """The two ways in, and below them what came of it."""
        words = self.words
        with VerticalScroll(can_focus=False):
            yield Plain(words.gettext("Paste the credential here, then press Ctrl+S:"), id="paste")
            yield TextArea(id="text", tab_behavior="focus", soft_wrap=True)
            yield Plain(words.gettext("Or name its file, text or picture:"), id="or")
            yield Input(placeholder=words.gettext("Path of a file"), id="file")
            with Horizontal(id="buttons"):
                yield Button(words.gettext("Verify and store"), id="add", variant="primary")
            yield Sheet(id="said")

    def fill(self) -> None:
        """Paste at once."""
        self.query_one(TextArea).focus()

    @on(Button.Pressed, "#add")
    @on(Input.Submitted, "#file")
    def action_add(self) -> None:
        """Verify what is there, and store it."""
        if not self._is_busy:
            self._is_busy = True
            self._take_in()

    def action_open_stored(self) -> None:
        """Read the last that was stored."""
        if self._stored:
            self.wallet_app.open_credential(self._stored[-1])

    @work(exclusive=True)
    async def _take_in(self) -> None:
        self._tell(self.words.gettext("Verifying…"), colour="muted")
        try:
            found = await self._found()
            received = [self.wallet.credentials.receive(text) for text in found]
        except VcredError as error:
            self._refuse(error)
            return
        finally:
            self._is_busy = False
        self.query_one(TextArea).text = ""
        self.query_one("#file", Input).value = ""
        self._show(received)

    async def _found(self) -> tuple[str, ...]:
        named = self.query_one("#file", Input).value.strip()
        pasted = self.query_one(TextArea).text
        if named and not pasted.strip():
            # A picture takes a moment to be searched; the screen stays alive.
            return await asyncio.to_thread(read_credential_file, path_of(named))
        return split_credentials(pasted)

    def _show(self, received: list[Received]) -> None:
        words = self.words
        self._stored = tuple(dict.fromkeys(one.holding.name for one in received))
        sheet = DetailSheet(self.wallet.trust.belief(), words=words, zone=self.wallet_app.zone)
        parts = []
        for name in self._stored:
            one = [item for item in received if item.holding.name == name][-1]
            held = self.wallet.credentials.get(name)
            issued_at = held.stored.presentation.issued_at or 0
            said = words.gettext("Verified and stored.")
            if not one.is_new:
                said = words.gettext("Verified before: the wallet holds it already.")
            lines = (
                SheetLine(label=None, value=f"✓ {said}", colour="success"),
                *sheet.provenance(one.holding, issued_at=issued_at),
            )
            parts.append(SheetPart(title=sheet.title(one.holding), lines=lines))
        self._lay(*parts)

    def _refuse(self, error: VcredError) -> None:
        text = describe_error(error, self.words)
        refused = self.words.gettext("Not stored: %(reason)s.") % {"reason": text.sentence.rstrip(".。")}
        lines = [SheetLine(label=None, value=f"✗ {refused}", colour="error")]
        if text.hint is not None:
            lines.append(SheetLine(label=None, value=text.hint))
        lines.append(SheetLine(label=None, value=f"{text.detail}  ({text.code})", colour="muted"))
        self._lay(SheetPart(title=None, lines=tuple(lines)))

    def _tell(self, message: str, *, colour: str) -> None:
        self._lay(SheetPart(title=None, lines=(SheetLine(label=None, value=message, colour=colour),)))

    def _lay(self, *parts: SheetPart) -> None:
        sheet = self.query_one("#said", Sheet)
        sheet.lay(parts)
        self.call_after_refresh(sheet.scroll_visible, animate=False)
