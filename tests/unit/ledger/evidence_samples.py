# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An institute on the test ledger that records batches of certificate events."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from tests.unit.ledger.samples import fresh_world
from tests.world import Organisation, World
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind
from vcred.ledger.evidence.batch import EvidenceBatch, make_batch, path_of
from vcred.ledger.evidence.leaf import CertificateEvent, EventKind, EvidenceLeaf, credential_hash
from vcred.ledger.evidence.proof import EvidenceProof

JWT = "e30.e30.AAAA"
CERTIFICATE = "FT-2026-17"


def leaf_of(
    certificate: str = CERTIFICATE,
    kind: EventKind = EventKind.ISSUED,
    *,
    at: int,
    note: str | None = None,
    credential: str | None = None,
) -> EvidenceLeaf:
    """A leaf with a salt of its own."""
    event = CertificateEvent(certificate=certificate, kind=kind, at=at, note=note, credential=credential)
    return EvidenceLeaf(event=event, salt=secrets.token_bytes(32))


@dataclass(kw_only=True)
class Institute:
    """An accredited organisation that may state, and the world it is in."""

    world: World
    me: Organisation

    @property
    def now(self) -> int:
        return int(self.world.now.timestamp())

    def record(self, leaves: Sequence[EvidenceLeaf]) -> tuple[EvidenceProof, ...]:
        """Record a batch on the ledger; the proofs in the order of the leaves."""
        batch = make_batch([leaf.encode() for leaf in leaves])
        entry = self.world.say(self.me, Kind.EVIDENCE_RECORD, root=hash_text(batch.root))
        return tuple(
            proof_of(leaf, batch, place, entry=entry, author=self.me.did)
            for leaf, place in zip(leaves, batch.places, strict=True)
        )

    def issued(self) -> EvidenceLeaf:
        """The event that most tests are about."""
        return leaf_of(at=self.now, credential=credential_hash(JWT), note="with distinction")


def proof_of(
    leaf: EvidenceLeaf, batch: EvidenceBatch, place: int, *, entry: str, author: str
) -> EvidenceProof:
    """The proof of a leaf at a place."""
    return EvidenceProof(
        leaf=leaf,
        index=place,
        size=batch.size,
        path=path_of(batch.hashes, index=place, size=batch.size),
        entry=entry,
        author=author,
    )


def found_institute(name: str = "Institute", *, world: World | None = None) -> Institute:
    """Put an institute on the ledger, accredited."""
    world = world or fresh_world()
    me = world.join(name, {Purpose.STATEMENT: EDDSA}, sponsor=world.gd)
    world.accredit(world.gd, me, world.vct)
    return Institute(world=world, me=me)
