# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which log does a bundle offer, and who vouches for it? Steps 2 to 5 of an import.

What is offered is a branch: entries held already, then the bundle's own. The signatures of its
head are verified with the keys in force at its size, so they may hang on entries of the branch
itself; how much of that is done for a stranger is bounded.

Spec: docs/spec/trust-bundle.md, Import (the numbers are its steps).
"""

from dataclasses import dataclass

from vcred.errors import LedgerError, SignatureError, TrustBundleError
from vcred.ledger.network_file import NetworkFile
from vcred.ledger.rules import replay
from vcred.ledger.state import Network, State
from vcred.limits import DEFAULT_CLOCK_SKEW, MAX_LOG_GROWTH_PER_IMPORT
from vcred.reasons import Reason
from vcred.tlog.checkpoint import open_checkpoint
from vcred.tlog.note import Note
from vcred.tlog.quorum import cosignature_times, quorum_time
from vcred.tlog.tree import leaf_hash, root_of
from vcred.trust.bundle import Bundle
from vcred.trust.held import Held, HeldCheckpoint
from vcred.trust.unvouched import replay_unvouched

SKEW_SECONDS = int(DEFAULT_CLOCK_SKEW.total_seconds())
# In the RFC 8785 form of a leaf its kind can be written in no other way.
_CHANGES_NETWORK = b'"kind":"network.change"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A log that its witnesses vouch for: `leaves` are all of it, `state` is their replay."""

    leaves: tuple[bytes, ...]
    checkpoint: HeldCheckpoint
    state: State

    def root_of(self, size: int) -> bytes:
        """The root of the first `size` entries, 32 bytes."""
        return root_of(map(leaf_hash, self.leaves[:size]))


def open_offer(held: Held, bundle: Bundle, network_file: NetworkFile, *, now: int) -> Offer:
    """Prove that the network's witnesses vouch for the log that a bundle offers.

    Says nothing about whether it may replace what is held.

    Raises:
        TrustBundleError: It is another network's, there is a gap, nobody vouches for it, or it
            contradicts what is held (`fork`, with both heads).
        DecodeError: The checkpoint cannot be read.
    """
    if bundle.first > len(held.leaves):
        raise TrustBundleError(
            Reason.BUNDLE_GAP,
            f"the bundle begins at entry {bundle.first}, {len(held.leaves)} are held",
            hint="import the bundles between, or a full one",
        )
    if len(bundle.leaves) > MAX_LOG_GROWTH_PER_IMPORT:
        raise TrustBundleError(Reason.LIMIT_EXCEEDED, "more entries than one import may bring")
    leaves = held.leaves[: bundle.first] + bundle.leaves
    common = _common(held.leaves, leaves)
    network = _network_of(held, leaves, common, network_file)
    rest = leaves[max(common, 1) :]
    state = None
    if any(_CHANGES_NETWORK in leaf for leaf in rest):
        # Who signs the head is said by the branch itself.
        state = replay_unvouched(rest, _state_before(held, leaves, common))
        network = state.require_network()
    note = _signed_head(held, leaves, common, bundle.checkpoint, network)
    reached = _quorum_time(note, network, now=now)
    if state is None:
        # Not before: else a small file of many entries could keep a gate busy for hours.
        state = replay(rest, state=_state_before(held, leaves, common))
    root = _root(held, leaves, common)
    return Offer(
        leaves=leaves,
        checkpoint=HeldCheckpoint(size=len(leaves), root=root, quorum_time=reached, note=bundle.checkpoint),
        state=state,
    )


def fork(message: str, held: Held, offered: bytes) -> TrustBundleError:
    """The error for a head that contradicts what is held: both are evidence."""
    newest = held.newest_checkpoint()
    return TrustBundleError(
        Reason.FORK,
        message,
        hint="keep both files of evidence and tell the authorities of both sides",
        evidence=(b"" if newest is None else newest.note, offered),
    )


def _common(held: tuple[bytes, ...], offered: tuple[bytes, ...]) -> int:
    """How many entries they share from the beginning."""
    shorter = min(len(held), len(offered))
    if held[:shorter] == offered[:shorter]:
        return shorter
    return next(i for i, (a, b) in enumerate(zip(held, offered, strict=False)) if a != b)


def _network_of(held: Held, leaves: tuple[bytes, ...], common: int, network_file: NetworkFile) -> Network:
    """Step 2. Which network is this? Entry 0 tells, the bundle's own or the one held.

    Returns:
        It, as it was when the last common entry had been logged.
    """
    try:
        network = held.state.network_at(common) if common else replay(leaves[:1]).network
    except LedgerError as error:
        raise TrustBundleError(error.reason, f"entry 0 is no valid genesis: {error}") from error
    if network is None or network.id != network_file.network_id:
        raise TrustBundleError(
            Reason.ISSUER_UNKNOWN,
            "the bundle is of another network",
            hint="check that the network file and the bundle come from the same authorities",
        )
    return network


def _state_before(held: Held, leaves: tuple[bytes, ...], common: int) -> State:
    return held.state_of(common) if common else replay(leaves[:1])


def _root(held: Held, leaves: tuple[bytes, ...], common: int) -> bytes:
    if common == len(held.leaves):
        return held.frontier.grow(map(leaf_hash, leaves[common:]))[0].root()
    return root_of(map(leaf_hash, leaves))


def _signed_head(
    held: Held, leaves: tuple[bytes, ...], common: int, checkpoint: bytes, network: Network
) -> Note:
    """Steps 3 and 4. Only what the log itself has signed is a fork: any hand can change a file."""
    try:
        head, note = open_checkpoint(checkpoint, origin=network.origin, keys=[network.log_key])
    except SignatureError as error:
        raise TrustBundleError(Reason.SIGNATURE_INVALID, f"checkpoint: {error}") from error
    if 1 <= head.size <= len(held.leaves) and held.root_of(head.size) != head.root:
        # LED-15. Whatever entries come with it.
        raise fork("the log has signed another root for entries that are held", held, checkpoint)
    if head.size != len(leaves):
        raise TrustBundleError(
            Reason.BUNDLE_INCONSISTENT, f"the checkpoint is of {head.size} entries, {len(leaves)} are here"
        )
    if _root(held, leaves, common) != head.root:
        raise TrustBundleError(Reason.BUNDLE_INCONSISTENT, "the entries do not have the checkpoint's root")
    if common < min(len(held.leaves), len(leaves)):
        raise fork("entries differ from those held", held, checkpoint)
    return note


def _quorum_time(note: Note, network: Network, *, now: int) -> int:
    """Step 5. As of when do enough witnesses vouch for it?"""
    times = cosignature_times(note, network.witnesses)
    reached = quorum_time(times, network.quorum, network.witnesses, not_after=now + SKEW_SECONDS)
    if reached is not None:
        return reached
    latest = max(times.values(), default=0)
    if quorum_time(times, network.quorum, network.witnesses, not_after=latest) is not None:
        raise TrustBundleError(
            Reason.NOT_YET_VALID, "the cosignatures are dated ahead of this clock", hint="check the clock"
        )
    raise TrustBundleError(
        Reason.QUORUM_MISSING, f"{len(times)} valid cosignatures do not make the network's quorum"
    )
