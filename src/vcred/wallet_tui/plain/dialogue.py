# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Questions of one line each. An empty answer never does anything that cannot be undone."""

from collections.abc import Sequence

from vcred.errors import VcredError
from vcred.text.words import Words
from vcred.wallet_tui.error_words import describe_error
from vcred.wallet_tui.plain.streams import SeveralLinesError, Streams


class Dialogue:
    """Says and asks in one language."""

    def __init__(self, streams: Streams, words: Words) -> None:
        self._streams = streams
        self.words = words

    def say(self, *lines: str) -> None:
        """Write lines; sanitised by the caller."""
        for line in lines:
            self._streams.write(line)

    def say_error(self, error: VcredError) -> None:
        """Say what went wrong, what to do, and the code."""
        text = describe_error(error, self.words)
        self.say(self.words.gettext("Error: %(sentence)s") % {"sentence": text.sentence})
        if text.hint is not None:
            self.say(text.hint)
        self.say(f"{text.detail} ({text.code})")

    def ask(self, question: str) -> str:
        """Ask for a line; it may be empty."""
        return self._streams.read_line(question)

    def ask_pasted(self, question: str) -> str:
        """Ask for one line that somebody else may have written; empty where several came at once."""
        try:
            return self._streams.read_pasted(question)
        except SeveralLinesError:
            self.say(
                self.words.gettext(
                    "Several lines came at once, where one is asked for. Nothing was done with them."
                )
            )
            return ""

    def ask_anew(self, question: str) -> str:
        """Ask for a line; what was typed before the question is no answer to it."""
        self._streams.forget_typed()
        return self.ask(question)

    def ask_secret(self, question: str) -> bytes:
        """Ask for what is not shown."""
        return self._streams.read_secret(question)

    def choose(self, question: str, options: Sequence[str]) -> int | None:
        """Ask for one of the options.

        Args:
            question: Stands above them.
            options: Sanitised.

        Returns:
            Its index, None for an empty line.
        """
        self.say(question)
        for number, option in enumerate(options, start=1):
            self.say(f"{number}. {option}")
        while True:
            typed = self.ask(self.words.gettext("Type a number and press Enter, or Enter alone to leave:"))
            if not typed:
                return None
            numbers = parse_numbers(typed, len(options))
            if numbers is not None and len(numbers) == 1:
                return numbers[0]
            self._say_range(len(options))

    def choose_some(self, question: str, size: int) -> tuple[int, ...] | None:
        """Ask for several of so many numbered lines; None where the person leaves."""
        while True:
            typed = self.ask(question)
            if not typed:
                return None
            if typed == "0":
                return ()
            numbers = parse_numbers(typed, size)
            if numbers is not None:
                return numbers
            self._say_range(size)

    def agree(self, no: str, yes: str) -> bool:
        """Ask for consent: only the number of yes is one, typed after the question. The first is no."""
        self._streams.forget_typed()
        return self.choose(self.words.gettext("Do you agree?"), (no, yes)) == 1

    def _say_range(self, size: int) -> None:
        told = self.words.gettext("Please type a number from 1 to %(size)s.")
        self.say(told % {"size": self.words.number(size)})


def parse_numbers(typed: str, size: int) -> tuple[int, ...] | None:
    """Read "1, 3 4" as indices from zero; None for anything else, or beyond `size`."""
    parts = typed.replace(",", " ").replace("、", " ").replace("，", " ").split()
    # `isdecimal` is true of digits of every script, and `int` reads them.
    if not parts or not all(part.isdecimal() and len(part) < 5 for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if not all(1 <= number <= size for number in numbers):
        return None
    return tuple(dict.fromkeys(number - 1 for number in numbers))
