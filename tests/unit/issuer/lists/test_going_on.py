# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13: nobody alone says which lists were the last, where somebody else may approve it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.issuer.changes.rig import Person, waiting
from tests.unit.issuer.lists.stage import ListStage
from vcred.cli.request_words import say_request
from vcred.errors import RefusedError
from vcred.issuer.change_request import ChangeRequest, GoOn
from vcred.issuer.engines.statuses.approver_copy import APPROVERS_FILE
from vcred.issuer.engines.statuses.list_desk import ListDesk
from vcred.issuer.engines.statuses.safeguard import MARK_FILE
from vcred.issuer.engines.statuses.second_person import WaitingError
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import StatusValue
from vcred.issuer.status_lists import Purposes
from vcred.reasons import Reason

HOURS_24 = 24 * 60


@dataclass
class Scene:
    """A home with Carol in office, a backup of it, and one credential that was revoked after that.

    `older`: the list that was published after the backup, before the revocation.
    """

    stage: ListStage
    carol: Person
    backup: Path
    older: str

    def put_back(self) -> None:
        """Put the old store back, and remove the mark that would tell what was published since."""
        self.stage.restore_store(self.backup)
        (self.stage.folder / MARK_FILE).unlink()

    def approve(self, request: ChangeRequest, *, by: Person | None = None) -> None:
        with self.stage.open() as (store, _):
            text = (by or self.carol).approve(request, at=self.stage.seconds)
            self.stage.desk(store).apply(text)


@pytest.fixture
def scene(stage: ListStage) -> Scene:
    carol = Person()
    with stage.open() as (store, _):
        stage.desk(store).add_approver(carol.did, name="Carol")
    backup = stage.back_up()
    stage.clock.later(minutes=2)
    with stage.open() as (_, desk):
        (older,) = desk.publish()
    stage.clock.later(minutes=2)
    with stage.open() as (store, desk):
        stage.change(store, [*store.entries()][:1], StatusValue.REVOKED)
        desk.publish()
    return Scene(stage, carol, backup, older.token)


def asked(desk: ListDesk, *tokens: str, nothing: bool = True) -> ChangeRequest:
    with pytest.raises(WaitingError, match="waits for a second person") as caught:
        desk.reconcile(tokens, nothing_was_published=nothing)
    assert caught.value.reason is Reason.APPROVAL_REQUIRED
    return caught.value.request


@contextmanager
def still_refused(stage: ListStage) -> Iterator[tuple[IssuerStore, ListDesk]]:
    """The home as it is opened anew; neither issues nor publishes after what is done in it."""
    with stage.open() as (store, desk):
        yield store, desk
        with pytest.raises(RefusedError) as caught:
            desk.publish()
        assert caught.value.reason is Reason.ROLLBACK


def audited(stage: ListStage) -> tuple[list[str], list[str]]:
    with stage.open() as (store, _), stage.desk(store).auditing() as check:
        assert list(check.entries())
        differences = [one.kind.value for one in check.differences()]
        return differences, [one.kind.value for one in check.notices()]


def test_one_person_alone_does_not_make_good_again_who_was_revoked(scene: Scene) -> None:
    scene.put_back()
    with still_refused(scene.stage) as (_, desk):
        request = asked(desk)
        assert request.wish == GoOn(newest=scene.stage.held[0].issued_at, missing=0)
        assert asked(desk) == request
    scene.approve(request)
    with scene.stage.open() as (store, desk):
        desk.reconcile(nothing_was_published=True)
        last = store.changes.audit.last()
        assert last is not None
        assert (last.members["nothing_published"], last.members["request"]) == (True, request.request_id)
        scene.stage.clock.later(minutes=2)
        desk.publish()
    assert audited(scene.stage) == ([], ["first"])


def test_an_older_list_is_not_handed_over_for_the_newest_by_one_person_alone(scene: Scene) -> None:
    """It is newer than the store: and the list behind it, which revokes, is left out."""
    scene.put_back()
    with still_refused(scene.stage) as (_, desk):
        request = asked(desk, scene.older, nothing=False)
    scene.approve(request)
    with scene.stage.open() as (_, desk):
        # What the approver has read of is what counts, not another list.
        assert asked(desk).request_id != request.request_id
        assert desk.reconcile([scene.older]).lists == 1


def test_the_second_person_reads_of_lists_that_are_left_out(stage: ListStage) -> None:
    """One of the newest is shown, and the other, in which somebody was revoked, is said to be none."""
    carol = Person()
    with stage.open() as (store, desk):
        stage.desk(store).add_approver(carol.did, name="Carol")
        stage.issue(store)
        desk.set_purposes(Purposes.REVOCATION)
        stage.issue(store)
        stage.clock.later(minutes=2)
        desk.publish()
    scene = Scene(stage, carol, stage.back_up(), "")
    stage.clock.later(minutes=2)
    with stage.open() as (store, desk):
        stage.change(store, store.entries(), StatusValue.REVOKED)
        one, other = desk.publish()
    scene.put_back()
    with stage.open() as (_, desk):
        whole = asked(desk, one.token, other.token)
        assert whole.wish == GoOn(newest=one.issued_at, missing=0)
    scene.approve(whole)
    with stage.open() as (store, desk):
        left_out = asked(desk, one.token)
        assert left_out.wish == GoOn(newest=one.issued_at, missing=1)
        assert "and without 1 list of that time" in say_request(left_out)
        # What was approved of all lists lets none through that has fewer.
        assert desk.reconcile([one.token, other.token], nothing_was_published=True).revoked == 12


def test_what_was_approved_lets_one_reconciliation_through(scene: Scene) -> None:
    scene.put_back()
    with scene.stage.open() as (_, desk):
        request = asked(desk)
    scene.approve(request)
    with scene.stage.open() as (_, desk):
        desk.reconcile(nothing_was_published=True)
        assert asked(desk).request_id != request.request_id
    scene.put_back()
    with still_refused(scene.stage) as (_, desk):
        assert asked(desk).request_id != request.request_id


def test_what_was_approved_lapses_after_a_day(scene: Scene) -> None:
    scene.put_back()
    with scene.stage.open() as (_, desk):
        request = asked(desk)
    scene.approve(request)
    approved = scene.stage.back_up("approved")
    scene.stage.clock.later(minutes=HOURS_24 - 1)
    with scene.stage.open() as (_, desk):
        desk.reconcile(nothing_was_published=True)
    scene.stage.restore_home(approved)
    scene.stage.clock.later(minutes=1)
    with still_refused(scene.stage) as (_, desk):
        assert asked(desk).request_id != request.request_id


def test_who_came_after_the_copy_was_made_is_asked(stage: ListStage) -> None:
    """The store knows of nobody; the file beside it does."""
    carol, mallory = Person(), Person()
    backup = stage.back_up()
    with stage.open() as (store, _):
        stage.desk(store).add_approver(carol.did, name="Carol")
    scene = Scene(stage, carol, backup, "")
    scene.put_back()
    with still_refused(stage) as (store, desk):
        assert store.changes.approvals.in_office() == []
        # Else somebody of one's own would be the first, and approve it.
        with pytest.raises(RefusedError, match="knows of approvers, and its store of none") as caught:
            stage.desk(store).add_approver(mallory.did, name="Mallory")
        assert caught.value.reason is Reason.ROLLBACK
        request = asked(desk)
        assert store.changes.approvals.in_office() == [carol.did]
        assert waiting(stage.desk(store).add_approver(mallory.did, name="Mallory"))
    with pytest.raises(RefusedError) as refused:
        scene.approve(request, by=mallory)
    assert refused.value.reason is Reason.NOT_AUTHORISED
    scene.approve(request)
    with stage.open() as (_, desk):
        desk.reconcile(nothing_was_published=True)
    assert audited(stage) == ([], ["taken_over"])


def test_who_was_removed_after_the_copy_was_made_does_not_approve(scene: Scene) -> None:
    stage, dave = scene.stage, Person()
    with stage.open() as (store, _):
        office = stage.desk(store)
        text = scene.carol.approve(waiting(office.add_approver(dave.did, name="Dave")), at=stage.seconds)
        office.apply(text)
        text = dave.approve(waiting(office.remove_approver(scene.carol.did)), at=stage.seconds)
        office.apply(text)
    scene.put_back()
    with stage.open() as (_, desk):
        request = asked(desk)
    with pytest.raises(RefusedError) as caught:
        scene.approve(request)
    assert caught.value.reason is Reason.NOT_AUTHORISED
    scene.approve(request, by=dave)
    with stage.open() as (_, desk):
        desk.reconcile(nothing_was_published=True)
    assert audited(stage) == ([], ["first"])


def test_nothing_tells_of_an_approver_whose_store_and_file_are_both_gone(
    stage: ListStage,
) -> None:
    """What remains, as docs/spec/changes.md says: whoever takes both away goes on alone."""
    backup = stage.back_up()
    with stage.open() as (store, _):
        stage.desk(store).add_approver(Person().did, name="Carol")
    Scene(stage, Person(), backup, "").put_back()
    with stage.open() as (_, desk):
        asked(desk)
    stage.restore_store(backup)
    (stage.folder / APPROVERS_FILE).unlink()
    with stage.open() as (_, desk):
        desk.reconcile(nothing_was_published=True)
