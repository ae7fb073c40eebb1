# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Cut the power: stop a writer, and look at a copy of its disk. What was in memory only is not in it."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.faults.disks import copy_image, make_image, mounted
from tests.faults.record import Told, read_record
from tests.kill import PROJECT
from tests.machine import require

CUTS_OF_ONE_WRITER: Final = 5
MAX_WAIT_SECONDS: Final = 20
MAX_MOMENT_SECONDS: Final = 0.15
_LIBRARY: Final = "libeatmydata.so"
_LIBRARY_FOLDERS: Final = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib")


@dataclass(frozen=True)
class Cut:
    """What was told before the power went, and the disk as it then was, mounted at `disk`."""

    disk: Path
    record: list[Told]


def cuts(
    folder: Path,
    fill: Callable[[Path], object],
    command: Callable[[Path, Path], Sequence[str]],
    *,
    number: int,
    environment: dict[str, str] | None = None,
) -> Iterator[Cut]:
    """Cut the power so many times, each at a moment of its own; the writers have something to lose by then.

    Args:
        folder: Where images and mount points may lie.
        fill: Puts the store onto a fresh disk.
        command: The writer, for a disk and the file in which it notes what it was told.
        number: How many cuts.
        environment: Added to that of the writer.
    """
    template = folder / "template.image"
    make_image(template)
    with mounted(template, folder / "disk"):
        fill(folder / "disk")
    moments, index = random.Random(number), 0
    for writer in range(number):
        record = folder / f"{writer}.told"
        with _writer(folder, template, command, record, environment or {}) as process:
            for _ in range(min(CUTS_OF_ONE_WRITER, number - index)):
                told = _let_run(process, record, moments.uniform(0.0, MAX_MOMENT_SECONDS))
                if told is None:
                    break
                yield from _look(folder, index, told)
                os.kill(process.pid, signal.SIGCONT)
                index += 1
        record.unlink()
        if index == number:
            return
    raise AssertionError("the writers end before they can be cut")


def eatmydata() -> dict[str, str]:
    """The environment in which fsync does nothing: the control that must lose what it was told."""
    places = [Path(folder) / _LIBRARY for folder in _LIBRARY_FOLDERS]
    library = next(filter(Path.exists, places), None)
    require(library, "eatmydata is not installed: without its control a power cut proves nothing")
    return {"LD_PRELOAD": str(library)}


@contextmanager
def _writer(
    folder: Path,
    template: Path,
    command: Callable[[Path, Path], Sequence[str]],
    record: Path,
    environment: dict[str, str],
) -> Iterator[subprocess.Popen[bytes]]:
    image = folder / "running.image"
    copy_image(template, image)
    with mounted(image, folder / "disk"):
        process = subprocess.Popen(
            command(folder / "disk", record), cwd=PROJECT, env=os.environ | environment
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _let_run(process: subprocess.Popen[bytes], record: Path, seconds: float) -> list[Told] | None:
    """Wait until more was told, then a moment more; stop it. None if it has ended by itself."""
    known, until = len(read_record(record)), time.monotonic() + MAX_WAIT_SECONDS
    while len(read_record(record)) == known:
        if process.poll() is not None:
            return None
        assert time.monotonic() < until, "the writer tells nothing"
        time.sleep(0.005)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGSTOP)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    return read_record(record) if os.WIFSTOPPED(status) else None


def _look(folder: Path, index: int, told: list[Told]) -> Iterator[Cut]:
    image = folder / f"cut-{index}.image"
    copy_image(folder / "running.image", image)
    with mounted(image, folder / "after"):
        yield Cut(folder / "after", told)
    image.unlink()
