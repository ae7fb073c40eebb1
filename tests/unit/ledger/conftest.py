# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The founded network is made once; each test works in a copy of its own."""

from pathlib import Path

import pytest

from tests.unit.ledger.homes import Network, found_network


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return found_network(tmp_path_factory.mktemp("founded"))


@pytest.fixture
def network(founded: Network, tmp_path: Path) -> Network:
    return founded.copy_to(tmp_path / "network")
