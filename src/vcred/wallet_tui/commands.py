# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The command palette: everything that a screen's keys do, and the ways between screens, by name."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

if TYPE_CHECKING:
    from vcred.wallet_tui.app import WalletApp

Command = tuple[str, Callable[[], Any]]


class WalletPalette(CommandPalette):
    """Textual's palette, with its field described in the language."""


class WalletCommands(Provider):
    """The commands of the screen below, in the language."""

    async def discover(self) -> Hits:
        """All of them."""
        for name, run in self._commands():
            yield DiscoveryHit(name, run)

    async def search(self, query: str) -> Hits:
        """Those whose name has what was typed."""
        matcher = self.matcher(query)
        for name, run in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run)

    def _commands(self) -> Iterator[Command]:
        from vcred.wallet_tui.screens.base import WalletScreen

        screen = self.screen
        if not isinstance(screen, WalletScreen):
            return
        app = cast("WalletApp", self.app)
        for binding in screen.all_keys():
            is_open = app.wallet is not None or binding.action != "app.lock"
            if binding.description and is_open and binding.action != "app.command_palette":
                yield binding.description, _runner(screen, binding.action)


def _runner(screen: Any, action: str) -> Callable[[], Any]:
    async def run() -> None:
        await screen.run_action(action)

    return run
