# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door to the keys of a home: where they lie, and what opens them if nobody says otherwise.

A home's keys are in `keys/`. They open by the key file `unlock.key` of the home, which
`vcred init` makes, unless the home was made for a passphrase: then there is none, and the
passphrase has to be given.

They are made once. Where there is a wallet that they open, new ones would open nothing: what is missing
is refused, and told, before anything is written.
"""

from pathlib import Path
from typing import Final

from vcred.errors import StoreError
from vcred.files.system import translated
from vcred.home import Home, Role
from vcred.keys.custody import KeyFile, KeyringUnlock, PinSource, Unlock, WithPin
from vcred.keys.engines.files import asks_for_passphrase, has_folder_key
from vcred.keys.engines.files import has_token_keys as folder_has_token_keys
from vcred.keys.engines.secret_files import has_secret
from vcred.keys.keyring import Keyring, create_key_file

KEYS_FOLDER = "keys"
KEY_FILE = "unlock.key"
# What tells that a home had its keys: the store of a wallet, and the mark beside it.
OPENED_BY_KEYS: Final = ("wallet.sqlite", "wallet.mark")


def create_home_keyring(home: Home, unlock: Unlock | None = None) -> Keyring:
    """Make the keyring of a new home; without `unlock` with a key file of its own.

    Raises:
        StoreError: There is one already, the keys of a wallet are gone, or the system refuses.
    """
    _refuse_anew(home)
    inner, _ = _split(unlock)
    chosen = create_key_file(home.path / KEY_FILE) if inner is None else inner
    return Keyring.open(home.path / KEYS_FOLDER, chosen)


def open_home_keyring(home: Home, unlock: Unlock | None = None) -> Keyring:
    """Open the keyring of a home, for use: no key in it has two roles.

    Args:
        home: An open home.
        unlock: A passphrase or key file, with the PIN of the token that holds keys if there is one;
            None means the home's own key file.

    Raises:
        StoreError: The secret is another one, none is given and the home has no key file, or the keys of
            a wallet are gone.
        KeyRoleError: A key stands in two roles.
    """
    _refuse_anew(home)
    inner, pin = _split(unlock)
    if inner is None and not has_own_key_file(home):
        raise StoreError(
            "the keys of this home open by a passphrase",
            hint="give it with --passphrase-fd, or at the prompt",
        )
    keyring = Keyring.open(home.path / KEYS_FOLDER, inner or KeyFile(home.path / KEY_FILE), pin=pin)
    # A wallet has one role and, with one-time copies, very many keys: they are checked as they are added.
    if home.role is not Role.HOLDER:
        keyring.check_roles()
    return keyring


def has_own_key_file(home: Home) -> bool:
    """Whether the home opens by a key file of its own, so that nobody need be asked.

    One that an interrupted change to a passphrase has left lies there, and opens nothing.

    Raises:
        StoreError: What seals the keys is damaged.
    """
    return (home.path / KEY_FILE).exists() and not asks_for_passphrase(home.path / KEYS_FOLDER)


def has_home_secret(home: Home, name: str) -> bool:
    """Whether `Keyring.secret` of a home was ever asked for a name; needs no secret to open it."""
    return has_secret(home.path / KEYS_FOLDER, name)


def has_token_keys(home: Home) -> bool:
    """Whether a key of the home is in a token; needs no secret.

    Raises:
        StoreError: A file cannot be read.
    """
    return folder_has_token_keys(home.path / KEYS_FOLDER)


def _split(unlock: Unlock | None) -> tuple[KeyringUnlock | None, PinSource | None]:
    return (unlock.keyring, unlock.pin) if isinstance(unlock, WithPin) else (unlock, None)


def change_home_unlock(home: Home, keyring: Keyring, unlock: KeyringUnlock) -> None:
    """Let another secret open the keys of a home from now on.

    The change itself is one atomic step. A key file of the home's own that opens nothing any more is
    removed behind it; after an interruption it may still be there, and opens nothing.

    Raises:
        StoreError: It cannot be written; then the old secret still opens the keys. Or what was written
            does not open by the new one; then no key file is removed.
    """
    keyring.change_unlock(unlock)
    own = home.path / KEY_FILE
    if not own.exists() or _is_file(unlock, own):
        return
    # Removed for good: first it is seen, by what is on the disk, that the new secret does without it.
    Keyring.open(home.path / KEYS_FOLDER, unlock).close()
    with translated("remove", own):
        own.unlink(missing_ok=True)


def _is_file(unlock: KeyringUnlock, own: Path) -> bool:
    """Whether it is this very file, however its path is spelled and through whatever links."""
    if not isinstance(unlock, KeyFile):
        return False
    with translated("read", unlock.path):
        return unlock.path.samefile(own)


def _refuse_anew(home: Home) -> None:
    folder = home.path / KEYS_FOLDER
    if has_folder_key(folder):
        return
    for name in OPENED_BY_KEYS:
        if (home.path / name).exists():
            raise StoreError(
                f"the keys in {folder} are gone, and {home.path / name} does not open without them",
                hint='put them back, or restore the wallet: "vcred wallet restore FILE --home NEW"',
            )
