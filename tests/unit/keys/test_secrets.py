# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Secrets beside the keys: made once, the same to all who can open the keyring, bound to their names."""

import errno
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kill import require_strace
from vcred.errors import StoreError, UsageError
from vcred.keys.algorithms import ES256
from vcred.keys.engines import secret_files
from vcred.keys.engines.private_mode import check_private
from vcred.keys.keyring import KeyFile, Keyring, KeyRole, create_key_file

PROCESSES = 4


@pytest.fixture
def unlock(tmp_path: Path) -> KeyFile:
    return create_key_file(tmp_path / "unlock.key")


def test_a_secret_is_made_once_and_stays(tmp_path: Path, unlock: KeyFile) -> None:
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        first = keyring.secret("outbox")
        assert len(first) == 32
        assert keyring.secret("outbox") == first
        assert keyring.secret("other") != first
        assert keyring.names() == ()
        assert keyring.create("outbox", ES256, role=KeyRole.LOG)
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        assert keyring.secret("outbox") == first
        keyring.change_unlock(create_key_file(tmp_path / "next.key"))
    with Keyring.open(tmp_path / "keys", KeyFile(tmp_path / "next.key")) as keyring:
        assert keyring.secret("outbox") == first
    sealed = (tmp_path / "keys" / "outbox.secret.jwe").read_bytes()
    assert first not in sealed
    assert (tmp_path / "keys" / "outbox.secret.jwe").stat().st_mode & 0o777 == 0o600


def test_processes_that_ask_first_at_the_same_time_get_one_secret(tmp_path: Path, unlock: KeyFile) -> None:
    Keyring.open(tmp_path / "keys", unlock)
    context = multiprocessing.get_context("spawn")
    for round_ in range(3):
        with context.Pool(PROCESSES) as pool:
            arguments = [(tmp_path / "keys", unlock, f"secret-{round_}")] * PROCESSES
            assert len({*pool.starmap(read_secret, arguments, chunksize=1)}) == 1


def read_secret(folder: Path, unlock: KeyFile, name: str) -> bytes:
    with Keyring.open(folder, unlock) as keyring:
        return keyring.secret(name)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 65, "ключ"])
def test_a_name_that_is_no_file_name(tmp_path: Path, unlock: KeyFile, name: str) -> None:
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        keyring.secret("good")
        with pytest.raises(UsageError):
            keyring.secret(name)


def test_a_file_under_another_name_is_not_its_secret(tmp_path: Path, unlock: KeyFile) -> None:
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        keyring.secret("one")
        file = tmp_path / "keys" / "one.secret.jwe"
        (tmp_path / "keys" / "two.secret.jwe").write_bytes(file.read_bytes())
        with pytest.raises(StoreError, match="holds another secret"):
            keyring.secret("two")


def test_a_damaged_file_is_refused_and_never_replaced(tmp_path: Path, unlock: KeyFile) -> None:
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        keyring.secret("one")
        file = tmp_path / "keys" / "one.secret.jwe"
        whole = file.read_bytes()
        for damaged in (b"", whole[:-1], whole[:-2] + b"AA", b"\xff", whole.replace(b".", b"", 1)):
            file.write_bytes(damaged)
            with pytest.raises(StoreError):
                keyring.secret("one")
            assert file.read_bytes() == damaged


def test_a_key_is_no_secret_and_a_secret_no_key(tmp_path: Path, unlock: KeyFile) -> None:
    with Keyring.open(tmp_path / "keys", unlock) as keyring:
        keyring.secret("one")
        keyring.create("two", ES256, role=KeyRole.LOG)
        folder = tmp_path / "keys"
        (folder / "two.secret.jwe").write_bytes((folder / "two.key.jwe").read_bytes())
        (folder / "three.key.jwe").write_bytes((folder / "one.secret.jwe").read_bytes())
        with pytest.raises(Exception, match="not sealed the way"):
            keyring.secret("two")
        with pytest.raises(Exception, match="not sealed the way"):
            keyring.signer("three")


def test_it_is_durable_before_it_is_told(tmp_path: Path, unlock: KeyFile) -> None:
    require_strace()
    Keyring.open(tmp_path / "keys", unlock)
    program = "import sys; from tests.unit.keys.test_secrets import tell; tell(*sys.argv[1:])"
    trace = tmp_path / "trace"
    command: list[str | Path] = ["strace", "-f", "-y", "-o", trace, "-e", "trace=fsync,link,linkat,write"]
    subprocess.run(
        [*command, sys.executable, "-c", program, tmp_path / "keys", unlock.path],
        check=True,
        capture_output=True,
        timeout=120,
    )
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    linked = next(number for number, line in enumerate(lines) if "one.secret.jwe" in line and "link" in line)
    told = next(number for number, line in enumerate(lines) if "told" in line and "write" in line)
    synced = [number for number, line in enumerate(lines) if "fsync" in line and f"{tmp_path}/keys>" in line]
    assert any(linked < number < told for number in synced)
    assert any(".tmp>" in line and "fsync" in line for line in lines[:linked])


def tell(folder: str, unlock: str) -> None:
    read_secret(Path(folder), KeyFile(Path(unlock)), "one")
    print("told", flush=True)


def test_what_the_system_refuses_is_told(
    tmp_path: Path, unlock: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("no room")

    def broken(_: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    kept = read_secret(tmp_path / "keys", unlock, "one")
    with monkeypatch.context() as patch:
        patch.setattr(secret_files, "write_atomic", full)
        assert read_secret(tmp_path / "keys", unlock, "one") == kept
        with pytest.raises(StoreError, match="no room"):
            read_secret(tmp_path / "keys", unlock, "two")
    monkeypatch.setattr(secret_files, "make_durable", broken)
    with pytest.raises(StoreError, match="input/output error"):
        read_secret(tmp_path / "keys", unlock, "one")


def test_a_file_is_private_or_refused(tmp_path: Path, unlock: KeyFile) -> None:
    check_private(unlock.path)
    unlock.path.chmod(0o640)
    with pytest.raises(StoreError, match="others can read"):
        check_private(unlock.path)
    with pytest.raises(StoreError, match="cannot read"):
        check_private(tmp_path / "missing")
