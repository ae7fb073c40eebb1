# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What opens a home: changed in one step, and told by what seals the keys, not by what lies beside them."""

from pathlib import Path

import pytest

from vcred.errors import StoreError
from vcred.home import Home, Role, Settings, create_home
from vcred.keys.argon2id import LEAST_COST
from vcred.keys.custody import KeyFile, Passphrase
from vcred.keys.home_keys import (
    KEY_FILE,
    change_home_unlock,
    create_home_keyring,
    has_own_key_file,
    open_home_keyring,
)
from vcred.keys.keyring import create_key_file

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
