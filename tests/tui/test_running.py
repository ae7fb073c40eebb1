# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The program itself: what it forgets of its environment, and that it leaves the terminal as it was."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tui.house import House, furnish, make_house
from vcred.wallet_tui.running import forget_wishes

PROGRAM = """
import sys
from vcred.clock import system_clock
from vcred.home import Role, open_home
from pathlib import Path
from vcred.wallet_tui import run
sys.exit(run(open_home(Path(sys.argv[1]), Role.HOLDER), clock=system_clock))
"""
ENTER_SCREEN, LEAVE_SCREEN, SHOW_CURSOR = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return furnish(make_house(tmp_path_factory.mktemp("house")), "health-code")


def test_what_would_write_the_screen_somewhere_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_SCREENSHOT", "TEXTUAL_PRESS", "TEXTUAL_DRIVER"):
        monkeypatch.setenv(name, "devtools")
    monkeypatch.setenv("TEXTUAL_FPS", "30")
    forget_wishes()
    assert [name for name in os.environ if name.startswith("TEXTUAL")] == ["TEXTUAL_FPS"]


def test_importing_the_door_loads_no_screens() -> None:
    """Every command imports it; only one draws."""
    check = "import sys, vcred.wallet_tui; sys.exit('textual' in sys.modules or 'rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def start(house: House, **environment: str) -> tuple[subprocess.Popen[bytes], int]:
    """Run the program at a terminal of its own; returns it, and our end of the terminal."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **environment}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(house.path)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environ,
        start_new_session=True,
    )
    os.close(theirs)
    return process, ours


def read_until(ours: int, wanted: bytes, *, seconds: float = 20) -> bytes:
    """Read until it stands there, or the program has ended."""
    os.set_blocking(ours, False)
    read, end = b"", time.monotonic() + seconds
    while wanted not in read and time.monotonic() < end:
        try:
            piece = os.read(ours, 65536)
        except BlockingIOError:
            time.sleep(0.02)
            continue
        except OSError:
            break
        read += piece
    return read


@pytest.mark.parametrize("how", ["key", "signal"])
def test_the_terminal_is_as_it_was(house: House, how: str) -> None:
    process, ours = start(house)
    try:
        assert b"Credentials" in read_until(ours, b"Credentials")
        if how == "key":
            os.write(ours, b"\x11")
        else:
            process.send_signal(signal.SIGTERM)
        told = read_until(ours, LEAVE_SCREEN)
        assert LEAVE_SCREEN in told
        assert SHOW_CURSOR in told + read_until(ours, SHOW_CURSOR, seconds=1)
        assert process.wait(20) == (0 if how == "key" else 128 + signal.SIGTERM)
    finally:
        process.kill()
        os.close(ours)
    house.wallet().close()


def test_no_colour_is_respected(house: House) -> None:
    process, ours = start(house, NO_COLOR="1")
    try:
        told = read_until(ours, b"until")
        assert b"Credentials" in told
        coloured = [piece for piece in told.split(b"\x1b[")[1:] if piece.startswith(b"38;2;")]
        # Shades of grey only.
        for piece in coloured:
            red, green, blue = piece.split(b"m")[0].split(b";")[2:5]
            assert red == green == blue
    finally:
        process.kill()
        process.wait(20)
        os.close(ours)


def test_no_core_file_and_no_other_process(house: House) -> None:
    process, ours = start(house)
    try:
        read_until(ours, b"Credentials")
        try:
            limits = Path(f"/proc/{process.pid}/limits").read_text(encoding="ascii")
        except PermissionError:
            # Not even that is shown to another process of the same person.
            return
        (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        assert line.split()[4] == "0"
    finally:
        process.kill()
        process.wait(20)
        os.close(ours)
