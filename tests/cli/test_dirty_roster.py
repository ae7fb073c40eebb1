# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`vcred issue` on a roster full of faults: each is told, from every kind of file (ISS-18, ISS-19)."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.town import Town
from tests.unit.issuer.tables import ROSTERS, texts_of, write_csv, write_parquet, write_xlsx
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner

EXPECTED = json.loads((ROSTERS / "health_codes_dirty.expected.json").read_text(encoding="utf-8"))


def issue(town: Town, roster: Path) -> tuple[int, Any]:
    """Issue a roster to holders of every row; exit code and what `--json` prints."""
    holders = {
        row[0]: SoftwareSigner.generate(ES256).public_key.did_key()
        for row in texts_of("health_codes_dirty.csv")[1:]
    }
    named = town.path / "holders.json"
    named.write_text(json.dumps(holders), encoding="utf-8")
    files = ("--roster", roster, "--holders", named, "--out", town.path / "dirty")
    outcome = town.run("issue", "health-code", *files, "--json", home="issuer-gd")
    assert outcome.code in (0, 1), outcome.err
    return outcome.code, json.loads(outcome.out)


@pytest.mark.parametrize("write", [write_csv, write_xlsx, write_parquet])
def test_the_dirty_roster_is_told_exactly(
    town: Town, write: Callable[[Path, Sequence[Sequence[str]]], Path]
) -> None:
    code, told = issue(town, write(town.path / "roster", texts_of("health_codes_dirty.csv")))
    found = {note["row_id"]: f"{note['column']}: {note['rule']}" for note in told["refused"]}
    found |= {note["row_id"]: note["rule"] for note in told["flagged"]}
    assert found == EXPECTED
    # One row has had its credential since the town was founded.
    assert (code, told["rows"], told["issued"], told["skipped"]) == (1, 200, 188, 1)


def test_a_check_tells_it_before_anybody_has_applied(town: Town) -> None:
    """Most rows have no holder yet when their list is looked through."""
    roster = write_csv(town.path / "roster", texts_of("health_codes_dirty.csv"))
    outcome = town.run("issue", "health-code", "--roster", roster, "--check", "--json", home="issuer-gd")
    told = json.loads(outcome.out)
    found = {note["row_id"]: f"{note['column']}: {note['rule']}" for note in told["refused"]}
    assert found | {note["row_id"]: note["rule"] for note in told["flagged"]} == EXPECTED


def test_tables_for_a_spreadsheet_are_neutralised(town: Town) -> None:
    rows = texts_of("health_codes_dirty.csv")
    rows[3][0], rows[4][0] = "=HC3", "=HC4;+1"
    code, _ = issue(town, write_csv(town.path / "roster", rows))
    assert code == 1
    tables = [path.read_text(encoding="utf-8") for path in (town.path / "dirty").glob("*.csv")]
    cells = [cell for table in tables for row in csv.reader(io.StringIO(table)) for cell in row]
    assert "'=HC4;'+1" in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for cell in cells)
