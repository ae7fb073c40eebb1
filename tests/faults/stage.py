# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the scenarios work on: a founded network on a disk, a gate with bundles, and how each goes on."""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.faults.checker import (
    LedgerFacts,
    gate_complaints,
    ledger_complaints,
    read_gate,
    read_ledger,
    read_witness,
    witness_complaints,
)
from tests.faults.formats import head_of
from tests.faults.record import Record, Told, told_of
from tests.unit.ledger.homes import AUTHORITIES, Network, pass_for_original
from tests.unit.trust.homes import make_gate
from tests.unit.trust.samples import fresh_world, grow
from tests.world import World
from vcred.desk.engines.witness_desk import WITNESS_FILE
from vcred.home import read_home
from vcred.ledger.ledger import Ledger
from vcred.ledger.published import Published
from vcred.trust.bundle import encode_bundle
from vcred.trust.store import FILE_NAME as GATE_FILE
from vcred.trust.store import TrustStore

RECOVERY_SECONDS = 5


class RecordedWitness:
    """A witness each of whose cosignatures is noted when it leaves."""

    def __init__(self, witness: Any, name: str, record: Record) -> None:
        self._witness = witness
        self._name = name
        self._record = record

    def __getattr__(self, name: str) -> Any:
        return getattr(self._witness, name)

    def cosign(self, note: bytes, **given: Any) -> Any:
        lines = self._witness.cosign(note, **given)
        head = head_of(note)
        self._record.add("cosigned", witness=self._name, size=head.size, root=head.root.hex())
        return lines


def publish(network: Network, ledger: Ledger, record: Record | None = None) -> Published:
    """Publish under both witnesses; with a record, each cosignature is noted."""
    with ExitStack() as stack:
        witnesses: dict[str, Any] = {name: network.witness(name, stack, ledger) for name in AUTHORITIES}
        if record is not None:
            witnesses = {name: RecordedWitness(item, name, record) for name, item in witnesses.items()}
        return ledger.publish([*witnesses.values()])


def copy_folder(folder: Path, to: Path) -> Path:
    """A copy to work in; a witness in it is told that it is no copy, or it would stop for ever."""
    shutil.copytree(folder, to)
    for record in to.glob(f"*/{WITNESS_FILE}"):
        pass_for_original(record)
    return to


def complaints_of_network(folder: Path, record: Sequence[Told]) -> list[str]:
    """All that the checker says about the homes of a network."""
    network = Network(folder)
    try:
        facts = read_ledger(network.database)
    except sqlite3.Error as error:
        return [f"INV-1: no ledger is left: {error}"]
    return ledger_complaints(facts, record) + _of_witnesses(network, facts, record)


def complaints_of_gate(home: Path, record: Sequence[Told]) -> list[str]:
    """All that the checker says about a gate."""
    try:
        facts = read_gate(home / GATE_FILE)
    except sqlite3.Error as error:
        return [f"INV-11: no trust store is left: {error}"]
    return gate_complaints(facts, record)


def go_on(folder: Path, *, number: int = 60_000) -> LedgerFacts:
    """What every ledger must do after a fault: open by itself, be sound, append, publish."""
    network = Network(folder)
    network.clock.later(hours=1)
    with network.ledger() as ledger:
        ledger.fsck()
        network.say(ledger, number)
        assert publish(network, ledger).size == ledger.state.size
    return read_ledger(network.database)


def prepare_gate(folder: Path, *, bundles: int, entries: int = 1) -> tuple[World, Path, list[Path]]:
    """A gate's home, and bundles each of which brings entries, a checkpoint and newer lists."""
    world = fresh_world()
    home = make_gate(folder / "gate", world).path
    files = []
    for number in range(bundles):
        files.append(folder / f"{number}.bundle")
        files[-1].write_bytes(encode_bundle(world.bundle()))
        world.later(minutes=10)
        grow(world, entries)
        world.revoke(1 + number)
    return world, home, files


def open_gate(home: Path, world: World) -> TrustStore:
    """The gate's trust store, at the world's time."""
    return TrustStore.open(read_home(home), clock=lambda: world.now)


def _of_witnesses(network: Network, facts: LedgerFacts, record: Sequence[Told]) -> list[str]:
    cosigned = told_of(list(record), "cosigned")
    return [
        complaint
        for name in AUTHORITIES
        for complaint in witness_complaints(
            facts,
            read_witness(network.witness_database(name)),
            [told for told in cosigned if told["witness"] == name],
        )
    ]
