# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A long command that is told to stop: it leaves its work as a crash would, and says how to go on."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from vcred.cli.exits import INTERRUPTED, TERMINATED


class Terminated(KeyboardInterrupt):
    """SIGTERM, where Ctrl-C would be a KeyboardInterrupt."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM end the `with` block as Ctrl-C does; without this it would end the process unheard."""
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread hears signals; whoever runs the command elsewhere stops it otherwise.
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def stop_code(stop: KeyboardInterrupt) -> int:
    """Return the exit code of a command that was stopped."""
    return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
