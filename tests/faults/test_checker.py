# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The checker itself: silent about a good store, and right about each way in which one is bad."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.faults.checker import (
    GateFacts,
    LedgerFacts,
    gate_complaints,
    ledger_complaints,
    read_gate,
    read_ledger,
    read_witness,
    witness_complaints,
)
from tests.faults.formats import Head, Tree
from tests.faults.record import Record, Told, read_record, told_of
from tests.faults.scenarios import live
from tests.faults.stage import open_gate, prepare_gate
from tests.unit.ledger.homes import found_network
from tests.unit.tlog.published import ENTRIES
from vcred.trust.store import FILE_NAME as GATE_FILE

PUBLISHED_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@dataclass(frozen=True)
class Good:
    """A ledger that has appended six and published twice, and what was told of it."""

    facts: LedgerFacts
    record: list[Told]
    witness: list[Head]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Good:
    folder = tmp_path_factory.mktemp("good")
    network = found_network(folder / "network")
    live(str(network.folder), str(folder / "told"), "6")
    remembered = read_witness(network.witness_database("mo"))
    return Good(read_ledger(network.database), read_record(folder / "told"), remembered)


def kinds(complaints: list[str]) -> set[str]:
    """Which invariants they name."""
    return {line.partition(":")[0] for line in complaints}


def test_the_tree_has_the_published_roots() -> None:
    tree = Tree(ENTRIES)
    assert {size: tree.root(size).hex() for size in PUBLISHED_ROOTS} == PUBLISHED_ROOTS


def test_a_good_store_has_nothing_to_complain_of(good: Good) -> None:
    assert ledger_complaints(good.facts, good.record) == []
    assert witness_complaints(good.facts, good.witness, told_of(good.record, "cosigned")) == []
    assert len(good.facts.leaves) == 7
    assert len(good.facts.heads) == 2


def reworded(leaf: bytes) -> bytes:
    """Another entry in the place of this one."""
    entry = json.loads(leaf)
    entry["operation"]["size"] = 50_000
    return json.dumps(entry).encode()


def dated_back(leaf: bytes) -> bytes:
    entry = json.loads(leaf)
    return json.dumps({**entry, "logged_at": entry["logged_at"] - 86_400}).encode()


def first_line_only(note: bytes) -> bytes:
    """A checkpoint with the log's own signature alone."""
    text, _, lines = note.rpartition(b"\n\n")
    return text + b"\n\n" + lines.splitlines(keepends=True)[0]


BAD: dict[str, tuple[Callable[[LedgerFacts], LedgerFacts], str]] = {
    "the last entry is lost": (lambda facts: replace(facts, leaves=facts.leaves[:-1]), "INV-1"),
    "an entry is another": (
        lambda facts: replace(
            facts, leaves=[*facts.leaves[:2], reworded(facts.leaves[2]), *facts.leaves[3:]]
        ),
        "INV-1",
    ),
    "an entry stands twice": (lambda facts: replace(facts, leaves=[*facts.leaves, facts.leaves[2]]), "INV-3"),
    "two have changed places": (
        lambda facts: replace(
            facts, leaves=[*facts.leaves[:1], facts.leaves[2], facts.leaves[1], *facts.leaves[3:]]
        ),
        "INV-3",
    ),
    "a date goes back": (
        lambda facts: replace(facts, leaves=[*facts.leaves[:-1], dated_back(facts.leaves[-1])]),
        "INV-3",
    ),
    "a node is of another tree": (lambda facts: replace(facts, nodes={**facts.nodes, (1, 0): b""}), "INV-2"),
    "a checkpoint is bare": (
        lambda facts: replace(facts, notes=[*facts.notes, first_line_only(facts.notes[-1])]),
        "INV-2",
    ),
    "a checkpoint is lost": (lambda facts: replace(facts, notes=facts.notes[:-1]), "INV-1"),
    "a larger one came before": (lambda facts: replace(facts, notes=facts.notes[::-1]), "INV-2"),
    "a root is another": (
        lambda facts: replace(facts, notes=[facts.notes[0].replace(b"\n4\n", b"\n3\n"), *facts.notes[1:]]),
        "INV-2",
    ),
}


@pytest.mark.parametrize(("change", "invariant"), BAD.values(), ids=BAD)
def test_a_bad_ledger(good: Good, change: Callable[[LedgerFacts], LedgerFacts], invariant: str) -> None:
    assert ledger_complaints(good.facts, good.record) == []
    assert invariant in kinds(ledger_complaints(change(good.facts), good.record))


def test_entries_in_another_order_than_they_were_told(good: Good) -> None:
    appended = [dict(told) for told in told_of(good.record, "appended")]
    assert ledger_complaints(good.facts, appended) == []
    # The last one was told before the first was handed in, it now says.
    appended[-1]["told_at"] = appended[0]["handed_at"] - 1
    assert kinds(ledger_complaints(good.facts, appended)) == {"INV-3"}


def test_a_witness_that_forgets(good: Good) -> None:
    cosigned = [told for told in told_of(good.record, "cosigned") if told["witness"] == "mo"]
    assert witness_complaints(good.facts, good.witness, cosigned) == []
    for known in (good.witness[:-1], good.witness[1:], []):
        assert kinds(witness_complaints(good.facts, known, cosigned)) == {"INV-2"}


def test_a_witness_that_has_signed_a_fork(good: Good) -> None:
    forked = replace(good.witness[-1], root=bytes(32))
    assert kinds(witness_complaints(good.facts, [*good.witness, forked], [])) == {"INV-2"}


def test_a_bad_gate(tmp_path: Path) -> None:
    world, home, bundles = prepare_gate(tmp_path, bundles=2)
    record = Record(tmp_path / "told")
    with open_gate(home, world) as store:
        for bundle in bundles:
            size = store.import_bundle(bundle.read_bytes()).size
            record.add("imported", size=size, floor=store.held.time_floor)
    facts, told = read_gate(home / GATE_FILE), read_record(tmp_path / "told")
    assert gate_complaints(facts, told) == []
    bad: list[GateFacts] = [
        replace(facts, leaves=facts.leaves[:-1]),
        replace(facts, notes=facts.notes[:-1]),
        replace(facts, time_floor=facts.time_floor - 1),
        GateFacts(leaves=[], notes=[], time_floor=0),
    ]
    assert ["INV-11" in kinds(gate_complaints(changed, told)) for changed in bad] == [True] * len(bad)


def test_a_record_goes_on_and_leaves_out_what_was_never_said(tmp_path: Path) -> None:
    file = tmp_path / "told"
    Record(file).add("one")
    Record(file).add("two", number=2)
    assert read_record(file) == [{"what": "one"}, {"what": "two", "number": 2}]
    end = file.read_bytes().index(b"\0")
    with file.open("r+b") as torn:
        torn.seek(end)
        torn.write(b'{"what": "thr')
    assert len(read_record(file, tmp_path / "missing")) == 2
