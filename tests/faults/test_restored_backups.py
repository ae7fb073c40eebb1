# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13: an old copy of a ledger publishes nothing; an old copy of a gate is told apart by its line."""

from pathlib import Path

import pytest

from tests.faults.checker import fork_complaints, read_ledger
from tests.faults.damage import Files
from tests.faults.formats import Tree, head_of
from tests.faults.stage import complaints_of_gate, complaints_of_network, open_gate, prepare_gate, publish
from tests.unit.ledger.homes import Network, found_network
from vcred.errors import InconsistencyError, QuorumError
from vcred.trust.gossip import Comparison
from vcred.trust.store import FILE_NAME as GATE_FILE


def restore(files: Files, database: Path) -> None:
    """Lay an old copy in the place of what is there."""
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    files.put(database)


def grown(folder: Path, *, before: int, after: int) -> tuple[Network, Files, bytes]:
    """A ledger, a backup of it after `before` entries, and what was published `after` more."""
    network = found_network(folder)
    network.grow(before)
    with network.ledger() as ledger:
        publish(network, ledger)
    backup = Files.of(network.database)
    network.grow(after)
    with network.ledger() as ledger:
        note = publish(network, ledger).note
    return network, backup, note


def test_fi_13_a_restored_ledger_publishes_nothing(tmp_path: Path) -> None:
    network, backup, _ = grown(tmp_path / "network", before=2, after=2)
    assert complaints_of_network(network.folder, []) == []
    restore(backup, network.database)
    with network.ledger() as ledger:
        assert ledger.fsck().size == 3
        with pytest.raises(QuorumError, match="5 entries"):
            publish(network, ledger)
    # The checker sees what the witnesses refuse: entries that were published are gone.
    assert any(line.startswith("INV-1") for line in complaints_of_network(network.folder, []))


@pytest.mark.parametrize("more", [1, 2, 3], ids=["still shorter", "as long", "longer"])
def test_fi_13_nor_does_it_when_it_has_gone_another_way(tmp_path: Path, more: int) -> None:
    network, backup, note = grown(tmp_path / "network", before=2, after=2)
    restore(backup, network.database)
    with network.ledger() as ledger:
        for number in range(more):
            network.say(ledger, 1000 + number)
        with pytest.raises((QuorumError, InconsistencyError)):
            publish(network, ledger)
        published = ledger.published()
    assert published is not None
    assert published.size == 3
    # It would have been a fork.
    facts = read_ledger(network.database)
    tree = Tree(facts.leaves)
    assert fork_complaints(tree, facts.heads) == []
    assert fork_complaints(tree, [head_of(note)]) != []


def test_fi_13_the_newer_copy_goes_on(tmp_path: Path) -> None:
    network, backup, _ = grown(tmp_path / "network", before=2, after=2)
    newest = Files.of(network.database)
    restore(backup, network.database)
    restore(newest, network.database)
    network.grow(1)
    with network.ledger() as ledger:
        assert publish(network, ledger).size == 6
    assert complaints_of_network(network.folder, []) == []


def test_fi_13_a_restored_gate_is_told_by_the_line_of_another(tmp_path: Path) -> None:
    world, home, bundles = prepare_gate(tmp_path, bundles=3)
    with open_gate(home, world) as store:
        store.import_bundle(bundles[0].read_bytes())
    backup = Files.of(home / GATE_FILE)
    with open_gate(home, world) as store:
        for bundle in bundles[1:]:
            store.import_bundle(bundle.read_bytes())
        line = store.gossip()
        assert store.compare(line) is Comparison.SAME
    restore(backup, home / GATE_FILE)
    with open_gate(home, world) as store:
        assert store.compare(line) is Comparison.BEHIND
        # It is told what it must have: the bundle of the day between is not enough.
        store.enter_floor(line)
        store.import_bundle(bundles[1].read_bytes())
        assert store.belief().is_below_floor
        store.import_bundle(bundles[2].read_bytes())
        assert not store.belief().is_below_floor
        assert store.compare(line) is Comparison.SAME
    assert complaints_of_gate(home, []) == []
