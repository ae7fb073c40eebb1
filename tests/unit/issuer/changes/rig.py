# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer's store with credentials in it, a desk, and people who approve."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vcred.codec.json_types import JsonObject
from vcred.issuer.approval import sign_approval
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.change_request import ChangeRequest, Limit
from vcred.issuer.engines.statuses.status_desk import StatusDesk
from vcred.issuer.engines.store.changes import Waiting
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import JournalEntry, SignedCopy, SignedRow, StatusValue
from vcred.issuer.possession import Possession
from vcred.issuer.selection import ByIds
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner

NOW = 1_795_147_200
VCT = "https://types.example/health-code"
BASE = "https://status.example/gd/"
ISSUER = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"
HOUR, DAY = 3600, 86_400


@dataclass
class Person:
    """Somebody with a key of their own."""

    signer: SoftwareSigner = field(default_factory=lambda: SoftwareSigner.generate(ES256))

    @property
    def did(self) -> str:
        return self.signer.public_key.did_key()

    def approve(self, request: ChangeRequest, *, at: int = NOW) -> str:
        return sign_approval(request, signer=self.signer, at=at)


CAROL, DAVID, MALLORY = Person(), Person(), Person()
# A key of the issuer's own home.
OWN = Person()


@dataclass
class Rig:
    """A desk over an open store, and the time there."""

    store: IssuerStore
    now: int = NOW

    @property
    def desk(self) -> StatusDesk:
        return StatusDesk(
            self.store, issuer=ISSUER, own_keys={OWN.signer.public_key}, clock=self._clock, keep=lambda: None
        )

    def issue(self, *row_ids: str, vct: str = VCT, replaces: bool = False) -> list[JournalEntry]:
        """Issue a credential for each row, delivered at once; one that `replaces` goes to a new key."""
        places = self.store.deal(vct, BASE, len(row_ids), at=self.now)
        rows = [
            SignedRow(
                row_id=row_id,
                content=bytes(32),
                copies=(
                    SignedCopy(
                        copy=0,
                        place=place,
                        holder=secrets.token_bytes(32),
                        possession=Possession.DID,
                        text="text",
                    ),
                ),
                issued_at=self.now,
                replaces=replaces,
            )
            for row_id, place in zip(row_ids, places, strict=True)
        ]
        recorded = self.store.record(
            vct, rows, destination="/out", offset=None, seal=lambda items: b"sealed", at=self.now
        )
        if recorded.chunk is not None:
            self.store.delivered(recorded.chunk, sinks={})
        return [outcome[0] for outcome in recorded.outcomes if isinstance(outcome, tuple)]

    def revoke(self, *ids: str) -> object:
        return self.desk.change(ByIds(ids), StatusValue.REVOKED)

    def value(self, row_id: str) -> list[StatusValue]:
        """The statuses of a row, in the order of issue."""
        return [entry.value for entry in self.store.entries(row_id=row_id)]

    def limit(self, number: int, *, of: Limit = Limit.CHANGES) -> None:
        """Set a limit as an old approval would have."""
        with self.store.db.transaction():
            set_limit(self.store, number, of=of, at=self.now)

    def _clock(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)


def set_limit(store: IssuerStore, number: int, *, of: Limit = Limit.CHANGES, at: int = NOW) -> None:
    """Set a limit, in the table and in the log, inside a transaction."""
    store.changes.approvals.set_limit(of, number)
    members: JsonObject = {"limit": of.value, "number": number}
    store.changes.audit.append([AuditEvent(kind=AuditKind.LIMIT_CHANGED, members=members)], at=at)


def waiting(outcome: object) -> ChangeRequest:
    """The request that an outcome waits as."""
    assert isinstance(outcome, Waiting)
    return outcome.request


OpenStore = Callable[[], IssuerStore]
