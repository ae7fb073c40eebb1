# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The screen as a camera sees it: every cell two pixels, enlarged, by the colours that it is drawn in."""

import io
from collections.abc import Iterable, Sequence

from PIL import Image
from rich.color import Color
from rich.style import Style
from textual.app import App
from textual.strip import Strip

from vcred.qr.engines.zxing import read_picture

_PIXELS = 4
_HALVES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


def strips_of(app: App[int]) -> list[Strip]:
    """What is drawn, line by line: the filters of NO_COLOR and of themes are in it."""
    return app.screen._compositor.render_strips()


def text_of(app: App[int]) -> str:
    """What can be read on the screen."""
    return "\n".join([strip.text for strip in strips_of(app)])


def picture_of(strips: Sequence[Strip]) -> bytes:
    """A PNG of cells."""
    rows = [row for strip in strips for row in _rows(strip)]
    picture = Image.new("RGB", (max(map(len, rows)), len(rows)))
    for y, row in enumerate(rows):
        for x, colour in enumerate(row):
            picture.putpixel((x, y), colour)
    return _png(picture)


def read_screen(app: App[int]) -> str:
    """The text of the one code on the screen."""
    return read_picture(picture_of(strips_of(app)))


def picture_of_blocks(lines: Iterable[str], *, is_screen_dark: bool) -> bytes:
    """A PNG of lines of block characters on a terminal without colours."""
    light, dark = (255, 255, 255), (0, 0, 0)
    written, ground = (light, dark) if is_screen_dark else (dark, light)
    kept = list(lines)
    picture = Image.new("RGB", (max(map(len, kept)), 2 * len(kept)))
    for y, line in enumerate(kept):
        for x, glyph in enumerate(line):
            for half, is_written in enumerate(_HALVES[glyph]):
                picture.putpixel((x, 2 * y + half), written if is_written else ground)
    return _png(picture)


def _rows(strip: Strip) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    upper, lower = [], []
    for segment in strip:
        style = segment.style or Style()
        front, behind = _rgb(style.color or style.bgcolor), _rgb(style.bgcolor)
        for glyph in segment.text:
            halves = _HALVES.get(glyph, (False, False))
            upper.append(front if halves[0] else behind)
            lower.append(front if halves[1] else behind)
    return upper, lower


def _rgb(colour: Color | None) -> tuple[int, int, int]:
    assert colour is not None, "a cell without a colour shows what is behind the window"
    triplet = colour.triplet
    assert triplet is not None, "a colour that the terminal chooses"
    return triplet.red, triplet.green, triplet.blue


def _png(picture: Image.Image) -> bytes:
    large = picture.resize((picture.width * _PIXELS, picture.height * _PIXELS), Image.Resampling.NEAREST)
    file = io.BytesIO()
    large.save(file, "PNG")
    return file.getvalue()
