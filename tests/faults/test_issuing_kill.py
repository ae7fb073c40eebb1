# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-01, issuing: a kill at every write, sync, link and rename; each row and place once."""

from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.left import Left, receipts_bytes
from tests.faults.small_roster import SmallRoster, prepare_small_roster
from tests.kill import kill_at_every_write, require_strace

ALL = 1_000_000


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> SmallRoster:
    return prepare_small_roster(tmp_path_factory.mktemp("town"))


@pytest.mark.parametrize("out", ["codes.jsonl", "codes"])
def test_fi_01_killed_at_any_write_of_a_roster(roster: SmallRoster, tmp_path: Path, out: str) -> None:
    require_strace()
    sizes = set()
    points = kill_at_every_write(
        lambda name: roster.town.copied(tmp_path / name),
        lambda home: roster.command(home, out),
    )
    for point, home, _ in points:
        left = Left(home / out)
        left.note()
        sizes.add(receipts_bytes(home / out))
        assert roster.complaints_so_far(home, out) == [], point
        done = roster.again(home, out)
        assert done.code == 0, (point, done.err)
        assert roster.complaints(home, out) == [], point
        assert left.complaints() == [], point
    # Before the first, between two chunks, and after the last: else the test would prove nothing.
    assert len(sizes) > 3


def test_fi_01_killed_while_the_first_list_opens(roster: SmallRoster, tmp_path: Path) -> None:
    """From a home that has issued nothing: hundreds of writes of the deck, of which some are taken."""
    require_strace()
    town = roster.town
    points = kill_at_every_write(
        lambda name: town.copied(tmp_path / name, of=roster.fresh),
        lambda home: roster.command(home, "codes.jsonl"),
        at_most=amount(25, ALL),
    )
    for point, home, _ in points:
        assert roster.complaints_so_far(home, "codes.jsonl") == [], point
        done = roster.again(home, "codes.jsonl")
        assert done.code == 0, (point, done.err)
        assert roster.complaints(home, "codes.jsonl") == [], point
