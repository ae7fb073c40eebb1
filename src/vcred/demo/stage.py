# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The stage: the parties' homes, the ledger between them, and bundles that travel as files.

Every act opens the door of one home, does its work and closes it again. No home is handed
anything but a file or a public value of another.
"""

from contextlib import ExitStack
from pathlib import Path

from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import TypeDefinition, shipped_type
from vcred.demo.cast import AUTHORITIES, LEDGER
from vcred.demo.clock import StoryClock
from vcred.desk.founder import Founder
from vcred.desk.party import Party
from vcred.did.methods.vcred import hash_text
from vcred.files import write_atomic
from vcred.home import Role, adopt_network, read_home
from vcred.issuer import Issuer
from vcred.ledger.drafts import draft_genesis
from vcred.ledger.entries import Kind
from vcred.ledger.ledger import Ledger
from vcred.ledger.network_file import NetworkFile, encode_network_file
from vcred.ledger.outcomes import Appended
from vcred.trust.build import build_bundle, make_network_file
from vcred.trust.store import TrustStore

ORIGIN = "ledger.vcred.example/guangdong-macao"
YEAR = 365 * 86_400


class Stage:
    """The homes under one folder, and what is public between them."""

    def __init__(self, out: Path, clock: StoryClock) -> None:
        self.out = out
        self.clock = clock
        self.homes: dict[str, Path] = {}
        self.dids: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self._definitions: list[TypeDefinition] = []
        self._tokens: dict[str, str] = {}
        self._network: NetworkFile | None = None
        self._bundles = 0

    @property
    def network_file(self) -> Path:
        """Where the network file lies that all parties get out of band."""
        return self.out / "network.json"

    def home(self, name: str) -> Path:
        """The folder of a party's home."""
        self.homes[name] = self.out / name
        return self.homes[name]

    # Founding.

    def found(self, names: dict[str, tuple[str, JsonObject, JsonObject]]) -> None:
        """Make authorities and ledger, and found the network under both signatures.

        Args:
            names: By home: jurisdiction code, its name and the authority's name, by language.
        """
        log = Ledger.create(self.home(LEDGER))
        founders = []
        for home, (code, jurisdiction_name, name) in names.items():
            Party.create(self.home(home), Role.AUTHORITY)
            with self.party(home) as party:
                founders.append(
                    party.found(jurisdiction=code, jurisdiction_name=jurisdiction_name, name=name)
                )
                self.dids[home] = party.did
        with Ledger.open(log, clock=self.clock) as ledger:
            genesis = _genesis(founders, ledger)
            for home in names:
                with self.party(home) as party:
                    genesis = party.endorse(genesis)
            ledger.append(genesis)
            published = self._published(ledger)
            network_id = ledger.state.require_network().id
        self._network = make_network_file(
            network_id=network_id, checkpoint=published, date=int(self.clock().timestamp())
        )
        write_atomic(self.network_file, encode_network_file(self._network))
        for home in names:
            adopt_network(read_home(self.homes[home]), self.network_bytes)

    @property
    def network_bytes(self) -> bytes:
        """The content of the network file."""
        return encode_network_file(self.network)

    @property
    def network(self) -> NetworkFile:
        """The network, once it is founded."""
        if self._network is None:
            raise RuntimeError("the network is not founded yet")
        return self._network

    # The ledger.

    def party(self, home: str) -> Party:
        """The door of an authority or issuer."""
        return Party.open(self.homes[home], clock=self.clock)

    def admit_issuer(self, home: str, *, sponsor: str, name: JsonObject, status_base: str) -> None:
        """Make an issuer's DID: signed by its own control key and by the authority that sponsors it."""
        Party.create(self.home(home), Role.ISSUER, network_file=self.network_bytes)
        with self.party(home) as party:
            create = party.create_did(
                name=name,
                status_base=status_base,
                network=self.network.network_id,
                sponsor=self.dids[sponsor],
            )
            self.dids[home] = party.did
        with self.party(sponsor) as authority, self._ledger() as ledger:
            ledger.append(authority.endorse(create))

    def publish_type(self, home: str, name: str) -> None:
        """Publish a shipped type under an authority's DID."""
        definition = shipped_type(name)
        self.types[name] = f"{self.dids[home]}/types/{definition.name}/{definition.version}"
        self._definitions.append(definition)
        self.say(
            home,
            Kind.TYPE_PUBLISH,
            {
                "type": self.types[name],
                "digest": hash_text(definition.digest),
                "size": len(definition.encoded),
            },
        )

    def accredit(self, authority: str, issuer: str, type_name: str) -> None:
        """Let an issuer issue a type for the authority's jurisdiction, for a year."""
        now = int(self.clock().timestamp())
        members: JsonObject = {
            "issuer": self.dids[issuer],
            "type": self.types[type_name],
            "from": now,
            "until": now + YEAR,
        }
        self.say(authority, Kind.ISSUER_ACCREDIT, members)

    def recognise(self, authority: str, type_name: str, jurisdiction: str) -> str:
        """Accept a type of another jurisdiction at the authority's gates; returns the entry's hash."""
        members: JsonObject = {
            "type": self.types[type_name],
            "jurisdiction": jurisdiction,
            "conditions": {},
        }
        self.say(authority, Kind.RECOGNISE, members)
        with self._ledger() as ledger:
            return ledger.state.organisations[self.dids[authority]].last_statement or ""

    def say(self, home: str, kind: Kind, members: JsonObject) -> Appended:
        """Sign a statement in its author's home and append it."""
        with self._ledger() as ledger, self.party(home) as party:
            return ledger.append(party.state_that(kind, members, state=ledger.state))

    # Status lists and bundles.

    def publish_status(self, issuer: str) -> None:
        """Sign an issuer's status lists; the next bundle takes them along."""
        with Issuer.open(self.homes[issuer], clock=self.clock) as door:
            for published in door.publish_status():
                self._tokens[published.uri] = published.token

    def make_bundle(self) -> Path:
        """Publish the ledger's head under both witnesses and write a bundle file."""
        with self._ledger() as ledger:
            checkpoint = self._published(ledger)
            leaves = ledger.leaves(0, ledger.state.size)
        data = build_bundle(
            checkpoint=checkpoint,
            leaves=leaves,
            status_tokens=[token for _, token in sorted(self._tokens.items())],
            types=self._definitions,
            network_file=self.network,
            now=int(self.clock().timestamp()),
        )
        self._bundles += 1
        folder = self.out / "bundles"
        folder.mkdir(exist_ok=True)
        path = folder / f"{self._bundles:02}.bundle"
        write_atomic(path, data)
        return path

    def carry(self, bundle: Path, *homes: str) -> None:
        """Carry a bundle file to homes, and import it there."""
        for home in homes:
            with TrustStore.open(read_home(self.homes[home]), clock=self.clock) as store:
                store.import_bundle(bundle.read_bytes())

    def _ledger(self) -> Ledger:
        return Ledger.open(self.homes[LEDGER], clock=self.clock)

    def _published(self, ledger: Ledger) -> bytes:
        with ExitStack() as stack:
            witnesses = []
            for home in AUTHORITIES:
                witness = stack.enter_context(self.party(home)).witness(ledger.leaves)
                stack.callback(witness.close)
                witnesses.append(witness)
            return ledger.publish(witnesses).note


def _genesis(founders: list[Founder], ledger: Ledger) -> JsonObject:
    return draft_genesis(
        jurisdictions={founder.jurisdiction: founder.jurisdiction_name for founder in founders},
        founders=[{"jurisdiction": founder.jurisdiction, "create": founder.create} for founder in founders],
        witnesses=[founder.witness for founder in founders],
        origin=ORIGIN,
        log_key=ledger.log_key,
    )
