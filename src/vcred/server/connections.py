# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Connections that do not wait for ever: not for the head of a request, not for a reader that stopped.

The server library bounds neither, so a hundred silent connections would be as good as a
hundred requests (threats: SRV-05). Bodies are bounded where they are read.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from vcred.limits import MAX_REQUEST_HEAD_TIME, MAX_RESPONSE_STALL


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 with two deadlines."""

    _head_deadline: asyncio.TimerHandle | None = None
    _stall_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def on_response_complete(self) -> None:
        """Wait for the next head."""
        super().on_response_complete()
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        for deadline in (self._head_deadline, self._stall_deadline):
            if deadline is not None:
                deadline.cancel()

    def pause_writing(self) -> None:
        """The other side reads more slowly than is written."""
        super().pause_writing()
        self._stall_deadline = self.loop.call_later(MAX_RESPONSE_STALL.total_seconds(), self.transport.abort)

    def resume_writing(self) -> None:
        """It reads on."""
        super().resume_writing()
        if self._stall_deadline is not None:
            self._stall_deadline.cancel()

    def _await_head(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
        self._head_deadline = self.loop.call_later(MAX_REQUEST_HEAD_TIME.total_seconds(), self._head_is_late)

    def _head_is_late(self) -> None:
        # A request that is being answered has its own limits.
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.abort()
