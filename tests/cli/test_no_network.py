# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A verdict needs no network: not one system call of it (threats: CLI-17, BND-35)."""

import sys
from pathlib import Path

from tests.kill import require_strace, traced_calls
from vcred.demo.clock import OPENING
from vcred.demo.story import play

ENTRY = "import sys; from vcred.cli.main import main; sys.exit(main())"


def test_verify_makes_no_network_call(tmp_path: Path) -> None:
    require_strace()
    outcome = play(tmp_path / "demo", say=lambda step: None)
    first = outcome.shown[0]
    where = ["--home", str(outcome.homes[first.gate]), "--at", OPENING.isoformat()]
    verify = [sys.executable, "-c", ENTRY, "verify", str(first.file), *where]
    # The trace sees what it should: the same command opens files.
    assert traced_calls(verify, trace="openat")["openat"] > 0
    assert traced_calls(verify, trace="%network") == {}


def test_the_trace_would_see_a_network_call() -> None:
    require_strace()
    program = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()"
    assert traced_calls([sys.executable, "-c", program], trace="%network")["socket"] == 1
