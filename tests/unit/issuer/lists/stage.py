# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""An issuer's home as far as status lists go: its store, a status key, a ledger that knows the issuer.

No claims, no signatures of credentials: an entry is put into the journal as a run would put it there.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from immutables import Map

from tests.unit.ledger.homes import TestClock
from tests.world import World, make_world
from vcred.did.operations import Purpose
from vcred.home import Home, Role, Settings
from vcred.issuer.engines.statuses.list_desk import ListDesk
from vcred.issuer.engines.statuses.safeguard import Safeguard
from vcred.issuer.engines.statuses.status_desk import StatusDesk
from vcred.issuer.engines.store.store import STORE_FILE, IssuerStore, open_issuer_store
from vcred.issuer.journal import JournalEntry, Place, SignedCopy, SignedRow, StatusValue
from vcred.issuer.possession import Possession
from vcred.issuer.status_lists import PublishedStatusList
from vcred.keys.signer import Signer
from vcred.ledger.state import EvidenceRecord
from vcred.status.bits import StatusList, inflate_list
from vcred.status.token_status_list import parse_status_token
from vcred.trust.belief import Belief
from vcred.trust.held import HeldStatus

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
VCT = "did:vcred:publisher/types/health-code/1"


class MovingClock(TestClock):
    """A clock that waits by moving; `waited` says for how long, each time."""

    def __init__(self) -> None:
        super().__init__(NOON)
        self.waited: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass
class ListStage:
    """One issuer's home in a folder.

    `held`: the lists that its trust bundle has. `shared`: address of a store of several machines.
    `time_floor`: of its trust bundle; 0 as of a home that has none.
    """

    folder: Path
    world: World = field(default_factory=make_world)
    clock: MovingClock = field(default_factory=MovingClock)
    held: list[PublishedStatusList] = field(default_factory=list)
    evidence: list[EvidenceRecord] = field(default_factory=list)
    shared: str | None = None
    time_floor: int = 0
    _rows: int = 0
    _safeguard: Safeguard | None = None

    @property
    def home(self) -> Home:
        self.folder.mkdir(parents=True, exist_ok=True)
        return Home(path=self.folder, role=Role.ISSUER, settings=Settings(store=self.shared))

    @property
    def did(self) -> str:
        return self.world.issuer.did

    @property
    def base(self) -> str:
        return self.world.issuer.status_base

    @property
    def safeguard(self) -> Safeguard:
        """Of the home as it was opened last."""
        assert self._safeguard is not None
        return self._safeguard

    @property
    def signer(self) -> Signer:
        return self.world.issuer.signer(Purpose.STATUS)

    def belief(self) -> Belief:
        """What the issuer's bundle says."""
        believed = self.world.belief()
        statuses = {
            item.uri: HeldStatus(uri=item.uri, did=self.did, issued_at=item.issued_at, token=item.token)
            for item in self.held
        }
        state = replace(believed.state, evidence=Map({item.entry: item for item in self.evidence}))
        return replace(believed, statuses=statuses, state=state, _snapshots={})

    @contextmanager
    def open(self, *, killed: bool = False) -> Iterator[tuple[IssuerStore, ListDesk]]:
        """Open the home anew, as a start of the program does. `killed`: and never close it in order."""
        with open_issuer_store(self.home) as store:
            safeguard = self._safeguard = Safeguard(self.home, store, time_floor=self.time_floor)
            desk = ListDesk(
                store,
                safeguard=safeguard,
                belief=self.belief(),
                issuing=[self.world.issuer.signer(Purpose.ASSERTION).public_key],
                status={self.signer.public_key: self.signer},
                coming=frozenset(),
                did=None,
                clock=self.clock,
            )
            try:
                yield store, desk
            finally:
                if not killed:
                    safeguard.keep()

    def issue(self, store: IssuerStore, count: int = 1, *, vct: str = VCT) -> list[JournalEntry]:
        """Put credentials into the journal, each with a row id never used before.

        Raises:
            RefusedError: ROLLBACK: the store is an old copy.
        """
        self.safeguard.refuse_restored(self.belief(), did=self.did)
        places = store.deal(vct, self.base, count, at=self.seconds)
        self._rows += count
        rows = [self._row(f"R{self._rows - number}", place) for number, place in enumerate(places)]
        recorded = store.record(
            vct, rows, destination="out", offset=None, seal=lambda _: b"sealed", at=self.seconds
        )
        return [entry for outcome in recorded.outcomes for entry in _entries(outcome)]

    def desk(self, store: IssuerStore) -> StatusDesk:
        """Where approvers are named, and what they approve is applied."""
        return StatusDesk(store, issuer=self.did, own_keys=(), clock=self.clock, keep=lambda: None)

    def change(self, store: IssuerStore, entries: Iterable[JournalEntry], value: StatusValue) -> None:
        """Change the status of credentials, however many."""
        found = store.changes.statuses.of_credentials([entry.credential_id for entry in entries])
        numbers = [item.number for item in found.values()]
        with store.db.transaction():
            store.changes.statuses.set(numbers, value, change="test", at=self.seconds, is_approved=False)

    def import_lists(self, published: Iterable[PublishedStatusList]) -> None:
        """Let the trust bundle of the home have the newest lists."""
        newest = {item.uri: item for item in self.held} | {item.uri: item for item in published}
        self.held = [*newest.values()]

    def back_up(self, name: str = "backup") -> Path:
        """Copy the home, as a backup does."""
        return Path(shutil.copytree(self.folder, self.folder.with_name(name)))

    def snapshot(self, store: IssuerStore, name: str = "snapshot") -> Path:
        """Copy a store that is in use, as of this moment; the copy has no mark."""
        folder = self.folder.with_name(name)
        folder.mkdir()
        store.db.execute("VACUUM INTO ?", (str(folder / STORE_FILE),))
        return folder

    def restore_store(self, backup: Path) -> None:
        """Put the store back, and nothing else."""
        for path in self.folder.glob(f"{STORE_FILE}*"):
            path.unlink()
        shutil.copy2(backup / STORE_FILE, self.folder / STORE_FILE)

    def restore_home(self, backup: Path) -> None:
        """Put the whole home back."""
        shutil.rmtree(self.folder)
        shutil.copytree(backup, self.folder)

    @property
    def seconds(self) -> int:
        return int(self.clock.now.timestamp())

    def _row(self, row_id: str, place: Place) -> SignedRow:
        copy = SignedCopy(copy=0, place=place, holder=b"", possession=Possession.NONE, text="x")
        return SignedRow(row_id=row_id, content=bytes(32), copies=(copy,), issued_at=self.seconds)


def opened(published: PublishedStatusList) -> StatusList:
    """What a published list says."""
    token = parse_status_token(published.token)
    assert (token.uri, token.issued_at) == (published.uri, published.issued_at)
    return inflate_list(token.bits, token.lst)


def _entries(outcome: object) -> tuple[JournalEntry, ...]:
    assert isinstance(outcome, tuple)
    return outcome
