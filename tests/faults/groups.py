# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Processes with a group of their own, that end together; and when to end them."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.left import receipts_bytes
from tests.kill import PROJECT

_POLL_SECONDS = 0.005
_MAX_SECONDS = 1_800
_END_SECONDS = 60


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with a group of its own; none of that group is left afterwards."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=file,
            stderr=file,
            start_new_session=True,
            preexec_fn=hear_all_signals,
            env=os.environ | (environment or {}),
        )
    try:
        yield process
    finally:
        kill_group(process)


def hear_all_signals() -> None:
    """What started the tests may be deaf to some, as under nohup; a process inherits that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL to all of them at once, as when the machine dies; returns when none is left."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(_END_SECONDS)
    wait_for_group(process)


def wait_for_group(process: "subprocess.Popen[bytes]") -> None:
    """Wait until no process of the group is left; fail if one stays."""
    until = time.monotonic() + _END_SECONDS
    while time.monotonic() < until:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(_POLL_SECONDS)
    raise AssertionError("a process stays behind")


def wait_for(process: "subprocess.Popen[bytes]", out: Path, length: float) -> None:
    """Wait until the table of receipts is longer than that."""
    until = time.monotonic() + _MAX_SECONDS
    while receipts_bytes(out) <= length and process.poll() is None:
        assert time.monotonic() < until, "it does not go on"
        time.sleep(_POLL_SECONDS)
