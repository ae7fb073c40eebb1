# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The mark beside the keys: which size, and which file it is."""

import errno
import fcntl
import os
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.errors import StoreError
from vcred.files.mark import Mark, _parse, read_mark, write_mark
from vcred.limits import MAX_LOG_SIZE


def read(path: Path) -> Mark:
    mark = read_mark(path)
    assert mark is not None
    return mark


def fails(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def ioctl(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "ioctl", ioctl)


@pytest.mark.parametrize("size", [0, 8, MAX_LOG_SIZE])
def test_a_mark_names_the_file_that_it_is(tmp_path: Path, size: int) -> None:
    path = tmp_path / "mark"
    assert read_mark(path) is None
    for _ in range(2):
        write_mark(path, size)
        mark = read(path)
        assert (mark.size, mark.says, mark.is_original) == (size, mark.file, True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["mark"]


def test_the_same_words_in_another_file(tmp_path: Path) -> None:
    path, other = tmp_path / "mark", tmp_path / "other"
    write_mark(path, 8)
    other.write_bytes(path.read_bytes())
    assert read(path).is_original
    assert not read(other).is_original
    # Written over the one that has taken its place.
    old = path.read_bytes()
    write_mark(path, 9)
    path.write_bytes(old)
    assert not read(path).is_original


def test_a_renamed_mark_is_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "mark"
    write_mark(path, 8)
    assert read(path.rename(tmp_path / "other")).is_original


@pytest.mark.parametrize("number", [errno.ENOTTY, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.EPERM])
def test_where_no_generation_is_told_the_inode_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path, other = tmp_path / "mark", tmp_path / "other"
    fails(monkeypatch, number)
    write_mark(path, 8)
    mark = read(path)
    assert (mark.says, mark.is_original) == (f"{path.stat().st_ino}:-", True)
    other.write_bytes(path.read_bytes())
    assert not read(other).is_original
    monkeypatch.undo()
    # A newer kernel tells it: that is no copy.
    assert read(path).is_original
    assert not read(other).is_original


def test_a_disk_that_fails_ends_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mark"
    write_mark(path, 8)
    fails(monkeypatch, errno.EIO)
    with pytest.raises(StoreError, match="cannot read"):
        read_mark(path)
    with pytest.raises(StoreError, match="cannot write"):
        write_mark(path, 9)
    monkeypatch.undo()
    assert read(path).size == 8
    assert [item.name for item in tmp_path.iterdir()] == ["mark"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    write_mark(tmp_path / "mark", 8)
    (tmp_path / "link").symlink_to("mark")
    with pytest.raises(StoreError):
        read_mark(tmp_path / "link")


@pytest.mark.parametrize("words", [b"", b"five\n", b"08\n1:2\n", b"\xff\n", b"-1\n1:2\n", b"8 \n1:2\n"])
def test_a_mark_that_cannot_be_read_says_more_than_any_record(words: bytes) -> None:
    good = _parse(b"8\n1:2\n", file="1:2")
    assert (good.size, good.is_original) == (8, True)
    mark = _parse(words, file="1:2")
    assert (mark.size, mark.is_original) == (MAX_LOG_SIZE, False)


def test_a_mark_of_version_1_names_no_file() -> None:
    mark = _parse(b"8\n", file="1:2")
    assert (mark.size, mark.says, mark.is_original) == (8, None, False)


@given(st.binary(max_size=128))
def test_whatever_stands_in_it(data: bytes) -> None:
    mark = _parse(data, file="1:2")
    assert 0 <= mark.size <= MAX_LOG_SIZE
    assert not mark.is_original or b"1:" in data
