# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a witness asks of the entries themselves before it cosigns. Pure: no clock, no store.

`tlog.witness` decides whether a head extends the last one; that says nothing of what stands
in it. A witness of this ledger is a monitor besides: it replays every entry by the same rules
as a gate, from its own copy of the entries, and cosigns only if

    1  the network is the one that it watches
    2  the entries have the root of the checkpoint
    3  the log key that is in force after them has signed it
    4  the log's clock has not gone back, and is at most 5 minutes ahead of its own
    5  it can judge each entry
    6  the network still names it as a witness
    7  what its own authority has handed it is there, or may still come

Rule 7 is what an operator cannot get around: who hides a withdrawal gets no cosignature, so
gates go stale, never wrong. An entry that the rules refuse is void for everybody, and no
reason to refuse the head.

Spec: docs/spec/ledger-entries.md, The leaf; C2SP tlog-witness, add-checkpoint.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, LedgerError, SignatureError
from vcred.keys.public import PublicKey
from vcred.ledger.entries import encode_leaf, parse_leaf
from vcred.ledger.rules import apply, replay
from vcred.ledger.state import Network, State
from vcred.limits import MAX_LOGGED_AT_AHEAD
from vcred.tlog.checkpoint import open_checkpoint
from vcred.tlog.tree import Frontier, leaf_hash
from vcred.tlog.witness import RefusalKind

LeafSource: TypeAlias = Callable[[int, int], Sequence[bytes]]
"""Give the leaves `start <= index < end` in order, fewer where there are no more."""

WitnessIdentity: TypeAlias = tuple[str, PublicKey]
"""A witness's key name and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """An operation that the witness's own authority wants on the log.

    Attributes:
        hash: Text of the operation's hash.
        handed_at: NumericDate, by the authority's clock.
    """

    hash: str
    handed_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a witness knows of the first `state.size` entries, by its own replay.

    Attributes:
        state: What they say.
        frontier: The right edge of their tree.
        latest: The greatest `logged_at` of any leaf that can be read, void ones too.
        reversals: How many leaves were logged before one that stands in front of them.
    """

    state: State = field(default_factory=State)
    frontier: Frontier = field(default_factory=Frontier)
    latest: int = 0
    reversals: int = 0

    def grow(self, leaves: Sequence[bytes]) -> "Replayed":
        """Replay the leaves that follow.

        Raises:
            LedgerError: Entry 0 is not a valid genesis.
        """
        latest, reversals = self.latest, self.reversals
        for leaf in leaves:
            logged_at = _logged_at(leaf)
            if logged_at is not None:
                reversals += logged_at < latest
                latest = max(latest, logged_at)
        return Replayed(
            state=replay(leaves, state=self.state),
            frontier=self.frontier.grow(map(leaf_hash, leaves))[0],
            latest=latest,
            reversals=reversals,
        )


def judge_entries(
    *,
    before: Replayed,
    after: Replayed,
    note: bytes,
    root: bytes,
    network_id: str,
    own: Collection[WitnessIdentity],
    handed: Collection[Handed],
    now: int,
) -> RefusalKind | None:
    """Say why a checkpoint is not to be cosigned for what stands in it; None if it may be.

    Whether it extends the last one is not asked here: `tlog.witness.decide_cosign`.

    Args:
        before: The replay up to the size that was cosigned last.
        after: The same, grown by the leaves up to the checkpoint's size.
        note: The signed checkpoint, whole.
        root: Its root hash, 32 bytes.
        network_id: The network that the witness watches.
        own: The witness's names and keys that it may still use.
        handed: What its authority has handed it.
        now: The witness's time, NumericDate.
    """
    network = after.state.network
    if network is None or network.id != network_id:
        return RefusalKind.ORIGIN_UNKNOWN
    # A proof says that two roots belong together, not that anybody has seen the entries.
    if after.frontier.root() != root:
        return RefusalKind.ENTRIES_DIFFER
    if not is_signed(note, network.origin, network.log_key):
        return RefusalKind.UNSIGNED
    if after.reversals > before.reversals:
        return RefusalKind.LOGGED_BACKWARD
    if after.latest > now + MAX_LOGGED_AT_AHEAD.total_seconds():
        return RefusalKind.LOGGED_AHEAD
    # Nobody can vouch for what he cannot judge; gates could not decide either.
    if after.state.unsupported and not before.state.unsupported:
        return RefusalKind.VERSION_UNSUPPORTED
    if not named(own, network):
        return RefusalKind.RETIRED
    if withheld(after.state, handed, now=now):
        return RefusalKind.WITHHELD
    return None


def is_signed(note: bytes, origin: str, log_key: PublicKey) -> bool:
    """Whether a log has signed a checkpoint of its own with this key."""
    try:
        open_checkpoint(note, origin=origin, keys=[log_key])
    except (DecodeError, SignatureError):
        return False
    return True


def named(own: Collection[WitnessIdentity], network: Network) -> tuple[WitnessIdentity, ...]:
    """Those of a witness's names and keys that the network in force lists, in the order given."""
    listed = {(witness.name, witness.key) for witness in network.witnesses}
    return tuple(identity for identity in own if identity in listed)


def withheld(state: State, handed: Collection[Handed], *, now: int) -> tuple[Handed, ...]:
    """What was handed longer ago than `max_merge_delay` and does not stand on the ledger, oldest first.

    An entry that the rules have refused does not stand there: a log that spoils an operation
    on its way has not logged it.

    Args:
        state: The ledger as it is to be cosigned.
        handed: All that the authority has handed over.
        now: NumericDate.
    """
    delay = state.require_network().max_merge_delay
    late = (item for item in handed if now - item.handed_at > delay and item.hash not in state.indices)
    return tuple(sorted(late, key=lambda item: (item.handed_at, item.hash)))


def may_be_logged(operation: JsonObject, *, state: State, now: int) -> bool:
    """Whether a log with this state would have to take the operation: then it can be asked for.

    Args:
        operation: With its proofs.
        state: The ledger as the operation's author knows it.
        now: NumericDate.
    """
    try:
        apply(state, parse_leaf(encode_leaf(operation, logged_at=max(now, state.logged_at))))
    except (LedgerError, DecodeError):
        return False
    return True


def _logged_at(leaf: bytes) -> int | None:
    """When a leaf says that it was logged; None if it cannot be read: then it is void for everybody."""
    try:
        return parse_leaf(leaf).logged_at
    except DecodeError:
        return None
