# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Lines in and lines out. No colour, no cursor, nothing drawn: what is written is read from top to bottom.

What was typed is awaited for so long only: whoever has gone away leaves no open wallet behind.

At a terminal, text that somebody else wrote is one line, and what comes with it is dropped: it would be the
answer to questions that nobody has read (threats: H15, WAL-08). In a pipe there is no person who is asked:
all lines are those of the program that writes them, and each answers its question.
"""

import os
import select
import sys
from collections.abc import Callable
from typing import Final, TextIO

from vcred.wallet_tui.idle import boot_seconds
from vcred.wallet_tui.plain.terminal import drain, unseen

# A pasted credential is one line.
_MAX_LINE: Final = 512 * 1024
_CHUNK: Final = 64 * 1024
# A machine that sleeps counts no seconds in `select`; so it is asked again.
_LOOK_SECONDS: Final = 5.0


class InputEndedError(Exception):
    """There is no more input: the pipe has ended, or the terminal is gone."""


class IdleError(Exception):
    """Nobody has typed a line for too long."""


class SeveralLinesError(Exception):
    """More than one line came where a person was asked for one."""


class Streams:
    """Reads lines from a descriptor and writes lines to a text stream."""

    def __init__(self, source: int, out: TextIO, *, seconds: Callable[[], float] = boot_seconds) -> None:
        self._source = source
        self._out = out
        self._seconds = seconds
        self._buffer = b""
        self.idle_seconds: float | None = None
        """After so many seconds without a line `read_line` raises; None waits for ever."""

    def write(self, text: str = "") -> None:
        """Write a line; sanitised by the caller."""
        self._write(f"{text}\n")

    def read_line(self, prompt: str) -> str:
        """Ask, and return what is typed up to the end of the line.

        Raises:
            InputEndedError: There is none.
            IdleError: Nobody typed one in time.
        """
        self._write(f"{prompt} ")
        return self._line().decode("utf-8", "replace").strip()

    def read_pasted(self, prompt: str) -> str:
        """As `read_line`, for what may be pasted: text that somebody else wrote.

        Raises:
            SeveralLinesError: At a terminal more came with it. All of it is dropped.
        """
        line = self.read_line(prompt)
        if self.forget_typed():
            raise SeveralLinesError
        return line

    def forget_typed(self) -> bool:
        """Drop what was typed or pasted before the next question stands there, once it has ended to come.

        Returns:
            Whether there was any, line ends and blanks aside. Never in a pipe: there nothing is dropped.
        """
        if not os.isatty(self._source):
            return False
        rest, self._buffer = self._buffer, b""
        return bool((rest + drain(self._source)).strip())

    def read_secret(self, prompt: str) -> bytes:
        """As `read_line`, but a terminal does not show what is typed; the bytes as they are."""
        self._write(f"{prompt} ")
        with unseen(self._source):
            typed = self._line()
        self._write("\n")
        return typed

    def _line(self) -> bytes:
        began = self._seconds()
        while b"\n" not in self._buffer:
            self._await(began)
            chunk = os.read(self._source, _CHUNK)
            if not chunk or len(self._buffer) > _MAX_LINE:
                raise InputEndedError
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.removesuffix(b"\r")

    def _await(self, began: float) -> None:
        while True:
            left = None if self.idle_seconds is None else self.idle_seconds - (self._seconds() - began)
            if left is not None and left <= 0:
                # What was typed half is not read after the lock.
                self._buffer = b""
                raise IdleError
            wait = None if left is None else min(left, _LOOK_SECONDS)
            if select.select([self._source], [], [], wait)[0]:
                return

    def _write(self, text: str) -> None:
        # A terminal of another encoding shows a question mark; nothing is left out.
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        self._out.write(text.encode(encoding, "replace").decode(encoding))
        self._out.flush()


def standard_streams() -> Streams:
    """Standard input and output."""
    return Streams(sys.stdin.fileno(), sys.stdout)
