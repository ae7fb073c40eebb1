# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""One thread that opens a door, asks it one thing at a time, and closes it.

Doors are synchronous, and a database belongs to the thread that opened it. A server waits
for many at once; this is where they queue.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Generic, TypeVar

Door = TypeVar("Door")
Told = TypeVar("Told")


class Desk(Generic[Door]):
    """A door that is open while `opened` runs."""

    def __init__(self, open_door: Callable[[], AbstractContextManager[Door]]) -> None:
        self._open_door = open_door
        self._door: Door | None = None
        self._thread: ThreadPoolExecutor | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open the door in its thread; whatever it raises is raised here."""
        with ThreadPoolExecutor(max_workers=1) as self._thread:
            context = await self._run(self._open_door)
            self._door = await self._run(context.__enter__)
            try:
                yield
            finally:
                self._door = None
                await self._run(lambda: context.__exit__(None, None, None))

    async def ask(self, question: Callable[[Door], Told]) -> Told:
        """Ask the door, after whoever came before.

        Raises:
            RuntimeError: The desk is not open.
        """
        door = self._door
        if door is None:
            raise RuntimeError("the desk is not open")
        return await self._run(lambda: question(door))

    async def _run(self, call: Callable[[], Told]) -> Told:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
