# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where a server may listen, what it logs of a fault, and readers that stop reading."""

import asyncio
import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import h11
import pytest

from vcred.errors import UsageError
from vcred.server import connections
from vcred.server.connections import BoundedProtocol
from vcred.server.running import Place, PlaceFormatter

FILE = Path("tls.pem")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_on_this_machine_without_tls(host: str) -> None:
    Place(host=host, port=0).validate()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "ledger.example", "localhost.example", ""])
def test_elsewhere_with_tls_or_a_proxy_only(host: str) -> None:
    with pytest.raises(UsageError, match="without TLS"):
        Place(host=host, port=0).validate()
    Place(host=host, port=0, certificate=FILE, key=FILE).validate()
    Place(host=host, port=0, is_behind_proxy=True).validate()


@pytest.mark.parametrize("half", [{"certificate": FILE}, {"key": FILE}])
def test_half_of_what_tls_needs(half: dict[str, Any]) -> None:
    Place(host="127.0.0.1", port=0, certificate=FILE, key=FILE).validate()
    with pytest.raises(UsageError, match="belong together"):
        Place(host="127.0.0.1", port=0, **half).validate()


def test_a_fault_is_logged_by_its_place() -> None:
    """SRV-11, and style: a message could quote what was sent."""
    try:
        raise ZeroDivisionError("secret")
    except ZeroDivisionError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "fault", None, sys.exc_info())
    text = PlaceFormatter("vcred: %(message)s").format(record)
    assert text.startswith("vcred: fault\nvcred: ZeroDivisionError at test_running.py line ")
    assert "secret" not in text
    assert "/" not in text


class Transport:
    """Remembers that it was cut off."""

    def __init__(self) -> None:
        self.is_cut = False

    def abort(self) -> None:
        self.is_cut = True

    def is_closing(self) -> bool:
        return self.is_cut


class Flow:
    """Takes what the library's flow control takes."""

    def pause_writing(self) -> None:
        pass

    def resume_writing(self) -> None:
        pass


async def _protocol() -> tuple[BoundedProtocol, Transport]:
    protocol, transport = BoundedProtocol.__new__(BoundedProtocol), Transport()
    protocol.loop = asyncio.get_running_loop()
    protocol.transport = transport  # type: ignore[assignment]
    protocol.flow = Flow()  # type: ignore[assignment]
    protocol.conn = h11.Connection(h11.SERVER)
    return protocol, transport


def test_a_reader_that_stops_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """SRV-05."""
    monkeypatch.setattr(connections, "MAX_RESPONSE_STALL", timedelta(seconds=0.05))

    async def main() -> tuple[bool, bool]:
        slow, cut = await _protocol()
        slow.pause_writing()
        steady, kept = await _protocol()
        steady.pause_writing()
        steady.resume_writing()
        await asyncio.sleep(0.15)
        return cut.is_cut, kept.is_cut

    assert asyncio.run(main()) == (True, False)


def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """SRV-05; a request that is being answered is left alone."""
    monkeypatch.setattr(connections, "MAX_REQUEST_HEAD_TIME", timedelta(seconds=0.05))

    async def main() -> tuple[bool, bool]:
        silent, cut = await _protocol()
        silent._await_head()
        busy, kept = await _protocol()
        busy._await_head()
        busy.conn.receive_data(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        busy.conn.next_event()
        await asyncio.sleep(0.15)
        return cut.is_cut, kept.is_cut

    assert asyncio.run(main()) == (True, False)
