# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a terminal does with keys, for a moment; afterwards it is as it was, also when a signal ends all."""

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final

# Longer than the pieces of a paste lie apart, also over a network; a person does not notice it.
_QUIET_SECONDS: Final = 0.3
_CHUNK: Final = 64 * 1024
_KEPT: Final = 64
_LOCAL_FLAGS: Final = 3
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def unseen(source: int) -> Iterator[None]:
    """Let a terminal not show what is typed, and forget what was typed before."""
    if not os.isatty(source):
        yield
        return
    # Here, because it is not there on every system, and only a terminal needs it.
    import termios

    with _changed(source, without=termios.ECHO):
        yield


def drain(source: int) -> bytes:
    """Read away what a terminal has, until nothing more comes.

    Returns:
        Its beginning: enough to know whether there was anything.
    """
    import termios

    found = b""
    # Not by lines: half a line, which its writer ends with the next, would stay.
    with _changed(source, without=termios.ECHO | termios.ICANON, is_kept=True):
        while select.select([source], [], [], _QUIET_SECONDS)[0]:
            chunk = os.read(source, _CHUNK)
            if not chunk:
                break
            found = (found + chunk.strip())[:_KEPT]
    return found


@contextmanager
def _changed(source: int, *, without: int, is_kept: bool = False) -> Iterator[None]:
    """Take local modes off a terminal; `is_kept` is what was typed before."""
    import termios

    before = termios.tcgetattr(source)
    other = [*before]
    other[_LOCAL_FLAGS] = before[_LOCAL_FLAGS] & ~without
    with _put_back_at_the_end(lambda: _put_back(source, before)):
        try:
            # What was typed before the question is no answer to it.
            termios.tcsetattr(source, termios.TCSADRAIN if is_kept else termios.TCSAFLUSH, other)
            yield
        finally:
            _put_back(source, before)


def _put_back(source: int, before: list[Any]) -> None:
    import termios

    # A terminal that is gone has nothing to be put back.
    with suppress(termios.error):
        termios.tcsetattr(source, termios.TCSAFLUSH, before)


@contextmanager
def _put_back_at_the_end(put_back: Callable[[], None]) -> Iterator[None]:
    """Put back what was changed before a signal ends the program, which it does as it would have."""
    # Only the main thread may; and what is ignored, as under `nohup`, stays ignored.
    is_main = threading.current_thread() is threading.main_thread()
    numbers = [one for one in _ENDING if is_main and signal.getsignal(one) is signal.SIG_DFL]

    def end(number: int, _frame: FrameType | None) -> None:
        put_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    try:
        for number in numbers:
            signal.signal(number, end)
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
