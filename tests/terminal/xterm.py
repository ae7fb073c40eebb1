# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A real terminal, xterm, on a screen in memory, with somebody to type and a camera before it.

What is drawn here is what a person's terminal draws: its own fonts, its own colours, its own half blocks.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from PIL import Image, ImageGrab

from tests.machine import require

_Found = TypeVar("_Found")

_NEEDED = ("Xvfb", "xterm", "xdotool")
_LATIN_FONT, _CHINESE_FONT = "DejaVu Sans Mono", "WenQuanYi Zen Hei Mono"
_SCREEN = (1720, 1290)
_START_SECONDS = 20
_WAIT_SECONDS = 90
_LOOK_SECONDS = 0.1
_EMPTY = 0.998


def require_xterm() -> None:
    """Skip where there is no xterm; in CI that is a failure."""
    require(all(map(shutil.which, _NEEDED)), "no xterm, Xvfb or xdotool: nothing is shown on a real terminal")


class Xterm:
    """One window, at the top left of a screen of its own."""

    def __init__(self, display: str, process: subprocess.Popen[bytes]) -> None:
        self._display = display
        self._process = process

    def press(self, *keys: str) -> None:
        """Press keys by their X names: "Return", "Down", "ctrl+l", "a"."""
        self._do("key", "--delay", "30", *keys)

    def type(self, text: str) -> None:
        """Type printable characters."""
        self._do("type", "--delay", "15", text)

    def picture(self) -> Image.Image:
        """What stands on the screen now."""
        return ImageGrab.grab(xdisplay=self._display)

    def wait_for(self, look: Callable[[Image.Image], _Found | None]) -> _Found:
        """Look at the screen until something is found on it.

        Raises:
            AssertionError: It does not come.
        """
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            found = look(self.picture())
            if found is not None:
                return found
            assert self._process.poll() is None, "the terminal has closed"
            time.sleep(_LOOK_SECONDS)
        raise AssertionError("it does not come on the screen")

    def wait_until_still(self) -> Image.Image:
        """Wait until nothing moves any more, and return what then stands there."""
        before = self.picture()
        for _ in range(int(_WAIT_SECONDS / _LOOK_SECONDS)):
            time.sleep(3 * _LOOK_SECONDS)
            now = self.picture()
            if now.tobytes() == before.tobytes() and not _is_empty(now):
                return now
            before = now
        raise AssertionError("it does not come to rest")

    def _do(self, *arguments: str) -> None:
        subprocess.run(
            ("xdotool", *arguments),
            env=_environment(self._display),
            check=True,
            capture_output=True,
            timeout=30,
        )


def _is_empty(picture: Image.Image) -> bool:
    """Whether nothing was drawn in the window yet but its cursor."""
    window = picture.crop(picture.getbbox()).convert("L").histogram()
    return max(window) > _EMPTY * sum(window)


@contextmanager
def xterm(
    command: Sequence[str],
    *,
    columns: int,
    rows: int,
    environment: Mapping[str, str] | None = None,
    font_size: float = 9,
) -> Iterator[Xterm]:
    """Run a command in a terminal; end both when the block ends.

    Args:
        command: What runs in it.
        columns, rows: Its size in cells.
        environment: More of it, for the command.
        font_size: In points.
    """
    with _screen() as display:
        arguments = [
            "xterm",
            "-geometry",
            f"{columns}x{rows}+0+0",
            "-b",
            "0",
            "-bw",
            "0",
            "+sb",
            "-bc",
            "-xrm",
        ]
        arguments += ["XTerm*cursorBlink: false", "-fa", _LATIN_FONT, "-fd", _CHINESE_FONT]
        arguments += ["-fs", str(font_size), "-u8", "-e", *command]
        process = subprocess.Popen(
            arguments,
            env=_environment(display)
            | {"COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            | dict(environment or {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        terminal = Xterm(display, process)
        try:
            _point_at(terminal)
            yield terminal
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def _point_at(terminal: Xterm) -> None:
    """Without a window manager, keys go where the pointer is."""
    terminal._do("search", "--sync", "--onlyvisible", "--class", "xterm")
    terminal._do("mousemove", "5", "5")


@contextmanager
def _screen() -> Iterator[str]:
    read, write = os.pipe()
    width, height = _SCREEN
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read, "rb") as told:
            yield f":{int(told.readline())}"
    finally:
        process.terminate()
        process.wait(_START_SECONDS)


def _environment(display: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "VIRTUAL_ENV") if name in os.environ}
    return kept | {"DISPLAY": display, "XDG_CACHE_HOME": tempfile.gettempdir()}
