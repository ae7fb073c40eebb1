# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What may be a passphrase, and what of it is stretched: the same characters are the same passphrase.

* 1 to 1024 bytes, as typed; more is refused before any work (threats: WAL-02).
* What is UTF-8 is stretched in normalisation form C: "é" is one character on one keyboard and two on
  another. Bytes that are no UTF-8 are no text, and are taken as they are.
* A passphrase that is newly chosen has 8 characters or more. Nothing else is asked of it: rules on
  digits and signs make passphrases that people write down. One that exists stays as it is.
"""

import unicodedata
from typing import Final

from vcred.errors import UsageError
from vcred.keys.custody import Passphrase
from vcred.limits import MAX_PASSPHRASE_BYTES

MIN_NEW_CHARACTERS: Final = 8


def read_passphrase(typed: bytes) -> Passphrase:
    """Take what a person typed, or a descriptor gave, as a passphrase that exists.

    Args:
        typed: Without the end of the line.

    Raises:
        UsageError: Empty, or more than 1024 bytes. The message says nothing of what was typed.
    """
    if not 0 < len(typed) <= MAX_PASSPHRASE_BYTES:
        raise UsageError(f"a passphrase has 1 to {MAX_PASSPHRASE_BYTES} bytes")
    return Passphrase(typed)


def read_new_passphrase(typed: bytes) -> Passphrase:
    """Take what a person typed, or a descriptor gave, as a passphrase that shall lock something.

    Raises:
        UsageError: Empty, more than 1024 bytes, or fewer than 8 characters.

    Spec: NIST SP 800-63B-4 section 3.1.1.2.
    """
    chosen = read_passphrase(typed)
    if _characters(normalised(chosen)) < MIN_NEW_CHARACTERS:
        raise UsageError(
            f"a new passphrase has at least {MIN_NEW_CHARACTERS} characters",
            hint="several words that only you would put together are long and easy to keep in mind",
        )
    return chosen


def normalised(passphrase: Passphrase) -> bytes:
    """Return what is stretched: the passphrase in form C, so that every way of typing it is the same."""
    try:
        return unicodedata.normalize("NFC", passphrase.secret.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        return passphrase.secret


def _characters(secret: bytes) -> int:
    try:
        return len(secret.decode("utf-8"))
    except UnicodeDecodeError:
        return len(secret)
