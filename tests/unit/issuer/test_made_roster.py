# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The roster that a script makes, with which large runs are shown: believable, and all in order."""

import csv
import itertools
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tools.make_roster import HEADER, SAMPLE_DAY, holder_key, iter_rows, latest_day

from tests.architecture.source import PROJECT
from tests.unit.issuer.roster_reading import WholePass
from tests.unit.issuer.stage import START
from vcred.credential.type_definition import shipped_type
from vcred.issuer.possession import resolve_holder
from vcred.issuer.roster import ReadyRow
from vcred.keys.algorithms import ES256

ROWS = list(iter_rows(1_000, seed=7))


def test_every_row_passes_and_nothing_comes_twice() -> None:
    roster = WholePass(shipped_type("health-code"), ROWS[0], encoding="utf-8", now=START)
    read = [roster.read(line, cells, None) for line, cells in enumerate(ROWS[1:], 2)]
    assert len(read) == 1_000
    assert all(isinstance(row, ReadyRow) and not row.flags for row in read)
    for name in ("row_id", "id_number", "holder"):
        assert len({row[HEADER.index(name)] for row in ROWS}) == 1_001
    assert {row[HEADER.index("region")] for row in ROWS[1:]} == {"CN-44", "MO"}


def test_the_same_seed_gives_the_same_rows() -> None:
    assert list(iter_rows(1_000, seed=7)) == ROWS
    assert list(itertools.islice(iter_rows(10**8, seed=7), 10)) == ROWS[:10]
    assert list(iter_rows(1_000, seed=8))[1:] != ROWS[1:]


def test_dates_go_by_the_day_and_nothing_else_does() -> None:
    """Two days later everything is two days later: what was valid on the one is on the other."""
    later = list(iter_rows(1_000, seed=7, day=SAMPLE_DAY + timedelta(days=2)))
    dated = {HEADER.index(name) for name in ("test_collected", "valid_until", "vaccine_last")}
    for row, moved in zip(ROWS[1:], later[1:], strict=True):
        for place, (before, after) in enumerate(zip(row, moved, strict=True)):
            distance = timedelta(days=2 if before and place in dated else 0)
            if place not in dated or not before:
                assert after == before
            else:
                assert datetime.fromisoformat(after) - datetime.fromisoformat(before) == distance


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-22T09:00:00+08:00", "2026-11-22"),
        ("2026-11-22T08:59:59+08:00", "2026-11-21"),
        ("2026-11-22T18:00:00+00:00", "2026-11-22"),
    ],
)
def test_no_test_is_of_the_future(now: str, day: str) -> None:
    moment = datetime.fromisoformat(now)
    found = latest_day(moment)
    assert found == date.fromisoformat(day)
    rows = list(iter_rows(1_000, day=found))[1:]
    collected, valid = HEADER.index("test_collected"), HEADER.index("valid_until")
    assert max(datetime.fromisoformat(row[collected]) for row in rows) < moment
    assert min(datetime.fromisoformat(row[valid]) for row in rows) >= moment + timedelta(hours=24)


def test_the_command_line_gives_today_or_the_day_asked_for(tmp_path: Path) -> None:
    def make(*options: object) -> str:
        out = tmp_path / "roster.csv"
        command = [sys.executable, PROJECT / "tools/make_roster.py", "20", *options, "--out", out]
        subprocess.run([str(word) for word in command], check=True, timeout=60)
        return out.read_text(encoding="utf-8")

    asked = make("--day", "2026-11-20")
    assert [tuple(row) for row in csv.reader(asked.splitlines())] == list(iter_rows(20))
    assert make("--day", "2026-11-20") == asked
    now = datetime.now(UTC)
    (_, *rows) = csv.reader(make().splitlines())
    assert all(datetime.fromisoformat(row[HEADER.index("valid_until")]) > now for row in rows)


def test_holders_have_their_keys() -> None:
    numbers = holder_key(7, 3).public_key().public_numbers()
    key = resolve_holder(ROWS[3][HEADER.index("holder")])
    assert key.algorithm is ES256
    assert key.raw[1:] == numbers.x.to_bytes(32, "big")
