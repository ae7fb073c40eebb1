# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Each look can be read: 4.5 to 1 or more between a text and what is behind it. WCAG 2.2, 1.4.3."""

import pytest

from vcred.wallet.settings import THEMES
from vcred.wallet_tui.themes import PALETTES, Palette, make_themes

TEXTS = ("foreground", "muted", "primary", "accent", "success", "warning", "error")
BEHIND = ("background", "surface", "panel")


def luminance(colour: str) -> float:
    """Relative luminance of "#RRGGBB", as WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_texts_stand_out(name: str) -> None:
    palette: Palette = PALETTES[name]
    pairs = [(text, behind) for text in TEXTS for behind in BEHIND] + [("on_cursor", "cursor")]
    for text, behind in pairs:
        assert contrast(getattr(palette, text), getattr(palette, behind)) >= 4.5, (text, behind)


def test_there_is_a_look_for_each_setting() -> None:
    assert tuple(PALETTES) == THEMES == tuple(theme.name for theme in make_themes())


def test_the_measure_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
