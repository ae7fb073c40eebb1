# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Killed anywhere and run again: every row exactly once, no index twice, receipts complete."""

import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.kill import PROJECT, kill_at_every_write, python_module, require_strace
from tests.unit.issuer.run.homes import assert_whole, make_home, read_output, roster_bytes

RUNNER = "tests.unit.issuer.run.runner"
ROWS = 20
OUTPUTS = ("out", "codes.jsonl")


def run(place: Path, out: str, *, workers: int = 1) -> list[str]:
    """The command that issues."""
    return python_module(RUNNER, place, place.parent / "roster.csv", place / out, workers)


def finish(place: Path, out: str, *, workers: int = 1) -> str:
    """Run it to its end; its last line."""
    done = subprocess.run(
        run(place, out, workers=workers), cwd=PROJECT, check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("out", OUTPUTS)
def test_killed_at_any_write(tmp_path: Path, out: str) -> None:
    require_strace()
    (tmp_path / "roster.csv").write_bytes(roster_bytes(ROWS))
    make_home(tmp_path / "home")

    def copy(name: str) -> Path:
        return Path(shutil.copytree(tmp_path / "home", tmp_path / name))

    issued = set()
    for point, place, _ in kill_at_every_write(copy, lambda place: run(place, out), at_most=10):
        left = {}
        if (place / out).exists() and out == "out":
            left = {file.stem: file.read_text() for file in (place / out).glob("*.sdjwt")}
        assert finish(place, out).startswith("done"), point
        assert_whole(place, place / out, ROWS)
        # What had left is what is there now, byte for byte.
        assert left.items() <= read_output(place / out).texts.items(), point
        issued.add(len(left))
    assert out != "out" or len(issued) > 1


@pytest.mark.parametrize("out", OUTPUTS)
def test_killed_at_random_moments_with_processes(tmp_path: Path, out: str) -> None:
    (tmp_path / "roster.csv").write_bytes(roster_bytes(200))
    home = make_home(tmp_path / "home").path
    chance, kills = random.Random(17), 0
    for _ in range(5):
        child = subprocess.Popen(
            run(home, out, workers=2), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        # From the first chunk on: before it there is nothing to lose.
        is_done = child.stdout.readline().startswith("done")
        time.sleep(chance.uniform(0, 0.1))
        child.kill()
        child.communicate()
        if is_done:
            break
        kills += 1
    assert kills > 1
    assert finish(home, out, workers=2).startswith("done")
    assert_whole(home, home / out, 200)
