# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issue a large roster as a process that is killed again and again, with every process of it."""

import random
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.groups import kill_group, running, wait_for
from tests.faults.left import Left, receipts_bytes

# So many credentials, with their receipts, leave at once.
_CHUNK_SECONDS = 0.3
_START_SECONDS = 4.0
_LEAST_SECONDS = 0.2
_LOOK_SECONDS = 0.005


def kill_often(command: Sequence[str], left: Left, *, kills: int, bytes_in_all: int, seed: int) -> list[int]:
    """Run the command and kill it, so many times, each at a moment of its own.

    A third of the kills come at any moment of the start, when what is left over is delivered and
    what was issued before is skipped; the others at any moment while credentials leave.

    Args:
        left: Notes after each kill what has left.
        bytes_in_all: About how long the table of receipts will be.

    Returns:
        How long the table of receipts was at each.
    """
    chance, out = random.Random(seed), left.out
    print(f"seed {seed}")
    log, lengths = out.with_name("killed.log"), []
    start_seconds, is_late = _START_SECONDS, False
    while len(lengths) < kills:
        # The rest is shared out among the kills that are still to come.
        begun = receipts_bytes(out)
        share = max(0, bytes_in_all - begun) / (kills + 1 - len(lengths))
        target = begun + chance.uniform(0, 1.2 * share) if chance.random() < 2 / 3 and not is_late else None
        with running(command, log) as process:
            if target is None:
                _wait(process, out, chance.uniform(0, start_seconds), most=begun + share)
            else:
                wait_for(process, out, target)
                _wait(process, out, chance.uniform(0, _CHUNK_SECONDS), most=target + share)
            if process.poll() is not None:
                # All was issued before the kill came, on a fast machine: that is none. What is left to
                # be killed is the run that finds all of it issued before, and that one is shorter.
                assert process.returncode == 0, log.read_text()[-500:]
                is_late, start_seconds = True, start_seconds / 2
                assert start_seconds > _LEAST_SECONDS, "it ends before it can be killed"
                continue
            kill_group(process)
            assert process.returncode == -signal.SIGKILL
        left.note()
        lengths.append(receipts_bytes(out))
    return lengths


def _wait(process: subprocess.Popen[bytes], out: Path, seconds: float, *, most: float) -> None:
    """Wait so long, but not on until so much was issued that little is left for the kills to come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None and receipts_bytes(out) <= most:
        time.sleep(_LOOK_SECONDS)
