# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The code drawn in cells, read back as a camera would: exactly its text, whatever the brightness."""

import pytest
from rich.segment import Segment
from textual.strip import Strip

from tests.tui.picture import picture_of, picture_of_blocks
from vcred.errors import DecodeError, LimitExceededError
from vcred.qr.engines.zxing import draw_modules, read_picture
from vcred.wallet_tui.plain.handing import draw_blocks
from vcred.wallet_tui.widgets.symbol import INKS, cells_of, draw_line

SMALL = "VC1:" + "A0" * 30
# Version 22, the largest that is shown.
LARGE = "VC1:" + "Z9" * 720


@pytest.mark.parametrize("text", [SMALL, LARGE])
@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("is_doubled", [False, True])
def test_what_is_drawn_is_read_back(text: str, ink: str, is_doubled: bool) -> None:
    cells = cells_of(draw_modules(text), is_doubled=is_doubled)
    if not is_doubled:
        assert read_picture(picture_of([draw_line(line, ink) for line in cells])) == text
        return
    # A doubled cell is as wide as two columns and one line, and so twice as high in a picture.
    strips = [draw_line(line, ink) for line in cells]
    assert read_picture(picture_of(strips)) == text


def test_the_size_of_a_symbol_in_cells() -> None:
    modules = draw_modules(LARGE)
    side = len(modules)
    assert side == 17 + 4 * 22 + 8
    assert (len(cells_of(modules)[0]), len(cells_of(modules))) == (side, (side + 1) // 2)
    doubled = cells_of(modules, is_doubled=True)
    assert (len(doubled[0]), len(doubled)) == (2 * side, side)


def test_every_cell_has_both_of_its_colours() -> None:
    for line in cells_of(draw_modules(SMALL)):
        for segment in draw_line(line, INKS[0]):
            assert segment.style is not None
            colours = {segment.style.color, segment.style.bgcolor}
            assert {colour.name for colour in colours if colour} <= {"#000000", "#ffffff"}
            assert None not in colours


def test_the_quiet_zone_is_four_modules_wide() -> None:
    cells = cells_of(draw_modules(SMALL))
    assert all(cell == (False, False) for line in cells[:2] + cells[-2:] for cell in line)
    assert all(line[:4] + line[-4:] == ((False, False),) * 8 for line in cells)


def test_one_cell_wrong_is_seen() -> None:
    """The picture is made of what is drawn: without its corner the code is not found."""
    strips = [draw_line(line, INKS[0]) for line in cells_of(draw_modules(SMALL))]
    assert read_picture(picture_of(strips)) == SMALL
    blank = [Strip([Segment(" " * 12, next(iter(strips[0])).style), *strip.crop(12)]) for strip in strips]
    with pytest.raises(DecodeError):
        read_picture(picture_of(blank))


def test_what_no_symbol_holds_is_not_drawn() -> None:
    with pytest.raises(LimitExceededError):
        draw_modules(LARGE + "A" * 200)


@pytest.mark.parametrize("is_screen_dark", [True, False])
def test_blocks_without_colours_are_read_back(is_screen_dark: bool) -> None:
    lines = draw_blocks(SMALL, is_screen_dark=is_screen_dark)
    assert read_picture(picture_of_blocks(lines, is_screen_dark=is_screen_dark)) == SMALL
