# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A store that would forget at a power cut is not opened, whoever built its SQLite."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from vcred.errors import StoreError
from vcred.ledger.engines.sqlite import SqliteLog
from vcred.trust.engines.sqlite import SqliteTrust
from vcred.witness.engines.store import WitnessStore


class Forgetful(sqlite3.Connection):
    """Takes FULL for NORMAL, as a build with other defaults might."""

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        return super().execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"), *parameters)  # type: ignore[arg-type]


def open_witness(path: Path) -> WitnessStore:
    return WitnessStore(path, mark=path.with_suffix(".mark"), names=["witness/x"])


@pytest.mark.parametrize("opening", [SqliteLog, SqliteTrust, open_witness], ids=["log", "trust", "witness"])
def test_synchronous_full_is_asserted(
    opening: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening(tmp_path / "good.sqlite")
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, **options: connect(path, factory=Forgetful, **options)
    )
    with pytest.raises(StoreError, match="synchronous=FULL"):
        opening(tmp_path / "forgetful.sqlite")
