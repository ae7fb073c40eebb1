# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A roster of 100,000, killed at 20 random moments: every row once, no index twice, receipts complete."""

import secrets
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.groups import running
from tests.faults.issued import STORE_FILE, complaints_of_issue, complaints_of_sample, read_roster
from tests.faults.issued_formats import issuing_key
from tests.faults.issuer_town import NAME, IssuerTown, found_issuer
from tests.scale.killed import kill_often
from tests.scale.rosters import RECEIPT_BYTES, large_roster, write_roster

ROWS = 100_000
# A file each is much work for a machine of two processors: in full before a release.
ROWS_AS_FILES = amount(20_000, ROWS)
KILLS = 20
LAST_SECONDS = 1_800
# A control needs no large roster.
FEW = 600


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> IssuerTown:
    return found_issuer(tmp_path_factory.mktemp("town"))


@pytest.mark.parametrize(("out", "rows"), [("codes.jsonl", ROWS), ("codes", ROWS_AS_FILES)])
def test_killed_at_twenty_random_moments(town: IssuerTown, tmp_path: Path, out: str, rows: int) -> None:
    roster = large_roster(town, tmp_path, rows=rows, out=out)
    lengths = kill_often(
        roster.command(),
        roster.left,
        kills=KILLS,
        bytes_in_all=rows * RECEIPT_BYTES,
        seed=secrets.randbits(32),
    )
    # Spread over the run: else the kills would prove nothing.
    assert len(set(lengths)) > KILLS // 3
    with running(roster.command(), tmp_path / "last.log") as process:
        assert process.wait(LAST_SECONDS) == 0, (tmp_path / "last.log").read_text()[-500:]
    assert roster.complaints() == []


# What a broken issuer would have done, and which complaint must come of it.
def double_a_row(home: Path, out: Path) -> None:
    with out.open("a", encoding="ascii") as lines:
        lines.write(out.read_text("ascii").splitlines(keepends=True)[7])


def lose_a_line(home: Path, out: Path) -> None:
    lines = out.read_text("ascii").splitlines(keepends=True)
    out.write_text("".join(lines[:-1]), "ascii")


def lose_a_receipt(home: Path, out: Path) -> None:
    table = out.with_name(f"{out.stem}.receipts.csv")
    lines = table.read_bytes().splitlines(keepends=True)
    table.write_bytes(b"".join([*lines[:5], *lines[6:]]))


def forget_entries(home: Path, out: Path) -> None:
    change(home, "DELETE FROM journal WHERE id % 100 = 0")


def issue_a_place_twice(home: Path, out: Path) -> None:
    change(home, "UPDATE journal SET idx = (SELECT idx FROM journal WHERE id = 5) WHERE id = 6")


def deliver_nothing(home: Path, out: Path) -> None:
    change(
        home,
        "INSERT INTO outbox (type, destination, sealed) SELECT min(type), '', x'00' FROM journal",
        "UPDATE journal SET chunk = (SELECT max(id) FROM outbox) WHERE id < 9",
    )


def change(home: Path, *statements: str) -> None:
    """Change the store past its triggers."""
    with closing(sqlite3.connect(home / STORE_FILE)) as database, database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            database.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            database.execute(statement)


CONTROLS: list[tuple[Callable[[Path, Path], None], set[str]]] = [
    (double_a_row, {"ISS-17: a row is there twice", "INV-4: a place is given twice", "an id is given twice"}),
    (lose_a_line, {"ISS-17: a row is missing"}),
    (lose_a_receipt, {"ISS-17: a row is missing"}),
    (forget_entries, {"ISS-17: a row is missing"}),
    (
        issue_a_place_twice,
        {
            "INV-4: a place is given twice",
            "INV-4: a place was never dealt",
            "INV-5: a credential is not what the journal says",
            "ISS-17: a receipt is not what the journal says",
        },
    ),
    (deliver_nothing, {"PRV-05: an entry waits", "PRV-05: chunks wait in the outbox"}),
]


@pytest.fixture(scope="module")
def issued(town: IssuerTown) -> Path:
    """A folder with a home, a roster, and what was issued of it without any fault."""
    home = town.copied(town.path / "controls")
    file = write_roster(home / "roster.csv", FEW)
    done = town.run("issue", "health-code", "--roster", file, "--out", home / "codes.jsonl", home=home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.mark.parametrize(("fault", "expected"), CONTROLS, ids=[fault.__name__ for fault, _ in CONTROLS])
def test_control_each_fault_is_noticed(
    issued: Path, tmp_path: Path, fault: Callable[[Path, Path], None], expected: set[str]
) -> None:
    home = Path(shutil.copytree(issued, tmp_path / "home"))
    out, roster = home / "codes.jsonl", read_roster(home / "roster.csv")
    assert complaints_of_issue(home, out, roster) == []
    fault(home, out)
    # Without how many and which.
    found = {line.rpartition(": ")[0] or line for line in complaints_of_issue(home, out, roster)}
    assert found == expected


def test_control_a_forged_credential_is_noticed(issued: Path, tmp_path: Path, town: IssuerTown) -> None:
    """Two credentials that have changed places, and one of another key."""
    home = Path(shutil.copytree(issued, tmp_path / "home"))
    out, roster = home / "codes.jsonl", read_roster(home / "roster.csv")
    key, sample = issuing_key(town.ledger_file, NAME), frozenset(roster)
    assert complaints_of_sample(out, roster, sample, key) == []
    text = out.read_text("ascii")
    out.write_text(text.replace('"HC000000001"', '"HC000000002"', 1), "ascii")
    assert complaints_of_sample(out, roster, sample, key) == [
        "HC000000002: it is another person's",
        "HC000000002: it says something else than the row",
        "HC000000002: it is bound to another key",
    ]
