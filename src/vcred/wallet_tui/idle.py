# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How long nobody has touched a key or the mouse, also while the machine slept."""

import time
from collections.abc import Callable


def boot_seconds() -> float:
    """Seconds that nobody can set back; they go on while the machine sleeps, where the system says so."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class IdleWatch:
    """Remembers when something was last done."""

    def __init__(self, seconds: Callable[[], float] = boot_seconds) -> None:
        self._seconds = seconds
        self._last = seconds()

    def touch(self) -> None:
        """Something was done now."""
        self._last = self._seconds()

    def is_over(self, minutes: int) -> bool:
        """Whether nothing was done for so many minutes."""
        return self._seconds() - self._last >= minutes * 60
