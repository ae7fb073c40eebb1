# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""ISS-21: the home's copy of the approvers is a file: edited, behind, or ahead of the store."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.issuer.changes.rig import CAROL, DAVID, MALLORY, Person, waiting
from tests.unit.issuer.lists.stage import ListStage
from vcred.errors import RefusedError
from vcred.issuer.approval import sign_approval
from vcred.issuer.change_request import AddApprover, ChangeRequest, Limit, RemoveApprover, Wish
from vcred.issuer.engines.statuses.approver_copy import APPROVERS_FILE, ApproverCopy
from vcred.issuer.engines.store.changes import Waiting
from vcred.issuer.engines.store.store import IssuerStore
from vcred.reasons import Reason

Edit = Callable[[dict[str, Any], ListStage], None]


def approved(stage: ListStage, store: IssuerStore, asked: Waiting | None, by: Person) -> ChangeRequest:
    return stage.desk(store).apply(by.approve(waiting(asked), at=stage.seconds))


def in_office(stage: ListStage, store: IssuerStore) -> set[str]:
    return {one.did for one in stage.desk(store).approvers() if one.removed_at is None}


def audited(stage: ListStage, store: IssuerStore) -> dict[str, str]:
    """The notices of an audit that finds no difference: kind, and the first."""
    with stage.desk(store).auditing() as check:
        assert list(check.entries())
        assert check.differences() == []
        return {one.kind.value: one.first for one in check.notices()}


def kept(stage: ListStage) -> dict[str, Any]:
    return dict(json.loads((stage.folder / APPROVERS_FILE).read_text("utf-8")))


def kept_dids(stage: ListStage) -> set[str]:
    return {item["did"] for item in kept(stage)["approvers"] if "removed_at" not in item}


def edited(stage: ListStage, edit: Edit) -> None:
    """Do what somebody may who has a text editor."""
    value = kept(stage)
    edit(value, stage)
    (stage.folder / APPROVERS_FILE).write_text(json.dumps(value), "utf-8")


def staffed(stage: ListStage) -> None:
    """Carol is in office; the store goes on, and so does the mark."""
    with stage.open() as (store, _):
        stage.desk(store).add_approver(CAROL.did, name="Carol")
        stage.issue(store)
    stage.clock.later(minutes=2)


def named_and_lost(stage: ListStage) -> Path:
    """David comes in by Carol's word; returns a copy of before that."""
    staffed(stage)
    backup = stage.back_up()
    with stage.open() as (store, _):
        approved(stage, store, stage.desk(store).add_approver(DAVID.did, name="David"), by=CAROL)
        stage.issue(store)
    stage.clock.later(minutes=2)
    return backup


def taken_over(stage: ListStage, store: IssuerStore) -> None:
    """Take the copy over, as a reconciliation does."""
    there = stage.safeguard.approvers.read()
    assert there is not None
    with store.db.transaction():
        stage.safeguard.approvers.take_over(there, at=stage.seconds, issuer=stage.did)


def mallory_is_written_into_it(value: dict[str, Any], stage: ListStage) -> None:
    value["approvers"].append({"did": MALLORY.did, "name": "Mallory", "added_at": stage.seconds})


def carol_is_struck_out(value: dict[str, Any], stage: ListStage) -> None:
    for item in value["approvers"]:
        if item["did"] == CAROL.did:
            item["removed_at"] = stage.seconds


def planted(by: Person, wish: Wish, *, issuer: str | None = None) -> Edit:
    """Plant a signed approval of nothing that was ever asked for."""

    def edit(value: dict[str, Any], stage: ListStage) -> None:
        request = ChangeRequest(
            request_id="00" * 16, issuer=issuer or stage.did, wish=wish, why="", made_at=stage.seconds
        )
        text = sign_approval(request, signer=by.signer, at=stage.seconds)
        value["approvals"] = [*value.get("approvals", []), {"at": stage.seconds, "approval": text}]

    return edit


@pytest.mark.parametrize(
    ("edit", "left"),
    [
        (mallory_is_written_into_it, MALLORY.did),
        (carol_is_struck_out, CAROL.did),
        (planted(MALLORY, AddApprover(did=MALLORY.did, name="Mallory")), None),
        (planted(MALLORY, RemoveApprover(did=CAROL.did)), None),
        # Nobody removes themselves.
        (planted(CAROL, RemoveApprover(did=CAROL.did)), None),
        # Carol approves for another issuer, too: what she signed there is nothing here.
        (planted(CAROL, AddApprover(did=MALLORY.did, name="Mallory"), issuer=MALLORY.did), None),
    ],
)
def test_what_nobody_in_office_has_signed_is_not_taken_over(
    stage: ListStage, edit: Edit, left: str | None
) -> None:
    backup = named_and_lost(stage)
    edited(stage, edit)
    stage.restore_store(backup)
    with stage.open() as (store, _):
        taken_over(stage, store)
        assert in_office(stage, store) == {CAROL.did, DAVID.did}
        told = [
            entry.members["left"] for _, _, entry in store.changes.audit.read() if "left" in entry.members
        ]
        assert told == ([] if left is None else [[left]])


def test_what_was_approved_for_another_issuer_counts_for_nothing(stage: ListStage) -> None:
    named_and_lost(stage)
    edited(stage, planted(CAROL, AddApprover(did=MALLORY.did, name="Mallory"), issuer=MALLORY.did))
    with stage.open() as (store, _):
        taken_over(stage, store)
        assert in_office(stage, store) == {CAROL.did, DAVID.did}
    edited(stage, planted(CAROL, AddApprover(did=MALLORY.did, name="Mallory")))
    with stage.open() as (store, _):
        taken_over(stage, store)
        assert in_office(stage, store) == {CAROL.did, DAVID.did, MALLORY.did}


def test_without_the_edit_who_was_signed_for_comes_back(stage: ListStage) -> None:
    backup = named_and_lost(stage)
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        assert in_office(stage, store) == {CAROL.did}
        desk.reconcile()
        assert in_office(stage, store) == {CAROL.did, DAVID.did}
        assert audited(stage, store) == {"first": CAROL.did}
    assert kept_dids(stage) == {CAROL.did, DAVID.did}


def test_an_edited_copy_gives_mallory_nothing_to_approve(stage: ListStage) -> None:
    """As it was done: struck out, written in, and reconciled on a home that is sound."""
    staffed(stage)
    edited(stage, carol_is_struck_out)
    edited(stage, mallory_is_written_into_it)
    with stage.open() as (store, _):
        taken_over(stage, store)
    with stage.open() as (store, _):
        assert in_office(stage, store) == {CAROL.did}
        request = waiting(stage.desk(store).set_limit(Limit.CHANGES, 10**6))
        with pytest.raises(RefusedError) as caught:
            stage.desk(store).apply(MALLORY.approve(request, at=stage.seconds))
        assert caught.value.reason is Reason.NOT_AUTHORISED
        assert audited(stage, store) == {"first": CAROL.did, "left": CAROL.did}


def test_a_chain_of_approvals_is_followed(stage: ListStage) -> None:
    """Carol lets David in, David removes Carol, and lets Erin in: all of it is lost, and comes back."""
    erin = Person()
    backup = named_and_lost(stage)
    with stage.open() as (store, _):
        approved(stage, store, stage.desk(store).remove_approver(CAROL.did), by=DAVID)
        approved(stage, store, stage.desk(store).add_approver(erin.did, name="Erin"), by=DAVID)
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        desk.reconcile()
        assert in_office(stage, store) == {DAVID.did, erin.did}
        assert audited(stage, store) == {"first": CAROL.did}


def test_a_store_in_which_nobody_was_ever_in_office_takes_the_copy_as_it_is(stage: ListStage) -> None:
    backup = stage.back_up()
    staffed(stage)
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        assert in_office(stage, store) == set()
        desk.reconcile()
        assert in_office(stage, store) == {CAROL.did}
        assert audited(stage, store) == {"taken_over": CAROL.did}


def test_what_was_approved_and_lost_is_not_applied_a_second_time(stage: ListStage) -> None:
    staffed(stage)
    with stage.open() as (store, _):
        request = waiting(stage.desk(store).add_approver(DAVID.did, name="David"))
    approval = CAROL.approve(request, at=stage.seconds)
    backup = stage.back_up()
    with stage.open() as (store, _):
        stage.desk(store).apply(approval)
        stage.issue(store)
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        assert stage.desk(store).requests() == [request]
        desk.reconcile()
        assert stage.desk(store).requests() == []
        with pytest.raises(RefusedError) as caught:
            stage.desk(store).apply(approval)
        assert caught.value.reason is Reason.REPLAYED


def test_a_store_that_knows_less_drops_nobody_from_the_copy(stage: ListStage) -> None:
    """Another machine has put an old dump of the shared store back, and this one has not noticed."""
    empty = stage.back_up("empty")
    before_david = named_and_lost(stage)
    with stage.open() as (store, _):
        approved(stage, store, stage.desk(store).set_limit(Limit.CHANGES, 7), by=DAVID)
    whole = kept(stage)
    assert whole["limits"]["changes"] == 7
    for backup, missing in ((empty, {CAROL.did, DAVID.did}), (before_david, {DAVID.did})):
        stage.restore_store(backup)
        with stage.open() as (store, _):
            assert {CAROL.did, DAVID.did} - in_office(stage, store) == missing
            ApproverCopy(stage.folder, store).keep()
            assert kept(stage) == whole


def test_a_removal_that_only_the_copy_knows_stays_in_it(stage: ListStage) -> None:
    named_and_lost(stage)
    backup = stage.back_up("both")
    with stage.open() as (store, _):
        approved(stage, store, stage.desk(store).remove_approver(DAVID.did), by=CAROL)
    assert kept_dids(stage) == {CAROL.did}
    stage.restore_store(backup)
    with stage.open() as (store, _):
        assert in_office(stage, store) == {CAROL.did, DAVID.did}
        ApproverCopy(stage.folder, store).keep()
        assert kept_dids(stage) == {CAROL.did}


def test_what_was_written_into_the_copy_about_somebody_the_store_knows_is_put_right(stage: ListStage) -> None:
    staffed(stage)
    whole = kept(stage)
    edited(stage, carol_is_struck_out)
    assert kept_dids(stage) == set()
    with stage.open() as (store, _):
        ApproverCopy(stage.folder, store).keep()
    assert kept(stage) == whole


def test_a_limit_that_was_raised_with_an_approval_is_raised_in_the_copy(stage: ListStage) -> None:
    staffed(stage)
    for number in (7, 9):
        with stage.open() as (store, _):
            approved(stage, store, stage.desk(store).set_limit(Limit.CHANGES, number), by=CAROL)
        assert kept(stage)["limits"]["changes"] == number


def test_a_limit_that_was_lowered_and_lost_is_taken_over(stage: ListStage) -> None:
    staffed(stage)
    backup = stage.back_up()
    with stage.open() as (store, _):
        approved(stage, store, stage.desk(store).set_limit(Limit.CHANGES, 7), by=CAROL)
        stage.issue(store)
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        assert stage.desk(store).limit(Limit.CHANGES) == 1000
        desk.reconcile()
        assert stage.desk(store).limit(Limit.CHANGES) == 7
        assert audited(stage, store) == {"first": CAROL.did, "taken_over": "changes"}


def test_the_copy_of_an_older_vcred_is_read(stage: ListStage) -> None:
    """It has nothing that was signed: whom it has beside the store is told, and not let in."""
    backup = named_and_lost(stage)
    edited(stage, lambda value, _: value.pop("approvals"))
    stage.restore_store(backup)
    with stage.open() as (store, desk):
        desk.reconcile()
        assert in_office(stage, store) == {CAROL.did}
        assert audited(stage, store) == {"first": CAROL.did, "left": DAVID.did}
    assert kept_dids(stage) == {CAROL.did, DAVID.did}
