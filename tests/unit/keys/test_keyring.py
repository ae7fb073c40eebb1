# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The keyring: encrypted at rest, one role a key, one secret to open it. INV-8."""

import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.errors import DecodeError, StoreError, UnsupportedAlgorithmError, UsageError, VcredError
from vcred.keys.algorithms import ALGORITHMS, EDDSA, ES256, Algorithm
from vcred.keys.argon2id import LEAST_COST
from vcred.keys.custody import KeyringUnlock
from vcred.keys.engines.sealing import read_header, seal_with_key
from vcred.keys.keyring import KeyFile, Keyring, KeyRole, Passphrase, create_key_file
from vcred.keys.software import SoftwareSigner

SECRET = b"correct horse battery staple"
MakeUnlock = Callable[[Path], KeyringUnlock]


def key_file(folder: Path) -> KeyringUnlock:
    return create_key_file(folder / "secret.key")


def passphrase(_folder: Path) -> KeyringUnlock:
    return Passphrase(SECRET, LEAST_COST)


BOTH_UNLOCKS = pytest.mark.parametrize("make", [key_file, passphrase])


@pytest.fixture
def unlock(tmp_path: Path) -> KeyringUnlock:
    return key_file(tmp_path)


@BOTH_UNLOCKS
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda row: row.jose)
def test_a_key_is_there_again_after_opening_anew(
    tmp_path: Path, make: MakeUnlock, algorithm: Algorithm
) -> None:
    unlock = make(tmp_path)
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        made = keyring.create("issuing-1", algorithm, role=KeyRole.ISSUING)
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        assert keyring.names() == ("issuing-1",)
        assert keyring.role("issuing-1") is KeyRole.ISSUING
        signer = keyring.signer("issuing-1")
    assert signer.public_key == made.public_key
    made.public_key.verify(signer.sign(b"message"), b"message")


@BOTH_UNLOCKS
def test_nothing_on_disk_is_readable_by_others_or_in_the_clear(tmp_path: Path, make: MakeUnlock) -> None:
    unlock = make(tmp_path)
    signer = SoftwareSigner.generate(ES256)
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        keyring.add("holder", signer, role=KeyRole.HOLDER)
    secret = str(signer.to_private_jwk()["d"])
    files = [path for path in (tmp_path / "keys").rglob("*") if path.suffix == ".jwe"]
    assert {path.name for path in files} == {"unlock.jwe", "holder.key.jwe"}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        content = path.read_bytes()
        for hidden in (secret.encode(), decode_base64url(secret), SECRET, signer.public_key.raw[1:]):
            assert hidden not in content
            assert encode_base64url(hidden).encode() not in content


def test_a_key_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    made = create_key_file(tmp_path / "secret.key")
    assert len(made.path.read_bytes()) == 32
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    with pytest.raises(StoreError):
        create_key_file(tmp_path / "secret.key")


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    made = create_key_file(tmp_path / "secret.key")
    Keyring.open(tmp_path / "keys", made)
    made.path.chmod(0o640)
    with pytest.raises(StoreError, match="others can read") as caught:
        Keyring.open(tmp_path / "keys", made)
    assert caught.value.hint is not None


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_file_of_another_length_is_no_key_file(tmp_path: Path, unlock: KeyringUnlock, size: int) -> None:
    Keyring.open(tmp_path / "keys", unlock)
    path = tmp_path / "short"
    path.write_bytes(bytes(size))
    path.chmod(0o600)
    with pytest.raises(StoreError, match="is not a key file"):
        Keyring.open(tmp_path / "keys", KeyFile(path))


def test_the_other_kind_of_secret_is_told(tmp_path: Path, unlock: KeyringUnlock) -> None:
    Keyring.open(tmp_path / "by-file", unlock)
    with pytest.raises(StoreError, match="with a key file, not"):
        Keyring.open(tmp_path / "by-file", Passphrase(SECRET))
    Keyring.open(tmp_path / "by-passphrase", Passphrase(SECRET, LEAST_COST))
    with pytest.raises(StoreError, match="with a passphrase, not"):
        Keyring.open(tmp_path / "by-passphrase", unlock)


@given(st.binary(max_size=60) | st.text("AZaz09-_=.", max_size=60).map(str.encode))
def test_any_bytes_are_a_sealed_keys_header_or_malformed(sealed: bytes) -> None:
    with suppress(DecodeError):
        read_header(sealed)


@pytest.mark.parametrize(
    "text", ["", "e30", "e30.AA.AA.AA", "e30.AA.AA.AA.AA.AA", "W10....", "e30=....", "e3 0...."]
)
def test_only_five_strict_parts_are_a_sealed_key(text: str) -> None:
    assert read_header(b"e30.AA.AA.AA.AA") == {}
    with pytest.raises(DecodeError):
        read_header(text.encode())


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    keyring = Keyring.open(tmp_path / "keys", Passphrase(SECRET, LEAST_COST))
    for shown in (repr(Passphrase(SECRET)), str(Passphrase(SECRET)), repr(keyring)):
        assert "horse" not in shown
    with pytest.raises(ValueError, match="empty"):
        Passphrase(b"")


@pytest.mark.parametrize(
    "other", [lambda _: Passphrase(b"another"), lambda folder: create_key_file(folder.parent / "other")]
)
@BOTH_UNLOCKS
def test_another_secret_does_not_open_it(tmp_path: Path, make: MakeUnlock, other: MakeUnlock) -> None:
    unlock = make(tmp_path)
    Keyring.open(tmp_path / "keys", unlock)
    Keyring.open(tmp_path / "keys", unlock)
    with pytest.raises(StoreError) as caught:
        Keyring.open(tmp_path / "keys", other(tmp_path / "keys"))
    assert "another" not in str(caught.value)


@BOTH_UNLOCKS
def test_the_secret_can_be_changed_and_the_keys_stay(tmp_path: Path, make: MakeUnlock) -> None:
    folder, unlock = tmp_path / "keys", make(tmp_path)
    with Keyring.open(folder, unlock) as keyring:
        made = keyring.create("holder", EDDSA, role=KeyRole.HOLDER)
        keyring.change_unlock(Passphrase(b"a new one", LEAST_COST))
    assert Keyring.open(folder, Passphrase(b"a new one")).signer("holder").public_key == made.public_key
    with pytest.raises(StoreError):
        Keyring.open(folder, unlock)


def test_an_interrupted_change_leaves_the_old_secret(tmp_path: Path, unlock: KeyringUnlock) -> None:
    folder = tmp_path / "keys"
    with Keyring.open(folder, unlock) as keyring:
        keyring.create("holder", EDDSA, role=KeyRole.HOLDER)
        with pytest.raises(StoreError):
            keyring.change_unlock(KeyFile(tmp_path / "not there"))
    assert Keyring.open(folder, unlock).names() == ("holder",)


# One key, one role.
@pytest.mark.parametrize("role", [KeyRole.ISSUING, KeyRole.STATUS])
def test_a_key_is_not_taken_twice(tmp_path: Path, unlock: KeyringUnlock, role: KeyRole) -> None:
    signer = SoftwareSigner.generate(ES256)
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        keyring.add("first", signer, role=KeyRole.ISSUING)
        with pytest.raises(UsageError, match="here already, named first, role issuing"):
            keyring.add("second", signer, role=role)
        keyring.add("second", SoftwareSigner.generate(ES256), role=role)
        assert keyring.names() == ("first", "second")


def test_a_name_is_not_given_twice(tmp_path: Path, unlock: KeyringUnlock) -> None:
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        made = keyring.create("log", EDDSA, role=KeyRole.LOG)
        with pytest.raises(StoreError):
            keyring.create("log", EDDSA, role=KeyRole.LOG)
        assert keyring.signer("log").public_key == made.public_key


def test_an_unknown_name_is_not_found(tmp_path: Path, unlock: KeyringUnlock) -> None:
    with Keyring.open(tmp_path / "keys", unlock) as keyring, pytest.raises(StoreError, match="no key named"):
        keyring.signer("nobody")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "/etc/passwd",
        ".hidden",
        "-rf",
        "a b",
        "a\0",
        "a\n",
        "ä",
        "x" * 65,
        "a.",
    ],
)
def test_a_name_that_is_no_safe_file_name_is_refused(
    tmp_path: Path, unlock: KeyringUnlock, name: str
) -> None:
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        with pytest.raises(UsageError):
            keyring.create(name, ES256, role=KeyRole.HOLDER)
        with pytest.raises(UsageError):
            keyring.signer(name)
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["unlock.jwe"]


def test_a_closed_keyring_has_forgotten_its_secret(tmp_path: Path, unlock: KeyringUnlock) -> None:
    keyring = Keyring.open(tmp_path / "keys", unlock)
    signer = keyring.create("holder", ES256, role=KeyRole.HOLDER)
    keyring.close()
    with pytest.raises(RuntimeError, match="closed"):
        keyring.signer("holder")
    signer.public_key.verify(signer.sign(b"message"), b"message")


def test_one_key_file_cannot_stand_in_for_another(tmp_path: Path, unlock: KeyringUnlock) -> None:
    folder = tmp_path / "keys"
    with Keyring.open(folder, unlock) as keyring:
        keyring.create("log", ES256, role=KeyRole.LOG)
        keyring.create("issuing", ES256, role=KeyRole.ISSUING)
        (folder / "log.key.jwe").replace(folder / "issuing.key.jwe")
        with pytest.raises(StoreError, match="another name"):
            keyring.signer("issuing")


def test_keys_without_their_folder_key_are_not_taken_for_a_new_keyring(
    tmp_path: Path, unlock: KeyringUnlock
) -> None:
    folder = tmp_path / "keys"
    Keyring.open(folder, unlock).create("log", ES256, role=KeyRole.LOG)
    (folder / "unlock.jwe").unlink()
    with pytest.raises(StoreError, match="missing"):
        Keyring.open(folder, unlock)


def test_a_folder_of_secrets_alone_is_no_empty_one(tmp_path: Path) -> None:
    unlock = create_key_file(tmp_path / "unlock.key")
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        secret = keyring.secret("wallet")
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        assert keyring.secret("wallet") == secret
    (tmp_path / "keys" / "unlock.jwe").unlink()
    with pytest.raises(StoreError, match=r"unlock\.jwe is missing"):
        Keyring.open(tmp_path / "keys", unlock)


@pytest.mark.parametrize("victim", ["unlock.jwe", "log.key.jwe"])
def test_every_flipped_bit_is_noticed(tmp_path: Path, unlock: KeyringUnlock, victim: str) -> None:
    folder = tmp_path / "keys"
    Keyring.open(folder, unlock).create("log", ES256, role=KeyRole.LOG)
    good = (folder / victim).read_bytes()
    Keyring.open(folder, unlock).signer("log")
    for bit in range(len(good) * 8):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        (folder / victim).write_bytes(bad)
        with pytest.raises((StoreError, UnsupportedAlgorithmError)):
            Keyring.open(folder, unlock).signer("log")


@pytest.mark.parametrize("cut", [0, 1, 10, 100, -1])
def test_a_torn_file_is_noticed(tmp_path: Path, unlock: KeyringUnlock, cut: int) -> None:
    folder = tmp_path / "keys"
    Keyring.open(folder, unlock).create("log", ES256, role=KeyRole.LOG)
    for victim in ("log.key.jwe", "unlock.jwe"):
        path = folder / victim
        path.write_bytes(path.read_bytes()[:cut])
        with pytest.raises(VcredError):
            Keyring.open(folder, unlock).signer("log")


@pytest.mark.parametrize("content", [b"not JSON", b"{}", b'{"key":{},"name":"log","role":"king"}'])
def test_what_is_sealed_is_still_checked(tmp_path: Path, unlock: KeyringUnlock, content: bytes) -> None:
    folder = tmp_path / "keys"
    keyring = Keyring.open(folder, unlock)
    keyring.create("log", ES256, role=KeyRole.LOG)
    sealed = seal_with_key(content, keyring._key_of_folder(), media_type="vcred-private-key-1")
    (folder / "log.key.jwe").write_bytes(sealed)
    with pytest.raises(StoreError, match="damaged"):
        keyring.signer("log")
