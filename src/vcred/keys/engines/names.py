# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How keys and secrets may be called: a name is a file name on every system."""

import re
from typing import Final

from vcred.errors import UsageError

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def check_name(name: str) -> str:
    """Return a name that is safe as a file name on every system.

    Raises:
        UsageError: Not 1 to 64 letters, digits, "-" and "_", the first a letter or digit.
    """
    if not NAME.fullmatch(name):
        raise UsageError("a key's name is 1 to 64 letters, digits, - and _, and starts with no sign")
    return name
