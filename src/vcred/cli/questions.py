# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Questions that a person answers with yes or no. No is the default, and all that is not yes."""

import sys

from vcred.cli.secret_input import can_ask
from vcred.errors import UsageError
from vcred.text.sanitise import sanitise
from vcred.text.words import Words

_MAX_CHARACTERS = 400


def agree(question: str, words: Words, *, hint: str) -> bool:
    """Ask, and say whether the answer is yes.

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
    sys.stderr.write(sanitise(shown, max_characters=_MAX_CHARACTERS) + " ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in (yes.casefold(), "yes")
