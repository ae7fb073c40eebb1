# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-01: a kill at every write, fsync, rename, link, unlink and truncate; what was told is there."""

from pathlib import Path

from tests.faults.amounts import amount
from tests.faults.checker import read_gate, read_ledger
from tests.faults.record import read_record, told_of
from tests.faults.scenarios import live
from tests.faults.stage import (
    complaints_of_gate,
    complaints_of_network,
    copy_folder,
    go_on,
    open_gate,
    prepare_gate,
)
from tests.kill import kill_at_every_write, python_module, require_strace
from tests.unit.ledger.homes import Network, found_network
from vcred.trust.store import FILE_NAME as GATE_FILE

SCENARIOS = "tests.faults.scenarios"
# The tests of ledger and gate themselves kill at every point of a shorter run.
ALL = 1_000_000


def record_beside(place: Path) -> Path:
    return place.with_name(f"{place.name}.told")


def test_fi_01_a_ledger_dies_while_it_appends_publishes_and_is_cosigned(tmp_path: Path) -> None:
    require_strace()
    founded = found_network(tmp_path / "founded").folder
    sizes, heads = set(), set()

    def command(place: Path) -> list[str]:
        return python_module(SCENARIOS, "live", place, record_beside(place), amount(3, 9))

    points = kill_at_every_write(
        lambda name: copy_folder(founded, tmp_path / name), command, at_most=amount(60, ALL)
    )
    for point, place, _ in points:
        record = read_record(record_beside(place))
        assert complaints_of_network(place, record) == [], point
        facts = read_ledger(Network(place).database)
        sizes.add(len(facts.leaves))
        heads.add(len(facts.heads))
        # INV-13: it goes on by itself, and nobody sees a fork.
        go_on(place)
        assert complaints_of_network(place, record) == [], point
    # Kills before and after each acknowledgement: else the test would prove nothing.
    assert sizes == set(range(1, 2 + amount(3, 9)))
    assert len(heads) >= 2


def test_fi_01_a_gate_dies_while_it_imports(tmp_path: Path) -> None:
    require_strace()
    world, home, bundles = prepare_gate(tmp_path, bundles=amount(2, 5))
    seconds = int(world.now.timestamp())
    sizes = set()

    def command(place: Path) -> list[str]:
        return python_module(SCENARIOS, "import", place, record_beside(place), seconds, *bundles)

    points = kill_at_every_write(
        lambda name: copy_folder(home, tmp_path / name), command, at_most=amount(40, ALL)
    )
    for point, place, _ in points:
        record = read_record(record_beside(place))
        if (place / GATE_FILE).exists():
            with open_gate(place, world):
                # Opening it is all the recovery that there is.
                pass
            assert complaints_of_gate(place, record) == [], point
            sizes.add(len(read_gate(place / GATE_FILE).leaves))
        with open_gate(place, world) as store:
            assert store.import_bundle(bundles[-1].read_bytes()).size == store.belief().size
        assert complaints_of_gate(place, record) == [], point
    assert len(sizes) == 1 + len(bundles)


def test_fi_01_control_a_store_that_forgets_is_noticed(tmp_path: Path) -> None:
    """Told, and then gone: the same checker, a store put back to what it was before."""
    network = found_network(tmp_path / "network")
    early = copy_folder(network.folder, tmp_path / "early")
    live(str(network.folder), str(record_beside(network.folder)), "3")
    record = read_record(record_beside(network.folder))
    assert complaints_of_network(network.folder, record) == []
    forgotten = complaints_of_network(early, record)
    assert {line.partition(":")[0] for line in forgotten} >= {"INV-1", "INV-2"}
    assert len(told_of(record, "cosigned")) == 2 * len(told_of(record, "published"))
