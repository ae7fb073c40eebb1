# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Help: what a screen is for, and its keys, made from the keys themselves."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from vcred.text.columns import pad, width
from vcred.text.words import Words
from vcred.wallet_tui.dialogs.base import Dialog
from vcred.wallet_tui.widgets.text import Plain, Prose


class HelpDialog(Dialog[None]):
    """The help of one screen; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1,question_mark,q,enter", "close", show=False)]
    DEFAULT_CSS = """
    HelpDialog .keys { margin-top: 1; }
    """

    def __init__(self, heading: str, text: str, bindings: tuple[Binding, ...], words: Words) -> None:
        super().__init__()
        self._heading = heading
        self._text = text
        self._key_bindings = bindings
        self._words = words

    def compose(self) -> ComposeResult:
        """A paragraph, and the keys below."""
        with VerticalScroll(classes="box"):
            yield Plain(self._heading, classes="title")
            yield Prose(self._text)
            yield Plain("\n".join(self._lines()), classes="keys")
            yield Plain(self._words.gettext("Esc closes this help."), classes="muted keys")

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one(VerticalScroll).focus()

    def _lines(self) -> list[str]:
        shown = [(self._keys(binding), binding.description) for binding in self._key_bindings]
        longest = max((width(keys) for keys, _ in shown), default=0)
        return [f"{pad(keys, longest)}   {description}" for keys, description in shown]

    def _keys(self, binding: Binding) -> str:
        return binding.key_display or self.app.get_key_display(binding)
