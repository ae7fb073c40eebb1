# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door to the life of a party's own DID: its updates, and its part in the DIDs of others.

Which control key signs follows from the ledger: the one that the DID's last operation committed
to. In this order, so that no interruption loses anything:

    new keys are made, and durable
    the operation that names them is signed, and durable beside its request
    it leaves

Until the ledger has it, the same request gives the same operation, byte for byte, and another
request is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vcred.clock import Clock
from vcred.codec.fields import get_object, get_texts
from vcred.codec.json_types import JsonObject
from vcred.desk.did_plan import UpdateRequest, check_request, plan_commitment, plan_profile, plan_reveal
from vcred.desk.engines.pending_update import PendingUpdate, drop_pending, read_pending, write_pending
from vcred.desk.own_keys import CONTROL, METHOD_KEYS, NO_TOKENS, SPARE, Series, fresh_key, signing_method
from vcred.did.methods.vcred import commitment
from vcred.did.operations import NextKeys, Profile, Purpose, parse_update
from vcred.errors import DecodeError, KeyMaterialError, UsageError
from vcred.keys.custody import KeyRole
from vcred.keys.keyring import Keyring
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.ledger.drafts import draft_update
from vcred.ledger.entries import Kind
from vcred.ledger.proofs import PROOF_PURPOSE
from vcred.ledger.state import Organisation, State
from vcred.securing.data_integrity.jcs_suites import add_proof, did_key_url


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlKey:
    """A control key of this home: its name, and what others are told of it."""

    name: str
    key: PublicKey

    @property
    def commitment(self) -> str:
        """What an operation lists for it before it is revealed."""
        return commitment(self.key)


class DidDesk:
    """Signs with the control keys of one home. Works while its keyring is open."""

    def __init__(self, home: Path, keyring: Keyring, clock: Clock) -> None:
        self._home = home
        self._keyring = keyring
        self._clock = clock

    def update(
        self,
        did: str,
        request: UpdateRequest,
        *,
        state: State,
        tokens: Mapping[KeyRole, Pkcs11Uri] = NO_TOKENS,
    ) -> JsonObject:
        """Make the next operation of a DID, signed by the control keys of this home.

        Args:
            did: The DID; this home holds a control key of it.
            request: What is to change.
            state: The ledger as it is now, or as the trust bundle has it.
            tokens: Where new keys shall be, by role. A role that is not there stays where its
                last key is: in the same token, or in the home.

        Raises:
            UsageError: Not on that ledger, deactivated, not in this home's hands, or another
                update is on its way.
            StoreError: The keys cannot be made durable.
        """
        pending = self.pending(state)
        if pending is not None:
            if pending.request == request.to_json():
                return pending.operation
            raise UsageError(
                f"an update of this DID is on its way to the ledger: {pending.hash}",
                hint="append it and import a bundle that has it, or give it up with --discard",
            )
        organisation = _of_ledger(state, did)
        operation = self._signed(
            self._draft(organisation, request, tokens, network=state.require_network().id)
        )
        write_pending(self._home, PendingUpdate(operation=operation, request=request.to_json()))
        return operation

    def pending(self, state: State | None = None) -> PendingUpdate | None:
        """Return the update on its way, if there is one; with a state, forget one that is so no more.

        An update is no more on its way when the ledger has it, or has another one in its place:
        of several hands one was quicker.
        """
        pending = read_pending(self._home)
        if pending is None or state is None:
            return pending
        did = str(pending.operation.get("did"))
        organisation = state.organisations.get(did)
        hashes = [] if organisation is None else [version.hash for version in organisation.versions]
        # Known here and not the last: something stands on it already. Unknown: the ledger held is older.
        if pending.hash in hashes or pending.previous in hashes[:-1]:
            drop_pending(self._home)
            return None
        return pending

    def discard(self) -> None:
        """Give up the update on its way. Its keys stay, for whoever has it may still append it."""
        drop_pending(self._home)

    def sign(self, operation: JsonObject) -> JsonObject:
        """Add the signatures of this home's control keys to an operation that reveals them.

        Again adds nothing.

        Raises:
            UsageError: Not an operation of a DID, or one that none of this home's control keys is in.
        """
        if operation.get("kind") not in (Kind.DID_CREATE, Kind.DID_UPDATE):
            raise UsageError("only a did.create or a did.update is signed by control keys")
        revealed = get_texts(get_object(operation, "control"), "keys")
        if not any(key.to_multikey() in revealed for key in self._held(CONTROL).values()):
            raise UsageError("none of this home's control keys is in that operation")
        return self._signed(operation)

    def statement_signer(self, did: str, state: State | None) -> Signer:
        """Return the statement key of this home that the ledger has in force for a DID.

        Args:
            did: Of this home.
            state: The ledger; None where a network is being founded and there is none yet.

        Raises:
            UsageError: None of this home's is in force, or which one is cannot be known.
        """
        signers = self._keyring.signers(KeyRole.STATEMENT)
        if state is None or did not in state.organisations:
            if len(signers) == 1:
                return next(iter(signers.values()))
            raise UsageError(
                "which statement key of this home is in force is not known here",
                hint="name the ledger with --ledger DIR, or import a bundle",
            )
        # The log's clock may be a little ahead of this one.
        at = max(int(self._clock().timestamp()), state.logged_at)
        by_key = {signer.public_key: signer for signer in signers.values()}
        method = signing_method(state.organisations[did].methods, by_key, purpose=Purpose.STATEMENT, at=at)
        if method is None:
            raise UsageError(
                "no statement key of this home is in force on the ledger that is known here",
                hint='import a newer bundle with "vcred trust import", or restore the keys from a backup',
            )
        return by_key[method.key]

    def spare_keys(self, *, new: bool = False) -> tuple[ControlKey, ...]:
        """Return the control keys that this home keeps for the DIDs of others, oldest first.

        Args:
            new: Make another one; the first is made in any case.
        """
        held = self._held(SPARE)
        listed = sorted((number, name) for name in held if (number := SPARE.number(name)) is not None)
        if new or not listed:
            self._make(SPARE)
            return self.spare_keys()
        return tuple(ControlKey(name=name, key=held[name]) for _, name in listed)

    def _draft(
        self,
        organisation: Organisation,
        request: UpdateRequest,
        tokens: Mapping[KeyRole, Pkcs11Uri],
        *,
        network: str,
    ) -> JsonObject:
        check_request(organisation, request)
        revealed = plan_reveal(organisation, self._held(CONTROL), request.control_keys)
        next_keys: NextKeys | None = None
        profile: Profile | None = None
        if not request.deactivate:
            next_keys = plan_commitment(request, self._fresh(CONTROL, organisation, tokens))
            new_keys = {
                purpose: self._fresh(METHOD_KEYS[purpose], organisation, tokens) for purpose in request.rotate
            }
            profile = plan_profile(organisation, request, new_keys)
        draft = draft_update(
            network=network,
            did=organisation.did,
            prev=organisation.latest.hash,
            revealed=revealed,
            next_keys=next_keys,
            profile=profile,
        )
        try:
            parse_update(draft)
        except (DecodeError, KeyMaterialError) as error:
            # What the ledger would refuse is not signed.
            raise UsageError(f"no operation can say that: {error}") from error
        return draft

    def _signed(self, operation: JsonObject) -> JsonObject:
        """Add what is missing of the signatures of this home's keys."""
        revealed = get_texts(get_object(operation, "control"), "keys")
        there = _methods_of_proofs(operation)
        for signer in self._keyring.signers(CONTROL.role).values():
            method = did_key_url(signer.public_key)
            if signer.public_key.to_multikey() in revealed and method not in there:
                operation = add_proof(
                    operation,
                    signer,
                    created=self._clock(),
                    purpose=PROOF_PURPOSE,
                    verification_method=method,
                )
        return operation

    def _fresh(
        self, series: Series, organisation: Organisation, tokens: Mapping[KeyRole, Pkcs11Uri]
    ) -> PublicKey:
        """A key that the ledger has never seen: left by an attempt that ended early, or made now."""
        held = self._held(series)
        place = tokens.get(series.role)
        if place is not None:
            held = {name: key for name, key in held.items() if self._is_at(name, place)}
        name = fresh_key(series, held, organisation)
        return self._make(series, place).public_key if name is None else held[name]

    def _is_at(self, name: str, place: Pkcs11Uri) -> bool:
        there = self._keyring.where(name)
        return there is not None and place == (there if place.names_key else there.of_token())

    def _make(self, series: Series, place: Pkcs11Uri | None = None) -> Signer:
        names = self._keyring.names()
        if place is None and (last := series.last_name(names)) is not None:
            # A key in a token is never followed by one in a file without anybody having said so.
            former = self._keyring.where(last)
            place = None if former is None else former.of_token()
        name = series.next_name(names)
        if place is not None:
            return self._keyring.create_in_token(name, series.algorithm, role=series.role, uri=place)
        return self._keyring.create(name, series.algorithm, role=series.role)

    def _held(self, series: Series) -> dict[str, PublicKey]:
        signers = self._keyring.signers(series.role)
        return {name: signer.public_key for name, signer in signers.items()}


def _of_ledger(state: State, did: str) -> Organisation:
    organisation = state.organisations.get(did)
    if organisation is None:
        raise UsageError(
            "that DID is not on the ledger that is known here",
            hint='append its did.create first, or import a newer bundle with "vcred trust import"',
        )
    return organisation


def _methods_of_proofs(operation: JsonObject) -> Sequence[object]:
    proofs = operation.get("proof")
    listed = proofs if isinstance(proofs, list) else []
    return [proof.get("verificationMethod") for proof in listed if isinstance(proof, dict)]
