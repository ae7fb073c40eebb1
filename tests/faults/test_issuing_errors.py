# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-04, FI-05, issuing: whatever the disk answers, the run ends in words, and the next one goes on."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.damage import sampled
from tests.faults.disks import require_mounts, small_disk
from tests.faults.injection import Fault, Faulted, faults_of, meet_faults
from tests.faults.left import Left
from tests.faults.small_roster import SmallRoster, prepare_small_roster
from tests.kill import PROJECT, require_strace
from tests.unit.ledger.homes import pass_marks_for_original

OUTPUTS = ["codes.jsonl", "codes"]
SYNCS = ("fsync", "fdatasync", "syncfs")
# As `tests/faults/test_errors.py`.
MUST_HIT = 0.6
DISK_BYTES = 8 * 1024 * 1024
# With so much the whole run fits.
LEFT_KIBIBYTES = 640
# What is looked at before anything is dealt may fail and be tolerated: its words stand elsewhere.
KEPT_APART = ("trust.sqlite",)


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> SmallRoster:
    return prepare_small_roster(tmp_path_factory.mktemp("town"))


def all_faults(roster: SmallRoster, folder: Path, out: str) -> list[Fault]:
    untouched = roster.town.copied(folder / "untouched")
    return faults_of(roster.command(untouched, out), untouched)


def meet(roster: SmallRoster, folder: Path, out: str, faults: list[Fault]) -> list[Faulted]:
    """Let the run meet each; what it left then can be revoked, and stays when the next run ends it."""
    met = []
    for item in meet_faults(
        faults,
        lambda name: roster.town.copied(folder / name),
        lambda home: roster.command(home, out),
    ):
        print(item.fault, item.code)
        assert item.is_typed, item.said[-500:]
        goes_on(roster, item.place, out)
        met.append(item)
    assert len(met) >= MUST_HIT * len(faults)
    return met


@pytest.mark.parametrize("out", OUTPUTS)
def test_fi_04_whatever_a_call_answers(roster: SmallRoster, tmp_path: Path, out: str) -> None:
    require_strace()
    faults = sampled(all_faults(roster, tmp_path, out), amount(40, 1000))
    assert {item.code for item in meet(roster, tmp_path, out, faults)} >= {0, 4}


@pytest.mark.parametrize("out", OUTPUTS)
def test_fi_04_after_one_failed_sync_the_run_stops(roster: SmallRoster, tmp_path: Path, out: str) -> None:
    """A sync that fails has lost what nobody knows: nothing more leaves, and the next run writes it again."""
    require_strace()
    faults = [
        fault
        for fault in all_faults(roster, tmp_path, out)
        if fault.call in SYNCS and fault.answer == "error=EIO" and not fault.target.startswith(KEPT_APART)
    ]
    assert {fault.call for fault in faults} == {*SYNCS} - ({"syncfs"} if out != "codes" else set())
    met = meet(roster, tmp_path, out, sampled(faults, amount(20, len(faults))))
    assert {item.code for item in met} == {4}


@contextmanager
def small_folder(folder: Path) -> Iterator[Path]:
    """An empty disk with room for a home and what a small roster makes."""
    with small_disk(folder, size_bytes=DISK_BYTES) as disk:
        yield disk


def fill(disk: Path, leave: int) -> Path:
    """Take all the space but a little."""
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free - leave))
    return filler


@pytest.mark.parametrize("out", OUTPUTS)
def test_fi_05_a_full_disk_under_the_home(roster: SmallRoster, tmp_path: Path, out: str) -> None:
    require_mounts(tmp_path)
    codes = []
    for kibibytes in range(0, LEFT_KIBIBYTES, amount(160, 16)):
        home = tmp_path / "disk"
        with small_folder(home) as disk:
            shutil.copytree(roster.town.home, home, dirs_exist_ok=True)
            pass_marks_for_original(home)
            filler = fill(disk, 1024 * kibibytes)
            codes.append(run_out_of_space(roster, home, out))
            filler.unlink()
            goes_on(roster, home, out)
    assert {4} <= {*codes} <= {0, 4}


@pytest.mark.parametrize("out", OUTPUTS)
def test_fi_05_a_full_disk_under_the_output(roster: SmallRoster, tmp_path: Path, out: str) -> None:
    """What is signed waits in the store; the next run delivers the very same."""
    require_mounts(tmp_path)
    codes = []
    for kibibytes in range(0, 64, amount(16, 4)):
        home = roster.town.copied(tmp_path / f"home-{kibibytes}")
        with small_folder(home / "disk") as disk:
            filler = fill(disk, 1024 * kibibytes)
            codes.append(run_out_of_space(roster, home, f"disk/{out}"))
            filler.unlink()
            goes_on(roster, home, f"disk/{out}")
    assert {*codes} == {0, 4}


def run_out_of_space(roster: SmallRoster, home: Path, out: str) -> int:
    """Run it on a disk that may be too small; its exit code."""
    command = roster.command(home, out)
    done = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)
    met = Faulted(Fault("write", 0, "full", ""), home, done.returncode, done.stderr)
    assert met.is_typed, (done.returncode, done.stderr[-500:])
    return done.returncode


def goes_on(roster: SmallRoster, home: Path, out: str) -> None:
    """With space again it ends what was begun, and what had left stays."""
    left = Left(home / out)
    left.note()
    assert roster.complaints_so_far(home, out) == []
    done = roster.again(home, out)
    assert done.code == 0, done.err
    assert roster.complaints(home, out) == []
    assert left.complaints() == []
