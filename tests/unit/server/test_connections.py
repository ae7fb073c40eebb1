# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Connections whose other side leaves something undone: a head, a body, the reading (SRV-05).

The protocol is the server's own; only the transport under it is not a socket.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.server import ServerState

from vcred.server import connections
from vcred.server.connections import BoundedProtocol

SHORT = 0.05
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
UNDONE = GET + b"Content-Length: 100000000\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK"

Play = Callable[["Line"], Awaitable[None]]


class Line(asyncio.Transport):
    """The server's end of a connection: what was written, and how it ended."""

    def __init__(self, *, can_write_eof: bool = True) -> None:
        super().__init__()
        self.written = b""
        self.is_half_closed = self.is_cut = self.is_closed = False
        self._can_write_eof = can_write_eof
        self.protocol = _protocol()
        self.protocol.connection_made(self)

    def say(self, data: bytes) -> None:
        """As the other side."""
        self.protocol.data_received(data)

    async def answered(self, times: int = 1) -> None:
        """Wait for so many responses."""
        async with asyncio.timeout(5):
            while self.written.count(RESPONSE) < times:
                await asyncio.sleep(0)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.is_half_closed, "written after the end"
        self.written += data

    def can_write_eof(self) -> bool:
        return self._can_write_eof

    def write_eof(self) -> None:
        assert self._can_write_eof
        self.is_half_closed = True

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_cut = True
        self.protocol.connection_lost(ConnectionAbortedError())

    def is_closing(self) -> bool:
        return self.is_closed or self.is_cut

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


def _protocol() -> BoundedProtocol:
    async def read_nothing(request: Request) -> Response:
        return PlainTextResponse("a checkpoint")

    async def read_all(request: Request) -> Response:
        return PlainTextResponse(f"{len(await request.body())} bytes")

    app = Starlette(routes=[Route("/", read_nothing), Route("/all", read_all, methods=["POST"])])
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None)
    return BoundedProtocol(config, ServerState(), {})


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_LINGER_SECONDS", SHORT)
    monkeypatch.setattr(connections, "MAX_REQUEST_HEAD_TIME", timedelta(seconds=10 * SHORT))
    monkeypatch.setattr(connections, "MAX_RESPONSE_STALL", timedelta(seconds=SHORT))


def play(scene: Play, *, can_write_eof: bool = True) -> Line:
    async def main() -> Line:
        line = Line(can_write_eof=can_write_eof)
        await scene(line)
        return line

    return asyncio.run(main())


def test_a_connection_serves_one_request_after_another() -> None:
    async def scene(line: Line) -> None:
        for count in (1, 2):
            line.say(GET + b"\r\n")
            await line.answered(count)
        line.say(b"POST /all HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
        line.say(b"abc")
        await line.answered(3)
        await asyncio.sleep(2 * SHORT)

    line = play(scene)
    assert line.written.endswith(b"3 bytes")
    assert (line.is_half_closed, line.is_cut, line.is_closed) == (False, False, False)


@pytest.mark.parametrize("can_write_eof", [True, False], ids=["open", "over TLS"])
def test_a_body_that_goes_on_after_the_response_is_cut_off(can_write_eof: bool) -> None:
    """A few hundred of them, with one byte each, would keep everybody else out for ever."""

    async def scene(line: Line) -> None:
        line.say(UNDONE)
        await line.answered()
        for _ in range(20):
            if not line.is_cut:
                line.say(b"x")
            await asyncio.sleep(SHORT / 5)

    line = play(scene, can_write_eof=can_write_eof)
    assert line.written.endswith(b"a checkpoint")
    assert (line.is_half_closed, line.is_cut) == (can_write_eof, True)
    assert not line.protocol.connections


def test_nothing_is_answered_after_an_undone_body() -> None:
    """The rest of the body, and a request behind it, come too late: the end has been said."""

    async def scene(line: Line) -> None:
        line.say(GET + b"Content-Length: 2\r\n\r\n")
        await line.answered()
        line.say(b"xx" + GET + b"\r\n")
        await asyncio.sleep(2 * SHORT)

    line = play(scene)
    assert line.written.count(RESPONSE) == 1
    assert line.is_cut


def test_a_body_that_is_still_read_is_not_cut_off() -> None:
    """It has a limit of its own, where it is read."""

    async def scene(line: Line) -> None:
        line.say(b"POST /all HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n")
        for _ in range(20):
            line.say(b"x")
            await asyncio.sleep(SHORT)
        await line.answered()

    line = play(scene)
    assert line.written.endswith(b"20 bytes")
    assert not line.is_cut


@pytest.mark.parametrize("begun", [b"", GET], ids=["nothing", "half a head"])
def test_a_next_head_that_does_not_come_is_not_waited_for(begun: bytes) -> None:
    async def scene(line: Line) -> None:
        line.say(GET + b"\r\n")
        await line.answered()
        if begun:
            line.say(begun)
        await asyncio.sleep(5 * SHORT)
        assert not line.is_cut
        await asyncio.sleep(10 * SHORT)

    assert play(scene).is_cut


def test_the_last_bytes_of_a_response_are_not_waited_for_for_ever() -> None:
    """A transport that is closing waits until all is read, and these few bytes stall nothing."""

    async def scene(line: Line) -> None:
        line.say(GET + b"Connection: close\r\n\r\n")
        await line.answered()
        assert line.is_closed
        await asyncio.sleep(5 * SHORT)
        assert not line.is_cut
        await asyncio.sleep(10 * SHORT)

    assert play(scene).is_cut
