# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Hand over a code without a screen that draws: as a picture file, as lines of blocks, or as its text."""

from enum import Enum, auto
from typing import Final

from vcred.clock import Clock
from vcred.errors import StoreError
from vcred.qr.engines.zxing import draw_modules, draw_png
from vcred.wallet.code import PresentedCode, Showing
from vcred.wallet_tui.plain.dialogue import Dialogue
from vcred.wallet_tui.saving import write_private
from vcred.wallet_tui.widgets.symbol import cells_of
from vcred.wallet_tui.widgets.text import foreign

# Without colours: which half of a cell is written. On a dark screen what is written is what is light.
_BLOCKS: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class Way(Enum):
    """How a code is handed over."""

    PICTURE = auto()
    DARK_SCREEN = auto()
    LIGHT_SCREEN = auto()
    TEXT = auto()


def draw_blocks(text: str, *, is_screen_dark: bool) -> tuple[str, ...]:
    """Draw a code in lines of block characters, without any colour.

    Args:
        text: Of the code.
        is_screen_dark: The terminal writes light letters on a dark ground.

    Raises:
        LimitExceededError: No symbol that is shown holds it.
    """
    cells = cells_of(draw_modules(text))
    return tuple(
        [
            "".join([_BLOCKS[upper ^ is_screen_dark, lower ^ is_screen_dark] for upper, lower in line])
            for line in cells
        ]
    )


class Handing:
    """Hands over the codes of one showing."""

    def __init__(self, talk: Dialogue, *, clock: Clock) -> None:
        self._talk = talk
        self._words = talk.words
        self._clock = clock

    def ask_way(self) -> Way | None:
        """Ask how; None where the person leaves."""
        words = self._words
        options = (
            words.gettext("As a picture file"),
            words.gettext("As lines on this screen, which is dark"),
            words.gettext("As lines on this screen, which is light"),
            words.gettext("As text"),
        )
        chosen = self._talk.choose(words.gettext("How do you want to show it?"), options)
        return None if chosen is None else tuple(Way)[chosen]

    def hand(self, showing: Showing, way: Way) -> None:
        """Hand over the code, and a new one as often as the person asks for it while the showing goes on."""
        words = self._words
        while True:
            self._hand_one(showing.code(now=self._clock()), way)
            if not showing.is_redrawn:
                self._talk.say(words.gettext("It answers this request, once."))
                return
            self._talk.say(words.gettext("This code is good for a minute."))
            again = self._talk.ask(words.gettext("Type n for a new code; Enter alone ends the showing:"))
            if again.lower() != "n":
                return

    def _hand_one(self, code: PresentedCode, way: Way) -> None:
        if way is Way.PICTURE:
            self._save(code)
        elif way is Way.TEXT:
            self._talk.say(code.text)
        else:
            self._talk.say(*draw_blocks(code.text, is_screen_dark=way is Way.DARK_SCREEN))

    def _save(self, code: PresentedCode) -> None:
        words = self._words
        while name := self._talk.ask_anew(words.gettext("Name of the picture file, ending in .png:")):
            try:
                path = write_private(
                    name if name.lower().endswith(".png") else f"{name}.png", draw_png(code.text)
                )
            except StoreError as error:
                # A one-time copy is used up by now: a name that is taken must not lose it.
                self._talk.say_error(error)
                continue
            self._talk.say(words.gettext("Saved: %(file)s") % {"file": foreign(str(path))})
            return
        self._talk.say(words.gettext("No file was written."))
