# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is stored must be what the entries give: recomputed before anything is signed.

At the start of a program all of it; before each signature the new entries and the whole
frontier, at a cost that does not grow with the log. Pure: hashes in, StoreError out.

Spec: threats.md LED-21.
"""

from collections.abc import Callable, Sequence

from vcred.errors import StoreError
from vcred.tlog.tree import Frontier, NodeSource, TreeNode, frontier_at, leaf_hash

HINT = "do not append; restore the ledger from a copy and compare"

NodesAt = Callable[[Sequence[tuple[int, int]]], Sequence[bytes]]
"""Give the stored hashes of full subtrees (level, index), in their order."""


def damaged(what: str) -> StoreError:
    """The error for a store that does not hold what was put there."""
    return StoreError(what, hint=HINT)


def recompute_all(leaves: Sequence[bytes], stored: Sequence[TreeNode]) -> Frontier:
    """The frontier that the raw entries give, if every stored node belongs to them."""
    frontier, nodes = Frontier().grow(map(leaf_hash, leaves))
    if sorted(nodes) != list(stored):
        raise damaged("stored nodes do not belong to the stored entries")
    return frontier


def recompute_since(
    *, size: int, root: bytes, new_leaves: Sequence[bytes], node: NodeSource, nodes: NodesAt
) -> Frontier:
    """The frontier of a published head and the entries after it, read anew from the store.

    Args:
        size: Entries below the published head.
        root: Its root, 32 bytes; of an empty log, that of nothing.
        new_leaves: The entries after it.
        node: Reads one stored subtree.
        nodes: Reads many.
    """
    before = frontier_at(node, size)
    if before.root() != root:
        raise damaged("the stored frontier does not have the published root")
    frontier, made = before.grow(map(leaf_hash, new_leaves))
    if list(nodes([(level, index) for level, index, _ in made])) != [value for _, _, value in made]:
        raise damaged("stored nodes do not belong to the stored entries")
    return frontier
