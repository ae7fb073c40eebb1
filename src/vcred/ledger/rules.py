# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a log entry does to the state: pure, without I/O or clock.

    state, leaf --replay_leaf--> state'      never raises: a refused entry is void, and counted
    state, entry --apply--> state'           raises LedgerError: what a log asks before it appends

The same rules decide at the log, at a witness and at a gate; that is why neither side can
tell the other something else.

Spec: docs/spec/ledger-entries.md.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from vcred.codec.fields import get_text
from vcred.errors import DecodeError, KeyMaterialError, LedgerError, LimitExceededError, RefusedError
from vcred.ledger.change import Change, Draft
from vcred.ledger.entries import VERSION, Entry, Kind, parse_leaf
from vcred.ledger.kinds import accreditation, distrust, evidence_record, recognition, registration
from vcred.ledger.kinds.did_create import free_places, judge_create, new_organisation
from vcred.ledger.kinds.did_update import judge_update
from vcred.ledger.kinds.genesis import parse_genesis
from vcred.ledger.kinds.network_change import judge_change
from vcred.ledger.kinds.statement import require_author
from vcred.ledger.kinds.type_publish import judge_publish
from vcred.ledger.proofs import SignersOf, claimed_signers, verified_signers
from vcred.ledger.state import State
from vcred.reasons import Reason

# Changes whenever the rules do: what another version of them has judged is judged again.
RULES_VERSION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What an earlier replay by these very rules found of the first `size` entries: `void` by index.

    Only of entries that have not changed since: the caller has held them against a cosigned root.
    """

    size: int
    void: Mapping[int, Reason] = field(default_factory=dict)


def replay(
    leaves: Iterable[bytes],
    *,
    state: State | None = None,
    judged: Judged | None = None,
    max_void: int | None = None,
) -> State:
    """Replay leaves from the empty ledger, or from a state that was replayed before.

    Args:
        leaves: In order.
        state: What stands before them.
        judged: Spares the signatures of entries that were verified before.
        max_void: How many void entries are borne before it stops.

    Raises:
        LedgerError: Entry 0 is not a valid genesis: then nothing on the log means anything. Or
            `limit_exceeded`: more than `max_void` entries are void.
    """
    draft = Draft(state or State())
    for leaf in leaves:
        _add_leaf(draft, leaf, judged)
        if max_void is not None and draft.void_size > max_void:
            raise LedgerError(Reason.LIMIT_EXCEEDED, f"more than {max_void} entries are void")
    return draft.finish()


def replay_leaf(state: State, leaf: bytes) -> State:
    """Apply one leaf; a leaf that the rules refuse is void for everybody.

    Raises:
        LedgerError: The leaf is entry 0 and no valid genesis.
    """
    return replay((leaf,), state=state)


def apply(state: State, entry: Entry) -> State:
    """Apply one entry.

    Args:
        state: The ledger before it.
        entry: What `parse_leaf` read.

    Raises:
        LedgerError: The rules refuse it; `reason` says why.
    """
    return apply_all(state, (entry,))


def apply_all(state: State, entries: Iterable[Entry]) -> State:
    """Apply entries, all or none. Raises as `apply`, for the first that is refused."""
    draft = Draft(state)
    for entry in entries:
        try:
            draft.add(entry, _judge(draft.state, entry, verified_signers))
        except (RefusedError, KeyMaterialError, DecodeError) as error:
            raise as_ledger_error(error) from error
    return draft.finish()


def is_known(entry: Entry) -> bool:
    """Whether this version can judge the entry: it knows the rules of its kind and version."""
    return entry.version == VERSION and entry.kind in _KINDS


def as_ledger_error(error: LedgerError | RefusedError | KeyMaterialError | DecodeError) -> LedgerError:
    """Say by the ledger's reasons why an entry is refused."""
    match error:
        case LedgerError():
            return error
        case RefusedError():
            reason = error.reason
        case LimitExceededError():
            reason = Reason.LIMIT_EXCEEDED
        case KeyMaterialError():
            reason = Reason.KEY_UNUSABLE
        case _:
            reason = Reason.MALFORMED
    return LedgerError(reason, str(error), hint=error.hint)


def _add_leaf(draft: Draft, leaf: bytes, judged: Judged | None) -> None:
    index = draft.state.size
    signers_of = verified_signers
    if judged is not None and index < judged.size:
        if index in judged.void:
            draft.add_void(judged.void[index])
            return
        signers_of = claimed_signers
    try:
        entry = parse_leaf(leaf, is_judged=signers_of is claimed_signers)
        change = _judge(draft.state, entry, signers_of)
    except (LedgerError, RefusedError, KeyMaterialError, DecodeError) as error:
        refusal = as_ledger_error(error)
        if draft.state.network is None:
            raise refusal from error
        draft.add_void(refusal.reason)
    else:
        draft.add(entry, change)


def _judge(state: State, entry: Entry, signers_of: SignersOf) -> Change:
    """Say what an entry changes, or refuse it; the state stays as it is."""
    if entry.logged_at < state.logged_at:
        raise LedgerError(Reason.MALFORMED, "logged_at is before that of the entry before")
    if state.network is None:
        return _judge_genesis(entry, signers_of)
    if entry.operation_bytes > state.network.entry_bytes:
        raise LedgerError(
            Reason.LIMIT_EXCEEDED, f"an operation has more than {state.network.entry_bytes} bytes"
        )
    if entry.hash in state.indices:
        raise LedgerError(Reason.REPLAYED, "the operation is on the ledger already")
    if not is_known(entry):
        # What cannot be judged may have taken trust away: it stops decisions unless marked otherwise,
        # and of a kind that does take trust away no mark is believed.
        ignorable = entry.operation.get("ignorable") is True and entry.kind not in _SUBTRACTING
        return Change(unsupported=not ignorable)
    if entry.kind == Kind.GENESIS:
        raise LedgerError(Reason.MALFORMED, "network.genesis stands at entry 0 and nowhere else")
    if entry.operation.get("network") != state.network.id:
        raise LedgerError(Reason.NOT_AUTHORISED, "the operation is of another network")
    if entry.kind in _OPERATIONS:
        return _OPERATIONS[entry.kind](state, entry, signers_of)
    return _judge_statement(state, entry, signers_of)


def _judge_genesis(entry: Entry, signers_of: SignersOf) -> Change:
    if entry.kind != Kind.GENESIS or entry.version != VERSION:
        raise LedgerError(Reason.MALFORMED, "the ledger does not begin with network.genesis")
    network, founders = parse_genesis(entry, signers_of)
    places: dict[str, str] = {}
    for founder in founders:
        places |= free_places(places, founder.create.profile.status_bases, founder.create.did)
    organisations = {
        founder.create.did: new_organisation(
            founder.create, index=None, jurisdiction=founder.jurisdiction, logged_at=entry.logged_at
        )
        for founder in founders
    }
    return Change(network=network, organisations=organisations, list_places=places)


def _judge_statement(state: State, entry: Entry, signers_of: SignersOf) -> Change:
    operation = entry.operation
    author = get_text(operation, "author")
    require_author(state, author, signers_of(operation), at=entry.logged_at)
    organisation = state.organisations[author]
    if "previous" not in operation or operation["previous"] != organisation.last_statement:
        # Order: without it a withdrawn statement could be logged once more.
        raise LedgerError(Reason.REPLAYED, "previous is not the author's last statement")
    change = _STATEMENTS[entry.kind](state, entry, author)
    spoken = replace(change.organisations.get(author, organisation), last_statement=entry.hash)
    return replace(change, organisations={**change.organisations, author: spoken})


_OPERATIONS: Mapping[str, Callable[[State, Entry, SignersOf], Change]] = {
    Kind.NETWORK_CHANGE: judge_change,
    Kind.DID_CREATE: judge_create,
    Kind.DID_UPDATE: judge_update,
}
_STATEMENTS: Mapping[str, Callable[[State, Entry, str], Change]] = {
    Kind.TYPE_PUBLISH: judge_publish,
    Kind.ISSUER_ACCREDIT: accreditation.judge_accredit,
    Kind.ISSUER_WITHDRAW: accreditation.judge_withdraw,
    Kind.RECOGNISE: recognition.judge_recognise,
    Kind.RECOGNISE_WITHDRAW: recognition.judge_withdraw,
    Kind.VERIFIER_REGISTER: registration.judge_register,
    Kind.VERIFIER_WITHDRAW: registration.judge_withdraw,
    Kind.KEY_DISTRUST: distrust.judge_distrust,
    Kind.EVIDENCE_RECORD: evidence_record.judge_record,
}
_SUBTRACTING = frozenset(
    {
        Kind.NETWORK_CHANGE,
        Kind.DID_UPDATE,
        Kind.ISSUER_WITHDRAW,
        Kind.RECOGNISE_WITHDRAW,
        Kind.VERIFIER_WITHDRAW,
        Kind.KEY_DISTRUST,
    }
)
_KINDS = frozenset({Kind.GENESIS, *_OPERATIONS, *_STATEMENTS})
