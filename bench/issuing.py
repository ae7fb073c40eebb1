# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issuing rosters: homes of one issuer, as many as needed, and how fast a run goes once it has begun.

`python -m bench.issuing HOME ROSTER OUT` issues in one process; it prints seconds for each credential,
and the most memory that it had, in bytes.
"""

import csv
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from tests.unit.issuer.run.homes import issue, make_home
from tools.make_roster import iter_rows

from bench.history import new_folder
from vcred.issuer.summary import Progress

RACE_ROWS: Final = 20_000
# Until here processes start, and the list of status is shuffled.
_BEGUN: Final = 4_096
_numbers = count()


@cache
def keys_home() -> Path:
    """The home that all others here are copies of: it has keys, and has issued nothing."""
    return make_home(new_folder() / "issuer").path


def new_home() -> Path:
    """A home with the same keys, that has issued nothing."""
    return Path(shutil.copytree(keys_home(), keys_home().with_name(f"issuer-{next(_numbers)}")))


@cache
def rosters(rows: int, parts: int) -> Sequence[Path]:
    """So many rosters of so many rows each; no person is in two."""
    header, *people = iter_rows(rows * parts)
    folder, files = new_folder(), []
    for part in range(parts):
        files.append(folder / f"{part}.csv")
        with files[-1].open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerows([header, *people[part * rows : (part + 1) * rows]])
    return files


def seconds_each(home: Path, roster: Path, out: Path, **ways: Any) -> float:
    """Issue a roster in wall time; return the seconds for each credential after the start."""
    seen: list[tuple[float, int]] = []

    def note(progress: Progress) -> None:
        if progress.issued >= _BEGUN:
            seen.append((perf_counter(), progress.issued))

    issue(home, roster, out, on_progress=note, **ways)
    (begun, before), (ended, after) = seen[0], seen[-1]
    return (ended - begun) / (after - before)


def race(**ways: Any) -> float:
    """Issue `RACE_ROWS` in a way, in a home of its own; seconds for each credential."""
    home = new_home()
    (roster,) = rosters(RACE_ROWS, 1)
    return seconds_each(home, roster, home / "out.jsonl", **ways)


def two_unconnected() -> float:
    """Two programs that know nothing of each other issue half of it each; seconds for each credential."""
    programs = [_start(roster) for roster in rosters(RACE_ROWS // 2, 2)]
    return 1 / sum(1 / _told(program)[0] for program in programs)


def peak_bytes(rows: int) -> int:
    """Issue so many rows in a program of one process; the most memory that it ever had."""
    (roster,) = rosters(rows, 1)
    return int(_told(_start(roster))[1])


def _start(roster: Path) -> "subprocess.Popen[str]":
    home = new_home()
    command = [sys.executable, "-m", "bench.issuing", str(home), str(roster), str(home / "out.jsonl")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _told(program: "subprocess.Popen[str]") -> list[float]:
    answer, _ = program.communicate()
    return [float(number) for number in answer.split()]


def _own_peak() -> int:
    """The most memory that this program ever had; what started it is not counted, as `getrusage` would."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    print(seconds_each(*map(Path, sys.argv[1:]), workers=1), _own_peak())
