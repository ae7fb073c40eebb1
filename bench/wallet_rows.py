# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The wallet's store, over Askar: opened after the passphrase is stretched, read, written, listed."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path

from bench.history import new_folder
from bench.network import NOW, world
from bench.row import Against, Row, Work
from vcred.formats.sd_jwt_vc.present import open_credential
from vcred.home import Role, open_home
from vcred.keys.algorithms import ES256
from vcred.keys.custody import KeyFile
from vcred.keys.home_keys import KEY_FILE, open_home_keyring
from vcred.keys.software import SoftwareSigner
from vcred.ledger.network_file import encode_network_file
from vcred.trust.bundle import encode_bundle
from vcred.trust.store import TrustStore
from vcred.wallet.engines.making import make_wallet_store
from vcred.wallet.engines.store import STORE_FILE, WalletStore, write_key
from vcred.wallet.engines.store import key_name as key_name_of
from vcred.wallet.kept import KeptCredential, fingerprint_of, keep
from vcred.wallet.wallet import Wallet

_SECRET = bytes(range(32))
_MANY = 10_000
_DRAW = ["match", "test"]


def _clock() -> datetime:
    return NOW


@cache
def _issued() -> tuple[SoftwareSigner, str]:
    """A holder's key and a health code that is bound to it."""
    each = world().fork()
    each.holder = SoftwareSigner.generate(ES256)
    return each.holder, each.issue(index=3)


def _kept(number: int) -> tuple[str, tuple[KeptCredential, str]]:
    """One of many: the same text under a name of its own."""
    text = _issued()[1]
    kept = keep(open_credential(text), name=f"health-code-{number}", received_at=number)
    return hashlib.sha256(str(number).encode()).hexdigest(), (kept, text)


def _store(folder: Path, size: int) -> WalletStore:
    holder = _issued()[0]
    make_wallet_store(
        folder / STORE_FILE,
        _SECRET,
        keys={key_name_of(holder.public_key.thumbprint()): write_key(holder)},
        credentials=dict(map(_kept, range(size))),
        history=(),
        uses={},
        settings={},
    )
    return WalletStore(folder / STORE_FILE, _SECRET)


def _open() -> Sequence[Work]:
    folder = new_folder()
    _store(folder, 10).close()

    def work() -> None:
        store = WalletStore(folder / STORE_FILE, _SECRET)
        store.inventory()
        store.close()

    return (work,)


def _fetch() -> Sequence[Work]:
    store, name = _store(new_folder(), 100), _kept(7)[0]
    return (lambda: store.text(name),)


def _insert() -> Sequence[Work]:
    store, numbers = _store(new_folder(), 10), count(1_000)
    _, (kept, text) = _kept(1_000)

    def work() -> None:
        store.add_credential(str(next(numbers)), kept, text, uses={})

    return (work,)


def _list() -> Sequence[Work]:
    store = _store(new_folder(), _MANY)
    return (store.credentials,)


@cache
def _home() -> Path:
    """A holder's home with a bundle and one credential."""
    path = new_folder() / "holder"
    network_file = encode_network_file(world().network_file())
    holder, text = _issued()
    with Wallet.create(path, network_file=network_file, clock=_clock):
        pass
    (path / STORE_FILE).unlink()
    home = open_home(path, Role.HOLDER)
    with TrustStore.open(home, clock=_clock) as trust:
        trust.import_bundle(encode_bundle(world().bundle()))
    with open_home_keyring(home, KeyFile(path / KEY_FILE)) as keyring:
        stored = open_credential(text)
        make_wallet_store(
            path / STORE_FILE,
            keyring.secret("wallet"),
            keys={key_name_of(holder.public_key.thumbprint()): write_key(holder)},
            credentials={fingerprint_of(stored): (keep(stored, name="health-code", received_at=0), text)},
            history=(),
            uses={},
            settings={},
        )
    return path


def _show() -> Sequence[Work]:
    wallet = Wallet.open(_home(), clock=_clock)
    return (lambda: wallet.show("health-code", _DRAW).code(now=NOW),)


ROWS = (
    Row(name="wallet: open, after key derivation", goal=15_000, prepare=_open, against=Against.MICROSECONDS),
    Row(name="wallet: fetch a credential", goal=500, prepare=_fetch, against=Against.MICROSECONDS),
    Row(name="wallet: insert a credential", goal=1_500, prepare=_insert, against=Against.MICROSECONDS),
    Row(name="wallet: list 10,000 credentials", goal=1_000_000, prepare=_list, against=Against.MICROSECONDS),
    Row(name="wallet: show, noted and signed", goal=100_000, prepare=_show, against=Against.MICROSECONDS),
)
