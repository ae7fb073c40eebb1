# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The code's screen: drawn where it fits, said where not, drawn anew, and gone at its end."""

import asyncio
import re
import stat
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.gate_steps import NARROW, WIDE, arrive, drive, show_match
from tests.tui.gate_world import NAME, GateWorld, make_gate_world
from tests.tui.picture import read_screen, text_of
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.home import read_home
from vcred.qr.engines.zxing import read_picture
from vcred.text.languages import LANGUAGES
from vcred.verifier.report import Decision
from vcred.wallet.settings import THEMES, WalletSettings
from vcred.wallet_tui.app import WalletApp
from vcred.wallet_tui.screens.credentials import CredentialsScreen
from vcred.wallet_tui.screens.unlock import UnlockScreen
from vcred.wallet_tui.widgets.symbol import SymbolView


def is_open(app: WalletApp) -> bool:
    return app.wallet is not None


@pytest.fixture
def world(tmp_path: Path) -> GateWorld:
    return make_gate_world(tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wide_window_draws_a_code_that_a_gate_takes(world: GateWorld, language: str) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        assert screen.layout_name == "beside"
        seen = read_screen(pilot.app)
        assert seen == screen.code.text
        with world.gate() as gate:
            report = gate.evaluate(seen)
        assert report.decision is Decision.ACCEPTED, report.reasons

    drive(world, steps, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_narrow_window_says_the_size_it_needs(world: GateWorld, language: str) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        room = screen.query_one(SymbolView).room(is_doubled=False)
        needs = f"{room.width} × {room.height + 1}"
        shown = re.sub(r"\s+", " ", text_of(pilot.app))
        assert screen.layout_name == "none"
        assert needs in shown
        assert "80 × 24" in shown
        # That very size is enough, and one line less is not.
        await pilot.resize_terminal(room.width, room.height + 1)
        await pilot.pause()
        assert screen.layout_name == "tight"
        assert read_screen(pilot.app) == screen.code.text
        await pilot.resize_terminal(room.width, room.height)
        await pilot.pause()
        assert screen.layout_name == "none"

    drive(world, steps, size=NARROW, language=language)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("no_color", [False, True])
def test_the_code_is_black_and_white_in_every_theme(
    world: GateWorld, monkeypatch: pytest.MonkeyPatch, theme: str, no_color: bool
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    with world.wallet() as wallet:
        wallet.change_settings(WalletSettings(theme=theme))

    async def steps(pilot: Pilot[int]) -> None:
        assert pilot.app.theme == theme
        assert pilot.app.no_color is no_color
        screen = await show_match(pilot)
        for _ in range(3):
            assert read_screen(pilot.app) == screen.code.text
            await pilot.press("b")
            await pilot.pause()

    drive(world, steps)


def test_it_is_drawn_anew_after_30_seconds_with_another_nonce(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        first = screen.code
        world.later(seconds=29)
        screen.tick()
        assert screen.code is first
        world.later(seconds=1)
        screen.tick()
        await pilot.pause()
        second = screen.code
        nonces = [parse_presentation(code.sd_jwt).key_binding for code in (first, second)]
        assert nonces[0] is not None and nonces[1] is not None
        assert nonces[0].nonce != nonces[1].nonce
        assert read_screen(pilot.app) == second.text
        with world.gate() as gate:
            assert gate.evaluate(second.text).decision is Decision.ACCEPTED
        assert len(screen.wallet.history()) == 1

    drive(world, steps)


def test_it_ends_after_ten_minutes_and_leaves_nothing(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        symbol = screen.query_one(SymbolView)
        assert symbol.cells
        for _ in range(20):
            world.later(seconds=30)
            if pilot.app.screen is screen:
                screen.tick()
        await arrive(pilot, CredentialsScreen)
        assert symbol.cells == ()
        assert "▀▀" not in text_of(pilot.app)

    drive(world, steps)


def test_it_ends_behind_a_dialog_too(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        await pilot.press("p")
        await pilot.pause()
        world.later(minutes=10)
        screen.tick()
        pilot.app.screen.query_one("#name", Input).value = str(world.folder / "late")
        await pilot.press("enter")
        await arrive(pilot, CredentialsScreen)
        assert not (world.folder / "late.png").exists()

    drive(world, steps)


def test_a_very_small_window_says_the_size_too(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        await pilot.resize_terminal(50, 15)
        await pilot.pause()
        assert screen.layout_name == "none"
        assert "50 × 15" in re.sub(r"\s+", " ", text_of(pilot.app))

    drive(world, steps)


def test_the_wallet_does_not_lock_while_a_code_is_shown(world: GateWorld) -> None:
    """With the idle time over between two looks it would lock: it does after the showing."""
    seconds = [0.0]

    async def run() -> None:
        app = WalletApp(read_home(world.home), clock=world.clock, seconds=lambda: seconds[0])
        async with app.run_test(size=WIDE) as pilot:
            await arrive(pilot, CredentialsScreen)
            screen = await show_match(pilot)
            for _ in range(9):
                seconds[0] += 60
                world.later(seconds=60)
                screen.tick()
                await pilot.pause()
                await app.lock_if_idle()
            assert is_open(app)
            await pilot.press("escape")
            seconds[0] += 301
            await app.lock_if_idle()
            assert not is_open(app)
            await arrive(pilot, UnlockScreen)

    asyncio.run(run())


def test_after_the_machine_slept_it_locks_although_a_code_was_shown(world: GateWorld) -> None:
    seconds = [0.0]

    async def run() -> None:
        app = WalletApp(read_home(world.home), clock=world.clock, seconds=lambda: seconds[0])
        async with app.run_test(size=WIDE) as pilot:
            await arrive(pilot, CredentialsScreen)
            screen = await show_match(pilot)
            seconds[0] += 301
            world.later(seconds=301)
            screen.tick()
            await arrive(pilot, UnlockScreen)
            assert not is_open(app)

    asyncio.run(run())


def test_a_picture_is_written_for_the_holder_alone_and_over_nothing(world: GateWorld) -> None:
    """CLI-11."""
    file = world.folder / "code.png"

    async def save(pilot: Pilot[int], name: str) -> None:
        await pilot.press("p")
        await pilot.pause()
        pilot.app.screen.query_one("#name", Input).value = name
        await pilot.press("enter")
        await pilot.pause()

    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        await save(pilot, str(file.with_suffix("")))
        assert read_picture(file.read_bytes()) == screen.code.text
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        written = file.read_bytes()
        world.later(seconds=30)
        screen.tick()
        await save(pilot, str(file))
        assert file.read_bytes() == written
        assert "exists already" in re.sub(r"\s+", " ", text_of(pilot.app))

    drive(world, steps, size=NARROW)


def test_the_size_is_doubled_only_where_it_fits(world: GateWorld) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        symbol = screen.query_one(SymbolView)
        await pilot.press("s")
        sizes = [symbol.is_doubled]
        await pilot.resize_terminal(300, 130)
        await pilot.press("s")
        await pilot.pause()
        sizes.append(symbol.is_doubled)
        assert read_screen(pilot.app) == screen.code.text
        await pilot.resize_terminal(*WIDE)
        await pilot.pause()
        sizes.append(symbol.is_doubled)
        assert read_screen(pilot.app) == screen.code.text
        assert sizes == [False, True, False]

    drive(world, steps)


def test_a_one_time_copy_is_one_use_also_when_it_is_drawn_anew(tmp_path: Path) -> None:
    """INV-9."""
    world = make_gate_world(tmp_path, copies=3)

    async def steps(pilot: Pilot[int]) -> None:
        screen = await show_match(pilot)
        assert screen.wallet.credentials.holding(NAME).left == 2
        first = parse_presentation(screen.code.sd_jwt).sd_jwt.issuer_jwt
        for _ in range(3):
            world.later(seconds=30)
            screen.tick()
        assert parse_presentation(screen.code.sd_jwt).sd_jwt.issuer_jwt == first
        assert screen.wallet.credentials.holding(NAME).left == 2
        await pilot.press("escape")
        again = await show_match(pilot)
        assert parse_presentation(again.code.sd_jwt).sd_jwt.issuer_jwt != first
        assert again.wallet.credentials.holding(NAME).left == 1

    drive(world, steps)
