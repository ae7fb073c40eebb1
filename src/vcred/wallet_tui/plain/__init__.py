# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet as a dialogue of lines: for a screen reader, a dumb terminal, a pipe."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vcred.clock import Clock
    from vcred.home import Home
    from vcred.keys.custody import Unlock
    from vcred.wallet_tui.plain.streams import Streams

__all__ = ["run"]


def run(
    home: "Home",
    *,
    clock: "Clock",
    language: str | None = None,
    unlock: "Unlock | None" = None,
    streams: "Streams | None" = None,
) -> int:
    """Talk until the holder quits, or the input ends.

    Args:
        home: Of a holder.
        clock: Gives now, timezone-aware.
        language: One of `vcred.text.languages.LANGUAGES`; None means that of the home.
        unlock: What opens it, where the command was given it; None takes the key file inside the
            home, and asks for a passphrase where there is none.
        streams: Where it talks; None is standard input and output.

    Returns:
        0 when the holder has quit, 4 where the wallet did not open and nobody could be asked again.
    """
    from vcred.files.system import keep_memory_private
    from vcred.wallet_tui.plain.session import Session
    from vcred.wallet_tui.plain.streams import standard_streams

    keep_memory_private()
    return Session(
        home, clock=clock, language=language, unlock=unlock, streams=streams or standard_streams()
    ).run()
