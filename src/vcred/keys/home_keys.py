# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door to the keys of a home: where they lie, and what opens them if nobody says otherwise.

A home's keys are in `keys/`. They open by the key file `unlock.key` of the home, which
`vcred init` makes, unless the home was made for a passphrase: then there is none, and the
passphrase has to be given.
"""

from vcred.errors import StoreError
from vcred.home import Home
from vcred.keys.custody import KeyFile, Unlock
from vcred.keys.keyring import Keyring, create_key_file

KEYS_FOLDER = "keys"
KEY_FILE = "unlock.key"


def create_home_keyring(home: Home, unlock: Unlock | None = None) -> Keyring:
    """Make the keyring of a new home; without `unlock` with a key file of its own.

    Raises:
        StoreError: There is one already, or the system refuses.
    """
    chosen = create_key_file(home.path / KEY_FILE) if unlock is None else unlock
    return Keyring.open(home.path / KEYS_FOLDER, chosen)


def open_home_keyring(home: Home, unlock: Unlock | None = None) -> Keyring:
    """Open the keyring of a home.

    Args:
        home: An open home.
        unlock: A passphrase or key file; None means the home's own key file.

    Raises:
        StoreError: The secret is another one, or none is given and the home has no key file.
    """
    if unlock is None and not (home.path / KEY_FILE).exists():
        raise StoreError(
            "the keys of this home open by a passphrase",
            hint="give it with --passphrase-fd, or at the prompt",
        )
    return Keyring.open(home.path / KEYS_FOLDER, unlock or KeyFile(home.path / KEY_FILE))
