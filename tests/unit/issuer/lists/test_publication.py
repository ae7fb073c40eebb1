# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Publishing on the grid: what was changed shows at the next interval, and never twice within one."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.issuer.lists.stage import NOON, VCT, ListStage, opened
from vcred.errors import RefusedError, StoreError
from vcred.issuer.audit.log import AuditHead, AuditKind, decode_entry
from vcred.issuer.engines.statuses.list_desk import note_audit_head
from vcred.issuer.engines.store.store import STORE_FILE, IssuerStore
from vcred.issuer.journal import StatusValue
from vcred.issuer.status_lists import Purposes
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason

OTHER = "did:vcred:publisher/types/professional-certificate/1"


@pytest.fixture
def stage(tmp_path: Path) -> ListStage:
    return ListStage(tmp_path / "issuer")


def kinds(store: IssuerStore) -> list[AuditKind]:
    entries = [decode_entry(content) for _, content in store.changes.audit.proved()]
    # One without members counts places for the limit of issuing, at most one an hour.
    return [entry.kind for entry in entries if entry.members]


def test_a_list_says_what_the_store_does(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        good, bad, halted = stage.issue(store, 3)
        stage.change(store, [bad], StatusValue.REVOKED)
        stage.change(store, [halted], StatusValue.SUSPENDED)
        (published,) = desk.publish()
        told = opened(published)
        assert [told.get(entry.status.index) for entry in (good, bad, halted)] == [0, 1, 2]
        assert published.uri == good.status.uri == f"{stage.base}0"
        assert published.size == told.size == MIN_STATUS_LIST_SIZE
        assert (published.issued_at, published.next_at) == (stage.seconds, stage.seconds + 60)


def test_every_index_that_was_dealt_says_the_truth(stage: ListStage) -> None:
    """Decoys lie at indices that are nobody's, and only there."""
    with stage.open() as (store, desk):
        entries = stage.issue(store, 5000)
        stage.change(store, entries[:50], StatusValue.REVOKED)
        for _ in range(3):
            told = opened(desk.publish()[0])
            stage.clock.later(minutes=1)
        values = [told.get(entry.status.index) for entry in entries]
        assert values == [1] * 50 + [0] * 4950
        # Of the 131,072 more than those 50 say something: by that number nothing can be told.
        assert sum(1 for _ in told.nonzero()) > 50 + 32
        reserve = {index for index, _ in told.nonzero()} - {entry.status.index for entry in entries[:50]}
        burned = store.deal(VCT, stage.base, MIN_STATUS_LIST_SIZE * 7 // 8 - 5000, at=stage.seconds)
        assert len(burned) == MIN_STATUS_LIST_SIZE * 7 // 8 - 5000
        assert reserve.isdisjoint(place.index for place in burned)


def test_within_an_interval_the_same_tokens_come_back(stage: ListStage) -> None:
    stage.clock.later(seconds=7)
    with stage.open() as (store, desk):
        stage.issue(store)
        first = desk.publish()
        stage.clock.later(seconds=52)
        # A place that is dealt changes no list.
        stage.issue(store)
        assert desk.publish() == first
    # Also by another start, for somebody who has lost the folder.
    with stage.open() as (_, desk):
        assert desk.publish() == first
        assert stage.clock.waited == []
        stage.clock.later(seconds=1)
        (next_one,) = desk.publish()
    assert (next_one.issued_at, stage.clock.waited) == (first[0].issued_at + 60, [])
    assert next_one.token != first[0].token


def test_a_change_waits_for_the_next_interval(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        (entry,) = stage.issue(store)
        (first,) = desk.publish()
        stage.clock.later(seconds=13)
        stage.change(store, [entry], StatusValue.REVOKED)
        told: list[int] = []
        (second,) = desk.publish(on_wait=told.append)
        assert told == [first.issued_at + 60]
        assert stage.clock.waited == [47]
        assert second.issued_at == first.issued_at + 60
        assert opened(second).get(entry.status.index) == 1
        # What was changed and changed back is no change.
        stage.clock.later(seconds=5)
        (other,) = stage.issue(store)
        stage.change(store, [other], StatusValue.SUSPENDED)
        stage.change(store, [other], StatusValue.VALID)
        assert desk.publish() == (second,)


def test_where_the_next_interval_is_far_nothing_is_signed(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        desk.set_interval(3600)
        (entry,) = stage.issue(store)
        stage.clock.later(minutes=10)
        (first,) = desk.publish()
        assert first.issued_at == int(NOON.timestamp())
        stage.change(store, [entry], StatusValue.REVOKED)
        before = store.changes.audit.head()
        with pytest.raises(RefusedError, match="this interval") as caught:
            desk.publish()
        assert caught.value.reason is Reason.RATE_LIMITED
        assert "2026-11-20T05:00:00Z" in str(caught.value.hint)
        assert store.changes.audit.head() == before
        stage.clock.later(minutes=49, seconds=30)
        (second,) = desk.publish()
        assert (second.issued_at - first.issued_at, stage.clock.waited) == (3600, [30])
        assert opened(second).get(entry.status.index) == 1


def test_all_lists_are_dated_alike(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        stage.issue(store)
        (first,) = desk.publish()
        # A list that opens within the interval waits with the others.
        stage.issue(store, vct=OTHER)
        lists = desk.publish()
        assert [item.uri for item in lists] == [f"{stage.base}0", f"{stage.base}1"]
        assert {item.issued_at for item in lists} == {first.issued_at + 60}


def test_a_full_list_stays_published(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        (entry,) = stage.issue(store)
        store.deal(VCT, stage.base, MIN_STATUS_LIST_SIZE, at=stage.seconds)
        stage.change(store, [entry], StatusValue.REVOKED)
        lists = desk.publish()
        assert [item.uri for item in lists] == [f"{stage.base}0", f"{stage.base}1"]
        assert opened(lists[0]).get(entry.status.index) == 1


def test_a_clock_that_stands_ends_in_words(stage: ListStage, monkeypatch: pytest.MonkeyPatch) -> None:
    with stage.open() as (store, desk):
        (entry,) = stage.issue(store)
        desk.publish()
        stage.change(store, [entry], StatusValue.REVOKED)
        monkeypatch.setattr(stage.clock, "sleep", lambda _: None)
        with pytest.raises(StoreError, match="clock does not move"):
            desk.publish()
        stage.clock.now -= timedelta(hours=1)
        with pytest.raises(StoreError, match="later time than this clock"):
            desk.publish()


def test_one_bit_lists(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        (old,) = stage.issue(store)
        desk.set_purposes(Purposes.REVOCATION)
        (entry,) = stage.issue(store)
        stage.change(store, [entry], StatusValue.REVOKED)
        stage.change(store, [old], StatusValue.SUSPENDED)
        first, second = map(opened, desk.publish())
        assert (first.bits, first.get(old.status.index)) == (2, 2)
        assert (second.bits, second.get(entry.status.index)) == (1, 1)
        assert second.size == MIN_STATUS_LIST_SIZE
        # The same purposes once more close nothing.
        desk.set_purposes(Purposes.REVOCATION)
        assert stage.issue(store)[0].status.uri == entry.status.uri


def test_the_audit_log_tells_of_lists(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        stage.issue(store, 3)
        desk.publish()
        assert kinds(store) == [AuditKind.LIST_OPENED, AuditKind.DEALT, AuditKind.PUBLISHED]
        stage.clock.later(minutes=1)
        desk.publish()
        assert kinds(store)[3:] == [AuditKind.PUBLISHED]
        stage.issue(store)
        stage.clock.later(minutes=1)
        desk.publish()
        assert kinds(store)[4:] == [AuditKind.DEALT, AuditKind.PUBLISHED]
        last = store.changes.audit.last()
        assert last is not None
        assert last.members == {"lists": [0], "iat": stage.seconds}
        store.changes.audit.verify()


def test_who_changes_a_setting_is_in_the_audit_log(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        for _ in range(2):
            desk.set_interval(3600)
            desk.set_purposes(Purposes.REVOCATION)
        assert kinds(store) == [AuditKind.SETTING_CHANGED, AuditKind.SETTING_CHANGED]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE decoy SET idx = 131072 WHERE idx = (SELECT max(idx) FROM decoy)",
        "UPDATE decoy SET idx = -1 WHERE idx = (SELECT max(idx) FROM decoy)",
        "INSERT INTO setting VALUES ('publish_every', '7')",
        "INSERT INTO setting VALUES ('first_sound_list', 'x')",
    ],
)
def test_what_is_damaged_is_not_signed(stage: ListStage, damage: str) -> None:
    with stage.open() as (store, desk):
        stage.issue(store)
        desk.publish()
        stage.clock.later(minutes=1)
        store.db.execute(damage)
        with pytest.raises(StoreError, match="damaged"):
            desk.publish()


def test_a_kept_token_that_is_damaged_is_not_given_out(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        stage.issue(store)
        (first,) = desk.publish()
        # Of the payload; how long it is varies with the decoys.
        place = first.token.rindex(".") - 9
        other = "A" if first.token[place] != "A" else "B"
        damaged = first.token[:place] + other + first.token[place + 1 :]
        store.db.execute("UPDATE list SET token = ?", (damaged,))
        (second,) = desk.publish()
        # As if something had changed: the next interval has a sound one.
        assert second.issued_at == first.issued_at + 60
        assert opened(second).size == first.size


def test_nothing_issued_nothing_published(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        assert desk.publish() == ()
        assert kinds(store) == []


def test_a_home_that_has_issued_nothing_has_an_empty_log_and_no_store(stage: ListStage) -> None:
    assert note_audit_head(stage.home, stage.clock, time_floor=0) == AuditHead()
    assert not (stage.folder / STORE_FILE).exists()
    with stage.open() as (store, _):
        stage.issue(store)
    noted = note_audit_head(stage.home, stage.clock, time_floor=0)
    with stage.open() as (store, _):
        assert noted == store.changes.audit.head() != AuditHead()
