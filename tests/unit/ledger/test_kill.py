# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-01: whenever a ledger or a party dies, what was acknowledged is there, and it can go on."""

import shutil
from contextlib import ExitStack
from pathlib import Path

from tests.kill import kill_at_every_write, python_module, require_strace
from tests.unit.desk.founder import found
from tests.unit.ledger.homes import Network
from vcred.desk.engines.party_file import FILE_NAME
from vcred.desk.engines.witness_desk import witness_name
from vcred.desk.party import Party
from vcred.home import Role
from vcred.ledger.entries import parse_leaf


def witnessed(network: Network) -> list[int]:
    with ExitStack() as stack:
        ledger = stack.enter_context(network.ledger())
        return [network.witness(name, stack, ledger).known_size() for name in ("gd", "mo")]


def test_a_ledger_that_dies_loses_nothing_acknowledged(network: Network, tmp_path: Path) -> None:
    require_strace()
    network.grow(1)
    before = network.publish()

    def copy(name: str) -> Path:
        return network.copy_to(tmp_path / name).folder

    outcomes = set()
    points = list(
        kill_at_every_write(copy, lambda place: python_module("tests.unit.ledger.publisher", place))
    )
    for point, place, printed in points:
        here = Network(place)
        with here.ledger() as ledger:
            size = ledger.fsck().size
            published = ledger.published()
            assert published is not None
            assert [parse_leaf(leaf).kind for leaf in ledger.leaves(1, size)] == ["type.publish"] * (size - 1)
            assert (published == before) is (published.size == 2), point
        recorded = witnessed(here)
        outcomes.add((size, published.size, *recorded))
        # Acknowledged and durable; published only under witnesses that know of it.
        assert ("appended 2" in printed) <= (size == 3), point
        assert ("published 3" in printed) <= (published.size == 3), point
        assert all(published.size <= known <= size for known in recorded), point
        # It goes on where it was, and no witness sees a fork.
        here.clock.later(seconds=20)
        if size == 2:
            here.grow(1)
        assert here.publish().size == 3, point
        assert witnessed(here) == [3, 3]
    # Kills in each of its steps: else the test would prove nothing.
    assert outcomes == {(2, 2, 2, 2), (3, 2, 2, 2), (3, 2, 3, 2), (3, 2, 3, 3), (3, 3, 3, 3)}


def test_a_party_that_dies_while_it_makes_its_did_has_one_in_the_end(tmp_path: Path) -> None:
    require_strace()
    empty = Party.create(tmp_path / "empty", Role.AUTHORITY).path

    def copy(name: str) -> Path:
        return Path(shutil.copytree(empty, tmp_path / name))

    made = 0
    points = list(kill_at_every_write(copy, lambda place: python_module("tests.unit.desk.founder", place)))
    for point, place, printed in points:
        kept = (place / FILE_NAME).exists()
        founder = found(str(place))
        assert found(str(place)) == founder, point
        with Party.open(place) as party:
            assert founder.witness["name"] == witness_name(party.did)
        # A name that was told is the name that it keeps.
        assert printed.strip() in ("", founder.witness["name"]), point
        made += kept
    assert 0 < made < len(points)
