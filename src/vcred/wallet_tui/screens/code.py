# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The code, as a camera reads it off this window: drawn anew while the showing goes on, then gone.

beside    the code at the left, what it shows at the right
below     what it shows in two lines below the code
tight     the code, and one line
none      the window is too small: says which size it needs, and writes a picture file on wish
"""

from datetime import datetime
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.geometry import Size
from textual.timer import Timer

from vcred.errors import VcredError
from vcred.qr.engines.zxing import draw_png
from vcred.wallet.code import REDRAW, PresentedCode, Showing
from vcred.wallet_tui.dialogs.file_name import FileNameDialog
from vcred.wallet_tui.saving import save_private
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.widgets.symbol import SymbolView
from vcred.wallet_tui.widgets.text import Plain

_TICK_SECONDS: Final = 0.5
_BESIDE_COLUMNS: Final = 34
_HEAD_AND_FOOT: Final = 2
_LINES_BELOW: Final = 2


class CodeScreen(WalletScreen):
    """Shows one showing until it ends or is left.

    Attributes:
        showing: What is shown, and for how long.
        code: The one on the screen.
        layout_name: "beside", "below", "tight" or "none".
    """

    DEFAULT_CSS = """
    CodeScreen #room { height: 1fr; width: 1fr; align: center middle; layout: horizontal; }
    CodeScreen.-below #room, CodeScreen.-tight #room { layout: vertical; }
    CodeScreen #room > #told { height: auto; padding: 0 1; }
    CodeScreen.-beside #told { width: 34; }
    CodeScreen.-below #told { width: 1fr; height: 2; }
    CodeScreen.-tight #told { width: 1fr; height: 1; }
    CodeScreen #told Plain { height: auto; }
    CodeScreen.-below #what, CodeScreen.-tight #left { height: 1; text-wrap: nowrap;
        text-overflow: ellipsis; }
    CodeScreen.-below #left { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    CodeScreen.-beside #left { margin-top: 1; text-style: bold; }
    CodeScreen.-tight #what, CodeScreen.-tight Header, CodeScreen.-tight KeyLine { display: none; }
    CodeScreen.-none #symbol { display: none; }
    CodeScreen.-none #told { width: 1fr; padding: 1 2; }
    CodeScreen #needs { display: none; height: auto; margin-top: 1; }
    CodeScreen.-none #needs { display: block; }
    CodeScreen.-small > * { display: block; }
    CodeScreen.-small > #too-small { display: none; }
    """

    def __init__(self, showing: Showing, code: PresentedCode, *, said: str) -> None:
        super().__init__()
        self.showing = showing
        self.code = code
        self.layout_name = ""
        self._said = said
        self._drawn_at: datetime | None = None
        self._ticks: Timer | None = None
        self._is_over = False

    def heading(self) -> str:
        """What the head says."""
        return self.words.gettext("Your code")

    def help_text(self) -> str:
        """What this screen is for."""
        return self.words.gettext(
            "Hold the camera of the gate before this window. A live code is good for a minute and is drawn "
            "anew every 30 seconds, for ten minutes at the most. If the camera does not read it, change its "
            "brightness or its size, or make the letters of the terminal smaller or larger. In a window that "
            "is too small for it, save it as a picture and open that."
        )

    def keys(self) -> tuple[Binding, ...]:
        """Brightness, size, files, and the end."""
        words = self.words
        text = (Binding("t", "save_text", words.gettext("Save as text")),)
        return (
            Binding("escape", "back", words.gettext("End"), key_display="Esc"),
            Binding("b", "brightness", words.gettext("Brightness")),
            Binding("s", "size", words.gettext("Size")),
            Binding("p", "save_picture", words.gettext("Save a picture")),
            *(() if self.showing.is_redrawn else text),
        )

    def body(self) -> ComposeResult:
        """The code, and what is said of it; laid out for the window before anything is drawn."""
        symbol = SymbolView(id="symbol")
        symbol.show(self.code.text)
        room = symbol.room(is_doubled=False)
        self._lay_out(self._layout_of(room, self.app.size))
        with Container(id="room"):
            yield symbol
            with Vertical(id="told"):
                yield Plain(self._said, id="what")
                yield Plain(self.left_text(), id="left")
                yield Plain(self._needs(room, self.app.size), id="needs")

    def on_mount(self) -> None:
        """Begin to count."""
        self._drawn_at = self.clock()
        self._ticks = self.set_interval(_TICK_SECONDS, self.tick)

    def on_resize(self, event: events.Resize) -> None:
        """Lay it out for the window."""
        self._fit(event.size)

    def tick(self) -> None:
        """Draw a new code when it is time to, and end when it is over."""
        now = self.clock()
        if now >= self.showing.ends:
            self._end(self.words.gettext("The showing is over."))
            return
        self.wallet_app.keep_awake()
        if self.showing.is_redrawn and self._age(now) >= REDRAW.total_seconds():
            self._redraw(now)
        self.say_left()

    def say_left(self) -> None:
        """Say how long this code is still shown."""
        self.query_one("#left", Plain).say(self.left_text())

    def left_text(self) -> str:
        """How long this code is still shown."""
        now, words = self.clock(), self.words
        whole = (self.showing.ends - now).total_seconds()
        if not self.showing.is_redrawn:
            text = words.gettext("Good for %(time)s more. It answers once.")
            return text % {"time": words.duration(whole)}
        left = min(REDRAW.total_seconds() - self._age(now), whole)
        text = words.gettext("A new code in %(time)s. The showing ends in %(whole)s.")
        return text % {"time": words.duration(left), "whole": words.duration(whole)}

    # Keys.

    def action_back(self) -> None:
        """End the showing."""
        self._end(None)

    def action_brightness(self) -> None:
        """Draw it brighter or dimmer."""
        self.query_one(SymbolView).change_ink()

    def action_size(self) -> None:
        """Draw it twice as large, where the window is large enough, or as it was."""
        symbol = self.query_one(SymbolView)
        if symbol.is_doubled:
            symbol.double(is_doubled=False)
        elif self._layout_of(symbol.room(is_doubled=True), self.size) == "none":
            self.wallet_app.say(self._needs(symbol.room(is_doubled=True), self.size))
            return
        else:
            symbol.double(is_doubled=True)
        self._fit(self.size)

    def action_save_picture(self) -> None:
        """Write the code to a picture file."""
        title = self.words.gettext("Save the code as a picture")
        question = self.words.gettext("Whoever gets the file sees what this code shows.")
        self.app.push_screen(
            FileNameDialog(title, question, suffix=".png", words=self.words), self._save_picture
        )

    def action_save_text(self) -> None:
        """Write the answer to a text file."""
        title = self.words.gettext("Save the answer as text")
        question = self.words.gettext("Whoever gets the file sees what this code shows.")
        self.app.push_screen(
            FileNameDialog(title, question, suffix=".txt", words=self.words), self._save_text
        )

    def _save_picture(self, name: str | None) -> None:
        if name is not None and not self._is_over:
            save_private(self.wallet_app, name, draw_png(self.code.text))

    def _save_text(self, name: str | None) -> None:
        if name is not None and not self._is_over:
            save_private(self.wallet_app, name, f"{self.code.text}\n".encode("ascii"))

    # Drawing.

    def _age(self, now: datetime) -> float:
        return 0.0 if self._drawn_at is None else (now - self._drawn_at).total_seconds()

    def _redraw(self, now: datetime) -> None:
        try:
            self.code = self.showing.code(now=now)
        except VcredError as error:
            self._end(None)
            self.wallet_app.say_error(error)
            return
        self._drawn_at = now
        self._draw()

    def _draw(self) -> None:
        self.query_one(SymbolView).show(self.code.text)
        self._fit(self.size)

    def _end(self, message: str | None) -> None:
        """Leave nothing of the code behind, in a widget or on the screen."""
        if self._ticks is not None:
            self._ticks.stop()
        self.query_one(SymbolView).forget()
        if message is not None:
            self.wallet_app.say(message)
        self._is_over = True
        if self.app.screen is self:
            self.dismiss()

    def on_screen_resume(self) -> None:
        """It may have ended behind a dialog."""
        if self._is_over:
            self.dismiss()

    def _fit(self, window: Size) -> None:
        symbol = self.query_one(SymbolView)
        room = symbol.room(is_doubled=symbol.is_doubled)
        if symbol.is_doubled and self._layout_of(room, window) == "none":
            symbol.double(is_doubled=False)
            room = symbol.room(is_doubled=False)
        self._lay_out(self._layout_of(room, window))
        self.query_one("#needs", Plain).say(self._needs(room, window))

    def _lay_out(self, name: str) -> None:
        if name != self.layout_name:
            # In one step: each change of a class styles the whole screen anew.
            self.remove_class(f"-{self.layout_name}", update=False)
            self.add_class(f"-{name}")
            self.layout_name = name

    def _layout_of(self, room: Size, window: Size) -> str:
        if room.width <= window.width - _BESIDE_COLUMNS and room.height <= window.height - _HEAD_AND_FOOT:
            return "beside"
        if room.width > window.width:
            return "none"
        if room.height <= window.height - _HEAD_AND_FOOT - _LINES_BELOW:
            return "below"
        return "tight" if room.height < window.height else "none"

    def _needs(self, room: Size, window: Size) -> str:
        return self.words.gettext(
            "The window is too small for the code: it needs %(needs)s and has %(has)s columns and lines. "
            "Make the window larger or its letters smaller; or press P to save the code as a picture."
        ) % {
            "needs": f"{room.width} × {room.height + 1}",
            "has": f"{window.width} × {window.height}",
        }
