# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A small roster that is issued under faults, in several chunks, from a home whose list is open already.

A list is opened once in 100,000 credentials; hundreds of writes of its deck would hide the others.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from tools.make_roster import iter_rows

from tests.cli.run import Outcome
from tests.faults.issued import complaints_of_issue, complaints_of_part
from tests.faults.issuer_town import IssuerTown, found_issuer

ROWS = 8
CHUNK = 3
BEFORE = "HC000000001"


@dataclass(frozen=True)
class SmallRoster:
    """A town and a roster. `fresh`: the home before the first row was issued, into another file."""

    town: IssuerTown
    file: Path
    fresh: Path
    rows: int

    @property
    def row_ids(self) -> list[str]:
        return [f"HC{number:09}" for number in range(2, self.rows + 2)]

    def words(self, out: Path) -> tuple[object, ...]:
        return ("issue", "health-code", "--roster", self.file, "--out", out)

    def command(self, home: Path, out: str, *options: object) -> list[str]:
        """The process that issues into a home's own folder."""
        return self.town.command(*self.words(home / out), *options, home=home, rows=CHUNK)

    def again(self, home: Path, out: str) -> Outcome:
        """Run it to its end."""
        return self.town.here(*self.words(home / out), home=home)

    def complaints_so_far(self, home: Path, out: str) -> list[str]:
        """What is wrong with what may be a part."""
        return complaints_of_part(home, home / out, elsewhere={BEFORE})

    def complaints(self, home: Path, out: str) -> list[str]:
        """What is wrong with what should be whole, its audit log included."""
        complaints = complaints_of_issue(home, home / out, self.row_ids, elsewhere={BEFORE})
        audit = self.town.here("status", "audit", home=home)
        return complaints + ([f"INV-14: {audit.err}"] if audit.code else [])


def prepare_small_roster(folder: Path, *, rows: int = ROWS) -> SmallRoster:
    """Found the town, and issue the first row."""
    town = found_issuer(folder)
    fresh = town.copied(folder / "fresh")
    header, first, *others = iter_rows(rows + 1)
    _write(folder / "first.csv", [header, first])
    _write(folder / "roster.csv", [header, *others])
    words = ("--roster", folder / "first.csv", "--out", folder / "first.jsonl")
    issued = town.here("issue", "health-code", *words)
    assert issued.code == 0, issued.err
    return SmallRoster(town, folder / "roster.csv", fresh, rows)


def _write(file: Path, rows: list[tuple[str, ...]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as table:
        csv.writer(table, lineterminator="\n").writerows(rows)
