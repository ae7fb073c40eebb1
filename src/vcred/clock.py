# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The one place where the time is read. Doors take a `Clock`; rules take `now`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
Sleep = Callable[[float], None]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def sleeper_of(clock: Clock) -> Sleep:
    """Return what waits by a clock, given seconds: its own `sleep`, if it has one, else the system's.

    A clock that stands unless it is told to move waits by moving.
    """
    sleep: Sleep = getattr(clock, "sleep", time.sleep)
    return sleep
