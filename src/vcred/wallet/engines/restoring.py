# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A wallet's backup: everything read out of an open store, and a new home made of it, in one step.

The new home is made beside its place, whole, and then gets its name. A restore that is killed leaves
no home, and can be done again.
"""

import shutil
from pathlib import Path

from vcred.errors import StoreError
from vcred.files import read_capped
from vcred.files.mark import write_mark
from vcred.files.system import make_durable, translated
from vcred.home import Home, Role, Settings, create_home
from vcred.keys.custody import Unlock
from vcred.keys.home_keys import create_home_keyring
from vcred.limits import MAX_NETWORK_FILE_BYTES
from vcred.wallet.backup import WalletBackup, as_restored
from vcred.wallet.engines.making import make_wallet_store
from vcred.wallet.engines.opening import MARK_FILE, store_secret
from vcred.wallet.engines.store import STORE_FILE, WalletStore, key_name, read_key


def read_all(home: Home, store: WalletStore, *, made_at: int) -> WalletBackup:
    """Read all that a wallet keeps.

    Raises:
        StoreError: The store is damaged, or the system refuses.
    """
    network = home.settings.network
    kept = store.credentials()
    return WalletBackup(
        made_at=made_at,
        progress=store.inventory().progress,
        language=home.settings.language,
        network_file=None if network is None else read_capped(network, max_bytes=MAX_NETWORK_FILE_BYTES),
        settings=store.settings(),
        keys=tuple(store.keys().values()),
        credentials={name: (one, store.text(name)) for name, one in kept.items()},
        history=store.history(),
        uses=store.uses(),
    )


def make_restored_home(path: Path, backup: WalletBackup, *, unlock: Unlock | None) -> None:
    """Make a holder's home of a backup.

    Args:
        path: Where there is none; an empty folder is taken.
        backup: As it was opened.
        unlock: What will open the new wallet; None makes a key file inside the home.

    Raises:
        StoreError: Something is there already, or the system refuses.
    """
    place = path.absolute()
    # WAL-14. What is newer than the backup is never replaced by it.
    if place.is_symlink() or (place.exists() and (not place.is_dir() or any(place.iterdir()))):
        raise StoreError(
            f"{path} is there already", hint="restore into a new folder, --home DIR; then move the old away"
        )
    unfinished = place.with_name(f".{place.name}.restoring")
    with translated("make", unfinished):
        if unfinished.is_dir() and not unfinished.is_symlink():
            # Of a restore that was killed.
            shutil.rmtree(unfinished)
        place.parent.mkdir(parents=True, exist_ok=True)
    _fill(unfinished, as_restored(backup), unlock)
    with translated("make", place):
        unfinished.replace(place)
        make_durable(place.parent)


def _fill(path: Path, backup: WalletBackup, unlock: Unlock | None) -> None:
    home = create_home(
        path, Role.HOLDER, Settings(language=backup.language), network_file=backup.network_file
    )
    with create_home_keyring(home, unlock) as keyring:
        signers = [read_key(jwk) for jwk in backup.keys]
        inventory = make_wallet_store(
            path / STORE_FILE,
            store_secret(keyring),
            keys={
                key_name(signer.public_key.thumbprint()): jwk
                for signer, jwk in zip(signers, backup.keys, strict=True)
            },
            credentials=backup.credentials,
            history=backup.history,
            uses=backup.uses,
            settings=backup.settings,
            progress=backup.progress,
        )
    write_mark(path / MARK_FILE, inventory.progress)
