# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The store on disk: a damaged one says so, or holds what it held. WAL-03, WAL-10, WAL-21."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.wallet_life import OLD, Holder, copy_home, make_holder, now, open_wallet
from tests.leaks import Canaries
from vcred.errors import StoreError
from vcred.keys.custody import KeyFile
from vcred.keys.keyring import create_key_file
from vcred.wallet.engines import askar
from vcred.wallet.engines.askar import AskarFile, Change, make_askar_file
from vcred.wallet.engines.opening import MARK_FILE
from vcred.wallet.engines.store import STORE_FILE, WalletStore
from vcred.wallet.wallet import Wallet

SECRET = bytes(range(32))
STEP = 256


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    """A home with credentials, keys and one line of history."""
    made = make_holder(tmp_path_factory.mktemp("holder"))
    with open_wallet(made.home) as wallet:
        for text in (made.single, *made.copies):
            wallet.credentials.receive(text)
        wallet.show("health-code", ["match"]).code(now=now())
    return made


@pytest.fixture(scope="module")
def secret(stocked: Holder) -> bytes:
    with open_wallet(stocked.home) as wallet:
        return wallet._keyring.secret("wallet")


def everything(path: Path, secret: bytes) -> tuple[object, ...]:
    """All that a store says, each entry by the way that asks for it."""
    store = WalletStore(path, secret)
    try:
        kept = store.credentials()
        return (
            kept,
            {name: store.text(name) for name in kept},
            [store.is_held(name) for name in kept],
            store.history(),
            store.keys(),
            store.settings(),
        )
    finally:
        store.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_region_that_is_flipped_gives_other_data(
    stocked: Holder, secret: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each region of the file, the header, the profile's key, tags, bodies, indexes and free space."""
    # Of some damage Askar never tells.
    monkeypatch.setattr(askar, "ANSWER_SECONDS", 1.0)
    good = everything(stocked.home / STORE_FILE, secret)
    content = (stocked.home / STORE_FILE).read_bytes()
    found = {"whole": 0, "refused": 0}
    for place in range(0, len(content), STEP):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        damaged[min(place + STEP // 2, len(content) - 1)] ^= 0x01
        path = tmp_path / f"{place}.sqlite"
        path.write_bytes(damaged)
        try:
            assert everything(path, secret) == good, place
            found["whole"] += 1
        except StoreError as error:
            assert error.hint is not None, place
            found["refused"] += 1
        for left in tmp_path.glob(f"{path.name}*"):
            # What is lost in the binding may still be closing its files.
            left.unlink(missing_ok=True)
    assert found["whole"] and found["refused"], found


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_store_that_is_cut(stocked: Holder, secret: bytes, tmp_path: Path, share: float) -> None:
    content = (stocked.home / STORE_FILE).read_bytes()
    path = tmp_path / STORE_FILE
    path.write_bytes(content)
    assert everything(path, secret)
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(StoreError):
        everything(path, secret)


@pytest.mark.parametrize("kind", [1, 2], ids=["keys", "entries"])
def test_an_entry_that_is_gone_is_missed(stocked: Holder, secret: bytes, tmp_path: Path, kind: int) -> None:
    """A page that swallows an entry must not make it one that never was."""
    path = tmp_path / STORE_FILE
    rows = _rows(stocked.home / STORE_FILE, kind)
    assert rows
    for row in rows:
        shutil.copy(stocked.home / STORE_FILE, path)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA foreign_keys=ON")
            database.execute("DELETE FROM items WHERE id = ?", (row,))
        with pytest.raises(StoreError, match="damaged"):
            everything(path, secret)


def _rows(path: Path, kind: int) -> list[int]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return [row for (row,) in database.execute("SELECT id FROM items WHERE kind = ?", (kind,))]


def test_another_secret_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / STORE_FILE
    make_askar_file(path, SECRET, content=[Change("kept", "a", b"1")])
    file = AskarFile(path, SECRET)
    assert file.fetch("kept", "a") == b"1"
    file.close()
    with pytest.raises(StoreError, match="damaged, or of another wallet"):
        AskarFile(path, SECRET[::-1])


def test_all_changes_are_made_or_none(tmp_path: Path) -> None:
    path = tmp_path / STORE_FILE
    make_askar_file(path, SECRET, content=[Change("kept", "a", b"1")])
    file = AskarFile(path, SECRET)
    with pytest.raises(StoreError):
        file.write([Change("kept", "b", b"2"), Change("kept", "a", b"3")])
    assert file.fetch_all("kept") == {"a": b"1"}
    # What a disk has of a write that failed nobody knows: nothing more is written.
    with pytest.raises(StoreError, match="could not be written before"):
        file.write([Change("kept", "c", b"4")])
    file.close()
    again = AskarFile(path, SECRET)
    again.write([Change("kept", "c", b"4"), Change("kept", "a", None)])
    assert again.fetch_all("kept") == {"c": b"4"}
    again.close()
    with pytest.raises(StoreError, match="locked"):
        again.fetch_all("kept")


def test_a_store_is_not_made_over_another(tmp_path: Path) -> None:
    path = tmp_path / STORE_FILE
    for left in (path.with_name(f".{path.name}.new"), path.with_name(f".{path.name}.new-wal")):
        left.write_bytes(b"what a making that was killed has left")
    make_askar_file(path, SECRET, content=[])
    before = path.read_bytes()
    with pytest.raises(StoreError, match="exists already"):
        make_askar_file(path, SECRET, content=[])
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [STORE_FILE]


# WAL-10.


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("no_umask")
def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    made = make_holder(tmp_path)
    with open_wallet(made.home) as wallet:
        wallet.credentials.receive(made.single)
        wallet.show("health-code", ["match"]).code(now=now())
        # While it is open, too: SQLite keeps files of its own beside it.
        files = {path.name: path.stat().st_mode for path in made.home.rglob("*") if path.is_file()}
    assert {STORE_FILE, f"{STORE_FILE}-wal", MARK_FILE} <= files.keys()
    assert {stat.S_IMODE(mode) for mode in files.values()} == {0o600}
    assert stat.S_IMODE(made.home.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", [STORE_FILE, f"{STORE_FILE}-wal", f"{STORE_FILE}-journal"])
def test_a_symbolic_link_is_not_followed(stocked: Holder, tmp_path: Path, name: str) -> None:
    home = copy_home(stocked.home, tmp_path / "home")
    open_wallet(home).close()
    target = tmp_path / "elsewhere"
    if (home / name).exists():
        (home / name).rename(target)
    else:
        target.write_bytes(b"")
    (home / name).symlink_to(target)
    before = target.read_bytes()
    with pytest.raises(StoreError, match="symbolic link"):
        open_wallet(home)
    assert target.read_bytes() == before


def test_a_store_that_is_gone_is_not_made_anew(stocked: Holder, tmp_path: Path) -> None:
    """An empty one would look as if nothing had ever been there."""
    home = copy_home(stocked.home, tmp_path / "home")
    (home / STORE_FILE).unlink()
    with pytest.raises(StoreError, match="is gone") as told:
        open_wallet(home)
    assert "vcred wallet restore" in (told.value.hint or "")
    assert not (home / STORE_FILE).exists()


def test_no_claim_and_no_text_is_in_the_file(stocked: Holder, tmp_path: Path) -> None:
    """Canaries: claims, a credential's text, a key, what was revealed, the passphrase."""
    home = copy_home(stocked.home, tmp_path / "home")
    with open_wallet(home) as wallet:
        keys = [jwk.decode()[20:60] for jwk in wallet._store.keys().values()]
        texts = [wallet._store.text(name)[100:160] for name in wallet._store.credentials()]
        canaries = Canaries(["陳大文", "5631268(1)", *keys, *texts, OLD.secret.decode()])
        assert canaries.files_with(home) == set()
    assert canaries.files_with(home) == set()
    (home / "control").write_text(texts[0])
    assert canaries.files_with(home) == {"control"}


def test_a_key_file_and_back(stocked: Holder, secret: bytes, tmp_path: Path) -> None:
    """What opened it before opens it no more; the key of the store stays."""
    home = copy_home(stocked.home, tmp_path / "home")
    before_all = everything(home / STORE_FILE, secret)
    key = create_key_file(tmp_path / "stick.key")
    for before, after in ((OLD, key), (key, OLD)):
        with Wallet.open(home, unlock=before, clock=now) as wallet:
            wallet.change_unlock(after)
        with pytest.raises(StoreError):
            Wallet.open(home, unlock=before, clock=now)
        Wallet.open(home, unlock=after, clock=now).close()
    assert everything(home / STORE_FILE, secret) == before_all
    with pytest.raises(StoreError):
        Wallet.open(home, unlock=KeyFile(key.path), clock=now)


def test_a_home_without_what_opens_it_is_not_opened(stocked: Holder, tmp_path: Path) -> None:
    """WAL-21: never to plain text."""
    home = copy_home(stocked.home, tmp_path / "home")
    with pytest.raises(StoreError, match="passphrase"):
        Wallet.open(home, clock=now)
    shutil.rmtree(home / "keys")
    with pytest.raises(StoreError):
        Wallet.open(home, unlock=OLD, clock=now)
