# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Network namespaces of Linux: machines that cannot reach each other, on one machine.

A namespace has a loopback of its own and no other device; nothing leads from one to the other.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import pytest

from tests.architecture.source import PROJECT
from tests.machine import require

_LISTEN: Final = (
    "import socket, sys; server = socket.create_server(('127.0.0.1', 0)); "
    "print(server.getsockname()[1], flush=True); sys.stdin.read()"
)
_CONNECT: Final = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=5)"


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """One network namespace, by the name that `ip netns` knows it by."""

    name: str

    def run(self, command: Sequence[str], *, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command inside, to its end."""
        return subprocess.run(
            ("ip", "netns", "exec", self.name, *command),
            input=stdin,
            cwd=PROJECT,
            capture_output=True,
            check=False,
        )

    def devices(self) -> list[str]:
        """The names of its network devices."""
        shown = self.run(("ip", "-json", "link", "show"))
        return [device["ifname"] for device in json.loads(shown.stdout)]

    @contextmanager
    def listener(self) -> Iterator[int]:
        """Listen inside, on loopback, as long as the block lasts; gives the port."""
        command = ("ip", "netns", "exec", self.name, sys.executable, "-S", "-c", _LISTEN)
        # Leaving the block closes its stdin, at which it ends.
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            yield int(process.stdout.readline())

    def reaches(self, port: int) -> bool:
        """Whether a TCP connection to the port comes about from inside."""
        done = self.run((sys.executable, "-S", "-c", _CONNECT, str(port)))
        assert done.returncode == 0 or b"ConnectionRefusedError" in done.stderr, done.stderr.decode()
        return done.returncode == 0


@contextmanager
def namespaces(*labels: str) -> Iterator[list[Namespace]]:
    """Make a namespace for each label, as long as the block lasts. Skips where that is not allowed."""
    _require_allowed()
    with ExitStack() as stack:
        yield [stack.enter_context(_namespace(f"vcred-{os.getpid()}-{label}")) for label in labels]


@contextmanager
def _namespace(name: str) -> Iterator[Namespace]:
    _ip("netns", "add", name)
    try:
        made = Namespace(name=name)
        assert made.run(("ip", "link", "set", "lo", "up")).returncode == 0
        yield made
    finally:
        _ip("netns", "delete", name)


def _require_allowed() -> None:
    """Skip with what the kernel says against it. What is allowed must then work, in CI and elsewhere."""
    require(shutil.which("ip"), "iproute2 is not installed: there is no ip to make network namespaces with")
    name = f"vcred-{os.getpid()}-probe"
    probe = subprocess.run(("ip", "netns", "add", name), capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"the kernel refuses network namespaces: {probe.stderr.strip()}")
    _ip("netns", "delete", name)


def _ip(*arguments: str) -> None:
    subprocess.run(("ip", *arguments), check=True, capture_output=True)
