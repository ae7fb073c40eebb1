# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Kill a process at each of its writes, one after the other: what a power cut may leave behind.

strace sends SIGKILL at the k-th call of one kind. The runs are independent: each works in a copy.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tests.machine import require

PROJECT = Path(__file__).parents[1]
WRITES = ("write", "writev", "pwrite64", "pwritev", "pwritev2", "fsync", "fdatasync", "ftruncate", "rename")
WRITES += ("renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "syncfs")
# An unknown name is ignored: not every machine has all of them.
_WRITES = ",".join(f"?{name}" for name in WRITES)
_CALL = re.compile(r"^(?:(\d+) +)?(\w+)\(", re.MULTILINE)
_KILLED = -9
# A transaction of SQLite writes some pages more or fewer, with the numbers that were drawn.
_VARIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class KillPoint:
    """The `number`-th call (from 1) of a kind."""

    call: str
    number: int


def require_strace() -> None:
    """Skip where strace is missing; in CI that is a failure."""
    probe = ["strace", "-qq", "-o", os.devnull, "-e", "trace=exit_group", sys.executable, "-S", "-c", "0"]
    works = shutil.which("strace") and subprocess.run(probe, check=False, capture_output=True).returncode == 0
    require(works, "strace cannot run here: a kill at every write is not tested")


def python_module(name: str, *arguments: object) -> list[str]:
    """The command that runs a module of this project and writes no bytecode."""
    return [sys.executable, "-B", "-m", name, *map(str, arguments)]


def traced_calls(command: Sequence[str], *, trace: str = _WRITES) -> Counter[str]:
    """Run a command to its end; how often its busiest thread made each call: strace counts by thread."""
    arguments = ["strace", "-f", "-qq", "-e", f"trace={trace}", "-e", "signal=none", "-o", "/dev/stderr"]
    done = subprocess.run([*arguments, *command], cwd=PROJECT, check=True, capture_output=True, text=True)
    times: Counter[str] = Counter()
    for (_, call), number in Counter(_CALL.findall(done.stderr)).items():
        times[call] = max(times[call], number)
    return times


def kill_at_every_write(
    make_copy: Callable[[str], Path], command: Callable[[Path], Sequence[str]], *, at_most: int | None = None
) -> Iterator[tuple[KillPoint, Path, str]]:
    """Yield, for each write of the command, the copy it worked in and what it had printed before it died.

    Args:
        make_copy: Makes a fresh place to work in, under a name.
        command: The command that works there.
        at_most: Of more writes, so many that are spread evenly over each kind.
    """
    calls = traced_calls(command(make_copy("untouched")))
    assert calls, "a command that writes nothing cannot be tested"
    points = [
        KillPoint(call=call, number=number + 1)
        for call, times in sorted(calls.items())
        for number in range(times)
    ]
    points = points[:: 1 if at_most is None else -(-len(points) // at_most)]
    commands = [(make_copy(f"{point.call}-{point.number}"), point) for point in points]
    came = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for killed in pool.map(lambda item: _killed(*item, make_copy, command), commands):
            if killed is not None:
                came += 1
                yield killed
    # A thread that wakes another writes a number of times that is its own affair.
    assert came >= len(commands) * 3 / 4, "too many of the calls did not come"


def _killed(
    place: Path, point: KillPoint, make_copy: Callable[[str], Path], command: Callable[[Path], Sequence[str]]
) -> tuple[KillPoint, Path, str] | None:
    """Kill it there; or, as what is drawn at random decides how often some calls come, a little before.

    None if the call does not come there either.
    """
    wanted = point
    for back in range(min(point.number, _VARIES)):
        if back:
            point = replace(point, number=wanted.number - back)
            place = make_copy(f"{point.call}-{wanted.number}-less-{back}")
        inject = f"inject={point.call}:signal=KILL:when={point.number}"
        strace = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={point.call}", "-e", inject]
        done = subprocess.run(
            [*strace, *command(place)], cwd=PROJECT, check=False, capture_output=True, text=True
        )
        if done.returncode == _KILLED:
            return point, place, done.stdout
        assert done.returncode == 0, f"{point}: {done.stderr[-500:]}"
    return None
