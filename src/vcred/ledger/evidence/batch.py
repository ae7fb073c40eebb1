# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tree over a batch of leaves that hides how many there are, and in which order they came.

Each leaf gets a random place, and every other place random bytes that nobody can tell from
a leaf hash. So a holder learns from a path nothing about the certificates beside the own one.

Spec: docs/spec/evidence.md, Batch; RFC 6962 section 2.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Final

from vcred.tlog.tree import HASH_BYTES, Frontier, TreeNode, inclusion_proof, leaf_hash

MIN_BATCH_SIZE: Final = 16
MAX_BATCH_SIZE: Final = 2**20
_RANDOM: Final = SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceBatch:
    """A full tree.

    Attributes:
        size: Number of leaves, decoys included, a power of two.
        hashes: Every node, 32 bytes each, level by level from the leaves to the root.
        places: Index of each leaf that was given, in the order of giving.
    """

    size: int
    hashes: bytes
    places: tuple[int, ...]

    @property
    def root(self) -> bytes:
        """The root hash, 32 bytes."""
        return self.hashes[-HASH_BYTES:]


def make_batch(leaves: Sequence[bytes]) -> EvidenceBatch:
    """Put leaves among decoys, in random order.

    Args:
        leaves: Encoded leaves (not their hashes), 1 to 2**20.

    Raises:
        ValueError: None, or too many.
    """
    if not 1 <= len(leaves) <= MAX_BATCH_SIZE:
        raise ValueError(f"a batch has 1 to {MAX_BATCH_SIZE} leaves")
    size = max(MIN_BATCH_SIZE, 1 << (len(leaves) - 1).bit_length())
    places = tuple(_RANDOM.sample(range(size), len(leaves)))
    row: list[bytes | None] = [None] * size
    for place, leaf in zip(places, leaves, strict=True):
        row[place] = leaf_hash(leaf)
    _, nodes = Frontier().grow(_RANDOM.randbytes(HASH_BYTES) if item is None else item for item in row)
    return EvidenceBatch(size=size, hashes=_by_level(nodes, size), places=places)


def path_of(hashes: bytes, *, index: int, size: int) -> tuple[bytes, ...]:
    """Return the inclusion proof of leaf `index` in a batch.

    Args:
        hashes: As `EvidenceBatch.hashes`.
        index: Zero-based.
        size: Number of leaves, a power of two.

    Raises:
        ValueError: The index is not in the batch.
    """

    def node(level: int, position: int) -> bytes:
        start = HASH_BYTES * (_first_of(level, size) + position)
        return hashes[start : start + HASH_BYTES]

    return tuple(inclusion_proof(node, index=index, size=size))


def _by_level(nodes: Sequence[TreeNode], size: int) -> bytes:
    row = bytearray(HASH_BYTES * (2 * size - 1))
    for level, index, value in nodes:
        start = HASH_BYTES * (_first_of(level, size) + index)
        row[start : start + HASH_BYTES] = value
    return bytes(row)


def _first_of(level: int, size: int) -> int:
    """How many nodes stand before a level: size, size / 2, ... of them on each below."""
    return 2 * size - (2 * size >> level)
