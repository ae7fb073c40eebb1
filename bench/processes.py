# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whole commands, against a bare Python: CPU time of the child processes, by turns.

Every command finds its modules compiled, as after an installation, whatever the settings
of the shell: in a folder for compiled modules of their own, which the first, untimed run
of each fills.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

BARE = (sys.executable, "-c", "pass")


def against_bare(command: Sequence[str], *, rounds: int, codes: Sequence[int] = (0,)) -> float:
    """Return how many bare Pythons a command costs, medians of turns.

    Raises:
        RuntimeError: The command ended with a code that is not among `codes`.
    """
    with TemporaryDirectory(prefix="vcred-bench-") as folder:
        environment = _environment(Path(folder))
        _cpu_seconds(BARE, environment, (0,))
        _cpu_seconds(command, environment, codes)
        bare, whole = list[float](), list[float]()
        for _ in range(rounds):
            bare.append(_cpu_seconds(BARE, environment, (0,)))
            whole.append(_cpu_seconds(command, environment, codes))
    return median(whole) / median(bare)


def _environment(folder: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "PYTHONPYCACHEPREFIX": str(folder)}


def _cpu_seconds(command: Sequence[str], environment: Mapping[str, str], codes: Sequence[int]) -> float:
    """Run a command and return the CPU seconds that it and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode not in codes:
        raise RuntimeError(ended.stderr.decode(errors="replace")[-500:])
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
