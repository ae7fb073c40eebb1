# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The first line of every screen: what this is, whose wallet, and whether it is open."""

from textual.app import ComposeResult
from textual.containers import Horizontal

from vcred.text.words import Words
from vcred.wallet_tui.widgets.text import Plain, foreign


class Header(Horizontal):
    """Heading at the left, the wallet's name and its lock at the right."""

    DEFAULT_CSS = """
    Header { dock: top; height: 1; background: $panel; color: $foreground; padding: 0 1; }
    Header > .heading { width: 1fr; height: 1; color: $primary; text-style: bold; }
    Header > .lock { width: auto; height: 1; max-width: 50%; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, heading: str, *, name: str, is_open: bool, words: Words) -> None:
        super().__init__()
        self._heading = heading
        self._shown = lock_line(name, is_open=is_open, words=words)

    def compose(self) -> ComposeResult:
        """The two texts."""
        yield Plain(f"◆ {self._heading}", classes="heading")
        yield Plain(self._shown, classes="lock")

    def retitle(self, heading: str) -> None:
        """Show another heading; sanitised by the caller."""
        self._heading = heading
        self.query_one(".heading", Plain).say(f"◆ {heading}")


def lock_line(name: str, *, is_open: bool, words: Words) -> str:
    """Say whose wallet it is and whether it is open: a word and a sign."""
    shown = foreign(name, max_characters=40)
    if is_open:
        return words.gettext("%(name)s  ○ open") % {"name": shown}
    return words.gettext("%(name)s  ● locked") % {"name": shown}
