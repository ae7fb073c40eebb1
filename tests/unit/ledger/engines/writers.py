# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that append at the same time, and what each was told."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep

from tests.architecture.source import PROJECT
from tests.unit.ledger.engines.appender import PATIENCE_SECONDS


class Writers:
    """Processes that append to one store; `acknowledged` grows while they run: (index, entry)."""

    def __init__(self, processes: list[subprocess.Popen[str]]) -> None:
        self.processes = processes
        self.acknowledged: list[tuple[int, bytes]] = []
        self.errors: dict[str, int] = {}
        self._readers = [Thread(target=self._read, args=[process]) for process in processes]

    def go(self) -> None:
        """Let all of them begin."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for reader in self._readers:
            reader.start()

    def wait_for(self, number: int) -> None:
        """Wait until so many entries have been acknowledged."""
        until = monotonic() + PATIENCE_SECONDS
        while len(self.acknowledged) < number:
            assert monotonic() < until, "the writers stand still"
            sleep(0.005)

    def wait(self) -> None:
        """Wait until all have had everything acknowledged."""
        for reader, process in zip(self._readers, self.processes, strict=True):
            reader.join(timeout=120)
            assert process.wait(timeout=10) == 0

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            first, _, entry = line.strip().partition(" ")
            if first.isdigit():
                self.acknowledged.append((int(first), entry.encode()))
                continue
            for told in filter(None, [first, *entry.split()]):
                name, _, number = told.partition("=")
                self.errors[name] = self.errors.get(name, 0) + int(number)


@contextmanager
def start_writers(address: str, *, number: int, count: int) -> Iterator[Writers]:
    """Start so many processes, each with so many entries; none runs on afterwards."""
    module = [sys.executable, "-m", "tests.unit.ledger.engines.appender", address]
    processes = [
        subprocess.Popen(
            [*module, f"writer-{which}", str(count)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for which in range(number)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield Writers(processes)
    finally:
        for process in processes:
            process.kill()
            process.wait()
