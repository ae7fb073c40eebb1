# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer's histories, and the ledger that they are recorded on."""

from pathlib import Path

from tests.unit.ledger.evidence_samples import CERTIFICATE, Institute, found_institute
from vcred.did.methods.vcred import hash_text
from vcred.home import Role, Settings, create_home
from vcred.issuer.engines.evidence import FILE_NAME
from vcred.issuer.evidence_book import EvidenceBook
from vcred.ledger.entries import Kind
from vcred.ledger.evidence.leaf import CertificateEvent, EventKind


class Desk:
    """An issuer's home and its ledger; each `open` is a new start of the program."""

    def __init__(self, path: Path) -> None:
        self.home = create_home(path / "issuer", Role.ISSUER, Settings())
        self.institute: Institute = found_institute()

    @property
    def file(self) -> Path:
        return self.home.path / FILE_NAME

    def open(self) -> EvidenceBook:
        return EvidenceBook.open(self.home, clock=lambda: self.institute.world.now)

    def event(self, certificate: str = CERTIFICATE, kind: EventKind = EventKind.ISSUED) -> CertificateEvent:
        return CertificateEvent(certificate=certificate, kind=kind, at=self.institute.now)

    def add(self, *events: CertificateEvent) -> int:
        with self.open() as book:
            return book.add(events)

    def next_root(self) -> bytes | None:
        with self.open() as book:
            batch = book.next_batch(self.institute.world.state, self.institute.me.did)
        return None if batch is None else batch.root

    def record(self) -> bytes:
        """State the next root, and append it."""
        root = self.next_root()
        assert root is not None
        self.institute.world.say(self.institute.me, Kind.EVIDENCE_RECORD, root=hash_text(root))
        return root
