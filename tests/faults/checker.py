# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Says which invariants a store has broken; reads it with plain SQLite, trusts none of vcred's code.

    INV-1   no acknowledged entry is lost
    INV-2   published heads never fork: every head that was ever told is a prefix of one list of entries
    INV-3   an acknowledged entry keeps its index, and stands after what was acknowledged before it
    INV-11  what a verifier holds never becomes less or older

A complaint is a line that begins with the invariant; none is what a test wants to see.
"""

import base64
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.faults.formats import Founding, Head, Tree, digest_of, founding_of, has_quorum, head_of, is_signed
from tests.faults.record import Told, told_of


@dataclass(frozen=True)
class LedgerFacts:
    """What a ledger's file holds: leaves in order, tree nodes, published notes in order."""

    leaves: list[bytes]
    nodes: dict[tuple[int, int], bytes]
    notes: list[bytes]

    @property
    def heads(self) -> list[Head]:
        return [head_of(note) for note in self.notes]


@dataclass(frozen=True)
class GateFacts:
    """What a gate's file holds: leaves in order, accepted notes in order, the time floor."""

    leaves: list[bytes]
    notes: list[bytes]
    time_floor: int


def read_ledger(file: Path) -> LedgerFacts:
    """Read `ledger.sqlite`."""
    with closing(sqlite3.connect(file)) as database:
        return LedgerFacts(
            leaves=_leaves(database),
            nodes={
                (level, index): value
                for level, index, value in database.execute("SELECT level, idx, hash FROM node")
            },
            notes=[row[0] for row in database.execute("SELECT note FROM published ORDER BY id")],
        )


def read_gate(file: Path) -> GateFacts:
    """Read `trust.sqlite`."""
    with closing(sqlite3.connect(file)) as database:
        floor = database.execute("SELECT max(value) FROM time_floor").fetchone()[0]
        return GateFacts(
            leaves=_leaves(database),
            notes=[row[0] for row in database.execute("SELECT note FROM checkpoint ORDER BY id")],
            time_floor=floor or 0,
        )


def read_witness(file: Path) -> list[Head]:
    """The heads that `witness.sqlite` remembers, smallest first."""
    if not file.exists():
        return []
    with closing(sqlite3.connect(file)) as database:
        # A witness that died while it made its file has no table yet.
        if ("head",) not in database.execute("SELECT name FROM sqlite_master").fetchall():
            return []
        return [head_of(row[0]) for row in database.execute("SELECT note FROM head ORDER BY size")]


def ledger_complaints(facts: LedgerFacts, record: Sequence[Told]) -> list[str]:
    """Hold a ledger against what was acknowledged."""
    complaints = list(_lost_or_moved(facts.leaves, told_of(list(record), "appended")))
    complaints += _disordered(facts.leaves, told_of(list(record), "appended"))
    told = {base64.b64decode(item["note"]) for item in told_of(list(record), "published")}
    complaints += ["INV-1: a checkpoint that was told is lost" for note in told - set(facts.notes)]
    if not facts.leaves:
        return complaints
    tree = Tree(facts.leaves)
    if facts.nodes != tree.nodes():
        complaints.append("INV-2: the stored nodes are not those of the entries")
    complaints += fork_complaints(tree, [*facts.heads, *map(head_of, told)])
    sizes = [head.size for head in facts.heads]
    if sizes != sorted(sizes):
        complaints.append("INV-2: a checkpoint was published after a larger one")
    founding = founding_of(facts.leaves[0])
    complaints += ["INV-2: a checkpoint is bare" for note in facts.notes if not _is_vouched(note, founding)]
    return complaints


def witness_complaints(facts: LedgerFacts, remembered: Sequence[Head], cosigned: Sequence[Told]) -> list[str]:
    """Hold what a witness remembers against each cosignature that has left it, and against the log."""
    known = {(head.size, head.root.hex()) for head in remembered}
    complaints = [
        f"INV-2: a witness has cosigned {told['size']} and does not remember it"
        for told in cosigned
        if (told["size"], told["root"]) not in known
    ]
    return complaints + (fork_complaints(Tree(facts.leaves), remembered) if facts.leaves else [])


def gate_complaints(facts: GateFacts, record: Sequence[Told]) -> list[str]:
    """Hold a gate against the imports that were acknowledged."""
    complaints = []
    for told in told_of(list(record), "imported"):
        if len(facts.leaves) < told["size"]:
            complaints.append(f"INV-11: {told['size']} entries were imported, {len(facts.leaves)} are held")
        if facts.time_floor < told["floor"]:
            complaints.append("INV-11: the time floor has gone back")
    heads = [head_of(note) for note in facts.notes]
    if not facts.leaves:
        return complaints + ["INV-11: a checkpoint without entries" for _ in heads]
    if max((head.size for head in heads), default=0) != len(facts.leaves):
        complaints.append("INV-11: entries and checkpoint are of two imports")
    founding = founding_of(facts.leaves[0])
    complaints += ["INV-2: a checkpoint is bare" for note in facts.notes if not _is_vouched(note, founding)]
    return complaints + fork_complaints(Tree(facts.leaves), heads)


def fork_complaints(tree: Tree, heads: Iterable[Head]) -> list[str]:
    """Every head must be a prefix of the one list; then all pairs of them are consistent."""
    complaints = []
    for head in heads:
        if head.size > tree.size:
            complaints.append(f"INV-1: a head is of {head.size} entries, {tree.size} are here")
        elif tree.root(head.size) != head.root:
            complaints.append(f"INV-2: the head of {head.size} entries has another root")
    return complaints


def _leaves(database: sqlite3.Connection) -> list[bytes]:
    rows = database.execute("SELECT idx, bytes FROM leaf ORDER BY idx").fetchall()
    assert [index for index, _ in rows] == list(range(len(rows))), "indices have gaps"
    return [data for _, data in rows]


def _is_vouched(note: bytes, founding: Founding) -> bool:
    return is_signed(note, founding) and has_quorum(note, founding)


def _lost_or_moved(leaves: Sequence[bytes], appended: Sequence[Told]) -> Iterator[str]:
    stored = [json.loads(leaf) for leaf in leaves]
    digests = [digest_of(entry["operation"]) for entry in stored]
    for digest, times in Counter(digests).items():
        if times > 1:
            yield f"INV-3: operation {digest[:8]} stands {times} times"
    for told in appended:
        index, digest = told["index"], told["operation"]
        if digest not in digests:
            yield f"INV-1: acknowledged entry {index} is lost"
        elif digests.index(digest) != index or stored[index]["logged_at"] != told["logged_at"]:
            yield f"INV-3: acknowledged entry {index} is another one"


def _disordered(leaves: Sequence[bytes], appended: Sequence[Told]) -> Iterator[str]:
    dates = [json.loads(leaf)["logged_at"] for leaf in leaves]
    if dates != sorted(dates):
        yield "INV-3: logged_at decreases"
    # Of two entries, one of which was told before the other was handed in, the first stands first.
    highest_told_by: list[tuple[int, int]] = []
    highest = -1
    for told in sorted(appended, key=lambda item: int(item["told_at"])):
        highest = max(highest, told["index"])
        highest_told_by.append((told["told_at"], highest))
    for told in appended:
        before = [index for told_at, index in highest_told_by if told_at < told["handed_at"]]
        if before and before[-1] > told["index"]:
            yield f"INV-3: entry {told['index']} stands before one that was told earlier"
