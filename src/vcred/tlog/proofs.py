# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Verify what a stranger offers as an inclusion or a consistency proof.

Proves what was hashed, never who vouched for the root: open the checkpoint first.

Spec: RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from vcred.errors import InclusionError, InconsistencyError
from vcred.limits import MAX_LOG_SIZE
from vcred.tlog.tree import EMPTY_ROOT, HASH_BYTES, node_hash

_MAX_PATH: Final = 64


def verify_inclusion(*, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Prove that `leaf` is entry `index` of the tree of `size` leaves with `root`.

    Says nothing about who signed `root`: open the checkpoint first.

    Args:
        index: Zero-based, 0 <= index < size.
        size: Number of leaves, not bytes and not tree height.
        leaf: Leaf hash, 32 bytes (`leaf_hash(entry)`), not the entry itself.
        path: Sibling hashes from the leaf upward, 32 bytes each, at most 64.
        root: Root hash, 32 bytes.

    Raises:
        InclusionError: Index out of range, path of the wrong length, or another root
            reached. Never ValueError: all five values may come from a stranger.

    Spec: RFC 9162 section 2.1.3.2.
    """
    # Step 1. Compare the leaf index with the tree size.
    if not 0 <= index < size <= MAX_LOG_SIZE:
        raise InclusionError("the leaf index is not in the tree")
    if len(path) > _MAX_PATH or not _are_hashes((leaf, root, *path)):
        raise InclusionError("a hash of the inclusion proof is not 32 bytes long, or there are too many")
    # Steps 2 and 3.
    position, last, current = index, size - 1, leaf
    # Step 4.
    for sibling in path:
        if last == 0:
            raise InclusionError("the inclusion proof is too long")
        if position & 1 or position == last:
            current = node_hash(sibling, current)
            shift = 1 if position & 1 else _trailing_zeros(position) + 1
        else:
            current = node_hash(current, sibling)
            shift = 1
        position, last = position >> shift, last >> shift
    # Step 5.
    if last != 0:
        raise InclusionError("the inclusion proof is too short")
    if current != root:
        raise InclusionError(f"the inclusion proof leads to root {current.hex()}, not to {root.hex()}")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Prove that the old tree is a prefix of the new one.

    Args:
        old_size: Leaves of the tree already known; 0 needs an empty path.
        old_root: Its root, 32 bytes.
        new_size: Leaves of the tree offered, at least `old_size`.
        new_root: Its root, 32 bytes.
        path: As `consistency_proof` makes it, at most 64 hashes of 32 bytes.

    Raises:
        InconsistencyError: The path proves nothing of the kind. With two well signed
            heads of one size and different roots this is a fork: keep both heads.
            Never ValueError: all values may come from a stranger.

    Spec: RFC 9162 section 2.1.4.2.
    """
    if not 0 <= old_size <= new_size <= MAX_LOG_SIZE:
        raise InconsistencyError("the old tree is larger than the new one")
    if len(path) >= _MAX_PATH or not _are_hashes((old_root, new_root, *path)):
        raise InconsistencyError(
            "a hash of the consistency proof is not 32 bytes long, or there are too many"
        )
    if old_size in (0, new_size):
        _verify_trivial(old_size, old_root, new_size, new_root, path)
        return
    _verify_path(old_size, old_root, new_size, new_root, path)


def _verify_trivial(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    if path:
        raise InconsistencyError("a consistency proof where none is needed")
    expected = EMPTY_ROOT if old_size == 0 else new_root
    if old_root != expected or (new_size == 0 and new_root != EMPTY_ROOT):
        raise InconsistencyError(
            f"two roots for {old_size} leaves: {old_root.hex()} and {expected.hex()}",
        )


def _verify_path(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    # Step 1.
    if not path:
        raise InconsistencyError("the consistency proof is missing")
    # Step 2. An old tree that is one full subtree is not repeated in the path.
    hashes = list(path) if old_size & (old_size - 1) else [old_root, *path]
    # Steps 3 to 5.
    shift = _trailing_zeros(old_size)
    position, last = (old_size - 1) >> shift, (new_size - 1) >> shift
    old = new = hashes[0]
    # Step 6.
    for sibling in hashes[1:]:
        if last == 0:
            raise InconsistencyError("the consistency proof is too long")
        shift = 1
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            if not position & 1:
                shift += _trailing_zeros(position)
        else:
            new = node_hash(new, sibling)
        position, last = position >> shift, last >> shift
    # Step 7.
    if last != 0:
        raise InconsistencyError("the consistency proof is too short")
    if old != old_root or new != new_root:
        raise InconsistencyError(
            f"the consistency proof leads from {old.hex()} to {new.hex()}, "
            f"not from {old_root.hex()} to {new_root.hex()}"
        )


def _are_hashes(items: Iterable[bytes]) -> bool:
    return all(len(item) == HASH_BYTES for item in items)


def _trailing_zeros(number: int) -> int:
    """Count the zero bits at the low end; 0 for zero, whose shifts change nothing."""
    return (number & -number).bit_length() - 1 if number else 0
