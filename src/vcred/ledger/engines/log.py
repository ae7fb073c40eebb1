# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a ledger asks of the store of its log, whichever it is.

A store keeps leaves, the nodes of the tree that are full, and the checkpoints published. It
only ever grows, its indices have no gaps, and it decides nothing: the rules have been run
before, and of two writers at one head it lets one through.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from vcred.errors import HeadMovedError, StoreError
from vcred.tlog.tree import TreeNode

FSCK_HINT: Final = 'run "vcred ledger fsck"'
DAMAGED_HINT: Final = "restore the ledger from a copy"


class LogEngine(Protocol):
    """The store of one log. Every method raises StoreError if the store refuses."""

    def close(self) -> None:
        """Close the store."""

    def size(self) -> int:
        """Number of leaves."""

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The leaves `start <= index < end`, in order; fewer where the log ends before."""

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree, 32 bytes.

        Raises:
            StoreError: It is not there: the store is damaged, or the log not as large.
        """

    def nodes(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        """The hashes of many full subtrees (level, index), in their order, in one round trip.

        Raises:
            StoreError: One of them is not there.
        """

    def everything(self) -> tuple[list[bytes], list[TreeNode]]:
        """All leaves in order, and all nodes by level and index, as of one moment."""

    def check(self) -> None:
        """Prove that the store itself is whole; what it says is the question of `ledger.fsck`.

        Raises:
            StoreError: It is damaged, or no longer keeps what it has acknowledged.
        """

    def settle(self) -> None:
        """Make durable whatever can be read now.

        What a process has written that died before it was durable, or that was told nothing,
        can be read all the same. Whoever acknowledges or signs what they have only read calls
        this first: else a power cut or a failover could take it back.
        """

    def append(self, leaves: Sequence[bytes], nodes: Sequence[TreeNode], *, expected_size: int) -> None:
        """Append leaves and the tree nodes that became full, durably, all or nothing.

        Args:
            leaves: The entries as they are stored.
            nodes: What became full by them; the store does not hash.
            expected_size: Size of the log that the caller has judged them by.

        Raises:
            HeadMovedError: The log has grown: nothing was appended.
            StoreError: The log has become shorter, or the store refuses. Whether it has
                appended, the same operation handed in again shows.
        """

    def publish(self, size: int, note: bytes) -> None:
        """Keep a cosigned checkpoint as the newest published one, durably.

        Raises:
            HeadMovedError: A larger one is published: what has been shown is never taken back.
        """

    def published(self) -> tuple[int, bytes] | None:
        """Size and note of the newest published checkpoint."""


def head_moved(size: int, expected_size: int) -> StoreError:
    """Why nothing is appended to a log of `size` that the caller believed to be of `expected_size`."""
    if size > expected_size:
        return HeadMovedError("another writer has appended", hint="try again")
    # Trying again would never end; going on would be a fork.
    return StoreError(
        f"the store has {size} entries, {expected_size} were there before: it is an old copy",
        hint="do not append or publish; restore a newer copy",
    )


def require_newest(size: int, published: tuple[int, bytes] | None) -> None:
    """Refuse a checkpoint that comes after a larger one, from a slower process.

    Raises:
        HeadMovedError: A larger one is published.
    """
    if published is not None and published[0] > size:
        raise HeadMovedError("a larger checkpoint is published already", hint="publish the present head")


def in_order(places: Sequence[tuple[int, int]], found: dict[tuple[int, int], bytes]) -> list[bytes]:
    """The hashes in the order in which they were asked for.

    Raises:
        StoreError: One of them is not there.
    """
    try:
        return [found[place] for place in places]
    except KeyError as error:
        raise StoreError("a node of the tree is missing", hint=FSCK_HINT) from error


def require_bytes(value: object) -> bytes:
    """What the store calls bytes; a flipped bit in a record's header makes text of them.

    Raises:
        StoreError: It is something else.
    """
    if not isinstance(value, bytes):
        raise StoreError("the ledger's store is damaged", hint=DAMAGED_HINT)
    return value
