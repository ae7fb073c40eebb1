# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Many files at once, and files that grow: whole, durable, and the same again when done again."""

import errno
import os
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vcred.errors import StoreError
from vcred.files import append_at, many, write_many

FILES = {f"f{number}": b"%d" % number * 100 for number in range(600)}


def refuse(number: int) -> Callable[..., None]:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return refused


@pytest.fixture(params=["together", "one by one", "no unnamed files", "no list of open files"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """On which system it is done: the result is the same."""
    if request.param == "one by one":
        monkeypatch.setattr(many, "_syncfs_tells", lambda: False)
    if request.param == "no unnamed files":
        monkeypatch.setattr(many, "_write_together", lambda *_: False)
    if request.param == "no list of open files":
        monkeypatch.setattr(many, "_OPEN_FILES", "/nowhere/fd")
    return str(request.param)


def test_each_file_is_whole_and_private(tmp_path: Path, way: str) -> None:
    write_many(tmp_path, FILES)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == FILES
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_the_same_again_is_no_conflict(tmp_path: Path, way: str) -> None:
    half = dict(list(FILES.items())[:300])
    write_many(tmp_path, half)
    write_many(tmp_path, FILES)
    assert len(os.listdir(tmp_path)) == len(FILES)


@pytest.mark.parametrize("content", [b"", b"another", FILES["f7"] + b"x", FILES["f7"][:-1]])
def test_another_content_stays(tmp_path: Path, way: str, content: bytes) -> None:
    write_many(tmp_path, {"f6": FILES["f6"]})
    (tmp_path / "f7").write_bytes(content)
    with pytest.raises(StoreError, match="f7 exists already"):
        write_many(tmp_path, {"f7": FILES["f7"]})
    assert (tmp_path / "f7").read_bytes() == content
    assert sorted(os.listdir(tmp_path)) == ["f6", "f7"]


@pytest.mark.parametrize("is_dangling", [False, True])
def test_a_symbolic_link_is_not_written_through(tmp_path: Path, way: str, is_dangling: bool) -> None:
    """CLI-11."""
    folder, target = tmp_path / "folder", tmp_path / "target"
    folder.mkdir()
    if not is_dangling:
        target.write_bytes(b"one")
    (folder / "a").symlink_to(target)
    with pytest.raises(StoreError, match=r"is a symbolic link|exists already"):
        write_many(folder, {"a": b"one"})
    assert (folder / "a").is_symlink() and target.exists() is not is_dangling


def test_a_pipe_is_refused_at_once(tmp_path: Path, way: str) -> None:
    """One called as a credential's file will be would hold the run for ever."""
    write_many(tmp_path, {"a": b"one"})
    write_many(tmp_path, {"a": b"one"})
    os.mkfifo(tmp_path / "b")
    with pytest.raises(StoreError, match="b is not a file"), waking_up():
        write_many(tmp_path, {"b": b"one"})
    assert append_at(tmp_path / "a", b"two", length=3) == 6
    with pytest.raises(StoreError, match=r"cannot write .*b: no such device or address"), waking_up():
        append_at(tmp_path / "b", b"two", length=0)
    reader = os.open(tmp_path / "b", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(StoreError, match="b is not a file"), waking_up():
            append_at(tmp_path / "b", b"two", length=0)
    finally:
        os.close(reader)


@contextmanager
def waking_up() -> Iterator[None]:
    """End a wait that would never end."""

    def wake(*_: object) -> None:
        raise TimeoutError("waits for a pipe")

    former = signal.signal(signal.SIGALRM, wake)
    signal.setitimer(signal.ITIMER_REAL, 5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def test_a_folder_that_is_missing_or_none(tmp_path: Path, way: str) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "missing", tmp_path / "file", tmp_path / "a\0b"):
        with pytest.raises(StoreError, match=r"^cannot write"):
            write_many(folder, {"a": b"one"})
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("call", ["_sync_file_system", "write_whole"])
def test_what_the_disk_refuses_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    write_many(tmp_path, {"a": b"one"})
    with monkeypatch.context() as patch:
        patch.setattr(many, call, refuse(errno.ENOSPC))
        with pytest.raises(StoreError, match="no space left"):
            write_many(tmp_path, {"b": b"two"})
    assert os.listdir(tmp_path) == ["a"]
    write_many(tmp_path, {"b": b"two"})
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_the_call_of_the_system_tells_its_errors(tmp_path: Path) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    many._sync_file_system(handle)
    os.close(handle)
    with pytest.raises(OSError) as caught:
        many._sync_file_system(handle)
    assert caught.value.errno == errno.EBADF


@pytest.mark.parametrize(
    ("release", "tells"), [("6.1.0-13-amd64", True), ("5.8.0", True), ("5.7.19", False), ("odd", False)]
)
def test_an_old_system_hides_what_the_disk_refused(
    monkeypatch: pytest.MonkeyPatch, release: str, tells: bool
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("os.uname", lambda: os.uname_result(("Linux", "x", release, "", "")))
    assert many._syncfs_tells() is tells
    monkeypatch.setattr("sys.platform", "darwin")
    assert not many._syncfs_tells()


def test_a_file_grows(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert append_at(path, b"one\n", length=0) == 4
    assert append_at(path, b"two\n", length=4) == 8
    assert path.read_bytes() == b"one\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("torn", [b"", b"t", b"two\n", b"two\nthree"])
def test_what_lies_beyond_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one\n" + torn)
    append_at(path, b"two\n", length=4)
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_file_that_lost_something_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a"
    append_at(path, b"one\n", length=0)
    with pytest.raises(StoreError, match="shorter than the 5 bytes"):
        append_at(path, b"two\n", length=5)
    assert path.read_bytes() == b"one\n"


def test_a_link_or_folder_does_not_grow(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for name in ("folder", "link", "missing/a", "a\0b"):
        with pytest.raises(StoreError):
            append_at(tmp_path / name, b"one", length=0)
    assert not (tmp_path / "target").exists()


def test_a_write_that_takes_nothing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr("os.write", lambda handle, data: real(handle, data[:1]))
    append_at(tmp_path / "a", b"one", length=0)
    assert (tmp_path / "a").read_bytes() == b"one"
    monkeypatch.setattr("os.write", lambda handle, data: 0)
    with pytest.raises(StoreError, match="nothing could be written"):
        append_at(tmp_path / "a", b"two", length=3)
