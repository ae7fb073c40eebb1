# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`did.update`: rotate, change or deactivate a DID, by keys that were committed to before.

Current keys alone can do nothing, so a thief of them can do nothing.

Spec: docs/spec/did-vcred.md, Update.
"""

from collections.abc import Collection
from dataclasses import replace

from vcred.did.methods.vcred import commitment, method_id
from vcred.did.operations import Method, NextKeys, Profile, UpdateOperation, is_committed, parse_update
from vcred.errors import KeyMaterialError, LedgerError
from vcred.keys.public import PublicKey
from vcred.ledger.change import Change
from vcred.ledger.entries import Entry
from vcred.ledger.kinds.did_create import free_places
from vcred.ledger.proofs import SignersOf
from vcred.ledger.state import DidVersion, MethodRecord, Organisation, State
from vcred.limits import MAX_KEYS_OF_A_DID
from vcred.reasons import Reason


def judge_update(state: State, entry: Entry, signers_of: SignersOf) -> Change:
    """Rules 4 to 9; 1 to 3 are `parse_update`'s."""
    update = parse_update(entry.operation)
    organisation = state.organisations.get(update.did)
    if organisation is None or organisation.next_keys is None:
        raise LedgerError(Reason.DID_INVALID, "no such DID on the ledger, or it is deactivated")
    if update.prev != organisation.latest.hash:
        # LED-10. Of two updates on one operation the first counts.
        raise LedgerError(Reason.REPLAYED, "prev is not the DID's last operation")
    if not is_committed(update, organisation.next_keys):
        # DID-22. Whoever holds only what is in use now, holds nothing.
        raise LedgerError(Reason.DID_INVALID, "a control key is not one that was committed to")
    _require_control(update, organisation.next_keys.threshold, set(signers_of(entry.operation)))
    if update.profile is None or update.next_keys is None:
        return _deactivate(state, organisation, entry)
    _refuse_known_keys(organisation, update.profile, update.next_keys)
    if len(organisation.commitments) >= MAX_KEYS_OF_A_DID:
        # Each update reads all that there were: one organisation must not slow everybody's replay.
        raise LedgerError(Reason.LIMIT_EXCEEDED, f"the DID has had {MAX_KEYS_OF_A_DID} keys: make a new one")
    updated = _updated(organisation, update, update.profile, entry, index=state.size)
    places = free_places(state.list_places, update.profile.status_bases, update.did)
    return Change(organisations={update.did: updated}, list_places=places)


def deactivated(
    organisation: Organisation, operation_hash: str, *, index: int | None, at: int
) -> Organisation:
    """The organisation as its last operation leaves it: every key ends."""
    last = replace(
        organisation.latest,
        hash=operation_hash,
        index=index,
        logged_at=at,
        status_bases=(),
        sites=(),
        deactivated=True,
    )
    methods = tuple(_ended(method, at=at) for method in organisation.methods)
    return replace(organisation, next_keys=None, methods=methods, versions=(*organisation.versions, last))


def _deactivate(state: State, organisation: Organisation, entry: Entry) -> Change:
    if organisation.did in state.require_network().authorities:
        # Else a jurisdiction could be left without a voice, and no change of the network be possible.
        raise LedgerError(
            Reason.NOT_AUTHORISED,
            "an authority in office cannot be deactivated",
            hint="a network.change removes it from office first",
        )
    ended = deactivated(organisation, entry.hash, index=state.size, at=entry.logged_at)
    return Change(organisations={organisation.did: ended})


def _require_control(update: UpdateOperation, threshold: int, signers: Collection[PublicKey]) -> None:
    if sum(key in signers for key in update.revealed) < threshold:
        raise LedgerError(Reason.NOT_AUTHORISED, "too few control keys have signed")
    if not set(signers) <= set(update.revealed):
        raise LedgerError(Reason.NOT_AUTHORISED, "a key that is no control key has signed")


def _refuse_known_keys(organisation: Organisation, profile: Profile, next_keys: NextKeys) -> None:
    """Rule 7. No key ever returns in another role, nor as a commitment."""
    if any(method.key in organisation.control_keys for method in profile.methods):
        raise KeyMaterialError("document.methods: a key has two roles")
    if not organisation.commitments.isdisjoint(next_keys.hashes):
        raise KeyMaterialError("next.hashes: a committed key is in use already, or was")


def _updated(
    organisation: Organisation, update: UpdateOperation, profile: Profile, entry: Entry, *, index: int
) -> Organisation:
    version = DidVersion(
        hash=entry.hash,
        index=index,
        logged_at=entry.logged_at,
        name=profile.name,
        statement_threshold=profile.statement_threshold,
        status_bases=profile.status_bases,
        sites=profile.sites,
    )
    keys = (method.key for method in profile.methods)
    return replace(
        organisation,
        next_keys=update.next_keys,
        methods=_methods(organisation, profile, at=entry.logged_at),
        # A list that was issued under an address stays that DID's: the address is never given up.
        status_bases=tuple(dict.fromkeys((*organisation.status_bases, *profile.status_bases))),
        versions=(*organisation.versions, version),
        control_keys=organisation.control_keys.union(update.revealed),
        commitments=organisation.commitments.union(map(commitment, (*update.revealed, *keys))),
    )


def _methods(organisation: Organisation, profile: Profile, *, at: int) -> tuple[MethodRecord, ...]:
    listed = {method.key: method for method in profile.methods}
    kept = [_kept(method, listed.pop(method.key, None), at=at) for method in organisation.methods]
    added = [
        MethodRecord(
            id=method_id(organisation.did, method.key), key=method.key, purpose=method.purpose, added_at=at
        )
        for method in listed.values()
    ]
    return (*kept, *added)


def _kept(method: MethodRecord, listed: Method | None, *, at: int) -> MethodRecord:
    if listed is None:
        return _ended(method, at=at)
    if method.removed_at is not None:
        # Else a stolen key that was retired could be brought back, and its old signatures with it.
        raise KeyMaterialError("document.methods: a key that was removed never returns")
    if method.purpose is not listed.purpose:
        raise KeyMaterialError("document.methods: a key has two roles")
    return method


def _ended(method: MethodRecord, *, at: int) -> MethodRecord:
    return method if method.removed_at is not None else replace(method, removed_at=at)
