# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The founded network of the ledger's own tests, and servers over it that need no socket."""

from collections.abc import Iterator

import pytest

from tests.unit.ledger.conftest import founded, network
from tests.unit.ledger.homes import Network
from tests.unit.server.client import TestClient, client_of, witness_client
from vcred.server.ledger_app import make_ledger_app

__all__ = ["founded", "network"]


@pytest.fixture
def client(network: Network) -> Iterator[TestClient]:
    """A ledger's server over the network."""
    with client_of(make_ledger_app(network.ledger)) as client:
        yield client


@pytest.fixture
def witness(network: Network, client: TestClient) -> Iterator[TestClient]:
    """The server of the witness of Guangdong, which reads the entries over HTTP."""
    with witness_client(network, "gd", client) as client:
        yield client
