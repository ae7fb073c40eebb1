# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a restored store has lost comes back by its receipts (ISS-17, STA-21)."""

from dataclasses import replace

import pytest

from tests.unit.issuer.lists.losses import Loss, counts, lose
from tests.unit.issuer.lists.stage import VCT, ListStage, opened
from vcred.issuer.journal import StatusValue
from vcred.issuer.known_rows import Finding, RowDigests, find, may_join


@pytest.fixture
def loss(stage: ListStage) -> Loss:
    """What a home that was put back has lost."""
    return lose(stage)


def test_what_was_lost_is_known_again_with_what_was_published_of_it(loss: Loss) -> None:
    stage = loss.stage
    with stage.open() as (store, desk):
        assert store.entry(loss.lost[0].credential_id) is None
        reconciled, taken = desk.take_receipts(loss.write(loss.receipts))
        assert reconciled is not None
        assert (reconciled.lists, taken.entered, taken.known) == (1, 6, 0)
        assert (taken.revoked, taken.suspended, taken.rows_twice) == (1, 1, ())
        found = store.entries_of(entry.credential_id for entry in loss.lost)
        for entry, value in zip(
            loss.lost, (StatusValue.REVOKED, StatusValue.SUSPENDED, *[StatusValue.VALID] * 4), strict=True
        ):
            known = found[entry.credential_id]
            assert (known.row_id, known.status, known.value) == (entry.row_id, entry.status, value)
            assert (known.content, known.holder) == (b"", None)
        last = store.changes.audit.last()
        assert last is not None
        assert last.members == {"receipts": 6, "revoked": 1, "suspended": 1}
        assert (last.total_revoked, last.total_suspended) == store.changes.audit.counts()
        assert counts(store) == []
        # A place says something once: as somebody's, no more as published of nobody.
        assert loss.lost[0].status.index not in store.lists.decoys(0)


def test_it_is_revoked_by_id_and_by_row_and_published(loss: Loss) -> None:
    stage = loss.stage
    with stage.open() as (store, desk):
        desk.take_receipts(loss.write(loss.receipts))
        before = dict(opened(stage.held[0]).nonzero())
        found = store.changes.statuses.of_rows([loss.lost[2].row_id])[loss.lost[2].row_id]
        assert [one.value for one in found] == [StatusValue.VALID]
        stage.change(store, loss.lost[2:4], StatusValue.REVOKED)
        stage.clock.later(minutes=2)
        (told,) = desk.publish()
        after = opened(told)
        assert before.items() <= dict(after.nonzero()).items()
        assert [after.get(entry.status.index) for entry in loss.lost] == [1, 2, 1, 1, 0, 0]


def test_later_and_again_only_what_is_new_is_entered(loss: Loss) -> None:
    stage = loss.stage
    with stage.open() as (store, desk):
        first, _ = desk.take_receipts(loss.write(loss.receipts[:2]))
        assert first is not None
    with stage.open() as (store, desk):
        again, taken = desk.take_receipts(loss.write(loss.receipts))
        assert (again, taken.entered, taken.known) == (None, 4, 2)
        head = store.changes.audit.head()
        again, taken = desk.take_receipts(loss.write([*loss.receipts, *loss.receipts]))
        assert (again, taken.entered, taken.known) == (None, 0, 12)
        assert store.changes.audit.head() == head
        # It neither issues otherwise than before nor opens other lists.
        (new,) = stage.issue(store)
        assert new.status.uri == f"{stage.base}{first.first_list}"


def test_a_row_that_was_issued_again_meanwhile_is_told(loss: Loss) -> None:
    stage = loss.stage
    with stage.open() as (_, desk):
        desk.reconcile()
    # The next row ids of the stage are those that were lost.
    stage._rows = 10
    with stage.open() as (store, desk):
        again = stage.issue(store, 6)
        assert {entry.row_id for entry in again} == {entry.row_id for entry in loss.lost}
        _, taken = desk.take_receipts(loss.write(loss.receipts))
        # The first is revoked: there only the new one is in force.
        rows = {entry.row_id for entry in loss.lost[1:]}
        assert (taken.entered, set(taken.rows_twice)) == (6, rows)
        for entry in loss.lost:
            both = [*store.entries(entry.row_id)]
            assert {one.credential_id for one in both} >= {entry.credential_id}
            assert sorted(one.generation for one in both) == [0, 1]
        # Told again as long as it is so.
        _, taken = desk.take_receipts(loss.write(loss.receipts))
        assert set(taken.rows_twice) == rows
        assert counts(store) == []


def test_copies_of_a_row_come_back_as_one_generation_and_reissues_behind_each_other(loss: Loss) -> None:
    rows = [
        replace(receipt, row_id="A", copy=copy)
        for receipt, copy in zip(loss.receipts, (0, 1, 0, 1, 2, 0), strict=True)
    ]
    with loss.stage.open() as (store, desk):
        desk.take_receipts(loss.write(rows))
        found = sorted((entry.generation, entry.copy) for entry in store.entries("A"))
        assert found == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0)]


def test_whatever_is_to_be_issued_for_it_now_the_row_counts_as_issued(loss: Loss) -> None:
    with loss.stage.open() as (store, desk):
        desk.take_receipts(loss.write(loss.receipts))
        row_id = loss.lost[5].row_id
        known = store.issued(VCT, [row_id])[row_id]
        same = RowDigests(VCT, bytes(32), (b"",))
        for digests in (same, same._replace(content=b"1" * 32), same._replace(holders=(b"1" * 32,))):
            assert find(digests, known) is Finding.UNKNOWN
            # Nobody knows whether a copy more would go to the same person.
            assert not may_join(known, digests)
        assert find(same._replace(vct=VCT[:-1] + "2"), known) is Finding.OTHER_CONTENT
