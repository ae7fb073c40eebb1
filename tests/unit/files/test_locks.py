# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A place is held by one process, and known again by its mark."""

from pathlib import Path

import pytest

from vcred.errors import StoreError
from vcred.files import lock_folder, lock_marked


def mark_of(path: Path) -> str:
    with lock_marked(path) as mark:
        return mark


def test_a_place_keeps_its_mark_and_a_new_one_has_another(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    first = mark_of(folder)
    assert mark_of(folder) == first and len(first) == 32
    (folder / ".lock").unlink()
    assert mark_of(folder) != first


def test_a_file_is_held_from_beside_it(tmp_path: Path) -> None:
    first = mark_of(tmp_path / "codes.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == [".codes.jsonl.lock"]
    assert mark_of(tmp_path / "codes.jsonl") == first != mark_of(tmp_path / "other.jsonl")


@pytest.mark.parametrize("content", [b"", b"12", b"x" * 32, b"0" * 33])
def test_a_lock_without_a_whole_mark_gets_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".lock").write_bytes(content)
    first = mark_of(tmp_path)
    assert (tmp_path / ".lock").read_bytes().decode() == first == mark_of(tmp_path)


def test_two_cannot_hold_it(tmp_path: Path) -> None:
    with lock_marked(tmp_path):
        for lock in (lock_marked, lock_folder):
            with pytest.raises(StoreError, match="locked by another process"), lock(tmp_path):
                pass
    assert mark_of(tmp_path)


def test_a_lock_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".lock").symlink_to(tmp_path / "target")
    with pytest.raises(StoreError), lock_marked(tmp_path):
        pass
    assert not (tmp_path / "target").exists()
