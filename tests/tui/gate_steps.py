# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A holder's hands: the wallet opened on a screen of a size, and a code shown with keys alone."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from tests.tui.gate_world import NAME, GateWorld
from vcred.home import read_home
from vcred.wallet_tui.app import WalletApp
from vcred.wallet_tui.screens.code import CodeScreen
from vcred.wallet_tui.screens.credentials import CredentialsScreen
from vcred.wallet_tui.screens.present import PresentScreen

NARROW, WIDE = (80, 24), (140, 50)
Steps = Callable[[Pilot[int]], Awaitable[None]]


def drive(world: GateWorld, steps: Steps, *, size: tuple[int, int] = WIDE, language: str = "en") -> None:
    """Open the wallet, and go through steps."""

    async def run() -> None:
        app = WalletApp(read_home(world.home), clock=world.clock, language=language)
        async with app.run_test(size=size) as pilot:
            await arrive(pilot, CredentialsScreen)
            await steps(pilot)

    asyncio.run(run())


async def arrive(pilot: Pilot[int], screen: type[object]) -> None:
    """Wait until a screen is there, drawn."""
    for _ in range(200):
        if isinstance(pilot.app.screen, screen):
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{pilot.app.screen} is shown instead")


async def show_match(pilot: Pilot[int]) -> CodeScreen:
    """Show `match`, by keys alone."""
    pilot.app.push_screen(PresentScreen(NAME))
    await arrive(pilot, PresentScreen)
    # From "do not share" to the first box.
    for _ in range(20):
        if pilot.app.focused is pilot.app.screen.query("ClaimBox").first():
            break
        await pilot.press("up")
    await pilot.press("space")
    while getattr(pilot.app.focused, "id", None) != "yes":
        await pilot.press("tab")
    await pilot.press("enter")
    await arrive(pilot, CodeScreen)
    screen = pilot.app.screen
    assert isinstance(screen, CodeScreen)
    return screen
