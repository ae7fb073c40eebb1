# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The three looks of the wallet: dawn is light, night is dark, contrast is for eyes and rooms that need it.

Each text stands out from what is behind it by 4.5 to 1 or more (WCAG 2.2, 1.4.3); a test computes it.
No colour says anything by itself: a word and a sign stand beside it, for `NO_COLOR` and for whoever
sees colours otherwise.
"""

from dataclasses import dataclass
from typing import Final

from textual.theme import Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a look, as "#RRGGBB".

    Attributes:
        background, surface, panel: Of the screen, of what stands on it, and of heads and feet.
        foreground, muted: Text, and text that matters less.
        primary, accent: Headings and frames; keys.
        success, warning, error: Of a state.
        cursor, on_cursor: The chosen line, and the text on it.
    """

    is_dark: bool
    background: str
    surface: str
    panel: str
    foreground: str
    muted: str
    primary: str
    accent: str
    success: str
    warning: str
    error: str
    cursor: str
    on_cursor: str


PALETTES: Final = {
    "dawn": Palette(
        is_dark=False,
        background="#FBF7F0",
        surface="#FFFDF9",
        panel="#ECEAE6",
        foreground="#2B2A33",
        muted="#665F57",
        primary="#8A3A12",
        accent="#1F5673",
        success="#1B6338",
        warning="#7A4A00",
        error="#A11B1B",
        cursor="#8A3A12",
        on_cursor="#FFFFFF",
    ),
    "night": Palette(
        is_dark=True,
        background="#12141C",
        surface="#191C27",
        panel="#232838",
        foreground="#E8E5DC",
        muted="#A7A9B6",
        primary="#F2B880",
        accent="#8FC1E8",
        success="#83D8A4",
        warning="#F0C75E",
        error="#FF9A94",
        cursor="#F2B880",
        on_cursor="#1B1206",
    ),
    "contrast": Palette(
        is_dark=True,
        background="#000000",
        surface="#000000",
        panel="#000000",
        foreground="#FFFFFF",
        muted="#FFFFFF",
        primary="#FFE600",
        accent="#66E0FF",
        success="#66FF8C",
        warning="#FFE600",
        error="#FFA6A6",
        cursor="#FFE600",
        on_cursor="#000000",
    ),
}


def make_themes() -> tuple[Theme, ...]:
    """Make the looks, as Textual takes them, by the names of `vcred.wallet.settings.THEMES`."""
    return tuple([_theme(name, palette) for name, palette in PALETTES.items()])


def _theme(name: str, palette: Palette) -> Theme:
    return Theme(
        name=name,
        primary=palette.primary,
        secondary=palette.accent,
        accent=palette.accent,
        foreground=palette.foreground,
        background=palette.background,
        surface=palette.surface,
        panel=palette.panel,
        success=palette.success,
        warning=palette.warning,
        error=palette.error,
        dark=palette.is_dark,
        variables=_variables(palette),
    )


def _variables(palette: Palette) -> dict[str, str]:
    """Name every colour that Textual would mix by itself, and so perhaps too faint."""
    return {
        "muted": palette.muted,
        "text-muted": palette.muted,
        "border": palette.primary,
        "border-blurred": palette.muted,
        "block-cursor-background": palette.cursor,
        "block-cursor-foreground": palette.on_cursor,
        "block-cursor-blurred-background": palette.panel,
        "block-cursor-blurred-foreground": palette.foreground,
        "block-hover-background": palette.panel,
        "input-cursor-background": palette.foreground,
        "input-cursor-foreground": palette.background,
        "input-selection-background": palette.panel,
        "footer-background": palette.panel,
        "footer-foreground": palette.foreground,
        "footer-key-background": palette.panel,
        "footer-key-foreground": palette.accent,
        "footer-description-background": palette.panel,
        "footer-description-foreground": palette.foreground,
        "button-color-foreground": palette.on_cursor,
        "button-foreground": palette.foreground,
        "scrollbar": palette.muted,
        "scrollbar-background": palette.background,
        "scrollbar-corner-color": palette.background,
    }
