# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One key has one role, also against whoever writes files by hand: refused when the keys are opened."""

from pathlib import Path

import pytest

from vcred.cli.exits import ENVIRONMENT, exit_code_of
from vcred.desk.party import Party
from vcred.errors import UsageError
from vcred.home import Role
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.custody import KeyFile
from vcred.keys.engines.files import write_key
from vcred.keys.home_keys import KEY_FILE, KEYS_FOLDER, open_home_keyring
from vcred.keys.hsm_errors import KeyRoleError
from vcred.keys.keyring import Keyring, KeyRole
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.software import SoftwareSigner
from vcred.keys.stored import StoredKey, TokenKey, check_roles

OTHERS = [role for role in KeyRole if role is not KeyRole.ISSUING]


def by_hand(folder: Path, name: str, signer: SoftwareSigner, role: KeyRole) -> None:
    """Write a key past the keyring, as somebody would who copies files and knows the secret."""
    keyring = Keyring.open(folder, KeyFile(folder.parent / KEY_FILE))
    write_key(folder, keyring._key_of_folder(), StoredKey(name=name, role=role, material=signer))


@pytest.mark.parametrize("role", OTHERS)
def test_a_home_with_one_key_in_two_roles_is_not_opened(tmp_path: Path, role: KeyRole) -> None:
    home = Party.create(tmp_path / "issuer", Role.ISSUER)
    folder = home.path / KEYS_FOLDER
    key, other = SoftwareSigner.generate(ES256), SoftwareSigner.generate(ES256)
    by_hand(folder, "one", key, KeyRole.ISSUING)
    by_hand(folder, "other", other, role)
    open_home_keyring(home).close()
    by_hand(folder, "two", key, role)
    with pytest.raises(KeyRoleError, match=f"one is issuing, two is {role}") as caught:
        open_home_keyring(home)
    assert (caught.value.code, exit_code_of(caught.value)) == ("key_in_two_roles", ENVIRONMENT)
    with pytest.raises(KeyRoleError):
        Party.open(home)
    (folder / "two.key.jwe").unlink()
    Party.open(home)


def test_a_role_is_not_given_out_while_one_key_has_two(tmp_path: Path) -> None:
    home = Party.create(tmp_path / "issuer", Role.ISSUER)
    folder = home.path / KEYS_FOLDER
    key = SoftwareSigner.generate(EDDSA)
    by_hand(folder, "one", key, KeyRole.STATEMENT)
    keyring = Keyring.open(folder, KeyFile(home.path / KEY_FILE))
    assert [*keyring.signers(KeyRole.STATEMENT)] == ["one"]
    by_hand(folder, "two", key, KeyRole.WITNESS)
    for role in KeyRole:
        with pytest.raises(KeyRoleError):
            keyring.signers(role)


def test_the_keyring_itself_takes_a_key_only_once(tmp_path: Path) -> None:
    home = Party.create(tmp_path / "issuer", Role.ISSUER)
    keyring = open_home_keyring(home)
    key = SoftwareSigner.generate(ES256)
    keyring.add("one", key, role=KeyRole.ISSUING)
    with pytest.raises(UsageError, match="here already, named one, role issuing"):
        keyring.add("two", key, role=KeyRole.STATUS)


def test_a_key_in_a_file_and_in_a_token_is_one_key() -> None:
    key, uri = SoftwareSigner.generate(ES256), Pkcs11Uri(token="health", object="one")
    file = StoredKey(name="one", role=KeyRole.ISSUING, material=key)
    same = TokenKey(uri=uri, public=key.public_key)
    check_roles([file, StoredKey(name="two", role=KeyRole.ISSUING, material=same)])
    with pytest.raises(KeyRoleError):
        check_roles([file, StoredKey(name="two", role=KeyRole.STATUS, material=same)])
