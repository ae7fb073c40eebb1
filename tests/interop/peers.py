# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The other implementations: where `tests/interop/install` put them, and how they are asked."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.machine import require
from vcred.codec.json_types import JsonObject, JsonValue

_HERE = Path(__file__).parent
_PEERS = _HERE.parents[1] / ".interop"
_HINT = "peers are not installed: make interop-env"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One other implementation, run as a process for each question."""

    name: str
    command: tuple[str, ...]

    def ask(self, verb: str, **members: JsonValue) -> JsonValue:
        """Ask, and return the answer.

        Raises:
            PeerRefusedError: It raised an error of its own.
        """
        done = subprocess.run(
            self.command,
            input=json.dumps({"do": verb, **members}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise PeerRefusedError(f"{self.name}: {done.stderr[-2000:]}")
        answer: JsonValue = json.loads(done.stdout)
        return answer

    def ask_text(self, verb: str, **members: JsonValue) -> str:
        """Ask for a text."""
        answer = self.ask(verb, **members)
        assert isinstance(answer, str)
        return answer

    def ask_object(self, verb: str, **members: JsonValue) -> JsonObject:
        """Ask for an object."""
        answer = self.ask(verb, **members)
        assert isinstance(answer, dict)
        return answer


@dataclass(frozen=True, kw_only=True)
class StandingPeer:
    """One other implementation as a process that stays and answers line by line."""

    name: str
    process: subprocess.Popen[str]

    def ask(self, verb: str, **members: JsonValue) -> JsonValue:
        """Ask, and return the answer.

        Raises:
            PeerRefusedError: It ended with an error of its own.
        """
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps({"do": verb, **members}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise PeerRefusedError(f"{self.name} has ended") from error
        line = self.process.stdout.readline()
        if not line:
            raise PeerRefusedError(f"{self.name} has ended; its error is on stderr")
        answer: JsonValue = json.loads(line)
        return answer


class PeerRefusedError(Exception):
    """The peer did not do what it was asked."""


def python_peer() -> Peer:
    """PyPI `sd-jwt`. Skips if it is not installed, but fails where CI=true."""
    program = _PEERS / "python" / "bin" / "python"
    require(program.exists() and (_PEERS / "python" / "requirements.txt").exists(), _HINT)
    return Peer(name="sd-jwt (PyPI)", command=(str(program), "-I", str(_HERE / "python" / "peer.py")))


def node_peer() -> Peer:
    """npm `@sd-jwt/sd-jwt-vc`. Skips if it is not installed, but fails where CI=true."""
    program = shutil.which("node")
    require(program is not None and (_PEERS / "node" / "installed.json").exists(), _HINT)
    assert program is not None
    return Peer(
        name="sd-jwt-vc (npm)", command=(program, str(_HERE / "node" / "peer.mjs"), str(_PEERS / "node"))
    )


def openvc_peer() -> Peer:
    """PyPI `openvc-core`. Skips if it is not installed, but fails where CI=true."""
    program = _PEERS / "openvc" / "bin" / "python"
    require(program.exists() and (_PEERS / "openvc" / "requirements.txt").exists(), _HINT)
    return Peer(name="openvc-core (PyPI)", command=(str(program), "-I", str(_HERE / "openvc" / "peer.py")))


def node_status_peer() -> Peer:
    """npm `@sd-jwt/jwt-status-list`. Skips if it is not installed, but fails where CI=true."""
    program = shutil.which("node")
    require(program is not None and (_PEERS / "node" / "installed.json").exists(), _HINT)
    assert program is not None
    return Peer(
        name="jwt-status-list (npm)",
        command=(program, str(_HERE / "node" / "status.mjs"), str(_PEERS / "node")),
    )


@contextmanager
def merkle_peer() -> Iterator[StandingPeer]:
    """PyPI `pymerkle`, as long as the block lasts. Skips if it is not installed, but fails where CI=true."""
    program = _PEERS / "merkle" / "bin" / "python"
    require(program.exists() and (_PEERS / "merkle" / "requirements.txt").exists(), _HINT)
    command = (str(program), "-I", str(_HERE / "merkle" / "peer.py"))
    # Leaving the block closes its stdin, at which it ends.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield StandingPeer(name="pymerkle (PyPI)", process=process)


PEERS: dict[str, Callable[[], Peer]] = {"python": python_peer, "node": node_peer}
STATUS_PEERS: dict[str, Callable[[], Peer]] = {"openvc": openvc_peer, "node": node_status_peer}
