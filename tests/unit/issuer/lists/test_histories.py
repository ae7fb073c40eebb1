# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13, INV-4: whatever is restored in whichever order, no place is given twice.

A history is drawn: issuing, revoking, publishing, backing up, putting a store or a home back. Nothing
goes on after that before it is reconciled; and what was once published as revoked stays so.
"""

import shutil
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.issuer.lists.stage import ListStage, opened
from vcred.errors import RefusedError
from vcred.issuer.engines.statuses.list_desk import ListDesk
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import StatusValue
from vcred.issuer.status_lists import PublishedStatusList
from vcred.reasons import Reason

STEPS = (
    *("issue", "issue", "night", "revoke", "publish", "publish"),
    *("back_up", "restore_store", "restore_snapshot", "restore_home"),
)


class History:
    """One issuer's years. `given`: every place that ever left; `taken_back`: those published as revoked."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.stage = ListStage(folder / "issuer")
        self.random = Random(seed)
        self.given: list[tuple[str, int]] = []
        self.taken_back: set[tuple[str, int]] = set()
        self.published: dict[str, PublishedStatusList] = {}
        self.backups: list[Path] = []
        self.snapshots: list[Path] = []
        self.reconciled = 0

    def run(self, steps: list[str]) -> None:
        for step in ("issue", "back_up", *steps, "issue", "publish"):
            self.stage.clock.later(minutes=self.random.randint(1, 600))
            getattr(self, step)()
        assert len(self.given) == len(set(self.given))

    def issue(self) -> None:
        with self.stage.open() as (store, desk):
            self._reconcile_if_refused(store, desk)
            entries = self.stage.issue(store, self.random.randint(1, 40))
            self.given += [(entry.status.uri, entry.status.index) for entry in entries]

    def revoke(self) -> None:
        with self.stage.open() as (store, _):
            entries = [*store.entries()]
            chosen = self.random.sample(entries, min(3, len(entries)))
            self.stage.change(
                store, [e for e in chosen if e.value is not StatusValue.REVOKED], StatusValue.REVOKED
            )

    def publish(self) -> None:
        with self.stage.open() as (store, desk):
            self._reconcile_if_refused(store, desk)
            lists = desk.publish()
            for item in lists:
                told = opened(item)
                known = self.published.get(item.uri)
                assert known is None or item.issued_at > known.issued_at or item.token == known.token
                self.published[item.uri] = item
                here = [place for place in self.given if place[0] == item.uri]
                revoked = {place for place in here if told.get(place[1]) == 1}
                # Nobody comes back.
                assert {place for place in self.taken_back if place[0] == item.uri} <= revoked
                self.taken_back |= revoked
            if self.random.random() < 0.5:
                self.stage.import_lists(lists)

    def back_up(self) -> None:
        self.backups.append(self.stage.back_up(f"backup-{len(self.backups)}"))

    def night(self) -> None:
        """A run of some chunks, in the midst of which a copy is made, and which is killed."""
        with self.stage.open(killed=True) as (store, desk):
            self._reconcile_if_refused(store, desk)
            moment = self.random.randint(0, 3)
            for chunk in range(4):
                if chunk == moment:
                    self.snapshots.append(self.stage.snapshot(store, f"snapshot-{len(self.snapshots)}"))
                if chunk < self.random.randint(1, 4):
                    entries = self.stage.issue(store, self.random.randint(1, 40))
                    self.given += [(entry.status.uri, entry.status.index) for entry in entries]

    def restore_snapshot(self) -> None:
        if self.snapshots:
            self.stage.restore_store(self.random.choice(self.snapshots))

    def restore_store(self) -> None:
        self.stage.restore_store(self.random.choice(self.backups))

    def restore_home(self) -> None:
        self.stage.restore_home(self.random.choice(self.backups))

    def _reconcile_if_refused(self, store: IssuerStore, desk: ListDesk) -> None:
        guard = self.stage.safeguard
        try:
            guard.refuse_restored(self.stage.belief(), did=self.stage.did)
        except RefusedError as error:
            assert error.reason is Reason.ROLLBACK
            # What was published is anywhere: who restores gets it from there.
            tokens = [item.token for item in self.published.values()]
            try:
                desk.reconcile(tokens)
            except RefusedError as refusal:
                # Of two copies that went on each by itself no publication has the lists of both.
                assert refusal.reason is Reason.ROLLBACK
                desk.reconcile(tokens, nothing_was_published=True)
            self.reconciled += 1
            guard.refuse_restored(self.stage.belief(), did=self.stage.did)
            assert store.lists.first_sound() > 1000


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=3, max_size=14), seed=st.integers(0, 2**32))
def test_no_place_is_given_twice_whatever_is_restored(steps: list[str], seed: int) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        History(folder, seed).run(steps)
    finally:
        shutil.rmtree(folder)


def test_without_the_safeguard_places_are_given_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what the history finds is there to be found."""
    monkeypatch.setattr(
        "vcred.issuer.engines.statuses.safeguard.Safeguard.refuse_restored", lambda *_, **__: None
    )
    with pytest.raises(AssertionError):
        History(tmp_path, 1).run(["issue", "restore_store", "issue", "restore_store"])


def test_a_second_restoring_of_the_same_copy(tmp_path: Path) -> None:
    """Lists that were opened after the first reconciliation, and never published, are known to nobody."""
    history = History(tmp_path, 2)
    history.run(["issue", "restore_store", "issue", "restore_store", "issue", "restore_home", "issue"])
    assert history.reconciled == 3
    assert len({uri for uri, _ in history.given}) == 4
