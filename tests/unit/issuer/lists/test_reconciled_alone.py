# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13, ISS-21: what restoring and reconciling must not give to one person alone."""

import pytest

from tests.unit.issuer.changes.rig import Person, waiting
from tests.unit.issuer.lists.stage import ListStage
from vcred.errors import RefusedError, StoreError, UsageError
from vcred.issuer.change_request import DEFAULT_LIMITS, Limit
from vcred.issuer.engines.statuses.approver_copy import APPROVERS_FILE
from vcred.issuer.engines.statuses.safeguard import Safeguard
from vcred.issuer.engines.statuses.second_person import WaitingError
from vcred.issuer.journal import StatusValue
from vcred.issuer.status_lists import PublishedStatusList, Purposes
from vcred.reasons import Reason

CAROL = "did:key:zDnaecarol"


def revoked_and_published(stage: ListStage) -> tuple[PublishedStatusList, ...]:
    with stage.open() as (store, desk):
        stage.change(store, [*store.entries()][:1], StatusValue.REVOKED)
        stage.clock.later(minutes=2)
        return desk.publish()


def test_a_home_is_not_reconciled_with_nothing_but_itself(stage: ListStage) -> None:
    backup = stage.back_up()
    published = revoked_and_published(stage)
    stage.restore_home(backup)
    with stage.open() as (_, desk):
        with pytest.raises(RefusedError, match="no status list is here that is newer") as caught:
            desk.reconcile()
        assert caught.value.reason is Reason.ROLLBACK
        assert "--nothing-was-published" in str(caught.value.hint)
        assert desk.reconcile([item.token for item in published]).revoked == 1


def test_an_operator_may_say_that_nothing_was_published(stage: ListStage) -> None:
    stage.restore_home(stage.back_up())
    with stage.open() as (store, desk):
        with pytest.raises(RefusedError, match="no status list is here that is newer"):
            desk.reconcile()
        desk.reconcile(nothing_was_published=True)
        last = store.changes.audit.last()
        assert last is not None
        assert last.members["nothing_published"] is True


def test_where_the_mark_survived_its_newest_list_is_asked_for(stage: ListStage) -> None:
    backup = stage.back_up()
    published = revoked_and_published(stage)
    stage.restore_store(backup)
    with stage.open() as (_, desk):
        # Nor is the operator believed: the mark knows better.
        for said in (False, True):
            with pytest.raises(RefusedError, match="and none so new is here") as caught:
                desk.reconcile(nothing_was_published=said)
            assert caught.value.reason is Reason.ROLLBACK
        assert desk.reconcile([item.token for item in published]).lists == 1


def test_where_the_mark_survived_nothing_has_to_be_said_if_nothing_was_published(stage: ListStage) -> None:
    backup = stage.back_up()
    with stage.open() as (store, _):
        stage.issue(store)
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        desk.reconcile()
        stage.issue(store)


def test_what_one_person_may_change_is_used_up_by_restoring(stage: ListStage) -> None:
    backup = stage.back_up()
    with stage.open() as (store, _):
        assert store.changes.changes_left(at=stage.seconds) == DEFAULT_LIMITS[Limit.CHANGES]
    published = revoked_and_published(stage)
    stage.restore_home(backup)
    with stage.open() as (store, desk):
        # As soon as it is noticed: not only once it is reconciled.
        assert store.changes.changes_left(at=stage.seconds) == 0
        desk.reconcile([item.token for item in published])
        assert store.changes.changes_left(at=stage.seconds) == 0
        store.changes.audit.verify()
    with stage.open() as (store, _):
        stage.clock.later(minutes=24 * 60 + 1)
        assert store.changes.changes_left(at=stage.seconds) == DEFAULT_LIMITS[Limit.CHANGES]


def test_approvers_that_only_the_lost_part_knew_stay_in_office(stage: ListStage) -> None:
    carol, dave = Person(), Person()
    with stage.open() as (store, _):
        stage.desk(store).add_approver(dave.did, name="Dave")
    backup = stage.back_up()
    stage.clock.later(minutes=2)
    with stage.open() as (store, _):
        office = stage.desk(store)
        office.apply(dave.approve(waiting(office.add_approver(carol.did, name="Carol")), at=stage.seconds))
        office.apply(carol.approve(waiting(office.remove_approver(dave.did)), at=stage.seconds))
    with stage.open() as (store, _):
        stage.issue(store)
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        assert store.changes.approvals.in_office() == [dave.did]
        desk.reconcile()
        assert store.changes.approvals.in_office() == [carol.did]
        store.changes.audit.verify()


def test_a_damaged_copy_of_the_approvers_is_told(stage: ListStage) -> None:
    backup = stage.back_up()
    with stage.open() as (store, _):
        with store.db.transaction():
            store.changes.approvals.add(CAROL, "Carol", at=stage.seconds)
        stage.issue(store)
    stage.restore_store(backup)
    path = stage.folder / APPROVERS_FILE
    whole = path.read_bytes()
    for damage in (b"", b"{}", b"[]", path.read_bytes().replace(b'"added_at"', b'"added"')):
        path.write_bytes(damage)
        with stage.open() as (store, desk):
            with pytest.raises(StoreError, match=r"approvers\.json is damaged"):
                desk.reconcile()
            # Nothing was reconciled without them: put right, they come back.
            with pytest.raises(RefusedError):
                stage.issue(store)
    path.write_bytes(whole)
    with stage.open() as (store, desk):
        desk.reconcile()
        assert store.changes.approvals.in_office() == [CAROL]


def test_whoever_kills_a_reconciliation_does_not_rid_himself_of_approvers(
    stage: ListStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = stage.back_up()
    with stage.open() as (store, _):
        with store.db.transaction():
            store.changes.approvals.add(CAROL, "Carol", at=stage.seconds)
        stage.issue(store)
    stage.restore_store(backup)
    with monkeypatch.context() as patched, stage.open() as (_, desk):
        # All is written but the mark.
        patched.setattr(Safeguard, "accept", kill)
        with pytest.raises(KeyboardInterrupt):
            desk.reconcile()
    with stage.open() as (store, desk):
        with pytest.raises(RefusedError):
            stage.issue(store)
        desk.reconcile()
        assert store.changes.approvals.in_office() == [CAROL]


def kill(*_: object) -> None:
    raise KeyboardInterrupt


def test_who_was_removed_after_the_copy_was_written_stays_removed(stage: ListStage) -> None:
    """The store is not always the older of the two: a kill comes between it and the copy."""
    dave = Person()
    with stage.open() as (store, _), store.db.transaction():
        for did, name in ((CAROL, "Carol"), (dave.did, "Dave")):
            store.changes.approvals.add(did, name, at=stage.seconds)
    stage.clock.later(minutes=2)
    with stage.open(killed=True) as (store, _), store.db.transaction():
        store.changes.approvals.remove(CAROL, at=stage.seconds)
    assert b"removed_at" not in (stage.folder / APPROVERS_FILE).read_bytes()
    with stage.open() as (store, desk):
        assert store.changes.approvals.in_office() == [dave.did]
        with pytest.raises(WaitingError) as caught:
            desk.reconcile(nothing_was_published=True)
        stage.desk(store).apply(dave.approve(caught.value.request, at=stage.seconds))
        desk.reconcile(nothing_was_published=True)
        assert store.changes.approvals.in_office() == [dave.did]


def test_where_nobody_ever_approved_there_is_no_copy(stage: ListStage) -> None:
    with stage.open() as (store, _):
        stage.issue(store)
    assert not (stage.folder / APPROVERS_FILE).exists()
    with stage.open() as (store, _), store.db.transaction():
        store.changes.approvals.add(CAROL, "Carol", at=stage.seconds)
    assert (stage.folder / APPROVERS_FILE).exists()


def test_a_list_that_the_store_knows_as_well_is_not_taken_over(stage: ListStage) -> None:
    published = revoked_and_published(stage)
    with stage.open() as (_, desk):
        done = desk.reconcile([item.token for item in published], nothing_was_published=True)
        assert (done.lists, done.revoked, done.unknown) == (0, 0, 0)


def test_a_sound_home_is_not_reconciled(stage: ListStage) -> None:
    """Whoever has edited what is kept beside the mark would have it taken over."""
    with stage.open() as (store, desk):
        stage.issue(store)
        with pytest.raises(UsageError, match="needs no reconciliation"):
            desk.reconcile()
        desk.reconcile(nothing_was_published=True)


def test_one_list_of_the_newest_is_not_enough(stage: ListStage) -> None:
    """Whoever leaves a list out would make good again who was revoked in it."""
    with stage.open() as (store, desk):
        (one,) = stage.issue(store)
        desk.set_purposes(Purposes.REVOCATION)
        (two,) = stage.issue(store)
        assert one.status.uri != two.status.uri
        desk.publish()
    backup = stage.back_up()
    stage.clock.later(minutes=2)
    with stage.open() as (store, desk):
        stage.change(store, [one, two], StatusValue.REVOKED)
        published = desk.publish()
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        for item in published:
            with pytest.raises(
                RefusedError, match="1 of the status lists that were published last"
            ) as caught:
                desk.reconcile([item.token])
            assert caught.value.reason is Reason.ROLLBACK
        assert desk.reconcile([item.token for item in published]).revoked == 2
