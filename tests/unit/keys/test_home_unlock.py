# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What opens a home: changed in one step, and told by what seals the keys, not by what lies beside them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vcred.errors import StoreError, WrongSecretError
from vcred.home import Home, Role, Settings, create_home
from vcred.keys.argon2id import LEAST_COST
from vcred.keys.custody import KeyFile, Passphrase
from vcred.keys.home_keys import (
    KEY_FILE,
    KEYS_FOLDER,
    OPENED_BY_KEYS,
    change_home_unlock,
    create_home_keyring,
    has_own_key_file,
    open_home_keyring,
)
from vcred.keys.keyring import Keyring, create_key_file

FIRST = Passphrase(b"a first passphrase", LEAST_COST)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = create_home(tmp_path / "home", Role.HOLDER, Settings())
    with create_home_keyring(made) as keyring:
        keyring.secret("wallet")
    return made


def secret(home: Home, unlock: Passphrase | KeyFile | None = None) -> bytes:
    with open_home_keyring(home, unlock) as keyring:
        return keyring.secret("wallet")


def test_from_key_file_to_passphrase_and_back(home: Home) -> None:
    kept = secret(home)
    assert has_own_key_file(home)
    with open_home_keyring(home) as keyring:
        change_home_unlock(home, keyring, FIRST)
    assert not (home.path / KEY_FILE).exists()
    assert secret(home, FIRST) == kept
    with pytest.raises(StoreError, match="by a passphrase"):
        secret(home)
    file = create_key_file(home.path / KEY_FILE)
    # Made, and then interrupted: the passphrase is still asked for.
    assert not has_own_key_file(home)
    assert secret(home, FIRST) == kept
    with open_home_keyring(home, FIRST) as keyring:
        change_home_unlock(home, keyring, file)
    assert has_own_key_file(home)
    assert secret(home) == kept


def test_a_key_file_that_is_left_over_is_not_taken(home: Home) -> None:
    with open_home_keyring(home) as keyring:
        keyring.change_unlock(FIRST)
    assert (home.path / KEY_FILE).exists()
    assert not has_own_key_file(home)
    with pytest.raises(StoreError, match="by a passphrase"):
        open_home_keyring(home)


def _by_symbolic_link(own: Path) -> Path:
    link = own.parent.parent / "stick.key"
    link.symlink_to(own)
    return link


def _by_hard_link(own: Path) -> Path:
    link = own.parent.parent / "stick.key"
    os.link(own, link)
    return link


@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param(lambda own: own, id="as it is"),
        pytest.param(lambda own: Path(os.path.relpath(own)), id="from here"),
        pytest.param(lambda own: own.parent / ".." / own.parent.name / own.name, id="by its parent"),
        pytest.param(_by_symbolic_link, id="by a symbolic link"),
        pytest.param(_by_hard_link, id="by a hard link"),
    ],
)
def test_its_own_key_file_stays_however_it_is_spelled(home: Home, spelled: Callable[[Path], Path]) -> None:
    """WAL-21: else the one file that opens the wallet would be removed."""
    kept, own = secret(home), home.path / KEY_FILE
    with open_home_keyring(home) as keyring:
        change_home_unlock(home, keyring, KeyFile(spelled(own)))
    assert own.exists()
    assert secret(home) == kept


def test_another_key_file_replaces_the_homes_own(home: Home, tmp_path: Path) -> None:
    kept, other = secret(home), create_key_file(tmp_path / "stick.key")
    with open_home_keyring(home) as keyring:
        change_home_unlock(home, keyring, other)
    assert not (home.path / KEY_FILE).exists()
    assert secret(home, other) == kept


def test_no_key_file_is_removed_before_the_new_secret_opens(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept, other = secret(home), create_key_file(tmp_path / "stick.key")
    # A disk that says yes, and writes nothing.
    monkeypatch.setattr(Keyring, "change_unlock", lambda *_: None)
    with open_home_keyring(home) as keyring, pytest.raises(WrongSecretError):
        change_home_unlock(home, keyring, other)
    assert secret(home) == kept


@pytest.mark.parametrize("record", OPENED_BY_KEYS)
def test_keys_that_are_gone_are_not_made_anew_beside_what_they_open(home: Home, record: str) -> None:
    kept, keys, away = secret(home), home.path / KEYS_FOLDER, home.path / "away"
    (home.path / record).touch()
    assert secret(home) == kept
    keys.rename(away)
    for opening in (open_home_keyring, create_home_keyring):
        with pytest.raises(StoreError, match=r"are gone, and .* does not open without them"):
            opening(home)
        assert not keys.exists()
    away.rename(keys)
    assert secret(home) == kept


def test_a_home_that_was_not_finished_gets_its_keys(home: Home) -> None:
    """`vcred init` was stopped before the keys: nothing is there that they would open."""
    for file in (home.path / KEYS_FOLDER).iterdir():
        file.unlink()
    (home.path / KEYS_FOLDER).rmdir()
    open_home_keyring(home).close()
