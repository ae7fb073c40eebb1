# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tells how far a roster is: a bar on a terminal, a line now and then in a pipe.

Beside the bar there is as much as fits; the percentage, the rate and the time left go last.
"""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from vcred.cli.names import counted
from vcred.cli.output import say
from vcred.issuer.summary import Progress

if TYPE_CHECKING:
    import rich.progress

FIRST_TOLD_SECONDS: Final = 1.0
TOLD_EVERY_SECONDS: Final = 5.0

BAR_COLUMNS: Final = 24
LEAST_BAR_COLUMNS: Final = 10


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
        elapsed = now - self._begun
        if self._bar is not None:
            self._bar.show(progress, elapsed=elapsed)
        elif now >= self._next:
            self._next = now + TOLD_EVERY_SECONDS
            say(progress_words(progress, elapsed=elapsed))

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
    pace = _pace(progress, elapsed)
    return f"{words}; {pace}" if pace else words


def words_beside_bar(progress: Progress, *, elapsed: float, columns: int) -> str:
    """Say as much of it as leaves room for a bar.

    Args:
        elapsed: Seconds since the pass began.
        columns: Of the terminal.
    """
    # One column lies between the bar and the words.
    room = columns - 1 - LEAST_BAR_COLUMNS
    choices = [progress_words(progress, elapsed=elapsed), *_short_words(progress, elapsed)]
    return next((words for words in choices if len(words) <= room), choices[-1][: max(room, 0)])


def _short_words(progress: Progress, elapsed: float) -> Iterator[str]:
    """Yield what is said where there is less room, each time less of it."""
    pace = _pace(progress, elapsed)
    if progress.percent is not None:
        pace = f"{progress.percent}%, {pace}" if pace else f"{progress.percent}%"
    rows, refused = counted(progress.rows, "row"), f"{progress.refused} refused"
    issued = f"{progress.issued - progress.resumed} issued"
    for counts in (
        (f"{rows} checked, {refused}", f"{rows} checked")
        if progress.checking
        else (f"{rows}, {issued}, {refused}", f"{issued}, {refused}", rows)
    ):
        yield f"{pace}; {counts}" if pace else counts
    yield pace or rows


def _pace(progress: Progress, elapsed: float) -> str:
    """Say how fast it goes and how long it will take, as far as that is known."""
    if elapsed <= 0:
        return ""
    pace = f"{progress.rows / elapsed:.0f} rows/s"
    if progress.percent:
        left = timedelta(seconds=round(elapsed * (100 - progress.percent) / progress.percent))
        pace += f", {left} left"
    return pace


class _Bar:
    """The bar of a terminal. It is drawn when something is told, never by a thread of its own."""

    def __init__(self) -> None:
        self._shown: tuple[rich.progress.Progress, rich.progress.BarColumn] | None = None

    def show(self, progress: Progress, *, elapsed: float) -> None:
        """Draw it anew; without a percentage it says only that something goes on."""
        if self._shown is None:
            self._shown = _make_bar()
        shown, bar = self._shown
        # Asked each time: a window may be drawn smaller.
        columns = shown.console.width
        words = words_beside_bar(progress, elapsed=elapsed, columns=columns)
        bar.bar_width = max(1, min(BAR_COLUMNS, columns - 1 - len(words)))
        total = None if progress.percent is None else 100
        (task,) = shown.task_ids
        shown.update(task, description=words, total=total, completed=progress.percent or 0)
        shown.refresh()

    def end(self) -> None:
        """Draw it for the last time."""
        if self._shown is not None:
            self._shown[0].stop()
            self._shown = None


def _make_bar() -> "tuple[rich.progress.Progress, rich.progress.BarColumn]":
    # Here: it costs as much as a short command.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    bar, words = BarColumn(bar_width=BAR_COLUMNS), TextColumn("{task.description}", markup=False)
    shown = Progress(bar, words, console=Console(file=sys.stderr), auto_refresh=False)
    shown.add_task("", total=100)
    shown.start()
    return shown, bar
