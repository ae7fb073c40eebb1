# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-13, INV-4: a run that is killed, and a copy of the store from the midst of it that is put back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.issuer.lists.stage import VCT, ListStage
from vcred.errors import RefusedError, StoreError
from vcred.files.mark import read_mark
from vcred.issuer.engines.statuses.safeguard import MARK_FILE
from vcred.issuer.journal import JournalEntry
from vcred.issuer.mark_note import MarkNote, parse_note
from vcred.issuer.restored import Loss
from vcred.reasons import Reason


@pytest.fixture
def stage(tmp_path: Path) -> ListStage:
    return ListStage(tmp_path / "issuer")


def given(entries: list[JournalEntry]) -> set[tuple[str, int]]:
    return {(entry.status.uri, entry.status.index) for entry in entries}


def test_killed_and_nothing_put_back(stage: ListStage) -> None:
    with stage.open(killed=True) as (store, _):
        first = given(stage.issue(store, 10))
    with stage.open() as (store, _):
        assert not first & given(stage.issue(store, 10))
        # Nothing is burned: what was dealt is in the store.
        assert store.changes.audit.places() == 20


def test_killed_and_an_earlier_moment_of_the_run_put_back(stage: ListStage) -> None:
    with stage.open(killed=True) as (store, _):
        stage.issue(store, 10)
        snapshot = stage.snapshot(store)
        stage.issue(store, 10)
        stage.issue(store, 10)
    stage.restore_store(snapshot)
    for _ in range(2):
        with stage.open() as (store, _desk), pytest.raises(RefusedError) as caught:
            stage.issue(store)
        assert caught.value.reason is Reason.ROLLBACK
        assert str(caught.value).startswith(Loss.SET_BACK.value)


def test_killed_and_the_moment_before_the_last_deal_put_back(stage: ListStage) -> None:
    with stage.open(killed=True) as (store, _):
        known = given(stage.issue(store, 10))
        snapshot = stage.snapshot(store)
        known |= given(stage.issue(store, 500))
    stage.restore_store(snapshot)
    with stage.open() as (store, _):
        assert not known & given(stage.issue(store, 1000))
        assert store.changes.audit.places() >= 10 + 500 + 1000
    # Burned once, not at each start.
    with stage.open() as (store, _):
        before = store.changes.audit.places()
    with stage.open() as (store, _):
        assert store.changes.audit.places() == before


def test_killed_and_the_moment_before_a_list_opened_put_back(stage: ListStage) -> None:
    """The new list has an order of its own: dealt from once more, it would give other places again."""
    with stage.open(killed=True) as (store, _):
        stage.issue(store, 10)
        snapshot = stage.snapshot(store)
        lost = {uri for uri, _ in given(stage.issue(store, 10, vct=f"{VCT}0"))}
    stage.restore_store(snapshot)
    with stage.open() as (store, _):
        again = {uri for uri, _ in given(stage.issue(store, 10, vct=f"{VCT}1"))}
        assert not lost & again
        # The number that is left out is nobody's list.
        assert [record.uri for record in store.lists.records()] == sorted({*again, f"{stage.base}0"})


def test_killed_between_the_mark_and_the_commit(stage: ListStage) -> None:
    with stage.open() as (store, _):
        stage.issue(store, 10)
    with stage.open(killed=True) as (store, _):
        note = store.before_deal
        assert note is not None

        def killed(before: int) -> None:
            note(before)
            raise StoreError("killed")

        store.before_deal = killed
        with pytest.raises(StoreError, match="killed"):
            store.deal(VCT, stage.base, 300, at=stage.seconds)
        assert store.changes.audit.places() == 10
    with stage.open() as (store, _):
        assert store.changes.audit.places() == 310
        stage.issue(store, 1)
        assert store.changes.audit.places() == 311


def test_the_mark_says_both_before_a_place_leaves(stage: ListStage) -> None:
    with stage.open() as (store, _):
        places = []
        note = store.before_deal
        assert note is not None

        def watched(before: int) -> None:
            note(before)
            mark = read_mark(stage.folder / MARK_FILE)
            assert mark is not None
            told = parse_note(mark.note)
            assert told is not None
            places.append((mark.size, told.intended, told.next_list))

        store.before_deal = watched
        store.deal(VCT, stage.base, 5, at=stage.seconds)
        store.deal(VCT, stage.base, 7, at=stage.seconds)
    # Two audit entries in the first of them.
    assert places == [(0, 7, 1), (7, 14, 1)]


@pytest.mark.parametrize("spoil", [lambda t: t + "0 1", lambda t: "x" + t, lambda t: t.replace("-", "_")])
def test_a_note_that_cannot_be_read_is_no_mark(stage: ListStage, spoil: Callable[[str], str]) -> None:
    with stage.open() as (store, _):
        stage.issue(store, 10)
    path = stage.folder / MARK_FILE
    size, says, note, _ = path.read_text().split("\n")
    path.write_text(f"{size}\n{says}\n{note}\n")
    with stage.open() as (store, _):
        stage.issue(store, 1)
    size, says, note, _ = path.read_text().split("\n")
    path.write_text(f"{size}\n{says}\n{spoil(note)}\n")
    with stage.open() as (store, _), pytest.raises(RefusedError) as caught:
        stage.issue(store, 1)
    assert str(caught.value).startswith(Loss.COPIED.value)


@pytest.mark.parametrize(
    "note",
    [
        MarkNote(intended=0, next_list=0, newest=0, place=None, epoch=None),
        MarkNote(intended=7, next_list=2, newest=9, place="18446744073709551615:5:6", epoch=f"3:{'0a' * 8}"),
    ],
)
def test_notes_come_back(note: MarkNote) -> None:
    assert parse_note(note.encode()) == note
