# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-01: wherever a witness dies, its record is not behind what has left, nor its key retired."""

from pathlib import Path

from tests.kill import kill_at_every_write, python_module, require_strace
from tests.unit.witness.watching import Post


def _cosigning(place: Path) -> list[str]:
    return python_module("tests.unit.witness.cosigner", place)


def test_a_witness_that_dies_is_never_behind_its_cosignatures(tmp_path: Path) -> None:
    require_strace()

    def new_folder(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        return folder

    seen = set()
    for point, place, printed in kill_at_every_write(new_folder, _cosigning):
        post = Post(place)
        said = printed.split()
        left = max((int(word) for word in said if word != "handed"), default=0)
        with post.store() as store:
            assert store.retired() == {}, point
            assert ("handed" in said) <= ([item.hash for item in store.handed()] == ["waits"]), point
        with post.open() as witness:
            known = witness.known_size()
        assert left <= known, point
        assert post.ask(known, 8), point
        assert post.marked() == 8, point
        seen.add((left, known))
    # Kills before each record, between record and cosignature, and after.
    assert seen >= {(0, 0), (0, 3), (3, 3), (3, 8), (8, 8)}
