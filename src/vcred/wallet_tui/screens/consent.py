# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What two screens have in common: claims to tick, what that comes to, and "do not share" in focus.

Nothing leaves before the button that shows. Whoever presses Enter at once shares nothing.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from vcred.errors import VcredError
from vcred.wallet.code import Showing
from vcred.wallet.preview import Preview, Previewer
from vcred.wallet.sentences import say_size, say_withheld
from vcred.wallet_tui.claim_text import ClaimText
from vcred.wallet_tui.error_words import describe_error
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.screens.code import CodeScreen
from vcred.wallet_tui.widgets.claim_chooser import BoxGroup, ClaimChooser
from vcred.wallet_tui.widgets.text import Plain


class ConsentScreen(WalletScreen):
    """Asks what of one credential to show to one addressee."""

    # Whoever presses Enter at once shares nothing (threats: H15).
    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    ConsentScreen #consent { height: 1fr; layout: vertical; }
    ConsentScreen.-wide #consent { layout: horizontal; }
    ConsentScreen #summary { height: auto; max-height: 50%; background: $surface; padding: 0 1;
        border-top: solid $primary; }
    ConsentScreen.-wide #summary { width: 50; height: 1fr; max-height: 100%; border-top: none;
        border-left: solid $primary; padding: 1 2; }
    ConsentScreen #said { height: auto; max-height: 9; }
    ConsentScreen.-wide #said { max-height: 1fr; }
    ConsentScreen #said Plain { height: auto; }
    ConsentScreen #sentence { text-style: bold; }
    ConsentScreen #buttons { height: 1; margin-top: 0; }
    ConsentScreen.-wide #buttons { margin-top: 1; }
    ConsentScreen #buttons Button { margin-right: 2; min-width: 12; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.chosen: frozenset[str] | None = None
        self.preview: Preview | None = None

    # What a subclass says.

    def top(self) -> Sequence[Static]:
        """What stands above the claims."""
        return ()

    @abstractmethod
    def groups(self, chosen: frozenset[str] | None) -> Iterable[BoxGroup]:
        """The claims to tick; `chosen` is None before anything was ticked."""

    @abstractmethod
    def previewer(self) -> Previewer:
        """Of the credential that is shown."""

    @abstractmethod
    def sentence(self, preview: Preview) -> str:
        """What will be shown, and to whom."""

    @abstractmethod
    def label(self) -> str:
        """What the button says that shares."""

    @abstractmethod
    def begin(self, paths: frozenset[str]) -> Showing:
        """Share."""

    # What both do.

    def texts(self) -> ClaimText:
        """What writes claims, in the language that is chosen now."""
        app = self.wallet_app
        return ClaimText(self.wallet.trust.belief(), words=self.words, zone=app.zone)

    def keys(self) -> tuple[Binding, ...]:
        """Moving, ticking, leaving."""
        words = self.words
        return (
            Binding("escape", "back", words.gettext("Do not share"), key_display="Esc"),
            Binding("space", "nothing", words.gettext("Tick"), key_display="Space"),
            Binding("tab", "app.focus_next", words.gettext("Next"), key_display="Tab"),
        )

    def body(self) -> ComposeResult:
        """Claims, what the choice comes to, and the two buttons: the one that shares nothing first."""
        try:
            chooser = ClaimChooser(self.groups(self.chosen), top=self.top())
        except VcredError as error:
            yield Plain(describe_error(error, self.words).sentence, classes="wrong")
            yield Button(self.words.gettext("Back"), id="no", compact=True)
            return
        self.chosen = chooser.chosen
        with Horizontal(id="consent"):
            yield chooser
            with Vertical(id="summary"):
                with VerticalScroll(id="said", can_focus=False):
                    yield Plain(id="sentence")
                    yield Plain(id="size")
                    yield Plain(id="withheld", classes="muted")
                with Horizontal(id="buttons"):
                    yield Button(self.words.gettext("Do not share"), id="no", compact=True)
                    yield Button(self.label(), id="yes", compact=True)

    def fill(self) -> None:
        """Say what the choice comes to."""
        if self.query(ClaimChooser):
            self.measure()

    @on(ClaimChooser.Changed)
    def measure(self) -> None:
        """Say what the choice comes to now."""
        chosen = self.query_one(ClaimChooser).chosen
        self.chosen = chosen
        try:
            preview = self.previewer().preview(sorted(chosen), now=int(self.clock().timestamp()))
        except VcredError as error:
            self.wallet_app.say_error(error)
            return
        self.preview = preview
        self.query_one("#sentence", Plain).say(self.sentence(preview))
        self.query_one("#size", Plain).say(say_size(preview, self.words))
        self.query_one("#withheld", Plain).say(say_withheld(preview.disclosure, self.words))
        self.query_one("#size", Plain).set_class(preview.size.symbol is None, "wrong")

    @on(Button.Pressed, "#no")
    def action_back(self) -> None:
        """Share nothing."""
        self.dismiss()

    @on(Button.Pressed, "#yes")
    def share(self) -> None:
        """Share what is ticked, and show its code in the place of this screen."""
        if self.preview is None:
            return
        try:
            showing = self.begin(frozenset(self.chosen or ()))
            code = showing.code(now=self.clock())
        except VcredError as error:
            self.wallet_app.say_error(error)
            return
        self.app.switch_screen(CodeScreen(showing, code, said=self.sentence(self.preview)))

    def action_nothing(self) -> None:
        """The box that has the focus takes this key."""
