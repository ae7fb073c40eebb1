# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of the log: hashes, growth, and the making of proofs.

Pure over bytes and integers. A node is named (level, index): it covers the leaves
index * 2**level up to, not including, (index + 1) * 2**level. Only such full
subtrees are ever stored, so a stored node never changes; every root and proof is
put together from a logarithmic number of them. What a stranger offers as a proof is
verified in `tlog.proofs`.

Spec: RFC 6962 section 2.1; RFC 9162 section 2.1.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from vcred.errors import DecodeError
from vcred.limits import MAX_LOG_SIZE

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

NodeSource: TypeAlias = Callable[[int, int], bytes]
"""Give the hash of the full subtree (level, index), 32 bytes."""

NodesSource: TypeAlias = Callable[[Sequence[tuple[int, int]]], Sequence[bytes]]
"""Give the hashes of many full subtrees (level, index) in one round trip, in their order."""

TreeNode: TypeAlias = tuple[int, int, bytes]
"""One full subtree (level, index, hash) that has just come to be; stored, it never changes."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf; the first byte keeps a leaf from being shown as a node."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees, 32 bytes each, into their parent."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The full subtrees along the right edge: all that is needed to grow the tree.

    `hashes` goes from the largest subtree to the smallest, one for each bit set in
    `size`. Both fields may be stored as they are.

    Raises:
        DecodeError: The hashes do not belong to a tree of this size.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_LOG_SIZE or len(self.hashes) != self.size.bit_count():
            raise DecodeError("the number of frontier hashes does not fit the tree size")
        if any(len(item) != HASH_BYTES for item in self.hashes):
            raise DecodeError("a frontier hash is not 32 bytes long")

    def append(self, leaf: bytes) -> "Frontier":
        """Return the frontier of the tree with one more leaf hash (32 bytes)."""
        return self.grow((leaf,))[0]

    def grow(self, leaves: Iterable[bytes]) -> tuple["Frontier", list[TreeNode]]:
        """Append leaf hashes; return the new frontier and every node that became full.

        The nodes come in the order of their making, leaves included, so a store that
        keeps them all can serve any proof by `NodeSource`.
        """
        size, edge, nodes = self.size, list(self.hashes), list[TreeNode]()
        for leaf in leaves:
            level, index, current = 0, size, leaf
            nodes.append((0, index, leaf))
            while index & 1:
                current = node_hash(edge.pop(), current)
                level, index = level + 1, index >> 1
                nodes.append((level, index, current))
            edge.append(current)
            size += 1
        return Frontier(size=size, hashes=tuple(edge)), nodes

    def root(self) -> bytes:
        """Return the root hash, 32 bytes; of the empty tree, the hash of nothing."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes (32 bytes each), keeping nothing else."""
    return Frontier().grow(leaves)[0].root()


def frontier_at(node: NodeSource, size: int) -> Frontier:
    """Read the frontier of the first `size` leaves out of stored nodes."""
    return Frontier(size=size, hashes=tuple(node(level, index) for level, index in _full_subtrees(0, size)))


def read_frontier(nodes: NodesSource, size: int) -> Frontier:
    """Read as `frontier_at`, in one round trip."""
    return Frontier(size=size, hashes=tuple(nodes(_full_subtrees(0, size))))


def root_at(node: NodeSource, size: int) -> bytes:
    """Return the root of the tree of the first `size` leaves."""
    return _range_root(node, 0, size) if size else EMPTY_ROOT


def inclusion_proof(node: NodeSource, *, index: int, size: int) -> list[bytes]:
    """Return the sibling hashes from leaf `index` upward to the root of `size` leaves.

    Raises:
        ValueError: Not 0 <= index < size.

    Spec: RFC 6962 section 2.1.1.
    """
    return [_range_root(node, start, end) for start, end in _inclusion_ranges(index, size)]


def read_inclusion_proof(nodes: NodesSource, *, index: int, size: int) -> list[bytes]:
    """Return the proof of `inclusion_proof`, its nodes read in one round trip. Raises as it does."""
    return _read_roots(nodes, _inclusion_ranges(index, size))


def consistency_proof(node: NodeSource, *, old_size: int, new_size: int) -> list[bytes]:
    """Return the hashes that show the old tree to be a prefix of the new one.

    Empty if the old tree is empty or both are the same.

    Raises:
        ValueError: Not 0 <= old_size <= new_size.

    Spec: RFC 6962 section 2.1.2.
    """
    return [_range_root(node, start, end) for start, end in _consistency_ranges(old_size, new_size)]


def read_consistency_proof(nodes: NodesSource, *, old_size: int, new_size: int) -> list[bytes]:
    """Return the proof of `consistency_proof`, its nodes read in one round trip. Raises as it does."""
    return _read_roots(nodes, _consistency_ranges(old_size, new_size))


def _inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose roots are the inclusion proof."""
    if not 0 <= index < size:
        raise ValueError("the index is not in the tree")
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    ranges.reverse()
    return ranges


def _consistency_ranges(old_size: int, new_size: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose roots are the consistency proof."""
    if not 0 <= old_size <= new_size:
        raise ValueError("the old tree is larger than the new one")
    if old_size == 0:
        return []
    ranges = []
    start, end = 0, new_size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        # The old tree itself, when it is one full subtree, is known to whoever asks.
        ranges.append((start, end))
    ranges.reverse()
    return ranges


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (RFC 6962 section 2.1, k)."""
    return 1 << ((size - 1).bit_length() - 1)


def _full_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """Cut [start, end) into its full subtrees, largest first; `start` is aligned to them."""
    places = []
    while start < end:
        level = (end - start).bit_length() - 1
        places.append((level, start >> level))
        start += 1 << level
    return places


def _range_root(node: NodeSource, start: int, end: int) -> bytes:
    return _fold([node(level, index) for level, index in _full_subtrees(start, end)])


def _read_roots(nodes: NodesSource, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return the roots of ranges of leaves, all their subtrees read in one round trip."""
    parts = [_full_subtrees(start, end) for start, end in ranges]
    hashes = iter(nodes([place for part in parts for place in part]))
    return [_fold([next(hashes) for _ in part]) for part in parts]


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Join full subtrees, largest first, from the right."""
    current = hashes[-1]
    for left in reversed(hashes[:-1]):
        current = node_hash(left, current)
    return current
