# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A clock that is years ahead dates nothing: what it dates could be followed by nothing of today."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.issuer.changes.rig import Person, waiting
from tests.unit.issuer.lists.stage import ListStage
from vcred.errors import RefusedError, StoreError
from vcred.issuer.audit.log import AuditKind
from vcred.issuer.change_request import Limit
from vcred.issuer.engines.statuses.list_desk import ListDesk, note_audit_head
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import StatusValue
from vcred.issuer.selection import ByIds
from vcred.limits import MAX_CLOCK_LEAP
from vcred.reasons import Reason

YEARS = timedelta(days=5 * 365)


def publish(_stage: ListStage, _store: IssuerStore, desk: ListDesk) -> None:
    desk.publish()


def issue(stage: ListStage, store: IssuerStore, _desk: ListDesk) -> None:
    stage.issue(store)


def revoke(stage: ListStage, store: IssuerStore, _desk: ListDesk) -> None:
    (one,) = [entry for entry in store.entries() if entry.value is StatusValue.VALID][:1]
    stage.desk(store).change(ByIds((one.credential_id,)), StatusValue.REVOKED)


def ask(stage: ListStage, store: IssuerStore, _desk: ListDesk) -> None:
    stage.desk(store).set_limit(Limit.CHANGES, stage.seconds % 1000)


def set_interval(_stage: ListStage, _store: IssuerStore, desk: ListDesk) -> None:
    desk.set_interval(300 if desk.interval == 60 else 60)


@pytest.mark.parametrize("act", [publish, issue, revoke, ask, set_interval])
def test_by_a_clock_that_is_years_ahead_nothing_is_done(
    stage: ListStage, act: Callable[[ListStage, IssuerStore, ListDesk], None]
) -> None:
    with stage.open() as (store, desk):
        stage.desk(store).add_approver(Person().did, name="Carol")
        stage.clock.later(minutes=70)
        act(stage, store, desk)
        before, right = store.changes.audit.head(), stage.clock.now
        stage.clock.now += YEARS
        with pytest.raises(RefusedError) as caught:
            act(stage, store, desk)
        assert caught.value.reason is Reason.CLOCK_UNRELIABLE
        assert "this clock shows 2031-11-19T05:10:00Z" in str(caught.value)
        assert "the newest time that is known here is 2026-11-20T05:10:00Z" in str(caught.value)
        assert "--clock-is-right" in str(caught.value.hint)
        assert store.changes.audit.head() == before
        # And by the right clock everything goes on.
        stage.clock.now = right + timedelta(hours=2)
        act(stage, store, desk)


def test_an_approval_is_not_applied_by_a_clock_that_is_years_ahead(stage: ListStage) -> None:
    """Its time would be the log's for years, and every approval of today too old by then."""
    carol = Person()
    with stage.open() as (store, _):
        office = stage.desk(store)
        office.add_approver(carol.did, name="Carol")
        request = waiting(office.set_limit(Limit.CHANGES, 5))
        right = stage.clock.now
        stage.clock.now += YEARS
        # The approver's clock is ahead as well: else it would be no good by its own dates.
        text = carol.approve(request, at=stage.seconds)
        before = store.changes.audit.head()
        with pytest.raises(RefusedError) as caught:
            office.apply(text)
        # Nor is that it has lapsed by then entered anywhere.
        assert (caught.value.reason, store.changes.audit.head()) == (Reason.EXPIRED, before)
        stage.clock.now = right
        office.apply(carol.approve(request, at=stage.seconds))
        assert office.limit(Limit.CHANGES) == 5


def test_the_head_for_the_ledger_is_not_noted_by_it_either(stage: ListStage) -> None:
    stage.clock.later(minutes=5)
    with stage.open() as (store, _):
        stage.issue(store, 3)
    stage.clock.now += YEARS
    with pytest.raises(RefusedError) as caught:
        note_audit_head(stage.home, stage.clock, time_floor=0)
    assert caught.value.reason is Reason.CLOCK_UNRELIABLE
    assert note_audit_head(stage.home, stage.clock, time_floor=stage.seconds).seq


def test_the_bound_is_exact(stage: ListStage) -> None:
    with stage.open() as (_, desk):
        stage.clock.now += MAX_CLOCK_LEAP
        desk.publish()
        stage.clock.now += MAX_CLOCK_LEAP + timedelta(seconds=60)
        with pytest.raises(RefusedError) as caught:
            desk.publish()
        assert caught.value.reason is Reason.CLOCK_UNRELIABLE


def test_the_newest_bundle_shows_that_the_time_has_come(stage: ListStage) -> None:
    stage.clock.now += YEARS
    with stage.open() as (_, desk), pytest.raises(RefusedError):
        desk.publish()
    stage.time_floor = stage.seconds - 3600
    with stage.open() as (_, desk):
        assert desk.publish()


def test_a_home_that_knows_no_time_takes_any(tmp_path: Path) -> None:
    stage = ListStage(tmp_path / "issuer")
    stage.clock.now += YEARS
    with stage.open() as (store, desk):
        stage.issue(store)
        assert desk.publish()


def test_somebody_says_that_the_clock_is_right(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        before = store.changes.audit.head()
        desk.accept_clock()
        # It is not ahead: there is nothing to be said.
        assert store.changes.audit.head() == before
        known = store.changes.audit.last()
        stage.clock.now += YEARS
        desk.accept_clock()
        told = store.changes.audit.last()
        assert known is not None and told is not None
        assert (told.kind, told.at) == (AuditKind.SETTING_CHANGED, stage.seconds)
        assert (told.members["setting"], told.members["value"]) == ("clock", str(known.at))
        assert desk.publish()
    with stage.open() as (store, _), stage.desk(store).auditing() as check:
        assert list(check.entries())
        assert check.differences() == []


def test_out_of_a_publication_that_is_dated_ahead_leads_a_backup(stage: ListStage) -> None:
    """As docs/operate/revoking.md says: the home as it was, and the lists that were published until then."""
    backup = stage.back_up()
    stage.clock.later(minutes=2)
    with stage.open() as (store, desk):
        stage.change(store, [*store.entries()][:1], StatusValue.REVOKED)
        (until_then,) = desk.publish()
        right = stage.clock.now
        stage.clock.now += YEARS
        desk.accept_clock()
        desk.publish()
        stage.clock.now = right + timedelta(minutes=2)
        with pytest.raises(StoreError, match="with a later time than this clock shows"):
            desk.publish()
    stage.restore_home(backup)
    with stage.open() as (store, desk):
        assert desk.reconcile([until_then.token]).revoked == 1
        stage.issue(store)
        stage.clock.later(minutes=2)
        assert desk.publish()
