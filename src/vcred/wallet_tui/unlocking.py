# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the screen that unlocks decides by itself: how long to wait, and which sentence to say.

Wrong and damaged have one sentence: which of them it is, nobody can tell without the secret
(threats: WAL-02).
"""

from typing import Final

from vcred.errors import LockedError, VcredError, WrongSecretError
from vcred.text.words import Words
from vcred.wallet_tui.error_words import describe_error

_FIRST_SECONDS: Final = 0.5
_MAX_SECONDS: Final = 8.0


def delay_after(failures: int) -> float:
    """Seconds until the next attempt: twice as many after each failure, and never more than 8.

    Args:
        failures: 1 or more, since the screen is there.
    """
    return float(min(_FIRST_SECONDS * 2 ** min(failures - 1, 10), _MAX_SECONDS))


def say_failure(error: VcredError, words: Words) -> str:
    """Say why the wallet did not open."""
    if isinstance(error, WrongSecretError):
        return words.gettext("This passphrase does not open the wallet.")
    if isinstance(error, LockedError):
        return words.gettext("Another program has this wallet open. Close it there first.")
    text = describe_error(error, words)
    return "\n".join(part for part in (text.sentence, text.hint, text.detail) if part)
