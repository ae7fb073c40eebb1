# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Every screen opens by keys alone, in each language and at both sizes, and has its help. CLI-03."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.house import NARROW, SIZES, House, drawn, drive, furnish, make_house, press
from vcred.text.columns import width
from vcred.text.languages import LANGUAGES
from vcred.wallet_tui.app import WalletApp
from vcred.wallet_tui.dialogs.help import HelpDialog
from vcred.wallet_tui.screens.base import WalletScreen
from vcred.wallet_tui.screens.credentials import CredentialsScreen
from vcred.wallet_tui.screens.detail import DetailScreen
from vcred.wallet_tui.screens.history import HistoryScreen
from vcred.wallet_tui.screens.receive import ReceiveScreen
from vcred.wallet_tui.screens.settings import SettingsScreen
from vcred.wallet_tui.screens.unlock import UnlockScreen

WAYS: dict[str, tuple[tuple[str, ...], type[WalletScreen]]] = {
    "list": ((), CredentialsScreen),
    "detail": (("enter",), DetailScreen),
    "receive": (("a",), ReceiveScreen),
    "history": (("h",), HistoryScreen),
    "settings": (("s",), SettingsScreen),
    "unlock": (("ctrl+l",), UnlockScreen),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Two credentials, one of which was shown."""
    made = furnish(make_house(tmp_path_factory.mktemp("house")), "health-code", "for-work")
    with made.wallet() as wallet:
        wallet.show("health-code", ["match"]).code(now=made.world.now)
    return made


@pytest.mark.parametrize("size", SIZES, ids=["narrow", "wide"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", WAYS)
def test_a_screen_opens_and_has_its_help(
    house: House, way: str, language: str, size: tuple[int, int]
) -> None:
    keys, kind = WAYS[way]

    async def steps(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, WalletApp)
        await press(pilot, *keys)
        screen = app.screen
        assert type(screen) is kind
        lines = drawn(app).split("\n")
        # Wide characters keep the columns: every line has all of them, and no more.
        assert {width(line) for line in lines} == {size[0]}
        assert len(lines) == size[1]
        assert screen.heading() in lines[0]
        assert app.words.gettext("Help") in lines[-1]
        await press(pilot, "f1")
        assert isinstance(app.screen, HelpDialog)
        # Broken into lines inside a frame: compared without either.
        shown = "".join(character for character in drawn(app) if character not in " │\n")
        assert "".join(screen.help_text().split())[:20] in shown
        own = screen.keys()
        assert all(binding.description for binding in own)
        await press(pilot, "escape")
        assert app.screen is screen

    drive(house.app(language=language), steps, size)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_keys_of_a_screen_are_different_ones(house: House, language: str) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        for keys, _ in WAYS.values():
            await press(pilot, *keys)
            screen = pilot.app.screen
            assert isinstance(screen, WalletScreen)
            bound = [key for binding in screen.all_keys() for key in binding.key.split(",")]
            assert len(bound) == len(set(bound))
            if keys and keys != ("ctrl+l",):
                await press(pilot, "escape")
                assert isinstance(pilot.app.screen, CredentialsScreen)

    drive(house.app(language=language), steps)


def test_the_language_changes_everywhere_at_once_and_stays(tmp_path: Path) -> None:
    house = furnish(make_house(tmp_path), "health-code")

    async def steps(pilot: Pilot[int]) -> None:
        await press(pilot, "s")
        assert "Settings" in drawn(pilot.app)
        # From English to simplified Chinese: the next choice.
        await press(pilot, "down", "enter")
        shown = drawn(pilot.app)
        assert "Settings" not in shown and "设置" in shown
        await press(pilot, "escape")
        shown = drawn(pilot.app)
        assert "健康码" in shown and "有效" in shown and "Health code" not in shown

    drive(house.app(), steps)
    written = (house.path / "home.toml").read_text(encoding="utf-8")
    assert 'language = "zh-Hans"' in written
    assert 'network = "network.json"' in written


def test_a_window_that_is_too_small_is_said_so(house: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        assert "Health code" in drawn(pilot.app)
        await pilot.resize_terminal(50, 24)
        await pilot.pause()
        shown = drawn(pilot.app)
        assert "Please make the window larger" in shown and "Health code" not in shown
        await pilot.resize_terminal(*NARROW)
        await pilot.pause()
        assert "Health code" in drawn(pilot.app)

    drive(house.app(), steps)


def test_the_palette_has_our_commands_and_none_that_writes_a_picture(house: House) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        await press(pilot, "ctrl+p")
        await pilot.pause(0.5)
        shown = drawn(pilot.app)
        assert "Search for a command" in shown
        assert "History" in shown and "Lock" in shown
        assert "creenshot" not in shown and "Theme" not in shown
        await press(pilot, *"hist")
        await pilot.pause(0.5)
        await press(pilot, "enter")
        await pilot.pause(0.3)
        assert isinstance(pilot.app.screen, HistoryScreen)

    drive(house.app(), steps)


@pytest.mark.parametrize("theme", ["dawn", "night", "contrast"])
def test_the_look_is_chosen_and_kept(tmp_path: Path, theme: str) -> None:
    house = furnish(make_house(tmp_path), "health-code")

    async def steps(pilot: Pilot[int]) -> None:
        await press(pilot, "s", "tab")
        for _ in range(("dawn", "night", "contrast").index(theme)):
            await press(pilot, "down")
        await press(pilot, "enter")
        assert pilot.app.theme == theme

    drive(house.app(), steps)
    with house.wallet() as wallet:
        assert wallet.settings().theme == theme
