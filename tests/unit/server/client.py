# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that call an application in this process: the same routes, and no socket."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from starlette.applications import Starlette

from tests.unit.ledger.homes import Network
from vcred.errors import LimitExceededError
from vcred.fetch import Answer, Site
from vcred.fetch.addresses import parse_configured
from vcred.ledger.engines.remote import RemoteLog
from vcred.server.witness_app import make_witness_app
from vcred.witness.witness import LocalWitness

with warnings.catch_warnings():
    # It prefers a successor of the HTTP library that is installed.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

__all__ = ["AppSite", "TestClient", "client_of", "witness_client"]


class AppSite(Site):
    """A site whose server is in this process; remembers what was asked."""

    def __init__(self, client: TestClient) -> None:
        super().__init__(parse_configured("https://server.example"), is_from_data=False)
        self._client = client
        self.asked: list[str] = []

    def __str__(self) -> str:
        return "https://server.example"

    def get(self, path: str = "", *, max_bytes: int) -> Answer:
        self.asked.append(path)
        return _answer(self._client.get(path), max_bytes)

    def post(self, path: str, body: bytes, *, media_type: str, max_bytes: int) -> Answer:
        self.asked.append(path)
        headers = {"Content-Type": media_type}
        return _answer(self._client.post(path, content=body, headers=headers), max_bytes)


def client_of(app: Starlette) -> TestClient:
    """A client; use it as a context manager, so that the application's doors open."""
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


@contextmanager
def witness_client(network: Network, name: str, ledger: TestClient) -> Iterator[TestClient]:
    """The server of a jurisdiction's witness; it reads the entries from the ledger's server."""

    @contextmanager
    def opened() -> Iterator[LocalWitness]:
        with ExitStack() as stack:
            party = stack.enter_context(network.party(name))
            yield stack.enter_context(party.witness(RemoteLog(AppSite(ledger)).leaves))

    with client_of(make_witness_app(opened, say=lambda _: None)) as client:
        yield client


def _answer(response: object, max_bytes: int) -> Answer:
    status, body = response.status_code, response.content  # type: ignore[attr-defined]
    if len(body) > max_bytes:
        raise LimitExceededError("too large")
    media_type = response.headers.get("content-type", "").partition(";")[0]  # type: ignore[attr-defined]
    return Answer(status=status, media_type=media_type, body=body)
