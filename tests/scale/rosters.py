# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A roster, the command that issues it in a town, and the whole of what must hold afterwards."""

import csv
import random
import secrets
from dataclasses import dataclass
from pathlib import Path

from tools.make_roster import iter_rows

from tests.faults.issued import complaints_of_issue, complaints_of_sample, read_roster
from tests.faults.issued_formats import issuing_key
from tests.faults.issuer_town import NAME, IssuerTown
from tests.faults.left import Left

SAMPLE = 5_000
RECEIPT_BYTES = 182
"""About so long is the receipt of one row."""


@dataclass(frozen=True)
class LargeRoster:
    """A roster that is issued from one home into one output; `left`: what has left before a fault."""

    town: IssuerTown
    home: Path
    file: Path
    rows: int
    left: Left

    @property
    def out(self) -> Path:
        return self.left.out

    def command(self, *options: object) -> list[str]:
        """The process that issues it."""
        words = ("issue", "health-code", "--roster", self.file, "--out", self.out)
        return self.town.command(*words, *options, home=self.home)

    def complaints(self) -> list[str]:
        """What is wrong with what should be whole: of each row, and of a sample every claim."""
        roster, seed = read_roster(self.file), secrets.randbits(32)
        print(f"seed of the sample: {seed}")
        sample = frozenset(random.Random(seed).sample(sorted(roster), min(SAMPLE, self.rows)))
        key = issuing_key(self.town.ledger_file, NAME)
        return [
            *complaints_of_issue(self.home, self.out, roster, temporary_in=(self.out,)),
            *self.left.complaints(),
            *complaints_of_sample(self.out, roster, sample, key),
        ]


def large_roster(town: IssuerTown, folder: Path, *, rows: int, out: str) -> LargeRoster:
    """Write a roster, and copy the home that is to issue it."""
    (folder / "out").mkdir()
    home, file = town.copied(folder / "home"), write_roster(folder / "roster.csv", rows)
    return LargeRoster(town, home, file, rows, Left(folder / "out" / out))


def write_roster(file: Path, rows: int) -> Path:
    """Write a roster of so many rows."""
    with file.open("w", encoding="utf-8", newline="") as table:
        csv.writer(table, lineterminator="\n").writerows(iter_rows(rows))
    return file
