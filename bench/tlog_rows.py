# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree: proofs at a million entries, from memory and from a file; growth."""

import random
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256

from bench.history import new_folder
from bench.row import Against, Row, Work
from vcred.ledger.engines.sqlite import SqliteLog
from vcred.tlog.proofs import verify_inclusion
from vcred.tlog.tree import (
    Frontier,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    node_hash,
    read_consistency_proof,
    read_inclusion_proof,
    root_at,
)

_SIZE = 1_000_000
_INDEX = 654_321
_BATCH = 100
_LEAVES_AT_A_TIME = 50_000


@cache
def _levels() -> list[list[bytes]]:

    levels = [[sha256(b"%d" % index).digest() for index in range(_SIZE)]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return levels


def _node() -> Callable[[int, int], bytes]:
    levels = _levels()
    return lambda level, index: levels[level][index]


def _prove() -> Sequence[Work]:

    node = _node()
    return (lambda: inclusion_proof(node, index=_INDEX, size=_SIZE),)


@cache
def _log() -> SqliteLog:
    """Make a log of a million entries in a file; about 100 MB, 10 seconds."""
    log, frontier = SqliteLog(new_folder() / "ledger.sqlite"), Frontier()
    for start in range(0, _SIZE, _LEAVES_AT_A_TIME):
        leaves = [b"%d" % index for index in range(start, start + _LEAVES_AT_A_TIME)]
        frontier, nodes = frontier.grow(map(leaf_hash, leaves))
        log.append(leaves, nodes, expected_size=start)
    return log


def _prove_from_file() -> Sequence[Work]:
    log, coming = _log(), random.Random(1)
    assert read_inclusion_proof(log.nodes, index=_INDEX, size=_SIZE) == inclusion_proof(
        log.node, index=_INDEX, size=_SIZE
    )
    # Another entry each time, so that not the same pages of the file are read again.
    return (lambda: read_inclusion_proof(log.nodes, index=coming.randrange(_SIZE), size=_SIZE),)


def _prove_growth_from_file() -> Sequence[Work]:
    log, coming = _log(), random.Random(1)
    assert read_consistency_proof(log.nodes, old_size=_INDEX, new_size=_SIZE) == consistency_proof(
        log.node, old_size=_INDEX, new_size=_SIZE
    )
    return (lambda: read_consistency_proof(log.nodes, old_size=1 + coming.randrange(_SIZE), new_size=_SIZE),)


def _verify() -> Sequence[Work]:

    node = _node()
    path, root, leaf = inclusion_proof(node, index=_INDEX, size=_SIZE), root_at(node, _SIZE), node(0, _INDEX)
    return (lambda: verify_inclusion(index=_INDEX, size=_SIZE, leaf=leaf, path=path, root=root),)


def _grow() -> Sequence[Work]:

    frontier, leaves = frontier_at(_node(), _SIZE - 1), _levels()[0][:_BATCH]
    return (lambda: frontier.grow(leaves),)


ROWS = (
    Row(
        name="inclusion proof at 1 M, nodes in memory",
        goal=130,
        prepare=_prove,
        against=Against.MICROSECONDS,
    ),
    Row(
        name="inclusion proof at 1 M, from SQLite",
        goal=130,
        prepare=_prove_from_file,
        against=Against.MICROSECONDS,
    ),
    Row(
        name="consistency proof to 1 M, from SQLite",
        goal=130,
        prepare=_prove_growth_from_file,
        against=Against.MICROSECONDS,
    ),
    Row(name="inclusion proof at 1 M verified", goal=20, prepare=_verify, against=Against.MICROSECONDS),
    Row(
        name="tree grown by 100 leaves",
        goal=20 * _BATCH,
        prepare=_grow,
        against=Against.MICROSECONDS,
    ),
)
