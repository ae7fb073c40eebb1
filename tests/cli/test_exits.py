# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Exit codes and words for whatever a command runs into."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import click
import pytest

from tests.cli.run import Outcome, run
from tests.cli.town import Town
from vcred.cli.root import root
from vcred.errors import DecodeError, RefusedError, ResolutionError, StoreError, UsageError, VcredError
from vcred.reasons import Reason

VCRED = Path(sys.executable).with_name("vcred")


def run_raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Run a command that does nothing but raise."""

    @click.command("fail")
    def fail() -> None:
        raise error

    monkeypatch.setattr(type(root), "get_command", lambda *_: fail)
    return run("fail")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no such thing"), 2),
        (StoreError("the folder is locked"), 4),
        (RefusedError(Reason.REVOKED, "revoked"), 1),
        (DecodeError("not JSON"), 1),
        (ResolutionError("notFound", "no such DID"), 3),
        (ResolutionError("invalidDid", "not a DID"), 1),
        (VcredError("something"), 1),
        (PermissionError(13, "Permission denied", "a-file"), 4),
        (OSError(28, "No space left on device"), 4),
        (click.BadParameter("not a number"), 2),
        (KeyboardInterrupt(), 130),
        (EOFError(), 2),
        (ZeroDivisionError("the value of a claim"), 70),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_each_error_has_its_exit_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = run_raising(error, monkeypatch)
    assert outcome.code == code
    assert outcome.out == ""
    assert any(line.startswith("vcred: error: ") for line in outcome.said)


def test_an_error_is_followed_by_its_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = run_raising(UsageError("this is missing", hint="add it"), monkeypatch)
    assert outcome.said == ["vcred: error: this is missing", "vcred: hint: add it"]


def test_a_bug_is_told_by_its_place_and_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = run_raising(ValueError("陳大文 5631268(1)"), monkeypatch)
    assert "陳大文" not in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.said[0].startswith("vcred: error: internal error: ValueError at test_exits.py line ")


def test_text_from_outside_cannot_rewrite_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """CLI-01 to CLI-03: CSI, C1, OSC 8, bidi and newlines in a message reach nobody."""
    hostile = (
        "a\x1b[2Jb\x9bc\x07d\x08e\rf\x7fg\x00h\u202ei\u2066j\u200bk\u2028l\u00adm\U000e0041n\nvcred: accepted"
    )
    outcome = run_raising(StoreError(hostile), monkeypatch)
    assert len(outcome.said) == 1
    assert all(character == "\n" or character.isprintable() for character in outcome.err)


def test_sigint_ends_with_130(town: Town) -> None:
    """CLI-10. The command reads a pipe: opening its other end waits until it has begun to."""
    pipe = town.path / "pipe"
    os.mkfifo(pipe)
    command = [VCRED, "verify", pipe, "--home", town.path / "gate-mo"]
    with (
        # Who runs in the background of a shell would ignore the signal: here it is as at a terminal.
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as child,
        pipe.open("wb"),
    ):
        # A signal between two steps of the interpreter waits for the next one: a person presses again.
        for _ in range(60):
            child.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.5)
                break
        out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err.strip()) == (130, b"", b"vcred: error: interrupted")


def test_a_closed_pipe_is_quiet() -> None:
    """CLI-09."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([VCRED, "--help"], stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("locale", ["C", "POSIX", "zh_CN.GB18030"])
def test_no_locale_makes_it_crash(locale: str) -> None:
    environment = {
        **os.environ,
        "LC_ALL": locale,
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        [VCRED, "verify", "陳大文.png"], capture_output=True, check=False, env=environment, timeout=60
    )
    assert done.returncode == 4
    assert done.stderr.isascii()
