# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""While a roster runs: a bar on a terminal, a line now and then in a pipe; and what a stop says."""

import fcntl
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.architecture.source import PROJECT
from tests.cli.town import ROSTER, Town
from vcred.cli.roster_progress import LEAST_BAR_COLUMNS, ProgressTeller, progress_words, words_beside_bar
from vcred.cli.stopping import Terminated, stop_code, stoppable
from vcred.issuer.issuer import Issuer
from vcred.issuer.summary import Progress

HEAD, ROW = (line.decode("gb18030") for line in ROSTER.read_bytes().splitlines(keepends=True)[:2])


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(rows: int, percent: int | None = None, *, checking: bool = False) -> Progress:
    return Progress(rows=rows, issued=rows - 1, skipped=0, refused=1, percent=percent, checking=checking)


def seconds_by(step: float) -> Callable[[], float]:
    """A clock that moves by `step` each time it is asked."""
    told = iter(range(1_000_000))
    return lambda: next(told) * step


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "140")
    teller = ProgressTeller(seconds=seconds_by(2.0))
    for rows, percent in ((256, 50), (512, 100)):
        teller.tell(progress(rows, percent))
    teller.end()
    text = screen.getvalue()
    assert "256 rows read (50%), 255 issued, 0 issued before, 1 refused; 128 rows/s, 0:00:02 left" in text
    assert "512 rows read (100%)" in text and text.removesuffix("\x1b[?25h").endswith("\n")
    teller.end()
    assert screen.getvalue() == text


STATE = Progress(rows=9728, issued=7168, skipped=2560, refused=0, percent=48)
LARGE = Progress(rows=12_345_678, issued=10_123_456, skipped=2_222_222, refused=12_345, percent=99)
PACE = "48%, 2306 rows/s, 0:00:05 left"


def test_beside_the_bar_there_is_as_much_as_fits() -> None:
    full = progress_words(STATE, elapsed=4.218)
    assert full.endswith("0 refused; 2306 rows/s, 0:00:05 left") and len(full) == 91
    expected = {
        130: full,
        len(full) + 11: full,
        len(full) + 10: f"{PACE}; 9728 rows, 7168 issued, 0 refused",
        80: f"{PACE}; 9728 rows, 7168 issued, 0 refused",
        75: f"{PACE}; 7168 issued, 0 refused",
        60: f"{PACE}; 9728 rows",
        45: PACE,
        20: PACE[:9],
        5: "",
    }
    assert {n: words_beside_bar(STATE, elapsed=4.218, columns=n) for n in expected} == expected


@pytest.mark.parametrize("columns", [80, 130])
@pytest.mark.parametrize("state", [STATE, LARGE, replace(LARGE, checking=True), replace(LARGE, resumed=999)])
def test_percentage_rate_and_time_left_are_always_there(state: Progress, columns: int) -> None:
    for elapsed in (4.0, 4_000.0, 80_000.0):
        words = words_beside_bar(state, elapsed=elapsed, columns=columns)
        assert f"{state.percent}%" in words and "rows/s" in words and words.count(" left") == 1
        assert len(words) + 1 + LEAST_BAR_COLUMNS <= columns


DRAWING = """
import sys
from vcred.cli.roster_progress import ProgressTeller
from vcred.issuer.summary import Progress
teller = ProgressTeller(seconds=iter((0.0, 4.218, 8.436)).__next__)
for rows, percent in ((9728, 48), (19456, 100)):
    teller.tell(Progress(rows=rows, issued=7168, skipped=2560, refused=0, percent=percent))
teller.end()
"""


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (80, "48%, 2306 rows/s, 0:00:05 left; 9728 rows, 7168 issued, 0 refused"),
        (130, progress_words(STATE, elapsed=4.218)),
    ],
)
def test_on_a_real_terminal_no_line_is_wider_than_it(columns: int, words: str) -> None:
    drawn = _drawn(columns)
    first = next((line for line in drawn if words in line), "")
    assert first and "…" not in "".join(drawn)
    assert first.count("━") + first.count("╸") + first.count("╺") >= LEAST_BAR_COLUMNS
    assert max(map(len, drawn)) <= columns


def _drawn(columns: int) -> list[str]:
    """Draw in a process of its own, whose terminal is so wide; returns what stood in its lines."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    unset = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CI"}
    settings = {name: value for name, value in os.environ.items() if name not in unset}
    subprocess.run(
        [sys.executable, "-c", DRAWING], cwd=PROJECT, env=settings | {"TERM": "xterm", "LC_ALL": "C.UTF-8"},
        stdin=slave, stdout=slave, stderr=slave, check=True, timeout=60,
    )  # fmt: skip
    os.close(slave)
    with os.fdopen(master, "rb") as screen:
        shown = screen.read1(1 << 16).decode()
    return re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown))


def test_in_a_pipe_there_is_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr("sys.stderr", pipe)
    teller = ProgressTeller(seconds=seconds_by(0.5))
    for rows in range(256, 10_001, 256):
        teller.tell(progress(rows))
    teller.end()
    lines = pipe.getvalue().splitlines()
    assert 3 <= len(lines) <= 6
    assert lines[0] == "vcred: 512 rows read, 511 issued, 0 issued before, 1 refused; 512 rows/s"


def test_each_pass_has_a_rate_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr("sys.stderr", pipe)
    teller = ProgressTeller(seconds=seconds_by(10.0))
    for checking in (True, False):
        for rows in (100, 200):
            teller.tell(progress(rows, rows // 2, checking=checking))
    lines = pipe.getvalue().splitlines()
    assert lines[1] == "vcred: 200 rows checked (100%), 1 refused; 20 rows/s, 0:00:00 left"
    # A pass that begins knows no rate yet.
    assert lines[2].endswith("(50%), 99 issued, 0 issued before, 1 refused")
    assert "20 rows/s" in lines[3]


def test_what_a_stopped_run_had_signed_is_told_apart() -> None:
    state = Progress(rows=512, issued=512, skipped=512, refused=0, percent=50, resumed=512)
    assert progress_words(state, elapsed=0.0) == (
        "512 rows read (50%), 0 issued, 512 issued before, 0 refused,"
        " 512 delivered that a stopped run had signed"
    )


def test_nothing_is_promised_of_a_file_without_a_size() -> None:
    assert "left" not in progress_words(progress(10), elapsed=1.0)
    assert "left" not in progress_words(progress(10, 0), elapsed=1.0)
    assert progress_words(progress(10, 1), elapsed=60.0).endswith("0 rows/s, 1:39:00 left")


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_a_stop_says_how_it_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch, stop: type[KeyboardInterrupt], code: int
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise stop

    monkeypatch.setattr(Issuer, "issue_roster", stopped)
    file = town.path / "new.csv"
    file.write_text(HEAD + ROW, encoding="utf-8")
    command = ("issue", "health-code", "--roster", file, "--out", town.path / "new")
    outcome = town.run(*command, home="issuer-gd")
    assert outcome.code == code
    assert outcome.said == ["vcred: error: stopped; run the same command again to go on"]


def test_sigterm_is_heard_and_handed_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated) as caught, stoppable():
        signal.raise_signal(signal.SIGTERM)
    assert stop_code(caught.value) == 143
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_a_run_which_then_goes_on(town: Town, number: signal.Signals, code: int) -> None:
    """A real process, stopped while it waits for the rest of its roster."""
    file, out = town.path / "long.csv", town.path / "long.jsonl"
    first, rest = ROW.split(",", 1)
    rows = [f"{first}{number},{rest}" for number in range(4000)]
    issuer = town.done("did", "show", home="issuer-gd")
    did = town.done("wallet", "apply", issuer, home="holder")
    holders = town.path / "long.json"
    holders.write_text(json.dumps({row.split(",", 1)[0]: did for row in rows}), encoding="utf-8")
    options = ("--holders", holders, "--out", out, "--workers", "1", "--home", town.path / "issuer-gd")
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.scenarios", "command", str(int(town.now.timestamp())),
         "issue", "health-code", "--roster", "-", *map(str, options)],
        cwd=PROJECT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stdin is not None
    run.stdin.write("".join([HEAD, *rows[:3600]]))
    run.stdin.flush()
    deadline = time.monotonic() + 60
    while not out.exists() and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    run.send_signal(number)
    # With stdin still open: what stops it is the signal.
    assert run.stderr is not None
    said, stopped = run.stderr.read(), run.wait(timeout=60)
    run.stdin.close()
    assert (stopped, said.splitlines()[-1]) == (
        code,
        "vcred: error: stopped; run the same command again to go on",
    )
    file.write_text("".join([HEAD, *rows]), encoding="utf-8")
    town.done("issue", "health-code", "--roster", file, *options)
    assert _row_ids(out) == sorted(row.split(",", 1)[0] for row in rows)


def _row_ids(out: Path) -> list[str]:
    return sorted(json.loads(line)["row_id"] for line in out.read_text().splitlines())
