# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A person at a terminal: a shell in tmux, keys go in, and what stands on the screen is read."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from tests.kill import PROJECT
from tests.machine import require

PROMPT = "ready>"
_WAIT_SECONDS = 120
_LOOK_SECONDS = 0.1
_PRESSES, _LOOKS = 12, 15
_COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
_HALVES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}
_SCALE = 3


def require_tmux() -> None:
    """Skip where there is no tmux; in CI that is a failure."""
    require(shutil.which("tmux"), "no tmux: nobody types at a terminal")


class Terminal:
    """One pane of a tmux server of its own."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def type(self, text: str) -> None:
        """Type printable characters."""
        self._do("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: "Enter", "Tab", "BTab", "C-s", "Escape"."""
        for key in keys:
            self._do("send-keys", key)
            # An Escape with a key right behind it would be one key.
            time.sleep(_LOOK_SECONDS)

    def press_until(self, key: str, text: str) -> None:
        """Press a key, and again after a while, as a person does, until something stands on the screen.

        Raises:
            AssertionError: It does not come.
        """
        for _ in range(_PRESSES):
            self.press(key)
            for _ in range(_LOOKS):
                if text in self.screen():
                    return
                time.sleep(_LOOK_SECONDS)
        raise AssertionError(f"{text!r} does not come; there is\n{self.screen()}")

    def line(self, text: str) -> None:
        """Type a line."""
        self.type(text)
        self.press("Enter")

    def screen(self, *, colours: bool = False) -> str:
        """What stands on the screen; with colours, as escape sequences."""
        return self._do("capture-pane", "-p", *(("-e",) if colours else ())).stdout

    def wait_for(self, *texts: str) -> str:
        """Wait until one of these stands on the screen; returns the screen.

        Raises:
            AssertionError: None comes.
        """
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            screen = self.screen()
            if any(text in screen for text in texts):
                return screen
            time.sleep(_LOOK_SECONDS)
        raise AssertionError(f"{texts} does not come; there is\n{self.screen()}")

    def picture(self) -> Image.Image:
        """The cells of the screen, two pixels on each other, black where a half is dark."""
        rows = [_pixels(line) for line in self.screen(colours=True).splitlines()]
        width = max(map(len, rows), default=1)
        image = Image.new("L", (width, 2 * len(rows)), 255)
        for y, row in enumerate(rows):
            for x, (upper, lower) in enumerate(row):
                image.putpixel((x, 2 * y), upper)
                image.putpixel((x, 2 * y + 1), lower)
        return image.resize((image.width * _SCALE, image.height * _SCALE), Image.Resampling.NEAREST)

    def _do(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = ["tmux", "-S", os.fspath(self._socket), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)


@contextmanager
def terminal(folder: Path, *, columns: int, rows: int, **environment: str) -> Iterator[Terminal]:
    """A shell in a terminal of that size; it is ended with all that runs in it when the block ends."""
    socket = folder / "tmux"
    settings = folder / "tmux.conf"
    settings.write_text(
        'set -g default-terminal "tmux-256color"\nset -ga terminal-overrides ",*:RGB"\nset -g status off\n'
        "set -sg escape-time 10\n",
        encoding="ascii",
    )
    given = {"COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "PYTHONPATH": os.fspath(PROJECT)}
    options = [item for name, value in (given | environment).items() for item in ("-e", f"{name}={value}")]
    command = ["tmux", "-S", os.fspath(socket), "-f", os.fspath(settings), "new-session", "-d"]
    command += ["-x", str(columns), "-y", str(rows), *options, "bash --norc --noprofile -i"]
    subprocess.run(command, cwd=PROJECT, check=True, timeout=30)
    try:
        at = Terminal(socket)
        at.line(f"PS1='{PROMPT} '; clear")
        yield at
    finally:
        subprocess.run(["tmux", "-S", os.fspath(socket), "kill-server"], check=False, timeout=30)


def _pixels(line: str) -> list[tuple[int, int]]:
    """Brightness of the upper and lower half of each cell of a line."""
    cells: list[tuple[int, int]] = []
    front, back, at = 0, 255, 0
    for match in _COLOUR.finditer(line):
        cells += _cells(line[at : match.start()], front, back)
        front, back = _recolour(match[1], front, back)
        at = match.end()
    return cells + _cells(line[at:], front, back)


def _cells(text: str, front: int, back: int) -> list[tuple[int, int]]:
    halves = [_HALVES.get(character, (False, False)) for character in text]
    return [(front if upper else back, front if lower else back) for upper, lower in halves]


def _recolour(codes: str, front: int, back: int) -> tuple[int, int]:
    numbers = [int(code or 0) for code in codes.split(";")]
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            front, back = 0, 255
        elif code in (38, 48) and numbers[:1] == [2]:
            brightness = sum(numbers[1:4]) // 3
            numbers = numbers[4:]
            front, back = (brightness, back) if code == 38 else (front, brightness)
        elif code in (38, 48):
            numbers = numbers[2:]
    return front, back
