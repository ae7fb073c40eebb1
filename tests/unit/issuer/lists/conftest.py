# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer with something to lose."""

from pathlib import Path

import pytest

from tests.unit.issuer.lists.stage import ListStage


@pytest.fixture
def stage(tmp_path: Path) -> ListStage:
    """An issuer that has issued ten credentials, published their list, and holds it in its bundle."""
    stage = ListStage(tmp_path / "issuer")
    with stage.open() as (store, desk):
        stage.issue(store, 10)
        stage.import_lists(desk.publish())
    return stage
