# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A holder's home with credentials in it, as an issuer of the test world gives them; and what is drawn."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

from tests.world import HEALTH_CLAIMS, World, make_world
from vcred.codec.json_types import JsonObject
from vcred.did.methods.key import resolve_did_key
from vcred.home import Role, open_home
from vcred.keys.custody import Unlock
from vcred.ledger.network_file import encode_network_file
from vcred.trust.bundle import encode_bundle
from vcred.wallet.wallet import Wallet
from vcred.wallet_tui.app import WalletApp

NARROW, WIDE = (80, 24), (140, 50)
SIZES = (NARROW, WIDE)
MACAO = timezone(timedelta(hours=8))

Steps = Callable[[Pilot[int]], Awaitable[None]]


@dataclass(kw_only=True)
class House:
    """A home, and the world around it. The clock stands at the world's time."""

    path: Path
    world: World

    def app(self, *, language: str = "en", **changes: object) -> WalletApp:
        """The screens of the home; its key file opens it at once."""
        home = open_home(self.path, Role.HOLDER)
        return WalletApp(
            home,
            clock=lambda: self.world.now,
            language=language,
            zone=MACAO,
            **changes,  # type: ignore[arg-type]
        )

    def wallet(self, unlock: Unlock | None = None) -> Wallet:
        """The wallet itself, opened."""
        return Wallet.open(self.path, unlock=unlock, clock=lambda: self.world.now)

    def bundle(self) -> bytes:
        """The newest trust bundle of the world."""
        return encode_bundle(self.world.bundle())

    def issue_for(self, wallet: Wallet, *, copies: int = 1, **changes: object) -> list[str]:
        """Credentials as the issuer makes them for new keys of the wallet."""
        applications = wallet.apply_for_copies(self.world.issuer.did, "code-1", copies=copies)
        keys = [resolve_did_key(one.did).methods[0].key for one in applications]
        return [
            self.world.issue(holder_key=key, index=7 + place, **changes) for place, key in enumerate(keys)
        ]


def make_house(path: Path, *, unlock: Unlock | None = None, with_bundle: bool = True) -> House:
    """Make an empty wallet; its home has the network file, and the trust bundle if wanted."""
    world = make_world()
    network = encode_network_file(world.network_file())
    house = House(path=path / "holder", world=world)
    with Wallet.create(house.path, network_file=network, unlock=unlock, clock=lambda: world.now) as wallet:
        if with_bundle:
            wallet.trust.import_bundle(house.bundle())
    return house


def furnish(house: House, *names: str, claims: JsonObject = HEALTH_CLAIMS) -> House:
    """Put health codes of these names into it; each says something of its own, else they were copies."""
    with house.wallet() as wallet:
        for number, name in enumerate(names):
            own = {**claims, "vaccination": {"doses": number + 1, "last": "2026-04-30"}}
            (text,) = house.issue_for(wallet, claims=own)
            wallet.credentials.receive(text, name=name)
    return house


def drive(app: WalletApp, steps: Steps, size: tuple[int, int] = NARROW) -> None:
    """Run the screens in a window of this size, and take these steps."""

    async def run() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await settle(pilot)
            await steps(pilot)

    try:
        asyncio.run(run())
    finally:
        app.close_wallet()


async def settle(pilot: Pilot[int]) -> None:
    """Wait until threads, timers of now and messages have done what they do."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys, and wait for what comes of it."""
    await pilot.press(*keys)
    await settle(pilot)


def drawn(app: App[int]) -> str:
    """What stands on the screen, line by line, as the terminal gets it."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def later(house: House, **by: float) -> None:
    """Let time pass for the wallet."""
    house.world = replace(house.world, now=house.world.now + timedelta(**by))
