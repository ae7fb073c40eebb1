# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The screens of the terminal wallet. They draw and ask; what happens, the wallet does."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vcred.clock import Clock
    from vcred.home import Home
    from vcred.keys.custody import Unlock

__all__ = ["run"]


def run(home: "Home", *, clock: "Clock", language: str | None = None, unlock: "Unlock | None" = None) -> int:
    """Show the wallet's screens until the holder quits.

    Args:
        home: Of a holder.
        clock: Gives now, timezone-aware.
        language: One of `vcred.text.languages.LANGUAGES`; None means that of the home.
        unlock: What opens it, where the command was given it; None takes the key file inside the
            home, and asks for a passphrase where there is none.

    Returns:
        0 when the holder has quit.
    """
    # Here, because nothing else needs what draws screens.
    from vcred.wallet_tui.running import run_screens

    return run_screens(home, clock=clock, language=language, unlock=unlock)
