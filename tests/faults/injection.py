# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Let the k-th system call on a store fail: strace answers in place of the system.

The calls are counted in a run that goes well; a run in which the k-th call turned out to be another
one (a folder read in another order) is told apart by its own trace and left out.
"""

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.kill import PROJECT

_STRACE: Final = ("strace", "-f", "--seccomp-bpf", "-qq", "-y", "-e", "signal=none")
_CALL: Final = re.compile(r"^(?:\d+ +)?(\w+)\((.*)$")
_WRITES: Final = ("write", "pwrite64")
_SYNCS: Final = ("fsync", "fdatasync", "syncfs")
_CHANGES: Final = ("ftruncate", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat")
_OPENS: Final = ("openat", "mkdir")

# What each kind of call may answer. A short write of nothing is the one short write that strace can tell
# without lying about bytes: partial ones come with RLIMIT_FSIZE.
FAULTS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_WRITES, ("error=EIO", "error=ENOSPC", "error=EDQUOT", "error=EINTR", "retval=0")),
    **dict.fromkeys(_SYNCS, ("error=EIO", "error=ENOSPC", "error=EDQUOT", "error=EINTR")),
    **dict.fromkeys(_CHANGES, ("error=EIO", "error=ENOSPC", "error=EDQUOT", "error=EROFS")),
    **dict.fromkeys(_OPENS, ("error=EMFILE", "error=EROFS", "error=ENOSPC", "error=EIO")),
}
_TRACED: Final = ",".join(f"?{name}" for name in FAULTS)


@dataclass(frozen=True)
class Fault:
    """The `number`-th call (from 1) of a kind answers so; `target` is what it was called on."""

    call: str
    number: int
    answer: str
    target: str

    @property
    def injection(self) -> str:
        return f"{self.call}:{self.answer}:when={self.number}"


@dataclass(frozen=True)
class Faulted:
    """A process that met its fault: exit code and what it said on stderr."""

    fault: Fault
    place: Path
    code: int
    said: str

    @property
    def is_typed(self) -> bool:
        """INV-12. Whether it ended well, or with an error of its own in words.

        That is 4; or 1 where a witness's disk has failed, so that the quorum is missing.
        """
        if self.code == 0:
            return True
        # What a long command tells of its progress comes first.
        is_told = any(line.startswith("vcred: error: ") for line in self.said.splitlines())
        return self.code in (1, 4) and is_told and "Traceback" not in self.said


def faults_of(command: Sequence[str], folder: Path) -> list[Fault]:
    """Every fault that can meet the command in a folder: run it there once, and look."""
    counts = dict.fromkeys(FAULTS, 0)
    found = []
    for line in _trace(command, []).stderr.splitlines():
        match = _CALL.match(line)
        if match is None or match[1] not in FAULTS:
            continue
        call = match[1]
        counts[call] += 1
        # `-y` shows the path behind a file descriptor.
        if f"{folder}/" in match[2]:
            target = match[2].partition(f"{folder}/")[2][:40]
            found += [Fault(call, counts[call], answer, target) for answer in FAULTS[call]]
    assert found, "a command that touches nothing cannot be tested"
    return found


def meet_faults(
    faults: Sequence[Fault], make_copy: Callable[[str], Path], command: Callable[[Path], Sequence[str]]
) -> Iterator[Faulted]:
    """Run the command once for each fault, each time in a fresh place; what has not met it is left out."""
    places = [make_copy(f"fault-{number}") for number in range(len(faults))]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for faulted in pool.map(_run, faults, places, map(command, places)):
            if faulted is not None:
                yield faulted


def _run(fault: Fault, place: Path, command: Sequence[str]) -> Faulted | None:
    log = place.with_name(f"{place.name}.trace")
    done = _trace(command, ["-o", str(log), "-e", f"inject={fault.injection}"], trace=fault.call)
    hit = [line for line in log.read_text(errors="replace").splitlines() if "(INJECTED)" in line]
    if not any(f"{place}/" in line for line in hit):
        return None
    return Faulted(fault, place, done.returncode, done.stderr)


def _trace(
    command: Sequence[str], options: Sequence[str], *, trace: str = _TRACED
) -> subprocess.CompletedProcess[str]:
    arguments = [*_STRACE, "-e", f"trace={trace}", *options, *command]
    return subprocess.run(arguments, cwd=PROJECT, check=False, capture_output=True, text=True)
