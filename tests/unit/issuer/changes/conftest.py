# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Stores of both engines; each test has one of its own."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.unit.issuer.changes.rig import OpenStore, Rig
from vcred.home import Home, Role, Settings, create_home
from vcred.issuer.engines.store.store import open_issuer_store, open_shared_store

_numbers = itertools.count()


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.online)])
def open_store(
    request: pytest.FixtureRequest, start_postgres: Callable[[str], Postgres], tmp_path: Path
) -> OpenStore:
    """Open one and the same store, again and again, in each engine."""
    if request.param == "server":
        address = start_postgres("wheel").uri(f"changes{next(_numbers)}")
        return lambda: open_shared_store(address)
    home = create_home(tmp_path / "issuer", Role.ISSUER, Settings())
    return lambda: open_issuer_store(home)


@pytest.fixture
def rig(open_store: OpenStore) -> Iterator[Rig]:
    """A desk over an empty store."""
    with open_store() as store:
        yield Rig(store)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The home of an issuer with a store in a file."""
    return create_home(tmp_path / "home", Role.ISSUER, Settings())
