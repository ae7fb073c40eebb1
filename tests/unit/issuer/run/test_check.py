# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Every row is checked before the first is signed; what a refused row does not need, a later row gets."""

import io
from pathlib import Path
from typing import Any

import pytest

from tests.unit.issuer.run.homes import HEALTH, roster_bytes
from tests.unit.issuer.stage import Stage
from vcred.errors import StoreError, UsageError
from vcred.issuer.engines.runs import roster_chunks, roster_desk
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.summary import Progress, Summary
from vcred.keys.software import SoftwareSigner

ROSTER = roster_bytes(20)
FAULTY = ROSTER.replace(b",NAAT,", b",violet,", 1)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(roster_chunks, "CHUNK_CREDENTIALS", 6)
    return Stage(tmp_path)


def issue(stage: Stage, roster: bytes | Path | io.BytesIO, **options: Any) -> Summary:
    with stage.open() as issuer:
        return issuer.issue_roster(HEALTH, roster, out=stage.folder / "out", check=True, **options)


def test_all_or_none(stage: Stage) -> None:
    told: list[Progress] = []
    refused = issue(stage, FAULTY, on_progress=told.append)
    assert (refused.rows, refused.issued, refused.refused_count, refused.checked) == (20, 0, 1, True)
    assert [(note.line, note.column, note.rule) for note in refused.refused] == [
        (2, "test_method", "not in the list")
    ]
    assert all(progress.checking for progress in told)
    assert not (stage.folder / "out").exists()
    with stage.open() as issuer:
        assert list(issuer.receipts()) == []
    summary = issue(stage, ROSTER, on_progress=told.append)
    assert (summary.issued, summary.refused_count, summary.checked) == (20, 0, True)
    assert not told[-1].checking


def test_how_far_it_is_is_told_of_rows_that_are_done(stage: Stage) -> None:
    """Twenty rows, six a chunk: the reader is far ahead of them."""
    told: list[Progress] = []
    for roster in (ROSTER, _file(stage)):
        told.clear()
        with stage.open() as issuer:
            issuer.check_roster(HEALTH, roster, on_progress=told.append)
        done = [(progress.rows, progress.percent) for progress in told]
        assert [rows for rows, _ in done] == [6, 12, 18, 20]
        # Rows are not of one length.
        assert all(percent is not None and abs(percent - 5 * rows) <= 8 for rows, percent in done)
        assert done[-1][1] == 100


def _file(stage: Stage) -> Path:
    file = stage.folder / "roster.csv"
    file.write_bytes(ROSTER)
    return file


def test_only_to_check_changes_nothing(stage: Stage) -> None:
    with stage.open() as issuer:
        summary = issuer.check_roster(HEALTH, ROSTER)
        assert (summary.rows, summary.issued, summary.waiting, summary.checked) == (20, 0, 0, True)
        assert list(issuer.receipts()) == []
    assert [path.name for path in stage.folder.iterdir() if path.is_dir()] == []


def test_to_check_needs_no_signature(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """ISS-23: no preview is signed; neither is anything of a roster with one refused row."""

    def refuse(_signer: SoftwareSigner, _message: bytes) -> bytes:
        raise StoreError("signed")

    with monkeypatch.context() as patched:
        patched.setattr(SoftwareSigner, "sign", refuse)
        with stage.open() as issuer:
            assert issuer.check_roster(HEALTH, ROSTER).refused_count == 0
        assert issue(stage, FAULTY).refused_count == 1
        # The control.
        with pytest.raises(StoreError, match="signed"):
            issue(stage, ROSTER)
    assert issue(stage, ROSTER).issued == 20


def test_a_row_that_was_issued_with_other_content_is_found_too(stage: Stage) -> None:
    assert issue(stage, ROSTER).issued == 20
    more = roster_bytes(21).replace(b",negative,", b",positive,", 1)
    summary = issue(stage, more)
    assert [note.rule for note in summary.refused] == ["issued before with other content"]
    assert (summary.issued, summary.skipped) == (0, 19)
    assert issue(stage, roster_bytes(21)).issued == 1


def test_a_stream_cannot_be_read_twice(stage: Stage) -> None:
    with pytest.raises(UsageError, match="only once"):
        issue(stage, io.BytesIO(ROSTER))


def test_a_roster_that_changes_while_it_is_checked_is_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stage.folder / "roster.csv"
    path.write_bytes(ROSTER)
    check = roster_desk.RosterDesk.check

    def changing(desk: roster_desk.RosterDesk, roster: roster_desk.Roster) -> Summary:
        summary = check(desk, roster)
        path.write_bytes(roster_bytes(20, seed=2))
        return summary

    with monkeypatch.context() as patch, pytest.raises(StoreError, match="has changed"):
        patch.setattr(roster_desk.RosterDesk, "check", changing)
        issue(stage, path)
    with stage.open() as issuer:
        assert list(issuer.receipts()) == []
    assert issue(stage, path).issued == 20


@pytest.mark.parametrize(("elsewhere", "expected"), [(False, [6, 5]), (True, [6, 6])])
def test_refused_rows_give_their_places_to_later_rows(
    elsewhere: bool, expected: list[int], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those that a worker elsewhere had: it may have signed the row, refused it and kept the text."""
    job = roster_desk.RosterJob
    monkeypatch.setattr(roster_desk, "RosterJob", lambda **all_: job(**{**all_, "elsewhere": elsewhere}))
    dealt: list[int] = []
    deal = IssuerStore.deal

    def noted(store: IssuerStore, *args: Any, **more: Any) -> Any:
        places = deal(store, *args, **more)
        dealt.append(len(places))
        return places

    monkeypatch.setattr(IssuerStore, "deal", noted)
    lines = FAULTY.splitlines(keepends=True)
    with stage.open() as issuer:
        # Six rows a chunk: one place is left of the first.
        summary = issuer.issue_roster(HEALTH, b"".join(lines[:13]), out=stage.folder / "out")
    assert (summary.issued, summary.refused_count, dealt) == (11, 1, expected)


def test_rows_that_only_wait_are_dealt_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line.rsplit(b",", 1)[0] + b"\n" for line in ROSTER.splitlines()]
    monkeypatch.delattr(IssuerStore, "deal")
    with stage.open() as issuer:
        summary = issuer.issue_roster(HEALTH, b"".join(lines), out=stage.folder / "out")
    assert (summary.issued, summary.waiting) == (0, 20)
