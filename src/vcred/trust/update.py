# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What may replace what: decide whether a bundle is believed, on top of what is held.

Pure: held, bundle, network file and `now` go in; what to add comes out, or the reason of
refusal. Nothing is added in part. The channel is never trusted: every rule here would hold
if the bundle had come from the attacker's own hand.

Spec: docs/spec/trust-bundle.md, Import (the numbers are its steps).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vcred.credential.type_definition import parse_type_definition
from vcred.errors import DecodeError, LedgerError, SchemaError, SignatureError, TrustBundleError
from vcred.ledger.rules import replay
from vcred.ledger.state import Network, State
from vcred.limits import DEFAULT_CLOCK_SKEW, MAX_LOG_GROWTH_PER_IMPORT, MAX_LOGGED_AT_AHEAD
from vcred.reasons import Reason
from vcred.tlog.checkpoint import Checkpoint, open_checkpoint
from vcred.tlog.note import Note
from vcred.tlog.quorum import cosignature_times, quorum_time
from vcred.trust.bundle import Bundle
from vcred.trust.held import Held, HeldCheckpoint, HeldStatus
from vcred.trust.network_file import NetworkFile
from vcred.trust.statuses import open_status_token

SKEW_SECONDS = int(DEFAULT_CLOCK_SKEW.total_seconds())
MAX_AHEAD_SECONDS = int(MAX_LOGGED_AT_AHEAD.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What an accepted bundle adds. `checkpoint` is None if it brings no newer evidence."""

    leaves: tuple[bytes, ...]
    checkpoint: HeldCheckpoint | None
    statuses: tuple[HeldStatus, ...]
    types: Mapping[bytes, bytes]

    @property
    def is_empty(self) -> bool:
        """Whether the bundle changes nothing."""
        return not (self.leaves or self.checkpoint or self.statuses or self.types)


def decide_update(held: Held, bundle: Bundle, network_file: NetworkFile, *, now: int) -> Addition:
    """Decide what a bundle adds to what is held.

    Args:
        held: What earlier imports left.
        bundle: A parsed bundle; nothing in it is believed yet.
        network_file: Got out of band.
        now: NumericDate.

    Raises:
        TrustBundleError: The first rule that fails; for a fork, with both signed heads.
        DecodeError: A checkpoint, token or type that cannot be read.
    """
    if bundle.pending:
        # Step 1.
        raise TrustBundleError(Reason.VERSION_UNSUPPORTED, "pending operations need a newer vcred")
    network = _network(held, bundle, network_file)
    leaves = _new_leaves(held, bundle, network)
    grown = replace(held, leaves=held.leaves + leaves)
    head, note = _signed_head(grown, bundle, network)
    # Before the replay: else a small file of many entries could keep a gate busy for hours.
    reached = _quorum_time(note, network, now=now)
    state = replay(leaves, state=held.state if held.leaves else None)
    _refuse_dates(state, reached, network_file)
    checkpoint = HeldCheckpoint(size=head.size, root=head.root, quorum_time=reached, note=bundle.checkpoint)
    _refuse_rollback(held, grown, checkpoint, network_file)
    statuses = _statuses(held, bundle, state, now=now)
    types = _types(held, bundle, state)
    newest = held.newest_checkpoint()
    is_newer = newest is None or (checkpoint.quorum_time, checkpoint.size) > (newest.quorum_time, newest.size)
    return Addition(
        leaves=leaves, checkpoint=checkpoint if is_newer else None, statuses=statuses, types=types
    )


def _network(held: Held, bundle: Bundle, network_file: NetworkFile) -> Network:
    """Step 2. Which network is this? Entry 0 tells, the bundle's own or the one held."""
    if bundle.first > len(held.leaves):
        raise TrustBundleError(
            Reason.BUNDLE_GAP,
            f"the bundle begins at entry {bundle.first}, {len(held.leaves)} are held",
            hint="import the bundles between, or a full one",
        )
    offered = bundle.leaves[:1] if bundle.first == 0 else ()
    try:
        state = held.state if offered in ((), held.leaves[:1]) else replay(offered)
    except LedgerError as error:
        raise TrustBundleError(error.reason, f"entry 0 is no valid genesis: {error}") from error
    if state.network is None or state.network.id != network_file.network_id:
        raise TrustBundleError(
            Reason.ISSUER_UNKNOWN,
            "the bundle is of another network",
            hint="check that the network file and the bundle come from the same authorities",
        )
    return state.network


def _new_leaves(held: Held, bundle: Bundle, network: Network) -> tuple[bytes, ...]:
    """Step 3."""
    have = len(held.leaves)
    if len(bundle.leaves) > MAX_LOG_GROWTH_PER_IMPORT:
        raise TrustBundleError(Reason.LIMIT_EXCEEDED, "more new entries than one import may bring")
    overlap = bundle.leaves[: have - bundle.first]
    if overlap != held.leaves[bundle.first : bundle.first + len(overlap)]:
        # Only what the log itself has signed is a fork: any hand on the way can change a file.
        _signed_head(replace(held, leaves=held.leaves[: bundle.first] + bundle.leaves), bundle, network)
        raise _fork("entries differ from those held", held, bundle.checkpoint)
    return bundle.leaves[have - bundle.first :]


def _signed_head(grown: Held, bundle: Bundle, network: Network) -> tuple[Checkpoint, Note]:
    """Step 4. The root is ours to compute; the log has signed it."""
    try:
        checkpoint, note = open_checkpoint(bundle.checkpoint, origin=network.origin, keys=[network.log_key])
    except SignatureError as error:
        raise TrustBundleError(Reason.SIGNATURE_INVALID, f"checkpoint: {error}") from error
    offered = bundle.first + len(bundle.leaves)
    if checkpoint.size != offered:
        raise TrustBundleError(
            Reason.BUNDLE_INCONSISTENT, f"the checkpoint is of {checkpoint.size} entries, {offered} are here"
        )
    if grown.root_of(checkpoint.size) != checkpoint.root:
        raise TrustBundleError(Reason.BUNDLE_INCONSISTENT, "the entries do not have the checkpoint's root")
    return checkpoint, note


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


def _refuse_dates(state: State, reached: int, network_file: NetworkFile) -> None:
    """Step 6. The cosigners' clocks bound that of the log, the network file's date theirs."""
    if state.logged_at > reached + MAX_AHEAD_SECONDS:
        # LED-23. Entries from the future would let a log date things as it likes.
        raise TrustBundleError(Reason.NOT_YET_VALID, "an entry is dated ahead of its cosignatures")
    if reached < network_file.floor_date:
        raise TrustBundleError(Reason.ROLLBACK, "the cosignatures are older than the network file's floor")


def _refuse_rollback(held: Held, grown: Held, checkpoint: HeldCheckpoint, network_file: NetworkFile) -> None:
    """Step 7."""
    if checkpoint.size < network_file.floor_size:
        raise TrustBundleError(Reason.ROLLBACK, "the bundle is below the network file's floor")
    if grown.root_of(network_file.floor_size) != network_file.floor_root:
        raise _fork("the root at the network file's floor is another one", held, checkpoint.note)
    newest = held.newest_checkpoint()
    if newest is None:
        return
    if checkpoint.size == newest.size and checkpoint.root != newest.root:
        raise _fork("the same size has another root", held, checkpoint.note)
    if checkpoint.size < newest.size:
        raise TrustBundleError(
            Reason.ROLLBACK, f"the bundle has {checkpoint.size} entries, {newest.size} are held"
        )
    if checkpoint.quorum_time < newest.quorum_time:
        raise TrustBundleError(Reason.ROLLBACK, "the bundle's quorum time is before the one held")


def _statuses(held: Held, bundle: Bundle, state: State, *, now: int) -> tuple[HeldStatus, ...]:
    """Step 8. An older list would bring revoked credentials back: the whole import fails."""
    newest = held.newest_statuses()
    added: dict[str, HeldStatus] = {}
    for text in bundle.status_tokens:
        status = open_status_token(text, state)
        offered = HeldStatus(
            uri=status.snapshot.uri, did=status.did, issued_at=status.snapshot.issued_at, token=text
        )
        if offered.issued_at > now + SKEW_SECONDS:
            raise TrustBundleError(Reason.NOT_YET_VALID, "a status list is dated ahead of this clock")
        if offered.uri in added:
            raise TrustBundleError(Reason.BUNDLE_INCONSISTENT, "two status lists have one URI")
        if _is_newer(offered, newest.get(offered.uri)):
            added[offered.uri] = offered
    return tuple(added.values())


def _is_newer(offered: HeldStatus, known: HeldStatus | None) -> bool:
    if known is None or offered.issued_at > known.issued_at:
        return True
    if offered.issued_at < known.issued_at:
        raise TrustBundleError(Reason.ROLLBACK, "a status list is older than the one held")
    # Signatures are malleable: what was signed is compared, not the signature.
    if offered.token.rpartition(".")[0] != known.token.rpartition(".")[0]:
        raise TrustBundleError(
            Reason.FORK,
            "two status lists with one date differ",
            evidence=(known.token.encode(), offered.token.encode()),
        )
    return False


def _types(held: Held, bundle: Bundle, state: State) -> Mapping[bytes, bytes]:
    """Step 9."""
    # Anyone on the ledger may publish a digest again, with another size: it takes nothing away.
    published = {(item.digest, item.size) for item in state.types.values()}
    added: dict[bytes, bytes] = {}
    for digest, data in bundle.types.items():
        if (digest, len(data)) not in published:
            raise TrustBundleError(Reason.BUNDLE_INCONSISTENT, "a type definition is of no published type")
        try:
            definition = parse_type_definition(data)
        except (DecodeError, SchemaError) as error:
            raise TrustBundleError(
                Reason.BUNDLE_INCONSISTENT, f"a type definition is not well-formed: {error}"
            ) from error
        if definition.encoded != data:
            raise TrustBundleError(
                Reason.BUNDLE_INCONSISTENT, "a type definition is not in its RFC 8785 form"
            )
        if digest not in held.types:
            added[digest] = data
    return added


def _fork(message: str, held: Held, offered: bytes) -> TrustBundleError:
    newest = held.newest_checkpoint()
    return TrustBundleError(
        Reason.FORK,
        message,
        hint="keep both files of evidence and tell the authorities of both sides",
        evidence=(b"" if newest is None else newest.note, offered),
    )
