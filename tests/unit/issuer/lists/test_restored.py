# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13: a store that was put back neither issues nor publishes until it is reconciled."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.issuer.lists.stage import ListStage, opened
from vcred.errors import RefusedError, TrustBundleError
from vcred.files.mark import read_mark, write_mark
from vcred.issuer.engines.evidence import FILE_NAME, SqliteEvidence
from vcred.issuer.engines.statuses.safeguard import MARK_FILE
from vcred.issuer.journal import StatusValue
from vcred.issuer.restored import Loss, lists_lost, number_after, values_lost
from vcred.ledger.evidence.batch import make_batch
from vcred.ledger.evidence.leaf import CertificateEvent, EventKind, EvidenceLeaf
from vcred.ledger.state import EvidenceRecord
from vcred.reasons import Reason
from vcred.status.bits import StatusList
from vcred.trust.belief import Belief
from vcred.trust.held import HeldStatus


def refuses(stage: ListStage, loss: Loss) -> None:
    """Neither issuing nor publishing goes on, and taking back does."""
    stage.clock.later(minutes=2)
    with stage.open() as (store, desk):
        for act in (lambda: stage.issue(store), desk.publish):
            with pytest.raises(RefusedError) as caught:
                act()
            assert caught.value.reason is Reason.ROLLBACK
            assert str(caught.value).startswith(loss.value)
            assert "vcred status reconcile" in str(caught.value.hint)
        stage.change(store, [*store.entries()][:1], StatusValue.REVOKED)
    # It is told at the next start, too.
    with stage.open() as (store, _), pytest.raises(RefusedError):
        stage.issue(store)


def goes_on(stage: ListStage) -> None:
    with stage.open() as (store, desk):
        stage.issue(store)
        stage.clock.later(minutes=2)
        desk.publish()


def test_nothing_was_restored(stage: ListStage) -> None:
    goes_on(stage)
    # A home that is moved within its file system is the same.
    stage.folder = stage.folder.rename(stage.folder.with_name("moved"))
    goes_on(stage)


@pytest.mark.parametrize("what", ["issue", "revoke", "publish"])
def test_the_store_alone_is_put_back(stage: ListStage, what: str) -> None:
    backup = stage.back_up()
    goes_on_with: dict[str, Callable[[], None]] = {
        "issue": lambda: _do(stage, lambda store: stage.issue(store)),
        "revoke": lambda: _do(
            stage, lambda store: stage.change(store, [*store.entries()][:1], StatusValue.REVOKED)
        ),
        "publish": lambda: goes_on(stage),
    }
    goes_on_with[what]()
    stage.restore_store(backup)
    refuses(stage, Loss.SET_BACK)


def test_a_copy_of_the_newest_store_loses_nothing(stage: ListStage) -> None:
    goes_on(stage)
    stage.restore_store(stage.back_up())
    goes_on(stage)


def test_the_whole_home_is_put_back(stage: ListStage) -> None:
    backup = stage.back_up()
    goes_on(stage)
    stage.restore_home(backup)
    refuses(stage, Loss.COPIED)


def test_the_mark_is_gone(stage: ListStage) -> None:
    (stage.folder / MARK_FILE).unlink()
    refuses(stage, Loss.UNMARKED)


def test_an_image_of_the_disk_is_told_by_the_next_bundle(stage: ListStage) -> None:
    backup = stage.back_up()
    with stage.open() as (store, desk):
        stage.issue(store)
        stage.clock.later(minutes=2)
        published = desk.publish()
    stage.restore_home(backup)
    mark = read_mark(stage.folder / MARK_FILE)
    assert mark is not None
    # As an image of the disk brings it back: the very file.
    write_mark(stage.folder / MARK_FILE, mark.size)
    stage.import_lists(published)
    refuses(stage, Loss.LIST_NEWER)


def test_a_store_that_is_empty_is_told_by_the_bundle(stage: ListStage) -> None:
    for path in stage.folder.iterdir():
        path.unlink()
    refuses(stage, Loss.LIST_UNKNOWN) if [*stage.folder.iterdir()] else None
    with stage.open() as (store, _), pytest.raises(RefusedError, match="lacks"):
        stage.issue(store)


def test_evidence_on_the_ledger_that_the_home_lacks(stage: ListStage) -> None:
    event = CertificateEvent(certificate="FT-1", kind=EventKind.ISSUED, at=1)
    leaf = EvidenceLeaf(event=event, salt=bytes(32))
    with SqliteEvidence(stage.folder / FILE_NAME) as evidence:
        evidence.add([leaf])
        batch = evidence.batch(stage.did, is_recorded=lambda _: False, make=make_batch, most=16)
    assert batch is not None
    known = EvidenceRecord(entry="a", author=stage.did, index=20, root=batch.root, logged_at=0)
    stranger = replace(known, entry="b", author="did:vcred:other", root=bytes(32))
    stage.evidence = [known, stranger]
    goes_on(stage)
    stage.evidence.append(replace(known, entry="c", index=21, root=bytes(32)))
    refuses(stage, Loss.EVIDENCE_UNKNOWN)
    with stage.open() as (_, desk):
        desk.reconcile()
    goes_on(stage)
    stage.evidence.append(replace(known, entry="d", index=22, root=b"1" * 32))
    refuses(stage, Loss.EVIDENCE_UNKNOWN)


def test_reconciled_it_goes_on_and_what_was_revoked_stays_so(stage: ListStage) -> None:
    with stage.open() as (store, _):
        known = [*store.entries()]
    backup = stage.back_up()
    with stage.open() as (store, desk):
        later = stage.issue(store, 4)
        stage.change(store, [known[0], later[0]], StatusValue.REVOKED)
        stage.change(store, [known[1], later[1]], StatusValue.SUSPENDED)
        stage.clock.later(minutes=2)
        (newest,) = desk.publish()
    stage.restore_store(backup)
    refuses(stage, Loss.SET_BACK)
    with stage.open() as (store, desk):
        done = desk.reconcile([newest.token])
        assert (done.lists, done.suspended) == (1, 1)
        # One of the two was revoked once more by `refuses`.
        assert done.revoked + sum(e.value is StatusValue.REVOKED for e in known) <= 1
        assert store.entry(known[0].credential_id).value is StatusValue.REVOKED  # type: ignore[union-attr]
        assert store.entry(known[1].credential_id).value is StatusValue.SUSPENDED  # type: ignore[union-attr]
        (new,) = stage.issue(store)
        assert new.status.uri == f"{stage.base}{done.first_list}"
        stage.clock.later(minutes=2)
        told, fresh = map(opened, desk.publish())
        # Every bit that was published is there, of known credentials, of unknown ones, of nobody.
        before = dict(opened(newest).nonzero())
        after = dict(told.nonzero())
        assert before.items() <= after.items()
        assert fresh.get(new.status.index) == 0
        store.changes.audit.verify()
    goes_on(stage)


def test_a_list_that_the_store_never_knew_stays_published(stage: ListStage) -> None:
    empty = ListStage(stage.folder.with_name("new"), world=stage.world, clock=stage.clock, held=stage.held)
    with stage.open() as (store, desk):
        (lost,) = stage.issue(store)
        stage.change(store, [lost], StatusValue.REVOKED)
        stage.clock.later(minutes=2)
        published = desk.publish()
    empty.import_lists(published)
    with empty.open() as (store, desk):
        with pytest.raises(RefusedError, match="lacks"):
            empty.issue(store)
        done = desk.reconcile()
        assert (done.lists, done.revoked) == (1, 0)
        empty.issue(store)
        empty.clock.later(minutes=2)
        told, _ = desk.publish()
        assert (told.uri, opened(told).get(lost.status.index)) == (lost.status.uri, 1)
        assert dict(opened(told).nonzero()) == dict(opened(published[0]).nonzero())


def test_only_own_and_genuine_lists_are_taken_over(stage: ListStage) -> None:
    other = stage.world.status_token(stage.world.mo_issuer)
    good = stage.world.status_token(stage.world.issuer)
    head, _, signature = good.rpartition(".")
    forged = f"{head}.{signature[::-1]}"
    with stage.open() as (store, desk):
        before = store.changes.audit.head()
        with pytest.raises(RefusedError, match="another issuer") as caught:
            desk.reconcile([other])
        assert caught.value.reason is Reason.STATUS_INVALID
        for token in (forged, "", "x.y.z"):
            with pytest.raises(TrustBundleError):
                desk.reconcile([token])
        assert store.changes.audit.head() == before
        assert desk.reconcile([good], nothing_was_published=True).first_list >= 2000


def test_numbers_after_a_reconciliation() -> None:
    assert number_after([], at=0) == 2000
    assert number_after([0, 999], at=0) == 2000
    assert number_after([1000], at=0) == 3000
    assert number_after([7], at=1_577_836_800 + 5000) == 5000
    assert number_after([7], at=1_577_836_800 + 5001) == 5001


def test_a_copy_from_another_way_that_came_further(stage: ListStage) -> None:
    """The home is put back and reconciled; then a store that had come further before that comes back."""
    backup = stage.back_up("backup")
    with stage.open() as (store, _):
        for _number in range(3):
            stage.issue(store, 100)
    with stage.open() as (store, _):
        further = stage.snapshot(store, "further")
        known = {entry.status.index for entry in stage.issue(store, 100)}
    stage.restore_home(backup)
    with stage.open() as (_store, desk):
        first = desk.reconcile(nothing_was_published=True).first_list
    stage.restore_store(further)
    with stage.open() as (store, desk):
        with pytest.raises(RefusedError) as caught:
            stage.issue(store)
        assert caught.value.reason is Reason.ROLLBACK
        assert str(caught.value).startswith(Loss.SET_BACK.value)
        # The clock stands still, and yet no list gets the number of the reconciliation before.
        assert desk.reconcile(nothing_was_published=True).first_list > first
        given = stage.issue(store, 100)
        assert not known & {entry.status.index for entry in given if entry.status.uri == f"{stage.base}0"}


def test_a_store_that_another_home_has_reconciled(stage: ListStage, tmp_path: Path) -> None:
    """Both would deal from its lists."""
    with stage.open() as (store, _):
        stage.issue(store)
        copy = stage.snapshot(store, "copy")
    other = replace(stage, folder=tmp_path / "other")
    assert other.home
    other.restore_store(copy)
    with other.open() as (store, desk):
        desk.reconcile(nothing_was_published=True)
        other.issue(store)
        theirs = other.snapshot(store, "theirs")
    with stage.open() as (store, _):
        stage.issue(store)
    stage.restore_store(theirs)
    with stage.open() as (store, _):
        with pytest.raises(RefusedError) as caught:
            stage.issue(store)
        assert str(caught.value).startswith(Loss.SET_BACK.value)


def test_what_is_taken_over_never_brings_anybody_back() -> None:
    values = {index: index % 3 for index in range(9)}
    published = StatusList.empty(bits=2, size=131_072).changed(values)
    journal = {index: index // 3 for index in range(9)}
    known, unknown = values_lost(published, journal)
    # index  0 1 2 3 4 5 6 7 8
    # here   0 0 0 1 1 1 2 2 2
    # there  0 1 2 0 1 2 0 1 2
    assert known == {1: [1, 7], 2: [2]}
    assert unknown == {}
    assert values_lost(published, {})[1] == {index: value for index, value in values.items() if value}


def _do(stage: ListStage, act: Callable[..., object]) -> None:
    with stage.open() as (store, _):
        act(store)


def test_copies_are_copies(stage: ListStage) -> None:
    """The helper of other tests that work on copies: a copied home is refused unless it is told."""
    copy = ListStage(stage.folder.with_name("copy"), world=stage.world, clock=stage.clock, held=stage.held)
    shutil.copytree(stage.folder, copy.folder)
    refuses(copy, Loss.COPIED)


def test_lists_of_others_say_nothing_of_this_store() -> None:
    own = HeldStatus(uri="https://lists.example/0", did="did:vcred:own", issued_at=9, token="")
    assert lists_lost([own], {own.uri: 9}, did=own.did) is None
    assert lists_lost([replace(own, did="did:vcred:other")], {}, did=own.did) is None
    assert lists_lost([own], {}, did=own.did) is Loss.LIST_UNKNOWN
    assert lists_lost([own], {own.uri: 8}, did=own.did) is Loss.LIST_NEWER


def test_evidence_that_is_gone_with_its_file(stage: ListStage) -> None:
    leaf = EvidenceLeaf(
        event=CertificateEvent(certificate="FT-1", kind=EventKind.ISSUED, at=1), salt=bytes(32)
    )
    with SqliteEvidence(stage.folder / FILE_NAME) as evidence:
        evidence.add([leaf])
        batch = evidence.batch(stage.did, is_recorded=lambda _: False, make=make_batch, most=16)
    assert batch is not None
    stage.evidence = [EvidenceRecord(entry="a", author=stage.did, index=20, root=batch.root, logged_at=0)]
    goes_on(stage)
    (stage.folder / FILE_NAME).unlink()
    refuses(stage, Loss.EVIDENCE_UNKNOWN)
    # Looking for it makes no empty one, which would pass for the home's.
    assert not (stage.folder / FILE_NAME).exists()


def test_without_a_place_for_lists_there_is_nothing_to_go_on_with(
    stage: ListStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage.open() as (store, desk):
        desk.reconcile(nothing_was_published=True)
        head = store.changes.audit.head()
        # A key that the ledger lists, under a document that names no place.
        monkeypatch.setattr(Belief, "organisation", lambda *_: None)
        with pytest.raises(RefusedError, match="names no place for lists") as caught:
            desk.reconcile(nothing_was_published=True)
        assert caught.value.reason is Reason.STATUS_MISSING
        assert store.changes.audit.head() == head
