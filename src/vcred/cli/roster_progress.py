# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tells how far a roster is: a bar on a terminal, a line now and then in a pipe."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from vcred.cli.names import counted
from vcred.cli.output import say
from vcred.issuer.summary import Progress

if TYPE_CHECKING:
    import rich.progress

FIRST_TOLD_SECONDS: Final = 1.0
TOLD_EVERY_SECONDS: Final = 5.0


class ProgressTeller:
    """Tells of one command on stderr. Numbers only: nothing in it comes from a stranger.

    Args:
        seconds: A clock that only goes forward, for the rate and the time left.
    """

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._begun = seconds()
        self._next = self._begun + FIRST_TOLD_SECONDS
        self._is_checking = False
        self._bar: _Bar | None = _Bar() if sys.stderr.isatty() else None

    def tell(self, progress: Progress) -> None:
        """Show the state after a chunk."""
        now = self._seconds()
        if progress.checking != self._is_checking:
            # The second pass has a rate of its own.
            self._is_checking, self._begun = progress.checking, now
        words = progress_words(progress, elapsed=now - self._begun)
        if self._bar is not None:
            self._bar.show(words, progress.percent)
        elif now >= self._next:
            self._next = now + TOLD_EVERY_SECONDS
            say(words)

    def end(self) -> None:
        """Leave the bar, so that what follows has a line of its own."""
        if self._bar is not None:
            self._bar.end()


def progress_words(progress: Progress, *, elapsed: float) -> str:
    """Say how far a roster is, how fast it goes, and how long it will take.

    Args:
        elapsed: Seconds since the pass began.
    """
    part = "" if progress.percent is None else f" ({progress.percent}%)"
    if progress.checking:
        words = f"{counted(progress.rows, 'row')} checked{part}, {progress.refused} refused"
    else:
        words = (
            f"{counted(progress.rows, 'row')} read{part}, {progress.issued - progress.resumed} issued,"
            f" {progress.skipped} issued before, {progress.refused} refused"
        )
        if progress.resumed:
            words += f", {progress.resumed} delivered that a stopped run had signed"
    if elapsed <= 0:
        return words
    words += f"; {progress.rows / elapsed:.0f} rows/s"
    if progress.percent:
        left = timedelta(seconds=round(elapsed * (100 - progress.percent) / progress.percent))
        words += f", {left} left"
    return words


class _Bar:
    """The bar of a terminal. It is drawn when something is told, never by a thread of its own."""

    def __init__(self) -> None:
        self._shown: rich.progress.Progress | None = None

    def show(self, words: str, percent: int | None) -> None:
        """Draw it anew; without a percentage it says only that something goes on."""
        if self._shown is None:
            self._shown = _make_bar()
        total = None if percent is None else 100
        (task,) = self._shown.task_ids
        self._shown.update(task, description=words, total=total, completed=percent or 0)
        self._shown.refresh()

    def end(self) -> None:
        """Draw it for the last time."""
        if self._shown is not None:
            self._shown.stop()
            self._shown = None


def _make_bar() -> "rich.progress.Progress":
    # Here: it costs as much as a short command.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    words = TextColumn("{task.description}", markup=False)
    bar = Progress(BarColumn(bar_width=24), words, console=Console(file=sys.stderr), auto_refresh=False)
    bar.add_task("", total=100)
    bar.start()
    return bar
