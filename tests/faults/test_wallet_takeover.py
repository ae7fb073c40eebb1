# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An older vcred's home moves into the store: all of it, once, whatever stops the program. INV-8."""

import shutil
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.record import read_record
from tests.faults.wallet_life import NEW, OLD, now, open_wallet
from tests.kill import kill_at_every_write, python_module, require_strace
from tests.unit.wallet.older_home import HISTORY, KEYS, OlderHome, make_older_home
from vcred.errors import StoreError
from vcred.wallet.engines.store import STORE_FILE
from vcred.wallet.wallet import Wallet

ALL = 1_000_000


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> OlderHome:
    return make_older_home(tmp_path_factory.mktemp("older") / "home", OLD)


def key_files(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "keys").glob("holder-*"))


def assert_taken_over(older: OlderHome, home: Path, point: object = None) -> None:
    """Keys and lines are in the store, each once; their files are gone."""
    with open_wallet(home) as wallet:
        assert wallet.history()[: len(older.history)] == older.history, point
        assert len(wallet.history()) == len(older.history), point
        keys = {name.removeprefix("holder-") for name in [*wallet._store.keys()]}
        assert keys == older.thumbprints, point
        assert not wallet.was_copied, point
    assert (key_files(home), (home / HISTORY).exists()) == ([], False), point


def test_keys_and_history_move_into_the_store(older: OlderHome, tmp_path: Path) -> None:
    home = Path(shutil.copytree(older.path, tmp_path / "home"))
    assert (len(key_files(home)), (home / HISTORY).exists()) == (KEYS, True)
    assert_taken_over(older, home)
    # And stay there; what lay beside as a file is received by its key, and shown.
    assert_taken_over(older, home)
    with open_wallet(home) as wallet:
        assert wallet.credentials.receive(older.credential).is_new
        wallet.show("health-code", ["match"]).code(now=now())
        assert len(wallet.history()) == len(older.history) + 1
        # A passphrase change is of the whole, as before.
        wallet.change_unlock(NEW)
    with pytest.raises(StoreError):
        open_wallet(home, OLD)
    open_wallet(home, NEW).close()


def test_by_a_key_file_too(tmp_path: Path) -> None:
    made = make_older_home(tmp_path / "home", None)
    with Wallet.open(made.path, clock=now) as wallet:
        assert wallet.history() == made.history
    assert key_files(made.path) == []


def test_without_a_history(older: OlderHome, tmp_path: Path) -> None:
    home = Path(shutil.copytree(older.path, tmp_path / "home"))
    (home / HISTORY).unlink()
    with open_wallet(home) as wallet:
        assert (wallet.history(), len(wallet._store.keys())) == ((), KEYS)


def test_a_damaged_history_is_not_dropped(older: OlderHome, tmp_path: Path) -> None:
    """Nothing moves where a part of it cannot: keys and lines stay as they lie."""
    home = Path(shutil.copytree(older.path, tmp_path / "home"))
    lines = (home / HISTORY).read_bytes()
    (home / HISTORY).write_bytes(lines.replace(b'"live"', b'"loud"', 1))
    with pytest.raises(StoreError, match="damaged"):
        open_wallet(home)
    assert (len(key_files(home)), (home / STORE_FILE).exists()) == (KEYS, False)
    (home / HISTORY).write_bytes(lines)
    assert_taken_over(older, home)


def test_killed_at_any_write(older: OlderHome, tmp_path: Path) -> None:
    require_strace()
    steps = set()

    def command(place: Path) -> list[str]:
        return python_module("tests.faults.wallet_life", "open", place, place.with_name(f"{place.name}.told"))

    points = kill_at_every_write(
        lambda name: Path(shutil.copytree(older.path, tmp_path / name)), command, at_most=amount(40, ALL)
    )
    for point, place, _ in points:
        is_made = (place / STORE_FILE).exists()
        if not is_made:
            # Nothing is gone before the store is there.
            assert (len(key_files(place)), (place / HISTORY).exists()) == (KEYS, True), point
        steps.add((is_made, len(key_files(place))))
        assert is_made or not read_record(place.with_name(f"{place.name}.told")), point
        # A home that was killed before its mark was written is no copy of another.
        with open_wallet(place) as wallet:
            assert wallet.history() == older.history, point
            assert {name.removeprefix("holder-") for name in [*wallet._store.keys()]} == older.thumbprints
        assert_taken_over(older, place, point)
    assert {(False, KEYS), (True, KEYS)} <= steps
