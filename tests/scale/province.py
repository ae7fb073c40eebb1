# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer's store as after months of issuing, filled through its own API.

Signing all of it would take minutes and prove nothing more: most rows carry no text. A sample is
signed, and can be presented.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from tests.world import World
from vcred.did.operations import Purpose
from vcred.home import Role, Settings, create_home
from vcred.issuer.engines.statuses.publication import StatusKey
from vcred.issuer.engines.store.store import IssuerStore, open_issuer_store
from vcred.issuer.journal import CredentialIds, Place, SignedCopy, SignedRow
from vcred.issuer.possession import Possession

CHUNK = 4_096


@dataclass
class WorldClock:
    """Shows the world's time; whoever waits by it lets the world's time pass."""

    world: World

    def __call__(self) -> datetime:
        return self.world.now

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.world.now += timedelta(seconds=seconds)


@dataclass
class Province:
    """What was issued, in order: the list and index of each credential, without a million objects.

    `signed` has the text of each credential of the sample, by its number in that order.
    """

    world: World
    store: IssuerStore
    numbers: "array[int]" = field(default_factory=lambda: array("I"))
    indices: "array[int]" = field(default_factory=lambda: array("I"))
    deals: "array[int]" = field(default_factory=lambda: array("I"))
    signed: dict[int, str] = field(default_factory=dict)

    def issue(self, count: int, *, sample: frozenset[int]) -> None:
        """Issue so many, a chunk at a time, and deliver each chunk."""
        while len(self.numbers) < count:
            self._issue_chunk(min(CHUNK, count - len(self.numbers)), sample)

    def credential_ids(self, chosen: Iterable[int]) -> list[str]:
        """The ids of credentials, as their receipts say."""
        ids = CredentialIds(self.store.secret)
        return ids.encode((self.numbers[number], self.deals[number]) for number in chosen)

    @property
    def status_key(self) -> StatusKey:
        """The key that signs the lists."""
        issuer = self.world.issuer
        return StatusKey(
            key_id=issuer.key_id(Purpose.STATUS),
            in_force_since=self.world.state.organisations[issuer.did].created_at,
            signer=issuer.signer(Purpose.STATUS),
        )

    def _issue_chunk(self, count: int, sample: frozenset[int]) -> None:
        world, first = self.world, len(self.numbers)
        at = int(world.now.timestamp())
        places = self.store.deal(world.vct, world.issuer.status_base, count, at=at)
        rows = [self._row(first + offset, place, sample) for offset, place in enumerate(places)]
        made = self.store.record(
            world.vct, rows, destination="/province", offset=None, seal=lambda _: b"sealed", at=at
        )
        assert made.chunk is not None
        self.store.delivered(made.chunk, sinks={})

    def _row(self, number: int, place: Place, sample: frozenset[int]) -> SignedRow:
        self.numbers.append(place.number)
        self.indices.append(place.index)
        self.deals.append(place.deal)
        text = ""
        if number in sample:
            text = self.signed[number] = self.world.issue(status=place.status)
        copy = SignedCopy(copy=0, place=place, holder=b"", possession=Possession.NONE, text=text)
        row_id = f"GD{number:07}"
        digest = sha256(row_id.encode()).digest()
        issued_at = int(self.world.now.timestamp())
        return SignedRow(row_id=row_id, content=digest, copies=(copy,), issued_at=issued_at)


def open_province(world: World, folder: Path) -> Province:
    """A new issuer's home, and its store."""
    home = create_home(folder, Role.ISSUER, Settings())
    return Province(world, open_issuer_store(home))
