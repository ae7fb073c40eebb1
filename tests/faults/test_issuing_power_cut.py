# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-03, issuing: after a power cut every row that was delivered is there, and the same command goes on."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.disks import require_mounts
from tests.faults.issued_formats import read_receipts, read_written
from tests.faults.power import Cut, cuts, eatmydata
from tests.faults.record import told_of
from tests.faults.small_roster import CHUNK, SmallRoster, prepare_small_roster
from tests.kill import PROJECT, python_module
from tests.unit.ledger.homes import pass_marks_for_original

ROWS = 400
CONTROLS = 20
MUST_LOSE = 5
OUTPUTS = ["codes.jsonl", "codes"]
# The store knows an output by its path: so the disk after a cut is mounted where the disk was.
_AS_BEFORE = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> SmallRoster:
    return prepare_small_roster(tmp_path_factory.mktemp("town"), rows=ROWS)


def roster_cuts(
    roster: SmallRoster, folder: Path, out: str, number: int, environment: dict[str, str] | None = None
) -> Iterator[Cut]:
    def fill(disk: Path) -> None:
        shutil.copytree(roster.town.home, disk / "home")
        pass_marks_for_original(disk / "home")

    seconds = int(roster.town.town.now.timestamp())

    def command(disk: Path, record: Path) -> list[str]:
        home = disk / "home"
        words = (*roster.words(home / out), "--home", home)
        return python_module("tests.faults.scenarios", "delivering", record, seconds, CHUNK, *words)

    return cuts(folder, fill, command, number=number, environment=environment)


def lost(cut: Cut, out: str) -> set[str]:
    """Rows that were delivered, and of which the credential or the receipt is not there."""
    told = {row_id for item in told_of(cut.record, "delivered") for row_id in item["rows"]}
    home = cut.disk / "home"
    written = {item.row_id for item in read_written(home / out)}
    return told - (written & {item["row_id"] for item in read_receipts(home / out)})


def finish(roster: SmallRoster, folder: Path, out: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end, on the disk as it was after the cut, mounted where it was before."""
    command = roster.town.command(
        *roster.words(folder / "disk" / "home" / out), home=folder / "disk" / "home"
    )
    mount = ["unshare", "--mount", "sh", "-c", _AS_BEFORE, "sh", str(folder / "after"), str(folder / "disk")]
    return subprocess.run([*mount, *command], cwd=PROJECT, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("out", OUTPUTS)
def test_fi_03_what_was_delivered_is_there(roster: SmallRoster, tmp_path: Path, out: str) -> None:
    require_mounts(tmp_path)
    delivered = set()
    for cut in roster_cuts(roster, tmp_path, out, amount(8, 250)):
        home = cut.disk / "home"
        assert lost(cut, out) == set()
        assert roster.complaints_so_far(home, out) == []
        before = {item.row_id: item.text for item in read_written(home / out)}
        done = finish(roster, tmp_path, out)
        assert done.returncode == 0, done.stderr
        assert before.items() <= {item.row_id: item.text for item in read_written(home / out)}.items()
        assert roster.complaints(home, out) == []
        delivered.add(len(told_of(cut.record, "delivered")))
    assert len(delivered) > 3


def test_fi_03_control_a_disk_that_lies_loses_what_was_delivered(roster: SmallRoster, tmp_path: Path) -> None:
    require_mounts(tmp_path)

    def is_broken(cut: Cut) -> bool:
        try:
            return bool(lost(cut, OUTPUTS[0]) or roster.complaints_so_far(cut.disk / "home", OUTPUTS[0]))
        except (AssertionError, OSError, sqlite3.Error):
            return True

    broken = [is_broken(cut) for cut in roster_cuts(roster, tmp_path, OUTPUTS[0], CONTROLS, eatmydata())]
    assert sum(broken) >= MUST_LOSE, "the cuts lose nothing: the run proves nothing"
