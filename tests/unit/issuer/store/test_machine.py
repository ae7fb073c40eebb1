# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The store against a simple model, in random order, with failures and new starts in between.

The lists are small here, so that they fill up and the next ones open.
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.unit.issuer.store.model import Kept, Model
from tests.unit.issuer.store.stores import (
    BASE,
    NEXT_VCT,
    NOW,
    OTHER_OUT,
    OTHER_VCT,
    OUT,
    VCT,
    Stored,
    deal,
    record,
    seal,
    signed,
    text_of,
)
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import EntryState, JournalEntry, Place, Refusal, SignedRow, StatusValue
from vcred.status.allotment import allottable

SMALL = 4096
FULL = allottable(SMALL)
TYPES = st.sampled_from([VCT, NEXT_VCT, OTHER_VCT])
ROWS = st.sampled_from(["r1", "r2", "r3"])
CONTENTS = st.sampled_from([b"a" * 32, b"b" * 32])
HOLDERS = st.sampled_from([b"", b"h" * 32, b"i" * 32])
NONCES = st.lists(st.sampled_from([b"n" * 32, b"o" * 32]), max_size=2)
OUTS = st.sampled_from([OUT, OTHER_OUT])


class Machine(RuleBasedStateMachine):
    """One store, opened as often as it likes."""

    new_store: Callable[[], Stored]

    def __init__(self) -> None:
        super().__init__()
        self.stored = type(self).new_store()
        self.store: IssuerStore = self.stored.open()
        self.model = Model()
        self.dealt: dict[str, int] = defaultdict(int)
        self.indices: set[tuple[int, int]] = set()

    def teardown(self) -> None:
        self.store.close()

    def places(self, vct: str, count: int) -> list[Place]:
        """Deal, and prove that nobody had these places."""
        places = deal(self.store, count, vct=vct)
        assert len(places) == count
        for place in places:
            assert (place.number, place.index) not in self.indices
            assert place.uri == f"{BASE}{place.number}"
            assert place.deal == self.dealt[vct] % FULL
            self.indices.add((place.number, place.index))
            self.dealt[vct] += 1
        return places

    @rule(vct=TYPES, count=st.integers(1, 1500))
    def burn(self, vct: str, count: int) -> None:
        """Places of a run that was killed."""
        self.places(vct, count)

    @rule(
        vct=TYPES,
        asked=st.lists(
            st.tuples(ROWS, CONTENTS, HOLDERS, st.integers(1, 3), NONCES, st.booleans()),
            min_size=1,
            max_size=3,
            unique_by=lambda row: row[0],
        ),
        destination=OUTS,
        fails=st.booleans(),
    )
    def record(
        self,
        vct: str,
        asked: list[tuple[str, bytes, bytes, int, list[bytes], bool]],
        destination: str,
        fails: bool,
    ) -> None:
        """A chunk; now and then the program stops in the middle, and does it again."""
        rows = [
            signed(
                row_id,
                self.places(vct, copies),
                content=content,
                holder=holder,
                nonces=nonces,
                replaces=replaces,
            )
            for row_id, content, holder, copies, nonces, replaces in asked
        ]
        if fails:
            self.fail(vct, rows)
        recorded = record(self.store, *rows, vct=vct, destination=destination)
        expected = [self.model.record(vct, row) for row in rows]
        new = [kept for kept in self.model.kept if kept.chunk == -1]
        assert (recorded.chunk is None) == (not new)
        if recorded.chunk is not None:
            assert recorded.chunk not in self.model.chunks
            self.model.chunks[recorded.chunk] = destination
        for kept in new:
            kept.chunk = recorded.chunk
        for outcome, wanted in zip(recorded.outcomes, expected, strict=True):
            if isinstance(wanted, Refusal) or isinstance(outcome, Refusal):
                assert outcome == wanted
            else:
                assert [self.brief(entry) for entry in outcome] == [self.kept(kept) for kept in wanted]
        self.check_text(recorded.chunk, new)

    def fail(self, vct: str, rows: list[SignedRow]) -> None:
        """Record, and be stopped before it is durable."""

        def stop(items: list[tuple[JournalEntry, str]]) -> bytes:
            raise KeyboardInterrupt

        with suppress(KeyboardInterrupt):
            self.store.record(vct, rows, destination=OUT, offset=None, seal=stop, at=NOW)

    def check_text(self, chunk: int | None, new: list[Kept]) -> None:
        """The outbox holds what was recorded, all of it and nothing else."""
        if chunk is None:
            return
        (waiting,) = [waiting for waiting in self.store.outbox() if waiting.id == chunk]
        ids = {self.brief(entry): entry for entry in self.store.entries()}
        assert waiting.sealed == seal([(ids[self.kept(kept)], text_of(kept.place)) for kept in new])

    @rule(data=st.data(), length=st.integers(0, 1 << 40))
    def deliver(self, data: st.DataObject, length: int) -> None:
        """A chunk whose output is durable."""
        waiting = sorted(chunk for chunk in self.model.chunks if self.model.chunks[chunk])
        if waiting:
            chunk = data.draw(st.sampled_from(waiting))
            path = self.model.chunks[chunk]
            self.store.delivered(chunk, sinks={path: length})
            self.model.chunks[chunk] = ""
            self.model.sinks[path] = length
            for kept in self.model.kept:
                kept.chunk = None if kept.chunk == chunk else kept.chunk

    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        """One credential that was delivered by another way."""
        entries = list(self.store.entries())
        if entries:
            entry = data.draw(st.sampled_from(entries))
            self.store.take([entry.credential_id], sinks={})
            for kept in self.model.kept:
                if kept.place.status == entry.status:
                    kept.chunk = None

    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        """One credential is taken back."""
        entries = list(self.store.entries())
        if entries:
            entry = data.draw(st.sampled_from(entries))
            with self.store.db.transaction():
                assert self.store.changes.revoke_replaced([entry], at=NOW)
            for kept in self.model.kept:
                kept.is_revoked |= kept.place.status == entry.status

    @rule()
    def start_again(self) -> None:
        """Close and open."""
        self.store.close()
        self.store = self.stored.open()

    @invariant()
    def everything_is_known(self) -> None:
        """All entries, found in every way."""
        entries = list(self.store.entries())
        assert sorted(map(self.brief, entries)) == sorted(map(self.kept, self.model.kept))
        assert len({entry.credential_id for entry in entries}) == len(entries)
        assert self.store.entries_of(entry.credential_id for entry in entries) == {
            entry.credential_id: entry for entry in entries
        }
        for vct in (VCT, NEXT_VCT, OTHER_VCT):
            found = self.store.issued(vct, ["r1", "r2", "r3", "unknown"])
            for row_id in ("r1", "r2", "r3", "unknown"):
                known = [self.brief(entry) for entry in found.get(row_id, [])]
                assert known == [self.kept(kept) for kept in self.model.of_row(vct, row_id)]
        by_holder = {entry.credential_id for entry in self.store.by_holder(b"h" * 32)}
        assert by_holder == {entry.credential_id for entry in entries if entry.holder == b"h" * 32}

    @invariant()
    def what_waits_waits(self) -> None:
        """The outbox and the lengths of the files."""
        waiting = {waiting.id: waiting.destination for waiting in self.store.outbox()}
        assert waiting == {chunk: path for chunk, path in self.model.chunks.items() if path}
        for path in (OUT, OTHER_OUT):
            assert self.store.sink_length(path) == self.model.sinks.get(path)

    @staticmethod
    def brief(entry: JournalEntry) -> tuple[object, ...]:
        """An entry as the model can say it."""
        return (
            entry.vct,
            entry.row_id,
            entry.generation,
            entry.copy,
            entry.content,
            entry.holder,
            entry.status.uri,
            entry.status.index,
            entry.value is StatusValue.REVOKED,
            entry.state is EntryState.SIGNED,
        )

    @staticmethod
    def kept(kept: Kept) -> tuple[object, ...]:
        """The same of the model."""
        return (
            kept.vct,
            kept.row_id,
            kept.generation,
            kept.copy,
            kept.content,
            kept.holder,
            kept.place.uri,
            kept.place.index,
            kept.is_revoked,
            kept.chunk is not None,
        )


def test_the_store_is_as_the_model(new_store: Callable[[], Stored], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcred.issuer.engines.store.deck.next_list_size", lambda issued: SMALL)
    machine = type("Each", (Machine,), {"new_store": staticmethod(new_store)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
