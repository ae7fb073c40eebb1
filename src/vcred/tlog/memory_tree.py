# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The tree with every full subtree in memory: for tests, demonstrations and small logs.

About 64 bytes of hashes and two objects a leaf; a log on disk serves the same proofs
from stored nodes with the functions of `tlog.tree`.
"""

from collections.abc import Iterable

from vcred.tlog.tree import Frontier, consistency_proof, inclusion_proof, leaf_hash, root_at


class MemoryTree:
    """An append-only Merkle tree over entries."""

    def __init__(self, entries: Iterable[bytes] = ()) -> None:
        self._frontier = Frontier()
        self._levels: list[list[bytes]] = []
        self.extend(entries)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._frontier.size

    @property
    def frontier(self) -> Frontier:
        """The right edge, as a store would keep it."""
        return self._frontier

    def append(self, entry: bytes) -> int:
        """Append one entry (not its hash); return its index."""
        self.extend((entry,))
        return self.size - 1

    def extend(self, entries: Iterable[bytes]) -> None:
        """Append entries in order."""
        self._frontier, nodes = self._frontier.grow(map(leaf_hash, entries))
        for level, _, node in nodes:
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node)

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a full subtree (a `NodeSource`); IndexError if there is none."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first `size` leaves, or of all."""
        return root_at(self.node, self.size if size is None else self._checked(size))

    def inclusion_proof(self, index: int, *, size: int | None = None) -> list[bytes]:
        """Return the inclusion proof of a leaf in the tree of the first `size` leaves, or of all."""
        return inclusion_proof(
            self.node, index=index, size=self.size if size is None else self._checked(size)
        )

    def consistency_proof(self, old_size: int, *, new_size: int | None = None) -> list[bytes]:
        """Return the consistency proof from `old_size` to `new_size` leaves, or to all."""
        new_size = self.size if new_size is None else self._checked(new_size)
        return consistency_proof(self.node, old_size=old_size, new_size=new_size)

    def _checked(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise ValueError("the tree has never had this size")
        return size
