# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Start the screens, and leave the terminal as it was whatever ends them."""

import asyncio
import gc
import os
import signal
from typing import TYPE_CHECKING, Final

from vcred.files.system import keep_memory_private

if TYPE_CHECKING:
    from vcred.clock import Clock
    from vcred.home import Home
    from vcred.keys.custody import Unlock
    from vcred.wallet_tui.app import WalletApp

_OBJECTS: Final = 100_000

# By these Textual would log what is drawn, send it to a console, take pictures of it, press keys,
# or load a driver from elsewhere: all of it with claims on the screen.
_UNWANTED: Final = (
    "TEXTUAL",
    "TEXTUAL_DEBUG",
    "TEXTUAL_DRIVER",
    "TEXTUAL_LOG",
    "TEXTUAL_PRESS",
    "TEXTUAL_SCREENSHOT",
    "TEXTUAL_SCREENSHOT_FILENAME",
    "TEXTUAL_SCREENSHOT_LOCATION",
    "TEXTUAL_SHOW_RETURN",
    "TEXTUAL_THEME",
)


def run_screens(home: "Home", *, clock: "Clock", language: str | None, unlock: "Unlock | None") -> int:
    """As `vcred.wallet_tui.run`.

    Raises:
        BaseException: What the program itself did wrong, after the terminal is as it was.
    """
    keep_memory_private()
    forget_wishes()
    # After that: Textual reads the environment as it is imported.
    from vcred.wallet_tui.app import WalletApp

    _collect_less_often()
    app = WalletApp(home, clock=clock, language=language, unlock=unlock)
    try:
        asyncio.run(_run(app))
    finally:
        app.close_wallet()
    if app.failure is not None:
        raise app.failure
    return app.return_value or 0


def forget_wishes() -> None:
    """Take out of the environment what would make Textual write claims somewhere."""
    for name in _UNWANTED:
        os.environ.pop(name, None)


def _collect_less_often() -> None:
    """Keep the collector from looking through everything between a key and what it draws.

    Each screen that is drawn makes tens of thousands of small objects; with Python's own thresholds a
    full collection, of 50 ms and more, falls into every showing of a code.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS, 20, 20)


async def _run(app: "WalletApp") -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, app.end, 128 + number)
    await app.run_async(inline=False)
