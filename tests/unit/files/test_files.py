# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Files are whole, private where they must be, and never written through a link."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vcred.errors import LimitExceededError, StoreError
from vcred.files import lock_folder, make_private_folder, read_capped, tighten_modes, write_atomic


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomic(path, b"one", mode=0o600)
    assert read_capped(path, max_bytes=3) == b"one"
    assert _mode(path) == 0o600
    assert os.listdir(tmp_path) == ["a"]


def test_an_existing_file_stays_unless_asked(tmp_path: Path) -> None:
    """CLI-11."""
    path = tmp_path / "a"
    write_atomic(path, b"one")
    with pytest.raises(StoreError, match="exists already") as caught:
        write_atomic(path, b"two")
    assert caught.value.hint
    assert path.read_bytes() == b"one"
    write_atomic(path, b"two", overwrite=True)
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_symbolic_link_is_not_written_through(tmp_path: Path, overwrite: bool) -> None:
    """CLI-11."""
    target = tmp_path / "target"
    target.write_bytes(b"one")
    for name, to in (("link", target), ("dangling", tmp_path / "nothing")):
        path = tmp_path / name
        path.symlink_to(to)
        with pytest.raises(StoreError):
            write_atomic(path, b"two", overwrite=overwrite)
        assert path.is_symlink()
    assert target.read_bytes() == b"one"
    assert sorted(os.listdir(tmp_path)) == ["dangling", "link", "target"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_in_the_way_or_missing(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").touch()
    for path in (tmp_path / "folder", tmp_path / "missing" / "a", tmp_path / "a\0b"):
        with pytest.raises(StoreError):
            write_atomic(path, b"one", overwrite=overwrite)
    assert os.listdir(tmp_path) == ["folder"]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    write_atomic(path, b"one")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match="no space left"):
        write_atomic(path, b"two", overwrite=True)
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a"]


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    path = tmp_path / "a"
    write_atomic(path, b"one")
    with pytest.raises(StoreError, match="exists already"):
        write_atomic(path, b"two")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a"]


def test_a_link_that_is_refused_for_another_reason_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way would take the name first: of a file that is then never filled."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write_atomic(tmp_path / "a", b"one")
    monkeypatch.setattr("os.link", full)
    with pytest.raises(StoreError, match="no space left"):
        write_atomic(tmp_path / "b", b"two")
    assert os.listdir(tmp_path) == ["a"]


def test_reading_stops_at_the_cap(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_capped(path, max_bytes=5) == b"12345"
    with pytest.raises(LimitExceededError, match="4 bytes"):
        read_capped(path, max_bytes=4)
    with pytest.raises(LimitExceededError):
        read_capped(Path("/dev/zero"), max_bytes=100, from_pipe=True)


def test_reading_what_is_not_a_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing", tmp_path / "a\0b"):
        with pytest.raises(StoreError, match="cannot read"):
            read_capped(path, max_bytes=5)


def test_a_private_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    make_private_folder(path)
    assert _mode(path) == 0o700
    path.chmod(0o755)
    make_private_folder(path)
    assert _mode(path) == 0o700
    (path / "file").touch()
    with pytest.raises(StoreError):
        make_private_folder(path / "file")
    with pytest.raises(StoreError):
        make_private_folder(path / "file" / "below")


def test_one_lock_at_a_time(tmp_path: Path) -> None:
    with lock_folder(tmp_path):
        with pytest.raises(StoreError, match="locked"), lock_folder(tmp_path):
            pytest.fail("the second lock was given")
        assert _mode(tmp_path / ".lock") == 0o600
    with lock_folder(tmp_path):
        pass


def test_the_lock_holds_against_another_process(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from vcred.errors import StoreError\n"
        "from vcred.files import lock_folder\n"
        "try:\n"
        "    with lock_folder(pathlib.Path(sys.argv[1])): print('held')\n"
        "except StoreError: print('refused')\n"
    )

    def other() -> str:
        command = [sys.executable, "-c", program, os.fspath(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with lock_folder(tmp_path):
        assert other() == "refused"
    assert other() == "held"


def test_a_lock_is_not_taken_through_a_link_or_without_a_folder(tmp_path: Path) -> None:
    (tmp_path / ".lock").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(StoreError, match="cannot lock"), lock_folder(path):
            pytest.fail("the lock was given")
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_where_a_file_belongs_does_not_make_the_reader_wait(tmp_path: Path) -> None:
    path = tmp_path / "0.jwt"
    path.write_bytes(b"token")
    assert read_capped(path, max_bytes=5) == b"token"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(StoreError, match="is not a file"):
        read_capped(path, max_bytes=5)
    with pytest.raises(StoreError, match="is not a file"):
        read_capped(Path("/dev/zero"), max_bytes=5)


def test_a_pipe_that_somebody_has_named_is_read() -> None:
    read, write = os.pipe()
    os.write(write, b"piped")
    os.close(write)
    try:
        assert read_capped(Path(f"/dev/fd/{read}"), max_bytes=5, from_pipe=True) == b"piped"
    finally:
        os.close(read)


def test_no_crash_leaves_a_core_file() -> None:
    program = (
        "import resource\n"
        "from vcred.files.system import leave_no_core_file\n"
        "hard = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))\n"
        "leave_no_core_file()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the limit is set")
def test_the_memory_of_a_process_is_closed_to_others() -> None:
    """WAL-13: a kernel that pipes core dumps to a collector does not ask for the limit."""
    program = (
        "import ctypes, resource\n"
        "from vcred.files.system import keep_memory_private\n"
        "dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)\n"
        "before = dumpable()\n"
        "keep_memory_private()\n"
        "keep_memory_private()\n"
        "print(before, dumpable(), resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "0", "0"]


def test_modes_are_tightened_and_nobody_is_given_anything(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    for name, mode in (("store", 0o666), ("mark", 0o440), ("other", 0o644)):
        (folder / name).touch()
        (folder / name).chmod(mode)
    (folder / "link").symlink_to("other")
    folder.chmod(0o777)
    tighten_modes(folder, "store", "mark", "link", "missing")
    assert _mode(folder) == 0o700
    assert {path.name: _mode(path) for path in folder.iterdir()} == {
        "store": 0o600,
        "mark": 0o400,
        "other": 0o644,
        "link": 0o644,
    }


def test_modes_that_cannot_be_tightened_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    store = tmp_path / "store"
    store.touch(mode=0o600)
    tmp_path.chmod(0o700)
    monkeypatch.setattr(Path, "chmod", refuse)
    # Nothing is open to others: the system is not asked.
    tighten_modes(tmp_path, "store")
    os.chmod(store, 0o640)
    with pytest.raises(StoreError, match=r"cannot close to others .*: operation not permitted"):
        tighten_modes(tmp_path, "store")
