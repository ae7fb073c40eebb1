# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Connections that do not wait for ever, whatever the other side leaves undone.

    the head of a request does not come     MAX_REQUEST_HEAD_TIME
    a body goes on after the response       _LINGER_SECONDS
    the response is not read                MAX_RESPONSE_STALL

The server library bounds none of them, so a few hundred such connections would be as good as
a few hundred requests (threats: SRV-05). Bodies are bounded where they are read.
"""

import asyncio
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from vcred.limits import MAX_REQUEST_HEAD_TIME, MAX_RESPONSE_STALL

# Closing at once would reset the connection, and could take the response from who is still sending.
_LINGER_SECONDS: Final = 2.0
_ANSWERING: Final = (h11.SEND_RESPONSE, h11.SEND_BODY)


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 with deadlines."""

    _head_deadline: asyncio.TimerHandle | None = None
    _stall_deadline: asyncio.TimerHandle | None = None
    _linger_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Read; what comes of a body after its response is thrown away."""
        if self._linger_deadline is None:
            super().data_received(data)

    def on_response_complete(self) -> None:
        """Wait for the next head, or end where the body of this request has not come to its own end."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self._linger()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        for deadline in (self._head_deadline, self._stall_deadline, self._linger_deadline):
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
        if self.transport.is_closing():
            # So few bytes of a response are left to be read that no stall is noticed.
            self._head_deadline = self.loop.call_later(
                MAX_RESPONSE_STALL.total_seconds(), self.transport.abort
            )
        elif self.conn.our_state not in _ANSWERING:
            # A request that is being answered has its own limits.
            self.transport.abort()

    def _linger(self) -> None:
        """Say that nothing more will be said, and hear out the other side for a moment."""
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._linger_deadline = self.loop.call_later(_LINGER_SECONDS, self.transport.abort)
