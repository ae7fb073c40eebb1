# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What may replace what: decide whether a bundle is believed, on top of what is held.

Pure: held, bundle, network file and `now` go in; what to add comes out, or the reason of
refusal. Nothing is added in part. The channel is never trusted: every rule here would hold
if the bundle had come from the attacker's own hand.

Spec: docs/spec/trust-bundle.md, Import (the numbers are its steps).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.credential.type_definition import parse_type_definition
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.errors import (
    DecodeError,
    LedgerError,
    LimitExceededError,
    RefusedError,
    SchemaError,
    TrustBundleError,
)
from vcred.ledger.network_file import NetworkFile
from vcred.ledger.rules import Judged
from vcred.ledger.state import State
from vcred.ledger.subtract import check_pending, is_logged, signed_at, subtract
from vcred.limits import MAX_LOGGED_AT_AHEAD, MAX_PENDING_OPERATIONS
from vcred.reasons import Reason
from vcred.status.bits import StatusList, takes_back
from vcred.status.snapshot import StatusSnapshot
from vcred.trust.bundle import Bundle
from vcred.trust.held import Held, HeldCheckpoint, HeldPending, HeldStatus
from vcred.trust.offer import SKEW_SECONDS, Offer, fork, open_offer
from vcred.trust.statuses import open_status_token

MAX_AHEAD_SECONDS = int(MAX_LOGGED_AT_AHEAD.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What an accepted bundle adds. `checkpoint` is None if it brings no newer evidence.

    `state` is the replay of all entries that are then held, `judged` what it has found of them.
    """

    leaves: tuple[bytes, ...]
    checkpoint: HeldCheckpoint | None
    statuses: tuple[HeldStatus, ...]
    types: Mapping[bytes, bytes]
    pending: tuple[HeldPending, ...]
    judged: Judged
    state: State

    @property
    def is_empty(self) -> bool:
        """Whether the bundle changes nothing."""
        return not (self.leaves or self.checkpoint or self.statuses or self.types or self.pending)


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
    offer = open_offer(held, bundle, network_file, now=now)
    _refuse_dates(offer, network_file)
    _refuse_rollback(held, offer, network_file)
    newest, checkpoint = held.newest_checkpoint(), offer.checkpoint
    is_newer = newest is None or (checkpoint.quorum_time, checkpoint.size) > (newest.quorum_time, newest.size)
    return Addition(
        leaves=offer.leaves[len(held.leaves) :],
        checkpoint=checkpoint if is_newer else None,
        statuses=_statuses(held, bundle, offer.state, now=now),
        types=_types(held, bundle, offer.state),
        pending=_pending(held, bundle.pending, offer.state, now=now),
        judged=Judged(size=offer.state.size, void={entry.index: entry.reason for entry in offer.state.void}),
        state=offer.state,
    )


def refuse_idle(offered: Iterable[JsonObject], addition: Addition) -> None:
    """Tell whoever hands in pending operations that one of them takes nothing away.

    A gate passes over such: it may come too late by no fault of the bundle.

    Raises:
        TrustBundleError: `replayed`.
    """
    taken = {item.hash for item in addition.pending}
    if any(hash_text(operation_hash(operation)) not in taken for operation in offered):
        raise TrustBundleError(
            Reason.REPLAYED,
            "a pending operation takes nothing away",
            hint="the log has it, it was taken away already, or a key that signed it has ended: sign it anew",
        )


def _refuse_dates(offer: Offer, network_file: NetworkFile) -> None:
    """Step 6. The cosigners' clocks bound that of the log, the network file's date theirs."""
    reached = offer.checkpoint.quorum_time
    if offer.state.logged_at > reached + MAX_AHEAD_SECONDS:
        # LED-23. Entries from the future would let a log date things as it likes.
        raise TrustBundleError(Reason.NOT_YET_VALID, "an entry is dated ahead of its cosignatures")
    if reached < network_file.floor_date:
        raise TrustBundleError(Reason.ROLLBACK, "the cosignatures are older than the network file's floor")


def _refuse_rollback(held: Held, offer: Offer, network_file: NetworkFile) -> None:
    """Step 7."""
    checkpoint = offer.checkpoint
    if checkpoint.size < network_file.floor_size:
        raise TrustBundleError(Reason.ROLLBACK, "the bundle is below the network file's floor")
    if offer.root_of(network_file.floor_size) != network_file.floor_root:
        raise fork("the root at the network file's floor is another one", held, checkpoint.note)
    floor = held.floor
    if floor is not None and checkpoint.size >= floor.size and offer.root_of(floor.size) != floor.root:
        raise fork("the root at the floor that was entered here is another one", held, checkpoint.note)
    newest = held.newest_checkpoint()
    if newest is None:
        return
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
            raise TrustBundleError(
                Reason.BUNDLE_INCONSISTENT, f"two status lists have one URI: {offered.uri}"
            )
        known = newest.get(offered.uri)
        if _is_newer(offered, known):
            if known is not None:
                _refuse_taken_back(known, status.snapshot, state)
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


def _refuse_taken_back(known: HeldStatus, offered: StatusSnapshot, state: State) -> None:
    """Refuse a newer list in which somebody is not revoked any more: its issuer put an old store back.

    A list by a key that was declared void says nothing, so nothing of it is taken back (STA-18).
    """
    try:
        earlier = open_status_token(known.token, state).snapshot.list
    except (TrustBundleError, DecodeError, LimitExceededError, RefusedError):
        return
    if not takes_back(earlier, StatusList(bits=earlier.bits, data=b"")):
        # Nobody is revoked in it: then it is for the verdict to say that a list cannot be read.
        return
    try:
        is_taken_back = takes_back(earlier, offered.list)
    except (DecodeError, LimitExceededError, RefusedError) as error:
        raise TrustBundleError(Reason.STATUS_INVALID, f"a status list cannot be read: {error}") from error
    if is_taken_back:
        raise TrustBundleError(
            Reason.ROLLBACK,
            "a newer status list takes a revocation back",
            hint="its issuer has put an old store back: it has to reconcile it with what it has published",
        )


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


def _pending(held: Held, offered: Sequence[bytes], state: State, *, now: int) -> tuple[HeldPending, ...]:
    """Step 10. What only subtracts trust counts before it is logged, if it is validly signed."""
    known = {item.hash for item in held.pending}
    added: dict[str, HeldPending] = {}
    believed = subtract(state, [(item.operation, item.as_of) for item in held.pending])
    for data in offered:
        operation = decode_json_object(data)
        digest = hash_text(operation_hash(operation))
        if encode_jcs(operation) != data or digest in added:
            raise TrustBundleError(
                Reason.BUNDLE_INCONSISTENT, "a pending operation stands twice, or not in its RFC 8785 form"
            )
        if digest in known or is_logged(state, operation):
            continue
        item = HeldPending(hash=digest, operation=operation, as_of=signed_at(operation))
        if item.as_of > now + SKEW_SECONDS:
            raise TrustBundleError(Reason.NOT_YET_VALID, "a pending operation is dated ahead of this clock")
        # Against what is believed, not only what is logged: a key that is void here already says nothing.
        if _takes_something_away(item, believed):
            added[digest] = item
            believed = subtract(believed, [(item.operation, item.as_of)])
    if len(held.pending) + len(added) > MAX_PENDING_OPERATIONS:
        raise TrustBundleError(Reason.LIMIT_EXCEEDED, "more pending operations than can be held")
    return tuple(added.values())


def pending_for_others(held: Held) -> tuple[HeldPending, ...]:
    """Those that another post would still take in.

    The others would spoil the bundle: here they count on, but those who signed them may no longer
    speak, or the log has them.
    """
    waiting = (item for item in held.pending if not is_logged(held.state, item.operation))
    return tuple(item for item in waiting if _may_count(item, held.state))


def tokens_for_others(held: Held) -> tuple[str, ...]:
    """The newest list of each URI that another post would still take in: its key may be void by now."""
    tokens = [status.token for _, status in sorted(held.newest_statuses().items())]
    return tuple(token for token in tokens if _is_by_its_issuer(token, held.state))


def _is_by_its_issuer(token: str, state: State) -> bool:
    try:
        open_status_token(token, state)
    except TrustBundleError:
        return False
    return True


def _may_count(item: HeldPending, state: State) -> bool:
    try:
        check_pending(state, item.operation, at=item.as_of)
    except LedgerError:
        return False
    return True


def _takes_something_away(item: HeldPending, state: State) -> bool:
    try:
        check_pending(state, item.operation, at=item.as_of)
    except LedgerError as error:
        if error.reason is Reason.REPLAYED:
            return False
        raise TrustBundleError(error.reason, f"a pending operation: {error}") from error
    return True
