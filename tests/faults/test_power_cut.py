# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-03: after a power cut everything that was acknowledged is there, and ledger and gate go on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.disks import require_mounts
from tests.faults.power import Cut, cuts, eatmydata
from tests.faults.record import told_of
from tests.faults.stage import (
    RECOVERY_SECONDS,
    complaints_of_gate,
    complaints_of_network,
    copy_folder,
    go_on,
    open_gate,
    prepare_gate,
)
from tests.kill import python_module
from tests.unit.ledger.homes import found_network
from tests.unit.trust.samples import fresh_world

SCENARIOS = "tests.faults.scenarios"
CONTROLS = 20
MUST_LOSE = 5
BUNDLES = 40


@pytest.fixture
def disks(tmp_path: Path) -> Path:
    require_mounts(tmp_path)
    return tmp_path


def ledger_cuts(folder: Path, number: int, environment: dict[str, str] | None = None) -> Iterator[Cut]:
    founded = found_network(folder / "founded").folder
    return cuts(
        folder,
        lambda disk: copy_folder(founded, disk / "network"),
        lambda disk, record: python_module(SCENARIOS, "live", disk / "network", record, 10_000),
        number=number,
        environment=environment,
    )


def test_fi_03_a_ledger_loses_nothing_that_it_acknowledged(disks: Path) -> None:
    appended = published = 0
    for cut in ledger_cuts(disks, amount(30, 500)):
        network = cut.disk / "network"
        assert complaints_of_network(network, cut.record) == []
        began = time.monotonic()
        go_on(network)
        # INV-13.
        assert time.monotonic() - began < RECOVERY_SECONDS
        assert complaints_of_network(network, cut.record) == []
        appended = max(appended, len(told_of(cut.record, "appended")))
        published = max(published, len(told_of(cut.record, "published")))
    assert appended > 10
    assert published > 2


def test_fi_03_control_a_ledger_whose_disk_lies_loses_entries(disks: Path) -> None:
    lost = [
        bool(complaints_of_network(cut.disk / "network", cut.record))
        for cut in ledger_cuts(disks, CONTROLS, eatmydata())
    ]
    assert sum(lost) >= MUST_LOSE, "the cuts lose nothing: the run proves nothing"


def gate_cuts(folder: Path, number: int, environment: dict[str, str] | None = None) -> Iterator[Cut]:
    world, home, bundles = prepare_gate(folder, bundles=BUNDLES)
    seconds = int(world.now.timestamp())
    return cuts(
        folder,
        lambda disk: copy_folder(home, disk / "gate"),
        lambda disk, record: python_module(SCENARIOS, "import", disk / "gate", record, seconds, *bundles),
        number=number,
        environment=environment,
    )


def test_fi_03_a_gate_holds_every_import_that_it_acknowledged(disks: Path) -> None:
    imported = 0
    for cut in gate_cuts(disks, amount(30, 500)):
        gate = cut.disk / "gate"
        assert complaints_of_gate(gate, cut.record) == []
        world = fresh_world().later(days=1)
        with open_gate(gate, world) as store:
            store.import_bundle((disks / f"{BUNDLES - 1}.bundle").read_bytes())
        assert complaints_of_gate(gate, cut.record) == []
        imported = max(imported, len(told_of(cut.record, "imported")))
    assert imported > 5


def test_fi_03_control_a_gate_whose_disk_lies_loses_imports(disks: Path) -> None:
    lost = [
        bool(complaints_of_gate(cut.disk / "gate", cut.record))
        for cut in gate_cuts(disks, CONTROLS, eatmydata())
    ]
    assert sum(lost) >= MUST_LOSE, "the cuts lose nothing: the run proves nothing"
