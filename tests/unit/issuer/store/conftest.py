# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Stores: a file, and two releases of PostgreSQL, each test in a schema of its own."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import SERVERS, Postgres
from tests.unit.issuer.store.stores import Stored, in_file, on_server
from vcred.issuer.engines.store.store import IssuerStore

_numbers = itertools.count()


@pytest.fixture(params=["file", *SERVERS])
def new_store(
    request: pytest.FixtureRequest, start_postgres: Callable[[str], Postgres], tmp_path: Path
) -> Callable[[], Stored]:
    """Make an empty store of each kind, as many as are wanted."""
    if request.param == "file":
        return lambda: in_file(tmp_path / f"issuer{next(_numbers)}.sqlite")
    server = start_postgres(request.param)
    return lambda: on_server(server, f"issuer_{next(_numbers)}")


@pytest.fixture
def stored(new_store: Callable[[], Stored]) -> Stored:
    """An empty store of each kind."""
    return new_store()


@pytest.fixture
def store(stored: Stored) -> Iterator[IssuerStore]:
    """The same, open."""
    with stored.open() as opened:
        yield opened
