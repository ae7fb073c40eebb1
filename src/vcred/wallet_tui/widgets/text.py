# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Text from outside on a screen: sanitised, and never read as markup (threats: CLI-01 to CLI-03)."""

from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text
from textual.widgets import Static

from vcred.text.columns import width
from vcred.text.prose import wrap
from vcred.text.sanitise import sanitise

MAX_CHARACTERS: Final = 400
_MAX_PASTED_CHARACTERS: Final = 4 * 1024 * 1024


class Plain(Static):
    """Text that is drawn as it is: what looks like markup is text.

    Our own words and what is sanitised already go in as they are; `foreign` sanitises.
    """

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(text, markup=False, id=id, classes=classes)
        self.text = text

    def say(self, text: str) -> None:
        """Show another text."""
        self.text = text
        self.update(text)


class Prose(Static):
    """A paragraph, broken into lines as its writing wants it. What looks like markup is text."""

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(_Paragraph(text), markup=False, id=id, classes=classes)
        self.text = text

    def say(self, text: str) -> None:
        """Show another text."""
        self.text = text
        self.update(_Paragraph(text))


class _Paragraph:
    """A text that is wrapped when its width is known."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in wrap(self._text, max(2, options.max_width)):
            yield Text(line, no_wrap=True, end="\n")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        longest = max(width(line) for line in self._text.split("\n"))
        return Measurement(2, max(2, min(longest, options.max_width)))


def foreign(text: str, *, max_characters: int = MAX_CHARACTERS) -> str:
    """Make text from outside fit to be shown on a screen: one line, nothing hidden."""
    return sanitise(text, max_characters=max_characters)


def clean_paste(text: str) -> str:
    """Make what is pasted fit for a field, line by line.

    Textual draws a field's text as it comes, and a terminal would obey it: what was copied from a
    hostile page could clear the screen and write another (threats: CLI-01, CLI-02). A credential is
    ASCII, and comes through as it is.
    """
    lines = text[:_MAX_PASTED_CHARACTERS].splitlines()
    return "\n".join([sanitise(line, max_characters=_MAX_PASTED_CHARACTERS) for line in lines])
