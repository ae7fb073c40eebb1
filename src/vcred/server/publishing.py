# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Publish when the log has grown, and from time to time, so that the quorum's word stays fresh.

It has a desk of its own: while witnesses are asked they read the entries from this very
server, which must go on answering. Without the quorum the checkpoint waits, and the reason
is said; what was published before stays published.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, suppress
from datetime import timedelta
from typing import Final, TypeAlias

from vcred.errors import VcredError
from vcred.ledger.published import Published
from vcred.server.desk import Desk

Publish: TypeAlias = Callable[[], Published | None]
"""Sign, have cosigned, publish; None if there is nothing to publish yet."""

# Entries that come together are published together.
_GATHER_SECONDS: Final = 0.2
_FIRST_PAUSE_SECONDS: Final = 1.0


class Publisher:
    """Runs beside the server that takes the operations."""

    def __init__(
        self,
        open_publish: Callable[[], AbstractContextManager[Publish]],
        *,
        every: timedelta,
        say: Callable[[str], None],
    ) -> None:
        self._desk = Desk(open_publish)
        self._every = every.total_seconds()
        self._say = say
        self._grown = asyncio.Event()

    def notice_growth(self) -> None:
        """Say that the log has grown."""
        self._grown.set()

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Open what it publishes with; whatever that raises is raised here."""
        return self._desk.opened()

    async def run(self) -> None:
        """Publish until cancelled; while `opened`."""
        backoff = _FIRST_PAUSE_SECONDS
        while True:
            # Cleared before: what is appended meanwhile is published in the next round.
            self._grown.clear()
            done = await self._publish()
            backoff = _FIRST_PAUSE_SECONDS if done else min(backoff * 2, self._every)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._grown.wait(), self._every if done else backoff)
            # Growth alone does not make witnesses that are out answer sooner.
            await asyncio.sleep(_GATHER_SECONDS if done else _FIRST_PAUSE_SECONDS)

    async def _publish(self) -> bool:
        try:
            published = await self._desk.ask(lambda publish: publish())
        except VcredError as error:
            self._say(f"nothing is published: {error}" + (f"; {error.hint}" if error.hint else ""))
            return False
        if published is not None:
            self._say(f"published {published.size} entries, root {published.root.hex()}")
        return True
