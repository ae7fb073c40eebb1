# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Memory does not grow with a roster, but for the digests by which repeated rows are known again."""

import os
from pathlib import Path

from tests.faults.amounts import amount
from tests.faults.groups import running
from tests.faults.issuer_town import IssuerTown, found_issuer
from tests.scale.rosters import large_roster

FEW = 4_000
MANY = amount(24_000, 1_000_000)
# The texts of the others alone are 45 MB. In full there are what SQLite keeps at hand, 64 MB, and the
# shuffling of a list of half a million entries, 60 MB, but not 2 GB of texts.
MAY_GROW_MEGABYTES = amount(20, 180)


def peak_megabytes(town: IssuerTown, folder: Path, rows: int) -> float:
    """Issue so many rows in one process; the most memory that it ever had."""
    folder.mkdir()
    roster = large_roster(town, folder, rows=rows, out="codes.jsonl")
    with running(roster.command("--workers", 1), folder / "log") as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (folder / "log").read_text()[-500:]
    return usage.ru_maxrss / 1024


def test_a_roster_six_times_as_long_takes_no_more_memory(tmp_path: Path) -> None:
    town = found_issuer(tmp_path / "town")
    few, many = (peak_megabytes(town, tmp_path / f"{rows}", rows) for rows in (FEW, MANY))
    print(f"{FEW} rows: {few:.0f} MB, {MANY} rows: {many:.0f} MB")
    assert many - few < MAY_GROW_MEGABYTES
