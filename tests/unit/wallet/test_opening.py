# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A home is opened with what it has: nothing that is missing is made anew, nothing is left open. WAL-21."""

import stat
from pathlib import Path

import pytest

from tests.faults.wallet_life import OLD, copy_home, make_holder, now, open_wallet
from vcred.errors import StoreError
from vcred.home import NETWORK_FILE
from vcred.keys.home_keys import KEYS_FOLDER, OPENED_BY_KEYS
from vcred.wallet.engines.opening import MARK_FILE
from vcred.wallet.engines.store import STORE_FILE
from vcred.wallet.wallet import Wallet

OPENS_FOLDER, OPENS_STORE = f"{KEYS_FOLDER}/unlock.jwe", f"{KEYS_FOLDER}/wallet.secret.jwe"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_holder(tmp_path_factory.mktemp("holder")).home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return copy_home(made, tmp_path / "home")


def content(home: Path) -> dict[Path, bytes]:
    return {path.relative_to(home): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_keys_know_by_what_files_a_wallet_is_told() -> None:
    assert OPENED_BY_KEYS == (STORE_FILE, MARK_FILE)


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        pytest.param((OPENS_FOLDER, OPENS_STORE), "are gone, and .*sqlite does not open", id="all keys"),
        pytest.param((OPENS_FOLDER,), "are gone, and .*sqlite does not open", id="what opens the folder"),
        pytest.param((OPENS_STORE,), "what opens .*sqlite is gone", id="what opens the store"),
        pytest.param(
            (OPENS_FOLDER, OPENS_STORE, STORE_FILE), "are gone, and .*mark does not open", id="the store too"
        ),
    ],
)
def test_what_opens_a_store_is_never_made_anew(home: Path, missing: tuple[str, ...], told: str) -> None:
    open_wallet(home).close()
    kept = {name: (home / name).read_bytes() for name in missing}
    for name in missing:
        (home / name).unlink()
    before = content(home)
    with pytest.raises(StoreError, match=told) as refused:
        open_wallet(home)
    assert "vcred wallet restore" in (refused.value.hint or "")
    assert content(home) == before
    for name, data in kept.items():
        (home / name).write_bytes(data)
    open_wallet(home).close()


def test_no_new_wallet_is_made_over_a_store(home: Path, tmp_path: Path) -> None:
    Wallet.create(tmp_path / "new", unlock=OLD, clock=now).close()
    for name in ("home.toml", NETWORK_FILE, OPENS_FOLDER, OPENS_STORE):
        (home / name).unlink()
    with pytest.raises(StoreError, match=r"are gone, and .*sqlite does not open"):
        Wallet.create(home, unlock=OLD, clock=now)
    assert not (home / OPENS_FOLDER).exists()


def test_what_was_left_open_to_others_is_closed_again(home: Path) -> None:
    """WAL-10: after a copy without modes, or a careless `chmod`."""
    closed = [STORE_FILE, MARK_FILE, OPENS_FOLDER, OPENS_STORE]
    for folder in (home, home / KEYS_FOLDER):
        folder.chmod(0o777)
    for name in closed:
        (home / name).chmod(0o666)
    open_wallet(home).close()
    assert [mode(folder) for folder in (home, home / KEYS_FOLDER)] == [0o700, 0o700]
    assert {name: mode(home / name) for name in closed} == dict.fromkeys(closed, 0o600)


def test_a_link_is_not_followed_to_close_what_is_elsewhere(home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes((home / MARK_FILE).read_bytes())
    elsewhere.chmod(0o644)
    (home / MARK_FILE).unlink()
    (home / MARK_FILE).symlink_to(elsewhere)
    with pytest.raises(StoreError):
        open_wallet(home)
    assert mode(elsewhere) == 0o644
