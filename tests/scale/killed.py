# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issue a large roster as a process that is killed again and again, with every process of it.

What had left before a kill is noted, and must be there in the end, byte for byte.
"""

import hashlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.kill import PROJECT

_POLL_SECONDS = 0.005
_MAX_SECONDS = 1_800
# So many credentials, with their receipts, leave at once.
_CHUNK_SECONDS = 0.3
_START_SECONDS = 4.0


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with a group of its own; none of that group is left afterwards."""
    with log.open("ab") as file:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=file, stderr=file, start_new_session=True)
    try:
        yield process
    finally:
        kill_group(process)


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL to all of them at once, as when the machine dies; returns when none is left."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            os.killpg(process.pid, 0)
            time.sleep(_POLL_SECONDS)
    except ProcessLookupError:
        process.wait(60)


@dataclass
class Left:
    """What has left by an output so far: files that grow, and files that are written once."""

    out: Path
    grown: dict[Path, tuple[int, str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def note(self) -> None:
        """Note what is there now; of what was noted before nothing may be missing."""
        is_lines = self.out.suffix == ".jsonl"
        table = self.out.with_name(f"{self.out.stem}.receipts.csv") if is_lines else self.out / "receipts.csv"
        for path in (table, self.out) if is_lines else (table,):
            if path.exists():
                self.grown[path] = (path.stat().st_size, _digest(path, path.stat().st_size))
        if not is_lines and self.out.exists():
            names = {entry.name for entry in os.scandir(self.out) if entry.name.endswith(".sdjwt")}
            for name in names - self.files.keys():
                self.files[name] = _digest(self.out / name)

    def complaints(self) -> list[str]:
        """What is not there any more as it was."""
        said = [
            f"INV-5: the first {size} bytes of {path.name} have changed"
            for path, (size, digest) in self.grown.items()
            if not path.exists() or _digest(path, size) != digest
        ]
        for name, digest in self.files.items():
            if not (self.out / name).exists() or _digest(self.out / name) != digest:
                said.append(f"INV-5: {name} has changed")
        return said


def receipts_bytes(out: Path) -> int:
    """How long the table of receipts is: it grows as credentials leave."""
    table = out.with_name(f"{out.stem}.receipts.csv") if out.suffix == ".jsonl" else out / "receipts.csv"
    return table.stat().st_size if table.exists() else 0


def kill_often(
    command: Sequence[str],
    out: Path,
    *,
    kills: int,
    bytes_in_all: int,
    seed: int,
    after: Callable[[], object],
) -> list[int]:
    """Run the command and kill it, so many times, each at a moment of its own.

    A third of the kills come at any moment of the start, when what is left over is delivered and
    what was issued before is skipped; the others at any moment while credentials leave.

    Args:
        bytes_in_all: About how long the table of receipts will be.
        after: Called after each kill.

    Returns:
        How long the table of receipts was at each.
    """
    chance = random.Random(seed)
    print(f"seed {seed}")
    log, lengths = out.with_name("killed.log"), []
    for number in range(kills):
        # The rest is shared out among the kills that are still to come.
        begun = receipts_bytes(out)
        share = max(0, bytes_in_all - begun) / (kills + 1 - number)
        target = begun + chance.uniform(0, 1.6 * share) if chance.random() < 2 / 3 else None
        with running(command, log) as process:
            if target is None:
                time.sleep(chance.uniform(0, _START_SECONDS))
            else:
                _wait_for(process, out, target)
                time.sleep(chance.uniform(0, _CHUNK_SECONDS))
            assert process.poll() is None, f"it ended before it could be killed: {log.read_text()[-500:]}"
            kill_group(process)
            assert process.returncode == -signal.SIGKILL
        after()
        lengths.append(receipts_bytes(out))
    return lengths


def _wait_for(process: "subprocess.Popen[bytes]", out: Path, length: float) -> None:
    """Wait until the table of receipts is longer than that."""
    until = time.monotonic() + _MAX_SECONDS
    while receipts_bytes(out) <= length and process.poll() is None:
        assert time.monotonic() < until, "it does not go on"
        time.sleep(_POLL_SECONDS)


def _digest(path: Path, size: int | None = None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = path.stat().st_size if size is None else size
        while left > 0 and (part := file.read(min(left, 1 << 20))):
            digest.update(part)
            left -= len(part)
    return digest.hexdigest()
