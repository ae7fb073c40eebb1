# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Questions that a person answers with yes or no. No is the default, and all that is not yes."""

import sys

from vcred.cli.secret_input import can_ask
from vcred.errors import UsageError
from vcred.text.sanitise import sanitise
from vcred.text.words import Words

# All of it is shown: what is cut off would be agreed to unread.
_MAX_CHARACTERS = 4000


def agree(question: str, words: Words, *, hint: str) -> bool:
    """Ask, and say whether the answer is yes. What was typed before the question is no answer to it.

    Args:
        question: In the language; what is foreign in it need not be sanitised.
        hint: What to do where nobody is there to be asked.

    Raises:
        UsageError: Nobody is there.
    """
    if not can_ask():
        raise UsageError("a person has to agree to this, and nobody is there to be asked", hint=hint)
    yes = words.pgettext("answer", "yes")
    shown = words.gettext("%(question)s Type %(yes)s to agree:") % {"question": question, "yes": yes}
    drop_typed_ahead()
    sys.stderr.write(sanitise(shown, max_characters=_MAX_CHARACTERS) + " ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in (yes.casefold(), "yes")


def drop_typed_ahead() -> None:
    """Forget what was typed, or pasted, and not read yet: it was meant for something else (WAL-09)."""
    # Here, because it is not there on every system, and only a terminal needs it.
    import termios

    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
