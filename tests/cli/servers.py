# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Servers as processes of their own, over loopback."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_PROGRAM = "import sys; from vcred.cli.main import main; sys.exit(main())"
_SECONDS = 30


@dataclass(kw_only=True)
class Server:
    """A running `vcred serve`, and what it has said so far."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens, once it has said so."""
        wait_until(lambda: self.said("listening on ") or self.process.poll() is not None)
        line = next((line for line in self.lines if "listening on " in line), None)
        assert line is not None, self.lines
        return line.split()[-1]

    def said(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    def stop(self) -> int:
        """Tell it to stop; returns its exit code."""
        self.process.terminate()
        return self.process.wait(_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(_SECONDS)


@contextmanager
def serving(*arguments: object, home: Path, port: int = 0) -> Iterator[Server]:
    """Run `vcred serve` with these arguments; it is gone afterwards."""
    command = [sys.executable, "-c", _PROGRAM, "serve", *map(str, arguments)]
    process = subprocess.Popen(
        [*command, "--home", str(home), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(process=process)
    assert process.stderr is not None
    reader = threading.Thread(target=lambda: server.lines.extend(process.stderr or ()), daemon=True)
    reader.start()
    try:
        yield server
    finally:
        if process.poll() is None:
            server.kill()
        reader.join(_SECONDS)
        process.stderr.close()


def free_port() -> int:
    """A port of loopback that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until(done: Callable[[], bool], *, seconds: float = _SECONDS) -> None:
    """Wait, and fail if it does not come."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.05)
