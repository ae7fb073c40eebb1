# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-05: a full disk is an error in words; reading goes on; with space again, so does writing."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.disks import require_mounts, small_disk
from tests.faults.injection import Fault, Faulted
from tests.faults.record import Record, read_record
from tests.faults.scenarios import append_noted
from tests.faults.stage import (
    complaints_of_gate,
    complaints_of_network,
    copy_folder,
    go_on,
    open_gate,
    prepare_gate,
    publish,
)
from tests.kill import PROJECT, python_module
from tests.unit.ledger.homes import Network, found_network
from vcred.errors import StoreError

SMALL = 1024 * 1024
LEFT_FREE = 64 * 1024
FILES = 8
SCENARIOS = "tests.faults.scenarios"


def fill(disk: Path, *, leave: int = LEFT_FREE) -> Path:
    """Take all the space but a little."""
    filler = disk / "filler"
    filler.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - leave)))
    return filler


def on_small_disk(folder: Path, disk: Path) -> None:
    """Move what is in a folder onto the disk that is mounted over it."""
    shutil.copytree(folder, disk, dirs_exist_ok=True)


def test_fi_05_a_ledger_on_a_full_disk(tmp_path: Path) -> None:
    require_mounts(tmp_path)
    network = found_network(tmp_path / "network")
    kept, told = tmp_path / "kept", tmp_path / "told"
    shutil.copytree(network.folder / "ledger", kept)
    with small_disk(network.folder / "ledger", size_bytes=SMALL) as disk:
        on_small_disk(kept, disk)
        record = Record(told)
        with network.ledger() as ledger:
            filler = fill(disk)
            with pytest.raises(StoreError):
                for number in range(1, 1000):
                    append_noted(ledger, network.statement("gd", number, ledger=ledger), record)
            acknowledged = read_record(told)
            size = ledger.state.size
            assert len(acknowledged) > 1
            # What is there can be read, by this process and by the next.
            assert len(ledger.leaves(0, size)) == size
            with network.ledger() as other:
                assert other.leaves(0, size) == ledger.leaves(0, size)
            with pytest.raises(StoreError):
                network.say(ledger, 1001)
        assert complaints_of_network(network.folder, acknowledged) == []
        filler.unlink()
        go_on(network.folder)
        assert complaints_of_network(network.folder, acknowledged) == []


def test_fi_05_a_checkpoint_that_finds_no_space_is_not_published(tmp_path: Path) -> None:
    require_mounts(tmp_path)
    network = found_network(tmp_path / "network")
    network.grow(2)
    kept = tmp_path / "kept"
    shutil.copytree(network.folder / "ledger", kept)
    with small_disk(network.folder / "ledger", size_bytes=SMALL) as disk:
        on_small_disk(kept, disk)
        with network.ledger() as ledger:
            filler = fill(disk, leave=0)
            with pytest.raises(StoreError):
                publish(network, ledger)
            assert ledger.published() is None
        filler.unlink()
        # Both witnesses remember the head that was not published; it is the same one now.
        go_on(network.folder)
        assert complaints_of_network(network.folder, []) == []


def test_fi_05_a_gate_on_a_full_disk(tmp_path: Path) -> None:
    require_mounts(tmp_path)
    world, home, bundles = prepare_gate(tmp_path, bundles=30)
    kept, told = tmp_path / "kept", tmp_path / "told"
    shutil.copytree(home, kept)
    with small_disk(home, size_bytes=SMALL) as disk:
        on_small_disk(kept, disk)
        record = Record(told)
        with open_gate(home, world) as store:
            filler = fill(disk, leave=3 * LEFT_FREE)
            with pytest.raises(StoreError):
                for bundle in bundles:
                    size = store.import_bundle(bundle.read_bytes()).size
                    record.add("imported", size=size, floor=store.held.time_floor)
            # The gate goes on deciding on what it holds.
            assert store.belief().size == len(store.held.leaves) > 1
        assert complaints_of_gate(home, read_record(told)) == []
        filler.unlink()
        with open_gate(home, world) as store:
            store.import_bundle(bundles[-1].read_bytes())
        assert complaints_of_gate(home, read_record(told)) == []


@pytest.mark.parametrize("files", range(FILES + 1, FILES + amount(4, 12)))
def test_fi_05_no_more_files(tmp_path: Path, files: int) -> None:
    require_mounts(tmp_path)
    world, home, bundles = prepare_gate(tmp_path, bundles=1)
    kept = tmp_path / "kept"
    shutil.copytree(home, kept)
    with small_disk(home, size_bytes=2 * SMALL, files=files) as disk:
        on_small_disk(kept, disk)
        taken = []
        for number in range(FILES - sum(1 for _ in disk.rglob("*"))):
            taken.append(disk / f"taken-{number}")
            taken[-1].touch()
        try:
            with open_gate(home, world) as store:
                store.import_bundle(bundles[0].read_bytes())
        except StoreError:
            for file in taken:
                file.unlink()
        with open_gate(home, world) as store:
            store.import_bundle(bundles[0].read_bytes())
        assert complaints_of_gate(home, []) == []


def test_fi_05_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    """RLIMIT_FSIZE: writes are cut short in the middle, then refused."""
    founded = found_network(tmp_path / "network")
    with founded.ledger() as ledger:
        operation = founded.statement("gd", 1, ledger=ledger)
    seconds, codes = int(founded.clock.now.timestamp()), set()
    (founded.folder / "operation.json").write_text(json.dumps(operation), encoding="utf-8")
    for limit in range(0, 60_000, amount(4_000, 400)):
        place = copy_folder(founded.folder, tmp_path / f"limit-{limit}")
        words = ("ledger", "append", place / "operation.json", "--home", place / "ledger")
        append = python_module(SCENARIOS, "command", seconds, *words)
        done = subprocess.run(
            ["prlimit", f"--fsize={limit}", *append], cwd=PROJECT, check=False, capture_output=True, text=True
        )
        faulted = Faulted(Fault("write", 0, f"limit={limit}", ""), place, done.returncode, done.stderr)
        assert faulted.is_typed, faulted
        codes.add(faulted.code)
        with Network(place).ledger() as ledger:
            assert ledger.fsck().size in ((2,) if faulted.code == 0 else (1, 2))
            assert ledger.append(operation).index == 1
        assert complaints_of_network(place, []) == []
    assert codes == {0, 4}
