# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL for every room that keeps something in it: one server of each release, for all tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.postgres import SERVERS, Postgres, require_binaries, running


@pytest.fixture(scope="session")
def start_postgres() -> Iterator[Callable[[str], Postgres]]:
    """Start the server of a release, the first time that it is asked for."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(running(require_binaries(name))))


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, start_postgres: Callable[[str], Postgres]) -> Postgres:
    """A server that all tests share: none stops it, and each has a schema of its own there."""
    return start_postgres(request.param)
