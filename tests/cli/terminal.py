# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Runs `vcred` at a terminal of its own, as a person would, and types at its questions."""

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_PROGRAM: Final = "import sys; from vcred.cli.main import main; sys.exit(main())"
_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What stood on the terminal in the end, and the exit code."""

    code: int
    text: str


def at_terminal(*arguments: object, answers: Sequence[tuple[str, bytes]], program: str = _PROGRAM) -> Seen:
    """Run a program; at each question, in this order, type the answer and the end of the line.

    Args:
        arguments: Of the program.
        answers: The end of each question, and what is typed at it.
        program: In Python; `vcred` by default.
    """
    process, terminal = pty.fork()
    if process == 0:
        os.execv(sys.executable, [sys.executable, "-c", program, *map(str, arguments)])
    seen, deadline = b"", time.monotonic() + _SECONDS
    try:
        for question, answer in answers:
            before = len(seen)
            while question.encode() not in seen[before:]:
                piece = _read(terminal, deadline)
                assert piece, seen.decode("utf-8", "replace")
                seen += piece
            os.write(terminal, answer + b"\n")
        while piece := _read(terminal, deadline):
            seen += piece
        _, status = os.waitpid(process, 0)
        process = 0
    finally:
        os.close(terminal)
        if process:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    return Seen(code=os.waitstatus_to_exitcode(status), text=seen.decode("utf-8", "replace"))


def _read(terminal: int, deadline: float) -> bytes:
    """What the terminal shows next; nothing at its end."""
    ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
    assert ready, "the program neither asks nor ends"
    try:
        return os.read(terminal, 4096)
    except OSError:
        # What Linux answers when nobody has the other side open any more.
        return b""
