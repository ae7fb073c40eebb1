# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree: proofs at a million entries, growth."""

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256

from bench.row import Against, Row, Work
from vcred.tlog.proofs import verify_inclusion
from vcred.tlog.tree import frontier_at, inclusion_proof, node_hash, root_at

_SIZE = 1_000_000
_INDEX = 654_321
_BATCH = 100


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
    Row(name="inclusion proof at 1 M verified", goal=20, prepare=_verify, against=Against.MICROSECONDS),
    Row(
        name="tree grown by 100 leaves",
        goal=20 * _BATCH,
        prepare=_grow,
        against=Against.MICROSECONDS,
    ),
)
