# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""ISS-22: a store that is put back from before hours were set has them again when it is reconciled."""

import pytest

from tests.unit.issuer.changes.rig import CAROL
from tests.unit.issuer.lists.stage import ListStage
from tests.unit.issuer.lists.test_approver_copy import approved, audited, edited, kept, staffed
from vcred.errors import StoreError
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.signing_hours import SigningHours, hours_text, make_hours

DAY, NIGHT = make_hours("06:00-22:00", "Asia/Macau"), make_hours("22:00-06:00", "UTC")


def set_hours(stage: ListStage, hours: SigningHours | None) -> None:
    with stage.open() as (store, _):
        approved(stage, store, stage.desk(store).set_hours(hours), by=CAROL)
        stage.issue(store)


def test_the_copy_has_them_while_they_are_in_force(stage: ListStage) -> None:
    staffed(stage)
    assert "hours" not in kept(stage)
    for hours in (DAY, NIGHT):
        set_hours(stage, hours)
        assert kept(stage)["hours"] == hours_text(hours)
    set_hours(stage, None)
    assert "hours" not in kept(stage)


def test_hours_that_were_set_and_lost_are_taken_over(stage: ListStage) -> None:
    staffed(stage)
    backup = stage.back_up()
    set_hours(stage, DAY)
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        assert stage.desk(store).hours() is None
        desk.reconcile()
        assert stage.desk(store).hours() == DAY
        assert audited(stage, store) == {"first": CAROL.did, "taken_over": "hours"}
    assert kept(stage)["hours"] == hours_text(DAY)


@pytest.mark.parametrize("then", [None, NIGHT])
def test_what_the_store_has_stays(stage: ListStage, then: SigningHours | None) -> None:
    """Lifted or changed since by two persons, says a file that anybody may edit: they are asked anew."""
    staffed(stage)
    set_hours(stage, DAY)
    backup = stage.back_up()
    set_hours(stage, then)
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        desk.reconcile()
        assert stage.desk(store).hours() == DAY
        assert audited(stage, store) == {"first": CAROL.did}


def test_without_a_reconciliation_nobody_sets_them_unsigned(stage: ListStage) -> None:
    """The control: what is taken over counts only directly behind the reconciliation."""
    staffed(stage)
    with stage.open() as (store, _):
        assert audited(stage, store) == {"first": CAROL.did}
        event = AuditEvent(kind=AuditKind.HOURS_CHANGED, members={"hours": "22:00-06:00 UTC"})
        with store.db.transaction():
            store.changes.audit.append([event], at=stage.seconds)
            store.changes.approvals.set_hours(NIGHT)
        with stage.desk(store).auditing() as check:
            assert list(check.entries())
            assert [(one.kind.value, one.first) for one in check.differences()] == [("setting", "hours")]


def test_hours_that_cannot_be_read_are_refused(stage: ListStage) -> None:
    staffed(stage)
    backup = stage.back_up()
    set_hours(stage, DAY)
    edited(stage, lambda value, _: value.update(hours="always"))
    stage.restore_store(backup)
    with stage.open() as (_, desk), pytest.raises(StoreError, match="damaged"):
        desk.reconcile()
