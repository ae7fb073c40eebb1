# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer on a stage of its own: keys in memory, a belief made by hand, a store in a folder."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vcred.credential.type_definition import shipped_type, shipped_type_names
from vcred.did.operations import NextKeys, Purpose
from vcred.home import Home, Role, Settings
from vcred.issuer.engines.runs.issuer_keys import IssuerKeys
from vcred.issuer.engines.store.store import IssuerStore, open_issuer_store
from vcred.issuer.issuer import Issuer
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey
from vcred.keys.software import SoftwareSigner
from vcred.ledger.state import Accreditation, DidVersion, MethodRecord, Organisation, PublishedType, State
from vcred.trust.belief import Belief

DATA = Path(__file__).resolve().parents[3] / "examples" / "rosters"
START = datetime(2026, 11, 20, 1, 23, 45, tzinfo=UTC)
DID = "did:vcred:issuer"
OUTBOX = b"outbox" + bytes(26)
JOURNAL = b"journal" + bytes(25)
STATUS_BASE = "https://status.example/lists/"


def vct(name: str) -> str:
    """The `vct` of a shipped type on this stage."""
    return f"did:vcred:publisher/types/{name}/1"


def did_key() -> str:
    """A new holder's DID."""
    return SoftwareSigner.generate(ES256).public_key.did_key()


@dataclass
class Stage:
    """One issuer; `now` may be moved. Each `open` is a new start of the program."""

    folder: Path
    now: datetime = START
    accredited_from: datetime = START - timedelta(days=30)
    issuing: SoftwareSigner = field(default_factory=lambda: SoftwareSigner.generate(ES256))
    status: SoftwareSigner = field(default_factory=lambda: SoftwareSigner.generate(ES256))
    coming: frozenset[PublicKey] = frozenset()

    def open(self) -> Issuer:
        """Open the issuer on what the folder holds."""
        return Issuer(
            home=self.home,
            belief=self.belief(),
            store=self.store(),
            keys=IssuerKeys(
                issuing={self.issuing.public_key: self.issuing},
                status={self.status.public_key: self.status},
                own=frozenset((self.issuing.public_key, self.status.public_key)),
                outbox=OUTBOX,
                journal=JOURNAL,
                place=None,
            ),
            coming=self.coming,
            did=None,
            clock=lambda: self.now,
        )

    def store(self) -> IssuerStore:
        """Open the store alone."""
        return open_issuer_store(self.home)

    @property
    def home(self) -> Home:
        """The home, of which there is nothing but the store."""
        return Home(path=self.folder, role=Role.ISSUER, settings=Settings())

    def belief(self) -> Belief:
        """The ledger as this issuer sees it."""
        definitions = {name: shipped_type(name) for name in shipped_type_names()}
        state = State(
            organisations={DID: self._organisation()},
            types={
                vct(name): PublishedType(
                    type=vct(name),
                    publisher="did:vcred:publisher",
                    index=1,
                    digest=d.digest,
                    size=len(d.encoded),
                )
                for name, d in definitions.items()
            },
            accreditations={name: self._accreditation(name) for name in definitions},
        )
        return Belief(
            state=state,
            root=bytes(32),
            trust_as_of=int(self.now.timestamp()),
            time_floor=0,
            statuses={},
            type_contents={d.digest: d.encoded for d in definitions.values()},
        )

    def _organisation(self) -> Organisation:
        added_at = int((START - timedelta(days=60)).timestamp())
        methods = tuple(
            MethodRecord(
                id=f"{DID}#{signer.public_key.thumbprint()}",
                key=signer.public_key,
                purpose=purpose,
                added_at=added_at,
            )
            for signer, purpose in ((self.issuing, Purpose.ASSERTION), (self.status, Purpose.STATUS))
        )
        version = DidVersion(
            hash="issuer",
            index=0,
            logged_at=added_at,
            name={},
            statement_threshold=1,
            status_bases=(STATUS_BASE,),
            sites=(),
        )
        return Organisation(
            did=DID,
            index=0,
            jurisdiction="CN-44",
            next_keys=NextKeys(threshold=1, hashes=()),
            methods=methods,
            status_bases=(STATUS_BASE,),
            versions=(version,),
            control_keys=frozenset(),
            commitments=frozenset(),
        )

    def _accreditation(self, name: str) -> Accreditation:
        return Accreditation(
            entry=name,
            author="did:vcred:authority",
            jurisdiction="CN-44",
            issuer=DID,
            type=vct(name),
            from_time=int(self.accredited_from.timestamp()),
            until=int((START + timedelta(days=3650)).timestamp()),
            logged_at=0,
        )
