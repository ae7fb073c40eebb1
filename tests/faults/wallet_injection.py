# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Let calls on a wallet's files fail, whichever thread makes them.

Askar writes in threads of its own, and strace counts the calls of each thread for itself. So the
k-th call of every thread on these files fails. Calls on other files are neither counted nor
hit: Python opens its own in a number that varies.
"""

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Final

from tests.faults.injection import FAULTS, Fault, Faulted
from tests.kill import PROJECT

_CALL: Final = re.compile(r"^(\d+) +(\w+)\((.*)$")
_TRACED: Final = ",".join(f"?{name}" for name in FAULTS)
MAX_SECONDS: Final = 120
STORE_FILES: Final = ("wallet.sqlite", "wallet.sqlite-wal", "wallet.sqlite-shm")
FILES: Final = (
    *STORE_FILES,
    "wallet.mark",
    "keys/unlock.jwe",
    "keys/wallet.secret.jwe",
    "home.toml",
    "keys",
    ".",
)


def wallet_faults(command: Sequence[str], home: Path, *, files: Sequence[str] = FILES) -> list[Fault]:
    """Every fault that can meet the command on the files of a home: run it there once, and look."""
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, int], str] = {}
    log = home.with_name(f"{home.name}.trace")
    done = _trace(command, home, files, ["-o", str(log)])
    assert done.returncode == 0, done.stderr
    for line in log.read_text(errors="replace").splitlines():
        match = _CALL.match(line)
        if match is None or match[2] not in FAULTS:
            continue
        thread, call, arguments = match.groups()
        counts[thread, call] += 1
        target = arguments.partition(f"{home}/")[2][:40]
        found.setdefault((call, counts[thread, call]), target)
    assert found, "a command that touches nothing cannot be tested"
    return [
        Fault(call, number, answer, target)
        for (call, number), target in found.items()
        for answer in FAULTS[call]
    ]


def meet_wallet_faults(
    faults: Sequence[Fault],
    make_copy: Callable[[str], Path],
    command: Callable[[Path], Sequence[str]],
    *,
    files: Sequence[str] = FILES,
) -> Iterator[Faulted]:
    """Run the command once for each fault, each time in a fresh place; what has not met it is left out."""
    places = [make_copy(f"fault-{number}") for number in range(len(faults))]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for faulted in pool.map(_run, faults, places, map(command, places), repeat(files)):
            if faulted is not None:
                yield faulted


def _run(fault: Fault, place: Path, command: Sequence[str], files: Sequence[str]) -> Faulted | None:
    log = place.with_name(f"{place.name}.trace")
    options = ["-o", str(log), "-e", f"inject={fault.injection}"]
    done = _trace(command, place, files, options, trace=fault.call)
    if "(INJECTED)" not in log.read_text(errors="replace"):
        return None
    return Faulted(fault, place, done.returncode, done.stderr)


def _trace(
    command: Sequence[str], home: Path, files: Sequence[str], options: Sequence[str], *, trace: str = _TRACED
) -> subprocess.CompletedProcess[str]:
    paths = [word for file in files for word in ("-P", str(home / file))]
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-e", "signal=none", "-e", f"trace={trace}"]
    return subprocess.run(
        [*strace, *paths, *options, *command],
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
    )
