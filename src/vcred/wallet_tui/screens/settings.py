# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Settings: language and look, when the wallet locks, the trust bundle, and the passphrase."""

from dataclasses import replace
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, RadioSet

from vcred.errors import VcredError
from vcred.files import read_capped
from vcred.home import change_language
from vcred.limits import MAX_BUNDLE_BYTES
from vcred.text.languages import LANGUAGES
from vcred.trust.store import Imported
from vcred.wallet.engines.ways_in import opens_by_itself
from vcred.wallet.settings import MAX_IDLE_MINUTES, MIN_IDLE_MINUTES, THEMES
from vcred.wallet_tui.dialogs.passphrase import PassphraseDialog
from vcred.wallet_tui.error_words import describe_error
from vcred.wallet_tui.request_input import path_of
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.widgets.choice import Choice
from vcred.wallet_tui.widgets.text import Plain, Prose

# Each in itself: whoever has come to a language by mistake finds their own.
_LANGUAGE_NAMES: Final = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "pt": "Português"}


class SettingsScreen(WalletScreen):
    """What the holder can choose. Every choice counts at once."""

    DEFAULT_CSS = """
    SettingsScreen #page { padding: 0 2; height: 1fr; }
    SettingsScreen #sets { height: auto; margin-top: 1; }
    SettingsScreen #sets > Vertical { width: 1fr; height: auto; }
    SettingsScreen RadioSet { width: 1fr; margin-right: 2; }
    SettingsScreen .row { height: auto; margin-top: 1; }
    SettingsScreen .row > Prose { width: 1fr; height: auto; }
    SettingsScreen .row > Button { margin-left: 2; }
    SettingsScreen .row > .beside { margin-top: 1; }
    SettingsScreen #page > * { max-width: 100; }
    SettingsScreen #idle { width: 10; }
    SettingsScreen #bundle { width: 2fr; }
    SettingsScreen .said { height: auto; }
    """

    def heading(self) -> str:
        """What the head says."""
        return self.words.gettext("Settings")

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "Tab goes from one to the next, the arrow keys choose, and every choice counts at once. A trust "
            "bundle is the file that says who may issue what, and what has been revoked: import a new one "
            "often. It can come from anywhere, for its signatures are verified."
        )

    def keys(self) -> tuple[Binding, ...]:
        """Back, and the way to the passphrase."""
        words = self.words
        return (
            Binding("escape", "back", words.gettext("Back"), key_display="Esc"),
            Binding("ctrl+t", "bundle", words.gettext("Trust bundle"), key_display="^T"),
            Binding("ctrl+o", "passphrase", words.gettext("Passphrase"), key_display="^O"),
        )

    def body(self) -> ComposeResult:
        """One block for each."""
        words = self.words
        with VerticalScroll(id="page", can_focus=False):
            yield from self._choices()
            with Horizontal(classes="row"):
                label = words.gettext("Lock after so many minutes without a key (1 to 60)")
                yield Prose(label, classes="beside")
                yield Input(
                    str(self.wallet_app.settings.idle_minutes), id="idle", type="integer", max_length=2
                )
            yield Plain(id="idle-said", classes="said wrong")
            with Horizontal(classes="row"):
                yield Input(placeholder=words.gettext("Path of a trust bundle file"), id="bundle")
                yield Button(words.gettext("Import"), id="import", classes="beside")
            yield Prose(self._bundle_now(), id="bundle-said", classes="said")
            with Horizontal(classes="row"):
                yield Prose(self._opens_by())
                yield Button(words.gettext("Change passphrase"), id="passphrase")

    def _choices(self) -> ComposeResult:
        words, app = self.words, self.wallet_app
        themes = {
            "dawn": words.gettext("Dawn (light)"),
            "night": words.gettext("Night (dark)"),
            "contrast": words.gettext("High contrast"),
        }
        with Horizontal(id="sets"):
            with Vertical():
                yield Plain(words.gettext("Language"), classes="title")
                with RadioSet(id="language"):
                    for language in LANGUAGES:
                        yield Choice(_LANGUAGE_NAMES[language], language == app.language)
            with Vertical():
                yield Plain(words.gettext("Look"), classes="title")
                with RadioSet(id="theme"):
                    for theme in THEMES:
                        yield Choice(themes[theme], theme == app.settings.theme)

    def fill(self) -> None:
        """Start at what is chosen: Enter, pressed at once, changes nothing."""
        for choices in self.query(RadioSet):
            choices._selected = choices.pressed_index
        self.query_one("#language", RadioSet).focus()

    # Language and look.

    @on(RadioSet.Changed, "#language")
    async def _change_language(self, event: RadioSet.Changed) -> None:
        language = LANGUAGES[event.index]
        app = self.wallet_app
        if language == app.language:
            return
        try:
            app.home = change_language(app.home, language)
        except VcredError as error:
            app.say_error(error)
            return
        self.call_later(app.change_language, language)

    @on(RadioSet.Changed, "#theme")
    def _change_theme(self, event: RadioSet.Changed) -> None:
        self._change(theme=THEMES[event.index])
        self.app.theme = self.wallet_app.settings.theme

    @on(Input.Submitted, "#idle")
    @on(Input.Blurred, "#idle")
    def _change_idle(self, event: Input.Submitted | Input.Blurred) -> None:
        said = self.query_one("#idle-said", Plain)
        minutes = int(event.value) if event.value.isascii() and event.value.isdecimal() else 0
        if not MIN_IDLE_MINUTES <= minutes <= MAX_IDLE_MINUTES:
            said.say(self.words.gettext("✗ A number from 1 to 60 is needed."))
            return
        said.say("")
        self._change(idle_minutes=minutes)

    def _change(self, *, theme: str | None = None, idle_minutes: int | None = None) -> None:
        app = self.wallet_app
        before = app.settings
        settings = replace(
            before, theme=theme or before.theme, idle_minutes=idle_minutes or before.idle_minutes
        )
        if settings == before or app.wallet is None:
            return
        try:
            app.wallet.change_settings(settings)
        except VcredError as error:
            app.say_error(error)
            return
        app.settings = settings

    # The trust bundle.

    def action_bundle(self) -> None:
        """Name a file."""
        self.query_one("#bundle", Input).focus()

    @on(Button.Pressed, "#import")
    @on(Input.Submitted, "#bundle")
    def _import(self) -> None:
        named = self.query_one("#bundle", Input).value.strip()
        if not named:
            self.action_bundle()
            return
        self._said(self.words.gettext("Importing…"))
        self.call_after_refresh(self._import_file, named)

    def _import_file(self, named: str) -> None:
        if self.wallet_app.wallet is None:
            return
        try:
            data = read_capped(path_of(named), max_bytes=MAX_BUNDLE_BYTES)
            imported = self.wallet.trust.import_bundle(data)
        except VcredError as error:
            text = describe_error(error, self.words)
            hint = f"\n{text.hint}" if text.hint else ""
            self._said(f"✗ {text.sentence}{hint}\n{text.detail}  ({text.code})", is_wrong=True)
            return
        self._said(f"✓ {self._changed(imported)}\n{self._bundle_now()}")

    def _changed(self, imported: Imported) -> str:
        words = self.words
        if not imported.changed:
            return words.gettext("Nothing new: the wallet holds all of this already.")
        entries = imported.size - imported.size_before
        ledger = words.ngettext(
            "%(count)s new entry of the ledger", "%(count)s new entries of the ledger", entries
        ) % {"count": words.number(entries)}
        lists = words.ngettext(
            "%(count)s newer status list", "%(count)s newer status lists", imported.statuses
        ) % {"count": words.number(imported.statuses)}
        return words.gettext("Imported: %(what)s.") % {"what": words.list((ledger, lists))}

    def _bundle_now(self) -> str:
        words = self.words
        try:
            belief = self.wallet.trust.belief()
        except VcredError as error:
            return describe_error(error, words).sentence
        if belief is None:
            return words.gettext("No trust bundle is held: nothing can be verified.")
        from vcred.wallet_tui.detail_sheet import DetailSheet

        moment = DetailSheet(belief, words=words, zone=self.wallet_app.zone).moment(belief.trust_as_of)
        return words.gettext("The trust bundle is as of %(time)s.") % {"time": moment}

    def _said(self, message: str, *, is_wrong: bool = False) -> None:
        said = self.query_one("#bundle-said", Prose)
        said.set_class(is_wrong, "wrong")
        said.say(message)

    # The passphrase.

    def _opens_by(self) -> str:
        if opens_by_itself(self.wallet_app.home):
            return self.words.gettext("⚠ Opens without a passphrase: whoever has the folder has the wallet.")
        return self.words.gettext("Opens with a passphrase.")

    @on(Button.Pressed, "#passphrase")
    def action_passphrase(self) -> None:
        """Change what opens the wallet."""
        has_passphrase = not opens_by_itself(self.wallet_app.home) and self.wallet_app.unlock is None
        dialog = PassphraseDialog(wallet=self.wallet, words=self.words, has_passphrase=has_passphrase)
        self.app.push_screen(dialog, self._passphrase_changed)

    async def _passphrase_changed(self, is_changed: bool | None) -> None:
        if is_changed:
            self.wallet_app.unlock = None
            await self.reword()
            self.wallet_app.say(self.words.gettext("The passphrase was changed."))
