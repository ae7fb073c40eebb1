# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Stores: SQLite, and two releases of PostgreSQL, each test in a schema of its own."""

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.postgres import SERVERS, Postgres
from tests.unit.ledger.engines.stores import LEAVES, Store, add
from vcred.ledger.engines.log import LogEngine

_numbers = itertools.count()


@pytest.fixture(params=["sqlite", *SERVERS])
def store(request: pytest.FixtureRequest, start_postgres: Callable[[str], Postgres], tmp_path: Path) -> Store:
    """An empty store of each kind."""
    if request.param == "sqlite":
        return sqlite_store(tmp_path / "log.sqlite")
    return shared_store(start_postgres(request.param))


@pytest.fixture
def shared(server: Postgres) -> Store:
    """An empty store in PostgreSQL."""
    return shared_store(server)


@pytest.fixture
def log(store: Store) -> Iterator[LogEngine]:
    """A log of seven leaves."""
    with closing(store.open()) as opened:
        add(opened, *LEAVES)
        yield opened


def sqlite_store(path: Path) -> Store:
    """A store in a file."""

    def execute(statement: str) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute(statement)

    return Store(address=str(path), execute=execute)


def shared_store(server: Postgres) -> Store:
    """A store in a schema that nobody has used."""
    schema = f"ledger_{next(_numbers)}"

    def execute(statement: str) -> None:
        with server.connect(options=f"-c search_path={schema}") as database:
            database.execute(statement)

    return Store(address=server.uri(schema), execute=execute)
