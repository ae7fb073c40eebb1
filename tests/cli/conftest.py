# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A network of two jurisdictions, founded by commands alone; each test works on its own copy."""

import shutil
from pathlib import Path

import pytest

from tests.cli.town import Town, found_town
from tests.unit.ledger.homes import pass_for_original, pass_marks_for_original
from vcred.desk.engines.witness_desk import WITNESS_FILE


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town as it was founded; nobody changes it."""
    return found_town(tmp_path_factory.mktemp("town"))


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    """A copy of the town, to do with as one likes."""
    shutil.copytree(founded.path, tmp_path / "town")
    for record in (tmp_path / "town").glob(f"*/{WITNESS_FILE}"):
        pass_for_original(record)
    pass_marks_for_original(tmp_path / "town")
    return Town(path=tmp_path / "town", now=founded.now)
