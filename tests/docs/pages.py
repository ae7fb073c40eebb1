# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Pages as programs: the blocks of a Markdown file, and a very small shell for the console ones.

A block of `sh` is run by the system's shell, with a `date` that counts from the page's time.
The small shell knows `NAME=$(vcred ...)`, `$NAME`, and a backslash at the end of a line; nothing more
may stand in the documentation.
"""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from shutil import which

from tests.architecture.source import PROJECT
from tests.cli.run import NOON, Outcome, run

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# With these words a verdict, an error or a row begins that makes the exit code 1.
_REFUSED = ("rejected", "vcred: error: ", "vcred: refused: ", "vcred: not issued: ")
_SAVED = re.compile(r"([A-Z]+)=\$\((.*)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language and its text."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a console block, and the lines that the page shows after it."""

    command: str
    shown: tuple[str, ...]


class ShellClock:
    """The time of a shell, as commands take it."""

    def __init__(self, shell: "Shell") -> None:
        self._shell = shell

    def __call__(self) -> datetime:
        return self._shell.clock()

    def sleep(self, seconds: float) -> None:
        self._shell.sleep(seconds)


@dataclass
class Shell:
    """Runs steps in the current folder, at a time that moves 20 seconds a command."""

    now: datetime = field(default=NOON)
    names: dict[str, str] = field(default_factory=dict)

    def clock(self) -> datetime:
        """The time of the command that runs now."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """What a command does that waits."""
        self.now += timedelta(seconds=seconds)

    def run(self, command: str) -> Outcome:
        """Run one command; what `NAME=$(...)` prints is kept under its name."""
        self.now += timedelta(seconds=20)
        saved = _SAVED.fullmatch(command)
        words = shlex.split(saved[2] if saved else command, comments=True)
        assert words[0] in ("vcred", ".venv/bin/vcred"), command
        outcome = run(*(self._filled(word) for word in words[1:]), clock=ShellClock(self))
        if saved:
            assert outcome.code == 0, outcome.err
            self.names[saved[1]] = outcome.out.strip()
        return outcome

    def run_script(self, block: Block) -> None:
        """Run a block of `sh` in the current folder."""
        real = which("date")
        assert real is not None
        now = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        date = f'date() {{ test "$1 $2" = "-u -d" && {real} -u -d "{now} $3" "$4"; }}'
        subprocess.run(["/bin/sh", "-e", "-c", f"{date}\n{block.text}"], check=True, timeout=60)

    def run_page(self, page: Iterable[Block]) -> None:
        """Run every block of a page that is a program; what the page shows after a command is checked."""
        for block in page:
            if block.language == "sh":
                self.run_script(block)
            for step in steps(block) if block.language == "console" else ():
                check(step, self.run)

    def _filled(self, word: str) -> str:
        return self.names[word[1:]] if word.startswith("$") else word


def blocks(page: str, language: str | None = None) -> list[Block]:
    """The fenced blocks of a page of the project, in order."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    return [Block(name, body) for name, body in _BLOCK.findall(text) if language in (None, name)]


def steps(block: Block) -> list[Step]:
    """The commands of a console block."""
    joined = re.sub(r" *\\\n +", " ", block.text)
    found: list[Step] = []
    for part in re.split(r"^\$ ", joined, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        found.append(Step(command, tuple(shown)))
    return found


def check(step: Step, run_step: Callable[[str], Outcome]) -> None:
    """Run a step: its exit code is that of the verdict or error shown, and it begins as the page shows.

    Lines that begin with "vcred: " are of stderr, wherever they stand there; " ..." at the end of one
    stands for the rest of it.
    """
    outcome = run_step(step.command)
    said = [line for line in step.shown if line.startswith("vcred: ")]
    shown = [line for line in step.shown if line not in said]
    refused = [*shown[:1], *said][:1]
    expected = 1 if refused and refused[0].startswith(_REFUSED) else 0
    if said and said[-1].startswith("vcred: indeterminate"):
        expected = 3
    assert outcome.code == expected, f"{step.command}\n{outcome.err}"
    assert outcome.out.splitlines()[: len(shown)] == shown, f"{step.command}\n{outcome.out}"
    for line in said:
        assert any(_is_shown(line, whole) for whole in outcome.said), f"{step.command}\n{outcome.err}"


def _is_shown(line: str, whole: str) -> bool:
    start = line.removesuffix(" ...")
    return whole == line or (start != line and whole.startswith(start))
