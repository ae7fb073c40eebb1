# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Runs the command line in this process, with streams of its own and a clock that stands still."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from unittest.mock import patch

from vcred.cli.main import main

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a person, or a program, gets from one command."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        return self.err.splitlines()


def run(*arguments: object, stdin: bytes = b"", clock: Callable[[], datetime] = lambda: NOON) -> Outcome:
    """Run `vcred` with these arguments."""
    out, err = _stream(), _stream()
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")),
    ):
        code = main([str(argument) for argument in arguments], clock=clock)
    return Outcome(code=code, out=_text(out), err=_text(err))


def done(*arguments: object, stdin: bytes = b"", clock: Callable[[], datetime] = lambda: NOON) -> Outcome:
    """Run `vcred`, and fail with its words unless it ends with 0."""
    outcome = run(*arguments, stdin=stdin, clock=clock)
    assert outcome.code == 0, outcome.err
    return outcome


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")
