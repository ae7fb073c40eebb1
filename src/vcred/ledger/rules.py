# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an entry does to the ledger's state. Pure: no clock, no store.

    state, leaf --replay_leaf--> state'      never raises: a refused entry is void, and counted
    state, entry --apply--> state'           raises LedgerError: what a log asks before it appends

The same rules decide at the log, at a witness and at a gate; that is why neither side can
tell the other something else.

Spec: docs/spec/ledger-entries.md.
"""

from collections.abc import Callable, Iterable, Mapping

from vcred.did.methods.vcred import method_id
from vcred.did.operations import CreateOperation, has_control, parse_create
from vcred.errors import DecodeError, KeyMaterialError, LedgerError, LimitExceededError, RefusedError
from vcred.keys.public import PublicKey
from vcred.ledger.change import Change, Draft
from vcred.ledger.entries import VERSION, Entry, Kind, parse_leaf
from vcred.ledger.genesis import PROOF_PURPOSE, parse_genesis
from vcred.ledger.state import MethodRecord, Organisation, State
from vcred.ledger.statements import apply_statement, require_author
from vcred.reasons import Reason
from vcred.securing.data_integrity.jcs_suites import verify_proofs

_DIGITS = "0123456789"


def replay(leaves: Iterable[bytes], *, state: State | None = None) -> State:
    """Replay leaves from the empty ledger, or from a state that was replayed before.

    Raises:
        LedgerError: Entry 0 is not a valid genesis: then nothing on the log means anything.
    """
    draft = Draft(state or State())
    for leaf in leaves:
        _add_leaf(draft, leaf)
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
    try:
        change = _judge(state, entry)
    except (RefusedError, KeyMaterialError, DecodeError) as error:
        raise as_ledger_error(error) from error
    draft = Draft(state)
    draft.add(entry, change)
    return draft.finish()


def _add_leaf(draft: Draft, leaf: bytes) -> None:
    try:
        entry = parse_leaf(leaf)
        change = _judge(draft.state, entry)
    except (LedgerError, RefusedError, KeyMaterialError, DecodeError) as error:
        refusal = as_ledger_error(error)
        if draft.state.network is None:
            raise refusal from error
        draft.add_void(refusal.reason)
    else:
        draft.add(entry, change)


def is_known(entry: Entry) -> bool:
    """Whether this version can judge the entry: it knows the rules of its kind and version."""
    return entry.version == VERSION and entry.kind in tuple(Kind)


def _judge(state: State, entry: Entry) -> Change:
    """Say what an entry changes, or refuse it; the state stays as it is."""
    if entry.logged_at < state.logged_at:
        raise LedgerError(Reason.MALFORMED, "logged_at is before that of the entry before")
    if state.network is None:
        return _judge_genesis(entry)
    if entry.operation_bytes > state.network.entry_bytes:
        raise LedgerError(
            Reason.LIMIT_EXCEEDED, f"an operation has more than {state.network.entry_bytes} bytes"
        )
    if entry.hash in state.indices:
        raise LedgerError(Reason.REPLAYED, "the operation is on the ledger already")
    if not is_known(entry):
        # What cannot be judged may have taken trust away: it stops decisions unless marked otherwise.
        ignorable = entry.operation.get("ignorable") is True
        return Change(unsupported=not ignorable)
    if entry.kind == Kind.GENESIS:
        raise LedgerError(Reason.MALFORMED, "network.genesis stands at entry 0 and nowhere else")
    if entry.operation.get("network") != state.network.id:
        raise LedgerError(Reason.NOT_AUTHORISED, "the operation is of another network")
    return _RULES[entry.kind](state, entry)


def _judge_genesis(entry: Entry) -> Change:
    if entry.kind != Kind.GENESIS or entry.version != VERSION:
        raise LedgerError(Reason.MALFORMED, "the ledger does not begin with network.genesis")
    network, founders = parse_genesis(entry)
    places: dict[str, str] = {}
    for founder in founders:
        places |= _free_places(places, founder.create)
    organisations = {
        founder.create.did: _organisation(founder.create, index=None, created_at=entry.logged_at)
        for founder in founders
    }
    return Change(network=network, organisations=organisations, list_places=places)


def _judge_create(state: State, entry: Entry) -> Change:
    create = parse_create(entry.operation, embedded=False)
    signers = set(verify_proofs(entry.operation, purpose=PROOF_PURPOSE))
    if not has_control(create, signers):
        raise LedgerError(Reason.NOT_AUTHORISED, "too few control keys have signed")
    sponsor = create.sponsor
    if sponsor is None or sponsor not in state.require_network().authorities:
        raise LedgerError(Reason.NOT_AUTHORISED, "the sponsor is not an authority of this network")
    require_author(state, sponsor, signers - set(create.control), at=entry.logged_at)
    places = _free_places(state.list_places, create)
    organisation = _organisation(create, index=state.size, created_at=entry.logged_at)
    return Change(organisations={create.did: organisation}, list_places=places)


def _free_places(taken: Mapping[str, str], create: CreateOperation) -> Mapping[str, str]:
    """Rule 9. Else one organisation could put its own status list in the place of another's."""
    # A list stands at base + number: what the base ends with may be a part of the number.
    places = dict.fromkeys((base.rstrip(_DIGITS) for base in create.status_bases), create.did)
    if any(place in taken for place in places):
        raise LedgerError(Reason.NOT_AUTHORISED, "the status lists would stand where another DID's stand")
    return places


def _organisation(create: CreateOperation, *, index: int | None, created_at: int) -> Organisation:
    return Organisation(
        did=create.did,
        index=index,
        created_at=created_at,
        name=create.name,
        next_keys=create.next_keys,
        methods=tuple(
            MethodRecord(
                id=method_id(create.did, method.key),
                key=method.key,
                purpose=method.purpose,
                added_at=created_at,
            )
            for method in create.methods
        ),
        statement_threshold=create.statement_threshold,
        status_bases=create.status_bases,
    )


def _judge_statement(state: State, entry: Entry) -> Change:
    signers: set[PublicKey] = set(verify_proofs(entry.operation, purpose=PROOF_PURPOSE))
    return apply_statement(state, entry, signers)


_RULES: Mapping[str, Callable[[State, Entry], Change]] = {
    Kind.DID_CREATE: _judge_create,
    Kind.TYPE_PUBLISH: _judge_statement,
    Kind.ISSUER_ACCREDIT: _judge_statement,
    Kind.ISSUER_WITHDRAW: _judge_statement,
    Kind.RECOGNISE: _judge_statement,
    Kind.RECOGNISE_WITHDRAW: _judge_statement,
}


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
