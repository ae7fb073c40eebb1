# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The guarded client against servers that lie, stall and break off (FI-12)."""

import gzip
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.fetch.loopback import HEAD, answering, dripping, resetting, serving, stalling
from vcred.errors import FetchError, LimitExceededError, RefusedError
from vcred.fetch import Answer, Site
from vcred.reasons import Reason

GOOD = HEAD + b"Content-Length: 4\r\n\r\nbody"
Answering = Callable[[socket.socket, threading.Event], None]


def fetched(answer: Answering, *, max_bytes: int = 1000) -> Answer:
    with serving(answer) as (url, _):
        return Site.configured(url).get("/what", max_bytes=max_bytes)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> float:
    """Patience of half a second instead of thirty."""
    monkeypatch.setattr("vcred.fetch.site.MAX_FETCH_TIME", timedelta(seconds=0.5))
    return 0.5


@pytest.mark.online
@pytest.mark.enable_socket
def test_an_answer_and_what_was_asked() -> None:
    with serving(answering(GOOD)) as (url, requests):
        site = Site.configured(f"{url}/log/")
        assert site.get("/what?a=1", max_bytes=4) == Answer(status=200, media_type="text/plain", body=b"body")
        assert site.post("/add", b"sent", media_type="text/plain", max_bytes=4).body == b"body"
    head, _, _ = requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"GET /log/what?a=1 HTTP/1.1"
    names = {line.partition(b":")[0].lower(): line.partition(b": ")[2] for line in lines[1:]}
    assert names[b"host"] == url.removeprefix("http://").encode()
    assert (names[b"user-agent"], names[b"accept-encoding"]) == (b"vcred", b"identity")
    assert not {b"cookie", b"authorization", b"referer"} & names.keys()
    assert requests[1].endswith(b"\r\n\r\nsent")


@pytest.mark.online
@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [200, 201, 404, 409, 503])
def test_the_status_is_the_callers_to_judge(status: int) -> None:
    head = f"HTTP/1.1 {status} Word\r\nContent-Length: 0\r\n\r\n".encode()
    assert fetched(answering(head)) == Answer(status=status, media_type="", body=b"")


@pytest.mark.online
@pytest.mark.enable_socket
def test_a_redirect_is_not_followed() -> None:
    """V19."""
    assert fetched(answering(GOOD)).status == 200
    with serving(answering(GOOD)) as (elsewhere, asked):
        head = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode()
        with pytest.raises(FetchError, match="points elsewhere"):
            fetched(answering(head))
        assert asked == []


@pytest.mark.online
@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "answer",
    [
        answering(HEAD + b"Content-Length: 5\r\n\r\n", b"12345"),
        answering(HEAD + b"\r\n", b"12345"),
        answering(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n12345\r\n0\r\n\r\n"),
        dripping(HEAD + b"\r\n" + b"1" * 10**6, every=0.0),
    ],
    ids=["announced", "not announced", "in chunks", "endless"],
)
def test_a_body_that_is_too_large(answer: Answering) -> None:
    """DID-06."""
    assert fetched(answering(GOOD), max_bytes=4).body == b"body"
    with pytest.raises(LimitExceededError, match="more than 4 bytes"):
        fetched(answer, max_bytes=4)


@pytest.mark.online
@pytest.mark.enable_socket
def test_a_compressed_bomb_is_not_inflated() -> None:
    """DID-06."""
    bomb = gzip.compress(bytes(10**7))
    head = HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    with pytest.raises(FetchError, match="compresses"):
        fetched(answering(head, bomb), max_bytes=10**8)


@pytest.mark.online
@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "answer",
    [
        stalling(),
        stalling(b"HTTP/1.1 200 OK\r\nContent-"),
        stalling(HEAD + b"Content-Length: 4\r\n\r\n"),
        stalling(HEAD + b"Content-Length: 4\r\n\r\nbod"),
        dripping(HEAD + b"X: " + b"y" * 1000, every=0.05),
        dripping(HEAD + b"\r\n" + b"y" * 1000, every=0.05),
    ],
    ids=["before headers", "in headers", "before body", "before the last byte", "slow headers", "slow body"],
)
def test_a_server_that_stalls(answer: Answering, short: float) -> None:
    """FI-12: whatever it gives, and however slowly, the whole ends in time."""
    assert fetched(answering(GOOD)).status == 200
    start = time.monotonic()
    with pytest.raises(FetchError, match="has not answered"):
        fetched(answer)
    assert time.monotonic() - start < short + 3


@pytest.mark.online
@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "answer",
    [
        answering(),
        answering(b"HTTP/1.1 200 OK\r\nContent-"),
        answering(HEAD + b"Content-Length: 4\r\n\r\nbod"),
        resetting(),
        resetting(HEAD + b"Content-Length: 4\r\n\r\nbo"),
        answering(b"SSH-2.0-OpenSSH\r\n\r\n"),
        answering(HEAD + b"Content-Length: -4\r\n\r\nbody"),
        answering(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ],
    ids=["closed", "closed in headers", "cut short", "reset", "reset in body", "no HTTP", "length", "chunks"],
)
def test_a_server_that_breaks_off(answer: Answering) -> None:
    """FI-12."""
    assert fetched(answering(GOOD)).status == 200
    with pytest.raises(FetchError, match="broke off"):
        fetched(answer)


@pytest.mark.online
@pytest.mark.enable_socket
def test_nobody_listens() -> None:
    with serving(answering(GOOD)) as (url, _):
        assert Site.configured(url).get(max_bytes=4).status == 200
    with pytest.raises(FetchError, match="cannot connect") as caught:
        Site.configured(url).get(max_bytes=4)
    assert caught.value.hint is not None


@pytest.mark.online
@pytest.mark.enable_socket
def test_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert fetched(answering(GOOD)).status == 200


@pytest.mark.online
@pytest.mark.enable_socket
def test_a_name_of_this_machine_must_lead_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering(GOOD)) as (url, _):
        named = url.replace("127.0.0.1", "localhost")
        resolving(monkeypatch, ["127.0.0.1"])
        assert Site.configured(named).get(max_bytes=4).status == 200
        resolving(monkeypatch, ["127.0.0.1", "10.0.0.1"])
        with pytest.raises(FetchError, match="does not lead to this machine"):
            Site.configured(named).get(max_bytes=4)


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"]]
)
def test_a_strangers_name_that_leads_inside(addresses: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """DID-01, DID-03: no socket is opened; the suite would refuse one."""
    asked = resolving(monkeypatch, addresses)
    with pytest.raises(RefusedError) as caught:
        Site.from_data("https://issuer.example/did.json").get(max_bytes=4)
    assert caught.value.reason is Reason.ADDRESS_REFUSED
    assert asked == ["issuer.example"]


def test_only_the_vetted_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DID-03: a second answer of the resolver would be another; it is never asked."""
    answers = iter([["1.1.1.1"], ["127.0.0.1"]])
    asked: list[str] = []
    connected: list[tuple[str, str | None]] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return rows(next(answers))

    async def ask(self: Site, client: object, request: object, address: object) -> Answer:
        connected.append((str(address), self._place.host))
        return Answer(status=200, media_type="", body=b"")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(Site, "_ask", ask)
    Site.from_data("https://issuer.example/did.json").get(max_bytes=4)
    assert (asked, connected) == (["issuer.example"], [("1.1.1.1", "issuer.example")])


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, [])
    with pytest.raises(FetchError, match=r"nobody knows issuer\.example"):
        Site.from_data("https://issuer.example/").get(max_bytes=4)


def test_a_resolver_that_stalls(monkeypatch: pytest.MonkeyPatch, short: float) -> None:
    over = threading.Event()

    def stall(*_: Any, **__: Any) -> list[Any]:
        over.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", stall)
    with pytest.raises(FetchError, match="no answer to the question"):
        Site.from_data("https://issuer.example/").get(max_bytes=4)
    over.set()


def resolving(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> list[str]:
    """Let every name lead to these addresses; gives the names that were asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return rows(addresses)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def rows(addresses: list[str]) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
