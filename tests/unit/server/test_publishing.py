# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""When a checkpoint is published, when it waits, and that it never stands bare."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest

from tests.unit.ledger.homes import Network
from tests.unit.server.client import AppSite, TestClient, client_of, witness_client
from tests.unit.server.test_witness_app import Canned
from vcred.errors import FetchError, QuorumError
from vcred.ledger.published import Published
from vcred.server.ledger_app import make_ledger_app
from vcred.server.publishing import Publish, Publisher
from vcred.witness.engines.remote import HttpWitness

LONG = timedelta(hours=1)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcred.server.publishing._FIRST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr("vcred.server.publishing._GATHER_SECONDS", 0.01)


class Attempts:
    """Counts what a publisher tries; the outcomes are given."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.made = 0
        self.said: list[str] = []

    @contextmanager
    def opened(self) -> Iterator[Publish]:
        yield self.publish

    def publish(self) -> Published | None:
        self.made += 1
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        return Published(size=self.made, root=bytes(32), note=b"")

    def run(self, *, every: timedelta, until: Callable[[], bool], grow: bool = False) -> None:
        async def main() -> None:
            publisher = Publisher(self.opened, every=every, say=self.said.append)
            task = asyncio.create_task(running(publisher))
            end = time.monotonic() + 10
            while not until():
                assert time.monotonic() < end and not task.done()
                if grow:
                    publisher.notice_growth()
                await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        asyncio.run(main())


async def running(publisher: Publisher) -> None:
    async with publisher.opened():
        await publisher.run()


def test_it_publishes_at_once_and_then_every_so_often() -> None:
    once = Attempts()
    once.run(every=LONG, until=lambda: once.made == 1)
    often = Attempts()
    often.run(every=timedelta(seconds=0.02), until=lambda: often.made == 4)
    assert often.said[0] == f"published 1 entries, root {'00' * 32}"


def test_it_publishes_when_the_log_has_grown() -> None:
    grown = Attempts()
    grown.run(every=LONG, until=lambda: grown.made == 4, grow=True)


@pytest.mark.parametrize("error", [QuorumError("no witness"), FetchError("cannot connect")])
def test_without_the_quorum_it_waits_and_tries_again(error: Exception) -> None:
    waiting = Attempts(error, error)
    waiting.run(every=LONG, until=lambda: waiting.made == 3)
    assert waiting.said[:2] == [f"nothing is published: {error}"] * 2


def test_what_to_do_is_said_with_the_reason() -> None:
    waiting = Attempts(QuorumError("too few", hint="ask another"))
    waiting.run(every=LONG, until=lambda: waiting.made == 2)
    assert waiting.said[0] == "nothing is published: too few; ask another"


def test_many_entries_are_published_together() -> None:
    attempts = Attempts()

    async def main() -> None:
        publisher = Publisher(attempts.opened, every=LONG, say=attempts.said.append)
        task = asyncio.create_task(running(publisher))
        await asyncio.sleep(0.1)
        for _ in range(100):
            publisher.notice_growth()
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    assert attempts.made == 2


def test_the_server_publishes_with_witnesses_that_read_from_it(network: Network) -> None:
    """The witnesses fetch the entries from the very server that waits for them."""
    lines: list[str] = []
    sites: dict[str, AppSite] = {}

    @contextmanager
    def publishing() -> Iterator[Publish]:
        with network.ledger() as ledger:
            yield lambda: ledger.publish([HttpWitness(site) for site in sites.values()])

    publisher = Publisher(publishing, every=LONG, say=lines.append)
    with ExitStack() as stack:
        ledger = stack.enter_context(client_of(make_ledger_app(network.ledger, publisher=publisher)))
        waits_until(lambda: bool(lines))
        assert lines[0].startswith("nothing is published: no witness has cosigned")
        assert ledger.get("/checkpoint").status_code == 404
        sites["gd"] = AppSite(stack.enter_context(witness_client(network, "gd", ledger)))
        waits_until(lambda: "MO" in lines[-1] or "quorum" in lines[-1] or len(lines) > 3)
        assert ledger.get("/checkpoint").status_code == 404
        sites["mo"] = AppSite(stack.enter_context(witness_client(network, "mo", ledger)))
        waits_until(lambda: lines[-1].startswith("published 1"))
        append(network, ledger, 1)
        waits_until(lambda: lines[-1].startswith("published 2"))
        assert b"\n2\n" in ledger.get("/checkpoint").content
        del sites["mo"]
        append(network, ledger, 2)
        waits_until(lambda: lines[-1].startswith("nothing is published"))
        assert b"\n2\n" in ledger.get("/checkpoint").content


LINE = "— x{} YWJjZAEBAQE=\n"


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, "".join(map(LINE.format, range(16))).encode()),
        (200, "".join(map(LINE.format, range(17))).encode()),
        (200, b"\xff"),
        (409, b"9007199254740991\n"),
        (409, b"0\n"),
        (409, b"1\n"),
        (503, b'{"reason":"fork"}'),
        (500, b""),
    ],
)
def test_no_answer_of_a_witness_ends_the_publisher(network: Network, status: int, content: bytes) -> None:
    lines: list[str] = []
    helpers = ["gd"]

    @contextmanager
    def publishing() -> Iterator[Publish]:
        with ExitStack() as stack:
            ledger = stack.enter_context(network.ledger())
            known = {name: network.witness(name, stack, ledger) for name in ("gd", "mo")}
            hostile = HttpWitness(Canned(status, content))
            yield lambda: ledger.publish([hostile, *(known[name] for name in helpers)])

    publisher = Publisher(publishing, every=LONG, say=lines.append)
    with client_of(make_ledger_app(network.ledger, publisher=publisher)) as client:
        waits_until(lambda: len(lines) > 1)
        assert all(line.startswith("nothing is published: ") for line in lines)
        assert "https://canned.example" in lines[0]
        helpers.append("mo")
        waits_until(lambda: lines[-1].startswith("published 1"))
        assert b"\n1\n" in client.get("/checkpoint").content


def append(network: Network, client: TestClient, number: int) -> None:
    with network.ledger() as ledger:
        operation = network.statement("gd", number, ledger=ledger)
    assert client.post("/operations", json=operation).status_code == 201


def waits_until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)
