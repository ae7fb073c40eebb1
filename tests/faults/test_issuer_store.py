# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-03, FI-05 of the issuer's store: after a power cut, or on a full disk, no place is given twice."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.disks import require_mounts, small_disk
from tests.faults.issuing import complaints_of_store, issue_noted
from tests.faults.power import Cut, cuts, eatmydata
from tests.faults.record import Record, read_record, told_of
from tests.kill import python_module
from tests.unit.issuer.store.stores import deal, in_file
from vcred.errors import StoreError

FILE = "issuer.sqlite"
CONTROLS = 20
MUST_LOSE = 5
SMALL = 4 * 1024 * 1024
LEFT_FREE = 256 * 1024


def make_store(folder: Path) -> Path:
    """A store with one list, in which one place is dealt."""
    with in_file(folder / FILE).open() as store:
        deal(store, 1)
    return folder / FILE


def store_cuts(folder: Path, number: int, environment: dict[str, str] | None = None) -> Iterator[Cut]:
    return cuts(
        folder,
        make_store,
        lambda disk, record: python_module("tests.faults.issuing", disk / FILE, record, 10_000),
        number=number,
        environment=environment,
    )


def test_fi_03_a_store_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    require_mounts(tmp_path)
    rounds = 0
    for cut in store_cuts(tmp_path, amount(20, 500)):
        file = cut.disk / FILE
        assert complaints_of_store(file, cut.record) == []
        # It goes on, and deals none of the places that were told.
        known = {(place[0], place[2]) for told in told_of(cut.record, "dealt") for place in told["places"]}
        with in_file(file).open() as store:
            assert not known & {(place.number, place.index) for place in deal(store, 100)}
            issue_noted(store, 20_000, Record(tmp_path / "after.told"))
        assert complaints_of_store(file, cut.record) == []
        rounds = max(rounds, len(told_of(cut.record, "delivered")))
    assert rounds > 10


def test_fi_03_control_a_store_whose_disk_lies_deals_twice(tmp_path: Path) -> None:
    require_mounts(tmp_path)
    lost = [
        bool(complaints_of_store(cut.disk / FILE, cut.record))
        for cut in store_cuts(tmp_path, CONTROLS, eatmydata())
    ]
    assert sum(lost) >= MUST_LOSE, "the cuts lose nothing: the run proves nothing"


def test_fi_05_a_store_on_a_full_disk(tmp_path: Path) -> None:
    require_mounts(tmp_path)
    home, told = tmp_path / "home", tmp_path / "told"
    (tmp_path / "kept").mkdir()
    make_store(tmp_path / "kept")
    home.mkdir()
    with small_disk(home, size_bytes=SMALL) as disk:
        shutil.copytree(tmp_path / "kept", disk, dirs_exist_ok=True)
        noted = Record(told)
        with in_file(home / FILE).open() as store:
            filler = disk / "filler"
            filler.write_bytes(bytes(shutil.disk_usage(disk).free - LEFT_FREE))
            with pytest.raises(StoreError):
                for number in range(1000):
                    issue_noted(store, number, noted)
            acknowledged = read_record(told)
            assert len(acknowledged) > 3
            # What is there can be read.
            assert len(list(store.entries())) >= 2 * len(told_of(acknowledged, "recorded"))
            filler.unlink()
        assert complaints_of_store(home / FILE, acknowledged) == []
        with in_file(home / FILE).open() as store:
            issue_noted(store, 2000, noted)
        assert complaints_of_store(home / FILE, read_record(told)) == []
