# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Open the store of a home: make it where there is none, take over an older home, notice a copy.

Beside the store lies a mark (`vcred.files.mark`): which file it is itself, and how far the store had
come. A wallet that was copied, or whose store was put back, may have used any of its keys in its other
life, also for credentials that come only later. They are *uncertain* from then on: one-time copies that
are bound to them are never shown (threats: WAL-15, INV-9).

A home of an older vcred keeps its keys in the keyring, and its history in a file. They move into the
store in one step; what is left of them afterwards is removed, also after an interruption.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vcred.errors import StoreError
from vcred.files import tighten_modes
from vcred.files.mark import Mark, read_mark, write_mark
from vcred.files.system import translated
from vcred.home import Home
from vcred.keys.home_keys import KEYS_FOLDER, has_home_secret
from vcred.keys.keyring import Keyring, KeyRole
from vcred.keys.software import SoftwareSigner
from vcred.wallet.engines.history import read_records, remove_records
from vcred.wallet.engines.making import make_wallet_store
from vcred.wallet.engines.store import STORE_FILE, WalletStore, key_name, write_key
from vcred.wallet.key_use import KeyUse, doubt

MARK_FILE: Final = "wallet.mark"
OLD_HISTORY: Final = "history.jsonl"
_SECRET: Final = "wallet"
_MAX_PROGRESS: Final = 2**48
_GONE_HINT: Final = 'restore the wallet from its backup: "vcred wallet restore FILE --home NEW"'


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStore:
    """An open store, where its mark lies, and whether it was found to be a copy just now."""

    store: WalletStore
    mark: Path
    was_copied: bool


def open_store(home: Home, keyring: Keyring) -> OpenedStore:
    """Open the store of a home. The caller holds the home's lock.

    Raises:
        StoreError: It is gone, damaged, what opens it is gone, or the system refuses.
    """
    path, mark = home.path / STORE_FILE, home.path / MARK_FILE
    _close_to_others(home.path)
    if not path.exists() and not path.is_symlink():
        _make(home, keyring, path, mark)
    elif not has_home_secret(home, _SECRET):
        # A new secret would open nothing, and lie in the place of the one that is to be put back.
        raise StoreError(f"what opens {path} is gone from {home.path / KEYS_FOLDER}", hint=_GONE_HINT)
    store = WalletStore(path, keyring.secret(_SECRET))
    try:
        _remove_old(home, keyring, store)
        return OpenedStore(store=store, mark=mark, was_copied=_notice_copy(store, mark))
    except BaseException:
        store.close()
        raise


def store_secret(keyring: Keyring) -> bytes:
    """What opens the store: 32 bytes, sealed with the keys of the home."""
    return keyring.secret(_SECRET)


def _close_to_others(home: Path) -> None:
    """Mend what a copy or a careless `chmod` has left open; what lay there open was sealed."""
    tighten_modes(home, STORE_FILE, MARK_FILE, OLD_HISTORY)
    keys = home / KEYS_FOLDER
    with translated("read", keys):
        sealed = [path.name for path in keys.glob("*.jwe")]
    tighten_modes(keys, *sealed)


def _make(home: Home, keyring: Keyring, path: Path, mark: Path) -> None:
    if mark.exists():
        # Never a new, empty one in its place: that would look as if nothing had ever been there.
        raise StoreError(f"{path} is gone", hint=_GONE_HINT)
    keys = {signer.public_key.thumbprint(): write_key(signer) for signer in _old_keys(keyring)}
    history = read_records(home.path / OLD_HISTORY)
    inventory = make_wallet_store(
        path,
        keyring.secret(_SECRET),
        keys={key_name(thumbprint): jwk for thumbprint, jwk in keys.items()},
        credentials={},
        history=history,
        # Which of its keys an older vcred has shown, its history does not say.
        uses=dict.fromkeys(keys, KeyUse(is_uncertain=True)) if history else {},
        settings={},
    )
    write_mark(mark, inventory.progress)


def _old_keys(keyring: Keyring) -> list[SoftwareSigner]:
    names = [name for name in keyring.names() if keyring.role(name) is KeyRole.HOLDER]
    return [signer for name in names if isinstance(signer := keyring.signer(name), SoftwareSigner)]


def _remove_old(home: Home, keyring: Keyring, store: WalletStore) -> None:
    """Remove what the store has taken over; of each key it is seen first that it is there."""
    for name in keyring.names():
        if store.signer(name.removeprefix("holder-")) is not None:
            keyring.remove(name)
    remove_records(home.path / OLD_HISTORY)


def _notice_copy(store: WalletStore, mark: Path) -> bool:
    found, inventory = read_mark(mark), store.inventory()
    if found is not None and found.is_original and found.size <= inventory.progress:
        return False
    uses = store.uses()
    doubtful = doubt(uses, [name.removeprefix(key_name("")) for name in sorted(store.keys())])
    # Further than either life of the wallet has come, as far as is known here.
    progress = max(inventory.progress, _told_by(found)) + 1
    store.note_progress(progress, doubtful)
    write_mark(mark, progress)
    return any(use.one_time and not uses[key].is_spent for key, use in doubtful.items() if key in uses)


def _told_by(mark: Mark | None) -> int:
    """How far the store had come by its mark; 0 if the mark cannot be read, or says what no store reaches."""
    return 0 if mark is None or mark.size > _MAX_PROGRESS else mark.size
