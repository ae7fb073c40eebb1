# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door to a party's own side of the ledger: its DID, and what it signs.

An authority, an issuer or a verifier signs in its own home, with its own keys; the operation then
travels to the ledger as a file or a value. Nothing here appends.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from vcred.clock import Clock, system_clock
from vcred.codec.fields import get_object, get_text, get_texts, optional_text
from vcred.codec.json_types import JsonObject
from vcred.desk.did_desk import DidDesk
from vcred.desk.did_plan import UpdateRequest
from vcred.desk.engines.key_maker import HeldKey, KeyMaker, held_keys
from vcred.desk.engines.late_keys import has_keys
from vcred.desk.engines.party_file import PartyFile
from vcred.desk.engines.witness_desk import WitnessDesk, witness_json, witness_name
from vcred.desk.founder import Founder
from vcred.desk.own_keys import METHOD_KEYS, NO_TOKENS
from vcred.did.methods.vcred import did_of, hash_text, operation_hash
from vcred.did.operations import Method, NextKeys, Purpose
from vcred.errors import StoreError, UsageError
from vcred.home import Home, Role, Settings, create_home, open_home
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.custody import KeyRole
from vcred.keys.home_keys import create_home_keyring, open_home_keyring
from vcred.keys.keyring import Keyring, Unlock
from vcred.keys.pkcs11_uri import Pkcs11Uri
from vcred.keys.signer import Signer
from vcred.ledger.drafts import draft_create, draft_statement, next_json
from vcred.ledger.entries import Kind
from vcred.ledger.proofs import PROOF_PURPOSE
from vcred.ledger.state import State
from vcred.securing.data_integrity.jcs_suites import add_proof, did_key_url
from vcred.witness.monitor import LeafSource
from vcred.witness.witness import LocalWitness

CONTROL, NEXT_CONTROL, WITNESS = "control-1", "control-2", "witness"

# A DID that no other home has a part in.
ALONE = NextKeys(threshold=1, hashes=())
# For what an organisation of a role has keys on the ledger.
_PURPOSES: dict[Role, tuple[Purpose, ...]] = {
    Role.AUTHORITY: (Purpose.STATEMENT,),
    Role.ISSUER: (Purpose.ASSERTION, Purpose.STATUS, Purpose.STATEMENT),
    Role.VERIFIER: (Purpose.AUTHENTICATION,),
}


class Party:
    """An authority, an issuer or a verifier at its own desk. Use it as a context manager."""

    def __init__(self, home: Home, keyring: Keyring, clock: Clock) -> None:
        self._home = home
        self._keyring = keyring
        self._clock = clock
        self._file = PartyFile(home.path)

    @staticmethod
    def create(
        path: Path | str,
        role: Role,
        *,
        network_file: bytes | None = None,
        settings: Settings | None = None,
        unlock: Unlock | None = None,
    ) -> Home:
        """Make the home of an authority or issuer, with an empty keyring.

        Raises:
            StoreError: The folder is a home already, or cannot be made.
            UsageError: The home of that role is not made here.
        """
        # A verifier's home is made by its own door, without keys: most gates never ask.
        if role not in (Role.AUTHORITY, Role.ISSUER):
            raise UsageError(f"the home of a {role} is not made here")
        home = create_home(Path(path), role, settings or Settings(), network_file=network_file)
        create_home_keyring(home, unlock).close()
        return home

    @classmethod
    def open(
        cls, home: Home | Path | str, *, unlock: Unlock | None = None, clock: Clock = system_clock
    ) -> Self:
        """Open the home of an authority, an issuer, or a verifier that has keys.

        Raises:
            StoreError: The home or its keys cannot be read.
            UsageError: The home is of another role, or a verifier's without keys.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), *_PURPOSES)
        if not has_keys(opened):
            raise UsageError("this home has no DID yet", hint='make one with "vcred did create"')
        return cls(opened, open_home_keyring(opened, unlock), clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keyring.close()

    @property
    def did(self) -> str:
        """The party's DID.

        Raises:
            UsageError: It has none yet.
        """
        did = self._file.did
        if did is None:
            raise UsageError("this home has no DID yet", hint='make one with "vcred did create"')
        return did

    @property
    def jurisdiction(self) -> str | None:
        """Code of the jurisdiction that it is a founding authority of; None if it is none."""
        founder = self._file.known.get("founder")
        return get_text(founder, "jurisdiction") if isinstance(founder, dict) else None

    def found(self, *, jurisdiction: str, jurisdiction_name: JsonObject, name: JsonObject) -> Founder:
        """Make the DID of a founding authority and its witness key. Again gives the same.

        Args:
            jurisdiction: Code, such as "MO".
            jurisdiction_name: By language.
            name: Of the authority, by language.
        """
        if "founder" in self._file.known:
            return Founder.from_json(get_object(self._file.known, "founder"))
        create = self._create(name=name, status_bases=(), network=None, sponsor=None)
        witness = KeyMaker(self._keyring).key(WITNESS, EDDSA, KeyRole.WITNESS).public_key
        founder = Founder(
            jurisdiction=jurisdiction,
            jurisdiction_name=jurisdiction_name,
            create=create,
            witness=witness_json(witness_name(did_of(create)), witness, jurisdiction=jurisdiction),
        )
        self._made({"did": did_of(create), "founder": founder.to_json()})
        return founder

    def create_did(
        self,
        *,
        name: JsonObject,
        status_base: str | None,
        network: str,
        sponsor: str,
        beside: NextKeys = ALONE,
        tokens: Mapping[KeyRole, Pkcs11Uri] = NO_TOKENS,
    ) -> JsonObject:
        """Make a DID: the operation, signed by its control key and waiting for the sponsor's.

        The same again gives the same operation, so that nothing is lost if it was interrupted.
        `beside` are the control keys of other homes beside this one's next, and how many of all
        must sign the next operation. `tokens` says, by role, which keys are made in a token.

        Raises:
            UsageError: The home has a DID already, made otherwise; or a key of it is in another place.
            HsmError: Or one of its kin: a key cannot be made in its token.
        """
        if "create" in self._file.known:
            create = get_object(self._file.known, "create")
            if (create.get("network"), create.get("sponsor")) != (network, sponsor):
                raise UsageError("this home has a DID already, of another network or sponsor")
            return create
        bases = () if status_base is None else (status_base,)
        create = self._create(
            name=name, status_bases=bases, network=network, sponsor=sponsor, beside=beside, tokens=tokens
        )
        self._made({"did": did_of(create), "create": create})
        return create

    @property
    def did_desk(self) -> DidDesk:
        """What changes this party's DID; it works while the party is open."""
        return DidDesk(self._home.path, self._keyring, self._clock)

    def update_did(
        self, request: UpdateRequest, *, state: State, tokens: Mapping[KeyRole, Pkcs11Uri] = NO_TOKENS
    ) -> JsonObject:
        """Make the next operation of this party's DID. As `DidDesk.update`."""
        operation = self.did_desk.update(self.did, request, state=state, tokens=tokens)
        return self.hand(operation, state=state)

    def keys(self) -> tuple[HeldKey, ...]:
        """All keys of this home, and where each is."""
        return held_keys(self._keyring)

    def discard_update(self) -> None:
        """Give up the update of this party's DID that is on its way; its witness asks for it no more."""
        pending = self.did_desk.pending()
        if self._home.role is Role.AUTHORITY and pending is not None:
            waiting = {item.hash for item in self.witness_desk.handed()}
            self.witness_desk.drop(waiting & {pending.hash})
        self.did_desk.discard()

    def endorse(self, operation: JsonObject, *, state: State | None = None) -> JsonObject:
        """Sign an operation as an authority: genesis as a founder, a `did.create` as its sponsor.

        `state` is the ledger, which says which key is in force; None before there is one.
        """
        endorsed = self._signed(operation, self.did_desk.statement_signer(self.did, state))
        if operation.get("kind") == Kind.GENESIS:
            # Until there is a network file, its witness knows by this which network is meant.
            self._file.keep({"did": self.did, "genesis": hash_text(operation_hash(operation))})
        if operation.get("kind") == Kind.NETWORK_CHANGE and state is not None:
            self.hand(endorsed, state=state)
        return endorsed

    def state_that(self, kind: Kind, members: JsonObject, *, state: State) -> JsonObject:
        """Sign a statement on top of the party's last one.

        Args:
            kind: Which statement.
            members: What it says.
            state: The ledger as it is now, for the network and the last statement.

        Raises:
            UsageError: The party is not on that ledger.
        """
        organisation = state.organisations.get(self.did)
        if organisation is None:
            raise UsageError("this home's DID is not on that ledger")
        draft = draft_statement(
            kind,
            network=state.require_network().id,
            author=self.did,
            previous=organisation.last_statement,
            members=members,
        )
        signed = self._signed(draft, self.did_desk.statement_signer(self.did, state))
        return self.hand(signed, state=state)

    @property
    def witness_desk(self) -> WitnessDesk:
        """What an authority does for its witness; it works while the party is open."""
        return WitnessDesk(self.did, self._home, self._keyring, self._clock)

    def witness(self, source: LeafSource) -> LocalWitness:
        """The witness that this authority runs. As `WitnessDesk.open_witness`; close it."""
        return self.witness_desk.open_witness(source, founded=optional_text(self._file.known, "genesis"))

    def hand(self, operation: JsonObject, *, state: State) -> JsonObject:
        """Hand an authority's operation to its witness, before it leaves. As `WitnessDesk.hand`."""
        if self._home.role is Role.AUTHORITY:
            self.witness_desk.hand(operation, state=state)
        return operation

    def _create(
        self,
        *,
        name: JsonObject,
        status_bases: tuple[str, ...],
        network: str | None,
        sponsor: str | None,
        beside: NextKeys = ALONE,
        tokens: Mapping[KeyRole, Pkcs11Uri] = NO_TOKENS,
    ) -> JsonObject:
        maker = KeyMaker(self._keyring, tokens)
        maker.check([METHOD_KEYS[purpose].role for purpose in _PURPOSES[self._home.role]])
        control = maker.key(CONTROL, ES256, KeyRole.CONTROL)
        series = {purpose: METHOD_KEYS[purpose] for purpose in _PURPOSES[self._home.role]}
        methods = [
            Method(key=maker.key(kind.base, kind.algorithm, kind.role).public_key, purpose=purpose)
            for purpose, kind in series.items()
        ]
        draft = draft_create(
            control=control.public_key,
            next_control=maker.key(NEXT_CONTROL, ES256, KeyRole.CONTROL).public_key,
            name=name,
            methods=methods,
            status_bases=status_bases,
            network=network,
            sponsor=sponsor,
        )
        hashes = (*get_texts(get_object(draft, "next"), "hashes"), *beside.hashes)
        draft["next"] = next_json(NextKeys(threshold=beside.threshold, hashes=hashes))
        return self._signed(draft, control)

    def _signed(self, operation: JsonObject, signer: Signer) -> JsonObject:
        return add_proof(
            operation,
            signer,
            created=self._clock(),
            purpose=PROOF_PURPOSE,
            verification_method=did_key_url(signer.public_key),
        )

    def _made(self, members: JsonObject) -> None:
        if self._file.did is not None:
            raise StoreError("this home has a DID already")
        self._file.keep(members)
