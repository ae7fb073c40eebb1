# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-04, INV-12: whatever one call of the system answers, a command succeeds wholly or says why in words."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.amounts import amount
from tests.faults.damage import sampled
from tests.faults.injection import Faulted, faults_of, meet_faults
from tests.faults.record import read_record
from tests.faults.stage import complaints_of_gate, complaints_of_network, copy_folder, open_gate, prepare_gate
from tests.kill import python_module, require_strace
from tests.unit.ledger.homes import Network, found_network

SCENARIOS = "tests.faults.scenarios"
# Of the faults that are chosen, so many really come: else the test would prove nothing. A few miss
# their call where Python opens its own files in another number than in the run that counted.
MUST_HIT = 0.6


@dataclass(frozen=True)
class Command:
    """A command of vcred in the homes of a network, and the record that a success amounts to."""

    before: Path
    words: tuple[object, ...]
    seconds: int

    def at(self, place: Path) -> list[str]:
        words = [str(word).replace("HOMES", str(place)) for word in self.words]
        return python_module(SCENARIOS, "command", self.seconds, *words)


def a_network(folder: Path) -> Network:
    network = found_network(folder)
    with network.ledger() as ledger:
        operation = network.statement("gd", 1, ledger=ledger)
    (folder / "operation.json").write_text(json.dumps(operation), encoding="utf-8")
    return network


def run_with_faults(command: Command, folder: Path, number: int) -> list[Faulted]:
    """Choose faults and let the command meet them."""
    untouched = copy_folder(command.before, folder / "untouched")
    faults = sampled(faults_of(command.at(untouched), untouched), number)
    met = list(meet_faults(faults, lambda name: copy_folder(command.before, folder / name), command.at))
    assert len(met) >= MUST_HIT * len(faults)
    return met


def assert_closed(met: Sequence[Faulted]) -> None:
    """Each one is typed, and some were refused, some tolerated."""
    untyped = [(item.fault, item.code, item.said[-400:]) for item in met if not item.is_typed]
    assert untyped == []
    assert {item.code for item in met} >= {0, 4}


def append_command(network: Network) -> Command:
    words = ("ledger", "append", "HOMES/operation.json", "--home", "HOMES/ledger")
    return Command(network.folder, words, int(network.clock.now.timestamp()))


def test_fi_04_append(tmp_path: Path) -> None:
    require_strace()
    command = append_command(a_network(tmp_path / "network"))
    met = run_with_faults(command, tmp_path, amount(60, 1000))
    assert_closed(met)
    for item in met:
        network = Network(item.place)
        with network.ledger() as ledger:
            # What was told is there; what was refused may be there too, and once.
            assert ledger.fsck().size in ((2,) if item.code == 0 else (1, 2)), item.fault
            operation = json.loads((item.place / "operation.json").read_text())
            assert ledger.append(operation).index == 1
        assert complaints_of_network(item.place, []) == [], item.fault


def test_fi_04_publish(tmp_path: Path) -> None:
    require_strace()
    network = a_network(tmp_path / "network")
    network.grow(2)
    words = ("ledger", "publish", "--witness", "HOMES/gd", "--witness", "HOMES/mo", "--home", "HOMES/ledger")
    command = Command(network.folder, words, int(network.clock.now.timestamp()))
    met = run_with_faults(command, tmp_path, amount(80, 1500))
    assert_closed(met)
    for item in met:
        with Network(item.place).ledger() as ledger:
            published = ledger.published()
            assert published is not None or item.code != 0, item.fault
        assert complaints_of_network(item.place, []) == [], item.fault


def test_fi_04_import(tmp_path: Path) -> None:
    require_strace()
    world, home, bundles = prepare_gate(tmp_path, bundles=2)
    words = ("trust", "import", bundles[-1], "--home", "HOMES")
    command = Command(home, words, int(world.now.timestamp()))
    met = run_with_faults(command, tmp_path, amount(60, 1000))
    assert_closed(met)
    for item in met:
        with open_gate(item.place, world) as store:
            assert store.import_bundle(bundles[-1].read_bytes()).changed is (item.code != 0), item.fault
        assert complaints_of_gate(item.place, []) == [], item.fault


def test_fi_04_after_one_failed_sync_the_writer_stops(tmp_path: Path) -> None:
    """A second fsync that succeeds proves nothing about the pages that the first one lost."""
    require_strace()
    before = found_network(tmp_path / "network").folder

    def command(place: Path) -> list[str]:
        return python_module(SCENARIOS, "stubborn", place, place.with_name(f"{place.name}.told"))

    untouched = copy_folder(before, tmp_path / "untouched")
    faults = [
        fault
        for fault in faults_of(command(untouched), untouched)
        if fault.call in ("fsync", "fdatasync")
        and fault.answer == "error=EIO"
        and fault.target.startswith("ledger/ledger.sqlite-wal")
    ]
    assert [told["what"] for told in read_record(tmp_path / "untouched.told")] == ["appended"] * 3
    met = list(meet_faults(faults, lambda name: copy_folder(before, tmp_path / name), command))
    refused_first = 0
    for item in met:
        record = read_record(item.place.with_name(f"{item.place.name}.told"))
        told = [line["what"] for line in record]
        # Refused once, refused until it is opened anew.
        assert told == sorted(told), (item.fault, told)
        refused_first += told[0] == "refused"
        assert complaints_of_network(item.place, record) == []
    assert refused_first > 0


def test_fi_04_control_a_program_that_fails_without_words_is_noticed(tmp_path: Path) -> None:
    require_strace()
    place = copy_folder(found_network(tmp_path / "network").folder, tmp_path / "careless")

    def careless(where: Path) -> list[str]:
        return [sys.executable, "-c", f"with open('{where}/gd/careless', 'wb') as f: f.write(b'!')"]

    faults = [fault for fault in faults_of(careless(place), place) if fault.answer == "error=EIO"]
    met = list(meet_faults(faults, lambda name: copy_folder(place, tmp_path / name), careless))
    assert met
    assert not any(item.is_typed for item in met)
