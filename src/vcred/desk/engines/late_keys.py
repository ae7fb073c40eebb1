# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The keyring of a verifier's home: none at first, for most gates never ask; made when it wants a DID."""

from vcred.home import Home, Role
from vcred.keys.custody import Unlock
from vcred.keys.home_keys import KEY_FILE, KEYS_FOLDER, create_home_keyring


def has_keys(home: Home) -> bool:
    """Say whether a home has a keyring, or the beginning of one; only a verifier's may have none."""
    if home.role is not Role.VERIFIER:
        return True
    return any((home.path / name).exists() for name in (KEY_FILE, KEYS_FOLDER))


def give_keys(home: Home, unlock: Unlock | None) -> None:
    """Give a verifier's home its keyring; one that it has stays as it is.

    Args:
        home: An open home.
        unlock: What shall open the keys; None makes a key file in the home.

    Raises:
        StoreError: The system refuses.
    """
    if not has_keys(home):
        create_home_keyring(home, unlock).close()
