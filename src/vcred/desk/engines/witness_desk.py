# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an authority does for its witness: its keys, its record, and what it hands over to be watched for.

An operation that the authority signs is handed to its own witness before it leaves the desk. If
it does not come to stand on the ledger, the witness stops cosigning: so nobody can keep it back
and still have fresh heads.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from vcred.clock import Clock
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text, operation_hash
from vcred.errors import StoreError, UsageError
from vcred.files import read_capped
from vcred.home import Home
from vcred.keys.algorithms import EDDSA
from vcred.keys.custody import KeyRole
from vcred.keys.home_keys import KEYS_FOLDER
from vcred.keys.keyring import Keyring
from vcred.keys.public import PublicKey
from vcred.ledger.drafts import log_key_json
from vcred.ledger.network_file import parse_network_file
from vcred.ledger.state import State
from vcred.limits import MAX_NETWORK_FILE_BYTES
from vcred.witness.engines.store import HandedOperation, WitnessStore
from vcred.witness.monitor import LeafSource, may_be_logged
from vcred.witness.witness import LocalWitness, WitnessSigner

WITNESS_FILE: Final = "witness.sqlite"
MARK_FILE: Final = "witness.mark"
_KEY: Final = "witness"


@dataclass(frozen=True, slots=True)
class WitnessDesk:
    """The witness's side of the home of the authority `did`. It works while the keyring is open."""

    did: str
    home: Home
    keyring: Keyring
    clock: Clock

    def make_key(self) -> WitnessSigner:
        """Make a witness key, with a record of its own right to sign; the same again until it has signed.

        Raises:
            StoreError: The system refuses.
        """
        signers = self.signers()
        with self._store() as store:
            used = store.retired().keys() | store.cosigners()
        if signers and signers[-1].name not in used:
            return signers[-1]
        number = len(signers) + 1
        signer = self.keyring.create(_key_name(number), EDDSA, role=KeyRole.WITNESS)
        return WitnessSigner(name=witness_name(self.did, number), signer=signer)

    def signers(self) -> tuple[WitnessSigner, ...]:
        """All witness keys of the home, oldest first."""
        kept = self.keyring.names()
        found: list[WitnessSigner] = []
        while (key_name := _key_name(len(found) + 1)) in kept:
            name = witness_name(self.did, len(found) + 1)
            found.append(WitnessSigner(name=name, signer=self.keyring.signer(key_name)))
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        """The key names of all witness keys, oldest first."""
        return tuple(signer.name for signer in self.signers())

    def open_witness(self, source: LeafSource, *, founded: str | None) -> LocalWitness:
        """Open the witness; close it.

        Args:
            source: Where the witness reads the entries.
            founded: The network that the authority has endorsed the genesis of, if it has; counts
                as long as the home has no network file.

        Raises:
            StoreError: The home has no witness key, or the record cannot be opened.
            UsageError: The home knows no network.
        """
        floor = None
        if self.home.settings.network is not None:
            content = read_capped(self.home.settings.network, max_bytes=MAX_NETWORK_FILE_BYTES)
            floor = parse_network_file(content)
        network_id = founded if floor is None else floor.network_id
        if network_id is None:
            raise UsageError(
                "the witness of this home knows no network",
                hint='endorse the genesis, or give it a network file: "vcred init authority --network"',
            )
        signers = self.signers()
        if not signers:
            raise StoreError("this home has no witness key", hint='make one with "vcred ledger witness-key"')
        store = self._store()
        try:
            return LocalWitness(
                store,
                signers=signers,
                source=source,
                network_id=network_id,
                floor=floor,
                clock=self.clock,
            )
        except BaseException:
            store.close()
            raise

    def hand(self, operation: JsonObject, *, state: State) -> None:
        """Hand over an operation, durably, if a log would have to take it: else nobody keeps it back.

        Again changes nothing: the first time counts.

        Args:
            operation: Signed by all whom it needs; with too few signatures it is not handed over.
            state: The ledger as the authority knows it.
        """
        now = int(self.clock().timestamp())
        if not may_be_logged(operation, state=state, now=now):
            return
        item = HandedOperation(
            hash=hash_text(operation_hash(operation)), handed_at=now, operation=encode_jcs(operation)
        )
        with self._store() as store:
            store.hand(item)

    def handed(self) -> tuple[HandedOperation, ...]:
        """What was handed over and is under no cosigned head yet, oldest first."""
        with self._store() as store:
            return store.handed()

    def drop(self, hashes: Collection[str]) -> None:
        """Take back what was handed over by mistake: the witness no longer watches for it.

        Raises:
            UsageError: One of them was not handed over, or is on the ledger already.
        """
        with self._store() as store, store.transaction():
            if store.drop(hashes) != len(set(hashes)):
                raise UsageError(
                    "no such operation waits to be logged", hint='list them with "vcred ledger handed"'
                )

    def _store(self) -> WitnessStore:
        mark = self.home.path / KEYS_FOLDER / MARK_FILE
        return WitnessStore(self.home.path / WITNESS_FILE, mark=mark, names=self.names())


def witness_name(did: str, number: int = 1) -> str:
    """The key name of an authority's witness; the first key has no number."""
    name = f"vcred/witness/{did.rpartition(':')[2]}"
    return name if number == 1 else f"{name}/{number}"


def witness_json(name: str, key: PublicKey, *, jurisdiction: str) -> JsonObject:
    """A witness as genesis and network.change list it."""
    return {"name": name, "jurisdiction": jurisdiction, "key": log_key_json(key)}


def _key_name(number: int) -> str:
    return _KEY if number == 1 else f"{_KEY}-{number}"
