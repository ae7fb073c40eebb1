# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The door to a party's own side of the ledger: its DID, and what it signs.

An authority or issuer signs in its own home, with its own keys; the operation then travels
to the ledger as a file or a value. Nothing here appends.
"""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from vcred.clock import Clock, system_clock
from vcred.codec.fields import get_object, get_text, optional_text
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.did.methods.vcred import did_of
from vcred.did.operations import Method, Purpose
from vcred.errors import StoreError, UsageError
from vcred.files import read_capped, write_atomic
from vcred.home import Home, Role, Settings, create_home, open_home
from vcred.keys.algorithms import EDDSA, ES256, Algorithm
from vcred.keys.custody import KeyRole
from vcred.keys.home_keys import create_home_keyring, open_home_keyring
from vcred.keys.keyring import Keyring, Unlock
from vcred.keys.signer import Signer
from vcred.ledger.drafts import draft_create, draft_statement, log_key_json
from vcred.ledger.engines.witness import LocalWitness
from vcred.ledger.entries import Kind
from vcred.ledger.genesis import PROOF_PURPOSE
from vcred.ledger.state import State
from vcred.securing.data_integrity.jcs_suites import add_proof, did_key_url

FILE_NAME = "party.json"
WITNESS_FILE = "witness.sqlite"
MAX_PARTY_BYTES = 64 * 1024
CONTROL, NEXT_CONTROL, STATEMENT = "control-1", "control-2", "statement"
ISSUING, STATUS, WITNESS = "issuing", "status", "witness"

# Which keys an organisation of a role has on the ledger, and for what.
_METHODS: dict[Role, tuple[tuple[str, Algorithm, KeyRole, Purpose], ...]] = {
    Role.AUTHORITY: ((STATEMENT, EDDSA, KeyRole.STATEMENT, Purpose.STATEMENT),),
    Role.ISSUER: (
        (ISSUING, ES256, KeyRole.ISSUING, Purpose.ASSERTION),
        (STATUS, ES256, KeyRole.STATUS, Purpose.STATUS),
        (STATEMENT, EDDSA, KeyRole.STATEMENT, Purpose.STATEMENT),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """What an authority hands over to found a network. Public."""

    jurisdiction: str
    jurisdiction_name: JsonObject
    create: JsonObject
    witness: JsonObject

    def to_json(self) -> JsonObject:
        """As a file."""
        return {
            "jurisdiction": self.jurisdiction,
            "jurisdiction_name": self.jurisdiction_name,
            "create": self.create,
            "witness": self.witness,
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Read such a file. Raises DecodeError."""
        return cls(
            jurisdiction=get_text(value, "jurisdiction"),
            jurisdiction_name=get_object(value, "jurisdiction_name"),
            create=get_object(value, "create"),
            witness=get_object(value, "witness"),
        )


class Party:
    """An authority or issuer at its own desk. Use it as a context manager."""

    def __init__(self, home: Home, keyring: Keyring, clock: Clock) -> None:
        self._home = home
        self._keyring = keyring
        self._clock = clock
        self._file = home.path / FILE_NAME
        self._known = self._read()

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
            UsageError: The role has no DID on the ledger.
        """
        if role not in _METHODS:
            raise UsageError(f"a {role} has no DID on the ledger")
        home = create_home(Path(path), role, settings or Settings(), network_file=network_file)
        create_home_keyring(home, unlock).close()
        return home

    @classmethod
    def open(
        cls, home: Home | Path | str, *, unlock: Unlock | None = None, clock: Clock = system_clock
    ) -> Self:
        """Open the home of an authority or issuer.

        Raises:
            StoreError: The home or its keys cannot be read.
            UsageError: The home is of another role.
        """
        opened = home if isinstance(home, Home) else open_home(Path(home), Role.AUTHORITY, Role.ISSUER)
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
        did = optional_text(self._known, "did")
        if did is None:
            raise UsageError("this home has no DID yet", hint='make one with "vcred did create"')
        return did

    def found(self, *, jurisdiction: str, jurisdiction_name: JsonObject, name: JsonObject) -> Founder:
        """Make the DID of a founding authority and its witness key. Again gives the same.

        Args:
            jurisdiction: Code, such as "MO".
            jurisdiction_name: By language.
            name: Of the authority, by language.
        """
        if "founder" in self._known:
            return Founder.from_json(get_object(self._known, "founder"))
        create = self._create(name=name, status_bases=(), network=None, sponsor=None)
        witness = self._key(WITNESS, EDDSA, KeyRole.WITNESS)
        founder = Founder(
            jurisdiction=jurisdiction,
            jurisdiction_name=jurisdiction_name,
            create=create,
            witness={
                "name": witness_name(did_of(create)),
                "jurisdiction": jurisdiction,
                "key": log_key_json(witness.public_key),
            },
        )
        self._write({"did": did_of(create), "founder": founder.to_json()})
        return founder

    def create_did(
        self, *, name: JsonObject, status_base: str | None, network: str, sponsor: str
    ) -> JsonObject:
        """Make a DID: the operation, signed by its control key and waiting for the sponsor's.

        The same again gives the same operation, so that nothing is lost if it was interrupted.

        Raises:
            UsageError: The home has a DID already, made otherwise.
        """
        if "create" in self._known:
            create = get_object(self._known, "create")
            if (create.get("network"), create.get("sponsor")) != (network, sponsor):
                raise UsageError("this home has a DID already, of another network or sponsor")
            return create
        bases = () if status_base is None else (status_base,)
        create = self._create(name=name, status_bases=bases, network=network, sponsor=sponsor)
        self._write({"did": did_of(create), "create": create})
        return create

    def endorse(self, operation: JsonObject) -> JsonObject:
        """Sign an operation as an authority: genesis as a founder, a `did.create` as its sponsor."""
        return self._signed(operation, self._keyring.signer(STATEMENT))

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
        return self._signed(draft, self._keyring.signer(STATEMENT))

    def witness(self) -> LocalWitness:
        """The witness that this authority runs. Close it.

        Raises:
            StoreError: The home has no witness key, or its record cannot be opened.
        """
        return LocalWitness(
            self._home.path / WITNESS_FILE,
            name=witness_name(self.did),
            signer=self._keyring.signer(WITNESS),
            clock=self._clock,
        )

    def _create(
        self, *, name: JsonObject, status_bases: tuple[str, ...], network: str | None, sponsor: str | None
    ) -> JsonObject:
        control = self._key(CONTROL, ES256, KeyRole.CONTROL)
        methods = [
            Method(key=self._key(key_name, algorithm, role).public_key, purpose=purpose)
            for key_name, algorithm, role, purpose in _METHODS[self._home.role]
        ]
        draft = draft_create(
            control=control.public_key,
            next_control=self._key(NEXT_CONTROL, ES256, KeyRole.CONTROL).public_key,
            name=name,
            methods=methods,
            status_bases=status_bases,
            network=network,
            sponsor=sponsor,
        )
        return self._signed(draft, control)

    def _key(self, name: str, algorithm: Algorithm, role: KeyRole) -> Signer:
        """A key by name; made if an earlier attempt had not come so far."""
        if name in self._keyring.names():
            return self._keyring.signer(name)
        return self._keyring.create(name, algorithm, role=role)

    def _signed(self, operation: JsonObject, signer: Signer) -> JsonObject:
        return add_proof(
            operation,
            signer,
            created=self._clock(),
            purpose=PROOF_PURPOSE,
            verification_method=did_key_url(signer.public_key),
        )

    def _read(self) -> JsonObject:
        if not self._file.exists():
            return {}
        return decode_json_object(read_capped(self._file, max_bytes=MAX_PARTY_BYTES))

    def _write(self, members: JsonObject) -> None:
        if self._file.exists():
            raise StoreError("this home has a DID already")
        write_atomic(self._file, encode_jcs(members) + b"\n", mode=0o600)
        self._known = members


def witness_name(did: str) -> str:
    """The key name of the witness that an authority runs."""
    return f"vcred/witness/{did.rpartition(':')[2]}"
