# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Operations that only subtract trust count as soon as they are held, logged or not.

An operator can keep a withdrawal off the log, but not out of a bundle that another hand
carries. Such a *pending* operation must be validly signed when it is taken in; its place in its
author's order does not matter, because it names by its hash what it takes away, and nothing can
bring that back.

    check_pending   is it validly signed, by someone who may?     raises
    subtract        what does it take away?                       takes it away, whoever rules by now

Spec: docs/spec/ledger-entries.md, Pending.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from vcred.codec.fields import get_objects, get_text
from vcred.codec.json_types import JsonObject
from vcred.codec.times import parse_timestamp
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.did.operations import Purpose
from vcred.errors import DecodeError, KeyMaterialError, LedgerError, RefusedError
from vcred.keys.public import PublicKey
from vcred.ledger.change import Change, Draft
from vcred.ledger.entries import Entry, Kind, encode_leaf, parse_leaf
from vcred.ledger.kinds import accreditation, distrust, recognition, registration
from vcred.ledger.kinds.did_update import deactivated, judge_update
from vcred.ledger.kinds.statement import require_author, statement_keys
from vcred.ledger.kinds.withdrawal import parse_withdrawal, withdrawn
from vcred.ledger.proofs import verified_signers
from vcred.ledger.rules import as_ledger_error, is_known
from vcred.ledger.state import Effect, State
from vcred.reasons import Reason

_STATEMENTS: Mapping[str, Callable[[State, Entry, str], Change]] = {
    Kind.ISSUER_WITHDRAW: accreditation.judge_withdraw,
    Kind.RECOGNISE_WITHDRAW: recognition.judge_withdraw,
    Kind.VERIFIER_WITHDRAW: registration.judge_withdraw,
    Kind.KEY_DISTRUST: distrust.judge_distrust,
}


def is_logged(state: State, operation: JsonObject) -> bool:
    """Whether the log has the operation already."""
    return hash_text(operation_hash(operation)) in state.indices


def check_pending(state: State, operation: JsonObject, *, at: int) -> None:
    """Refuse an operation that is not on the log unless it only subtracts trust, and may.

    Args:
        state: The ledger as it is held.
        operation: With its proofs.
        at: NumericDate as of which it counts.

    Raises:
        LedgerError: It adds, or its signers may not say this, or it takes away what is gone
            (`replayed`).
    """
    try:
        _check(state, parse_leaf(encode_leaf(operation, logged_at=at)))
    except (RefusedError, KeyMaterialError, DecodeError) as error:
        raise as_ledger_error(error) from error


def subtract(state: State, operations: Iterable[tuple[JsonObject, int]]) -> State:
    """Take away what pending operations, each checked when it came in, take away.

    Args:
        state: The ledger as it is held.
        operations: Each with the NumericDate as of which it counts. What the log has by now is
            left to the log.
    """
    draft = Draft(state)
    for operation, at in operations:
        if not is_logged(state, operation):
            draft.put(_effect(draft.state, operation, at=at))
    return draft.finish()


def signed_at(operation: JsonObject) -> int:
    """When the last of its signers signed, by their own word. NumericDate.

    Raises:
        DecodeError: No proof says so.
    """
    moments = [parse_timestamp(get_text(proof, "created")) for proof in get_objects(operation, "proof")]
    if not moments:
        raise DecodeError("proof: there is none")
    return int(max(moments).timestamp())


def _check(state: State, entry: Entry) -> None:
    network = state.require_network()
    if entry.operation_bytes > network.entry_bytes:
        raise LedgerError(Reason.LIMIT_EXCEEDED, f"an operation has more than {network.entry_bytes} bytes")
    if not is_known(entry):
        raise LedgerError(Reason.VERSION_UNSUPPORTED, "no rule for this kind and version of entry")
    if entry.operation.get("network") != network.id:
        raise LedgerError(Reason.NOT_AUTHORISED, "the operation is of another network")
    if entry.kind == Kind.DID_UPDATE and entry.operation.get("deactivated") is True:
        judge_update(state, entry, verified_signers)
    elif entry.kind in _STATEMENTS:
        author = get_text(entry.operation, "author")
        # Who had the right once and has lost it may no longer speak: as of now, not of when it was signed.
        now = max(entry.logged_at, state.logged_at)
        signers = verified_signers(entry.operation)
        _refuse_ended(state, author, signers, at=now)
        require_author(state, author, signers, at=now)
        _STATEMENTS[entry.kind](state, entry, author)
    else:
        raise LedgerError(Reason.NOT_AUTHORISED, "only what takes trust away counts before it is logged")


def _refuse_ended(state: State, author: str, signers: Collection[PublicKey], *, at: int) -> None:
    """Keys that once spoke for the author, and do so no more, are no forgery: it came too late."""
    organisation = state.organisations.get(author)
    if organisation is None:
        return
    ever = {method.key for method in organisation.methods if method.purpose is Purpose.STATEMENT}
    if set(signers) <= ever and not set(signers) <= statement_keys(organisation, at=at):
        raise LedgerError(Reason.REPLAYED, "a key that signed it has ended since")


def _effect(state: State, operation: JsonObject, *, at: int) -> Change:
    """What it takes away of what there is: an earlier state may not have had it yet."""
    kind = get_text(operation, "kind")
    if kind == Kind.KEY_DISTRUST:
        key_id, since = distrust.parse_distrust(operation)
        did = key_id.partition("#")[0]
        if did not in state.organisations:
            return Change()
        return Change(organisations={did: distrust.distrusted(state.organisations[did], key_id, since=since)})
    if kind == Kind.DID_UPDATE:
        did = get_text(operation, "did")
        organisation = state.organisations.get(did)
        if organisation is None or organisation.next_keys is None:
            return Change()
        digest = hash_text(operation_hash(operation))
        # Also if the log has another operation in its place: whoever holds the same keys may have raced
        # it. What was signed before the operation that it follows, it cannot reach.
        before = next((v.logged_at for v in organisation.versions if v.hash == operation["prev"]), at)
        ended = deactivated(organisation, digest, index=None, at=max(at, before))
        return Change(organisations={did: ended})
    return _withdrawal(state, kind, *parse_withdrawal(operation), at=at)


def _withdrawal(state: State, kind: str, target: str, effect: Effect, *, at: int) -> Change:
    if kind == Kind.ISSUER_WITHDRAW and target in state.accreditations:
        accredited = withdrawn(state.accreditations[target], effect, at=at)
        return Change(accreditations={target: accredited})
    if kind == Kind.RECOGNISE_WITHDRAW and target in state.recognitions:
        recognised = withdrawn(state.recognitions[target], effect, at=at)
        return Change(recognitions={target: recognised})
    if kind == Kind.VERIFIER_WITHDRAW and target in state.registrations:
        registered = withdrawn(state.registrations[target], effect, at=at)
        return Change(registrations={target: registered})
    return Change()
