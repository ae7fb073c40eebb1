# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What opens a wallet: whether somebody has to be asked, and whether an answer is the right one."""

from vcred.home import Home
from vcred.keys.custody import KeyringUnlock
from vcred.keys.home_keys import has_own_key_file, open_home_keyring


def opens_by_itself(home: Home) -> bool:
    """Whether the home has a key file of its own; else a passphrase opens it, or a file kept elsewhere."""
    return has_own_key_file(home)


def check_unlock(home: Home, unlock: KeyringUnlock) -> None:
    """See that a secret opens a home, also while a wallet has it open. Takes as long as opening does.

    Raises:
        WrongSecretError: It does not.
        StoreError: The home opens by a secret of another kind, or is damaged.
    """
    open_home_keyring(home, unlock).close()
