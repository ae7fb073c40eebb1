# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A new version of a type issues no row once more (ISS-17): each is still one person's one credential."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.credential.claims import health_claims
from tests.unit.issuer.changes.rig import CAROL, set_limit
from tests.unit.issuer.run.homes import HEALTH, read_output
from tests.unit.issuer.run.versions import FIRST, SECOND, Authority
from tests.unit.issuer.stage import DATA, Stage, did_key
from tests.unit.issuer.test_interruption import Stopped, stopping_in
from vcred.errors import SchemaError
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.issuer.applications import Application
from vcred.issuer.engines.outputs.lines import LinesOutput
from vcred.issuer.engines.runs import roster_chunks
from vcred.issuer.engines.runs.row_outcomes import NO_FURTHER_COPY, OTHER_CONTENT, SUSPENDED
from vcred.issuer.engines.store.changes import ChangeTable
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import StatusValue
from vcred.issuer.summary import Summary

ROSTER = b"".join((DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[:9])
ROW = "HC0000001"
ROWS = tuple(f"HC{number:07}" for number in range(1, 9))
GOOD, BACK, HALTED = StatusValue.VALID, StatusValue.REVOKED, StatusValue.SUSPENDED


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setattr(roster_chunks, "CHUNK_CREDENTIALS", 3)
    return Authority(tmp_path)


@pytest.fixture
def holders() -> dict[str, Any]:
    return {row_id: did_key() for row_id in ROWS}


def run(stage: Stage, holders: dict[str, Any], out: str = "1.jsonl", **more: Any) -> Summary:
    with stage.open() as issuer:
        return issuer.issue_roster(HEALTH, ROSTER, out=stage.folder / out, applications=holders, **more)


def versions(stage: Stage, row_id: str = ROW) -> list[tuple[str, StatusValue]]:
    """Version and status of a row's credentials, in the order of issue."""
    with stage.open() as issuer:
        return [(item.receipt.vct, item.status) for item in issuer.show_status(row_id)]


def receipts(stage: Stage, out: str) -> list[tuple[str, str]]:
    return [(line["row_id"], line["type"]) for line in read_output(stage.folder / out).receipts]


def test_every_row_that_was_issued_is_refused(stage: Authority, holders: dict[str, Any]) -> None:
    run(stage, {row_id: holders[row_id] for row_id in ROWS[:6]})
    before = (stage.folder / "1.jsonl").read_bytes()
    with stage.open() as issuer:
        issuer.revoke(ROWS[1])
        issuer.suspend(ROWS[2])
    # The good case: under one version nothing happens, and the output stays byte for byte.
    again = run(stage, holders)
    assert (again.issued, again.skipped, again.refused_count) == (2, 6, 0)
    assert (stage.folder / "1.jsonl").read_bytes().startswith(before)

    stage.is_published = True
    for out in ("1.jsonl", "2.jsonl"):
        summary = run(stage, holders, out=out)
        assert (summary.rows, summary.issued, summary.skipped) == (8, 0, 0)
        assert {(note.row_id, note.column, note.rule) for note in summary.refused} == {
            (row_id, "row_id", OTHER_CONTENT) for row_id in ROWS
        }
    assert [versions(stage, row_id) for row_id in ROWS[:3]] == [
        [(FIRST, GOOD)],
        [(FIRST, BACK)],
        [(FIRST, HALTED)],
    ]


def test_a_row_that_is_new_is_issued_under_the_new_version(stage: Authority, holders: dict[str, Any]) -> None:
    del holders[ROW]
    run(stage, holders)
    stage.is_published = True
    summary = run(stage, {ROW: did_key()})
    assert (summary.issued, summary.waiting) == (1, 7)
    assert versions(stage) == [(SECOND, GOOD)]


def test_reissued_under_the_new_version_the_former_one_is_revoked(
    stage: Authority, holders: dict[str, Any]
) -> None:
    """A lost phone: nothing of the old one stays good."""
    run(stage, holders)
    with stage.open() as issuer:
        issuer.revoke(ROWS[1])
        issuer.suspend(ROWS[2])
    stage.is_published = True
    others = holders | {ROW: did_key()}
    with stage.open() as issuer:
        checked = issuer.check_roster(HEALTH, ROSTER, applications=others, reissue=True)
    assert (checked.to_reissue, [note.rule for note in checked.refused]) == (7, [SUSPENDED])
    summary = run(stage, others, out="2.jsonl", reissue=True)
    assert (summary.issued, summary.reissued, summary.skipped) == (7, 7, 0)
    assert [(note.row_id, note.rule) for note in summary.refused] == [(ROWS[2], SUSPENDED)]
    assert [versions(stage, row_id) for row_id in ROWS[:3]] == [
        [(FIRST, BACK), (SECOND, GOOD)],
        [(FIRST, BACK), (SECOND, GOOD)],
        [(FIRST, HALTED)],
    ]
    made = parse_presentation(read_output(stage.folder / "2.jsonl").texts[ROW])
    assert made.holder_key is not None and made.holder_key.did_key() == others[ROW]
    # Again: there is nothing to replace. And the version before is not issued beside it.
    assert run(stage, others, out="2.jsonl", reissue=True).skipped == 7
    with stage.open() as issuer:
        old = issuer.issue_roster(FIRST, ROSTER, out=stage.folder / "3", applications=others)
    # What is suspended is as it was issued, under that version.
    assert (old.issued, old.skipped, old.refused_count) == (0, 1, 7)


def test_the_files_of_a_folder_tell_the_versions_apart(stage: Authority, holders: dict[str, Any]) -> None:
    run(stage, holders, out="out")
    stage.is_published = True
    run(stage, holders, out="out", reissue=True)
    names = {path.name for path in (stage.folder / "out").glob("HC*")}
    assert names == {f"{row_id}{more}.sdjwt" for row_id in ROWS for more in ("", "+1")}
    assert receipts(stage, "out") == [(row_id, vct) for vct in (FIRST, SECOND) for row_id in ROWS]


def test_another_version_is_no_way_round_the_second_person(stage: Authority, holders: dict[str, Any]) -> None:
    """ISS-21: what is over the limit waits, and the request names the former credentials alone."""
    run(stage, holders)
    at = int(stage.now.timestamp())
    with stage.store() as store, store.db.transaction():
        set_limit(store, 3, at=at)
    with stage.open() as issuer:
        issuer.status.add_approver(CAROL.did, name="Carol")
    stage.is_published = True
    first = run(stage, holders, out="2.jsonl", reissue=True)
    assert (first.reissued, first.approval_rows) == (3, 5)
    assert first.request is not None
    with stage.open() as issuer:
        issuer.status.apply(CAROL.approve(first.request, at=at))
    last = run(stage, holders, out="2.jsonl", reissue=True)
    assert (last.reissued, last.skipped, last.approval_rows) == (5, 3, 0)
    assert {tuple(versions(stage, row_id)) for row_id in ROWS} == {((FIRST, BACK), (SECOND, GOOD))}


@pytest.mark.parametrize(
    ("target", "name", "former"),
    [
        (ChangeTable, "revoke_replaced", GOOD),
        (IssuerStore, "record", GOOD),
        (LinesOutput, "write", BACK),
        (IssuerStore, "delivered", BACK),
    ],
)
def test_stopped_in_the_middle_and_run_again(
    stage: Authority, holders: dict[str, Any], target: object, name: str, former: StatusValue
) -> None:
    """One credential of each row is good, whenever it stops, and none is issued twice."""
    run(stage, holders)
    stage.is_published = True
    with pytest.raises(Stopped), stopping_in(target, name, call=1):
        run(stage, holders, out="2.jsonl", reissue=True)
    assert [value for _, value in versions(stage)].count(GOOD) == 1
    assert versions(stage)[0] == (FIRST, former)
    assert run(stage, holders, out="2.jsonl", reissue=True).issued == 8
    assert read_output(stage.folder / "2.jsonl").texts.keys() == set(ROWS)
    assert {tuple(versions(stage, row_id)) for row_id in ROWS} == {((FIRST, BACK), (SECOND, GOOD))}


def test_what_waits_of_the_version_before_is_delivered_and_not_made_again(
    stage: Authority, holders: dict[str, Any]
) -> None:
    with pytest.raises(Stopped), stopping_in(LinesOutput, "write", call=1):
        run(stage, holders)
    stage.is_published = True
    summary = run(stage, holders)
    assert (summary.resumed, summary.issued, summary.refused_count) == (3, 8, 3)
    assert receipts(stage, "1.jsonl") == [
        (row_id, FIRST if number < 3 else SECOND) for number, row_id in enumerate(ROWS)
    ]


def test_another_program_may_have_issued_the_row_under_the_version_before(
    stage: Authority, holders: dict[str, Any]
) -> None:
    original = IssuerStore.record

    def record_after_another(store: IssuerStore, *args: Any, **more: Any) -> Any:
        patch.undo()
        assert run(Stage(stage.folder, issuing=stage.issuing, status=stage.status), holders).issued == 8
        return original(store, *args, **more)

    stage.is_published = True
    patch = pytest.MonkeyPatch()
    patch.setattr(IssuerStore, "record", record_after_another)
    summary = run(stage, holders, out="2.jsonl")
    assert (summary.issued, [note.rule for note in summary.refused]) == (0, [OTHER_CONTENT] * 8)


def test_no_copy_more_and_no_place_for_one(stage: Authority) -> None:
    one_row = b"".join(ROSTER.splitlines(keepends=True)[:2])
    keys = [Application(did=did_key()) for _ in range(3)]

    def copies(number: int) -> list[str]:
        with stage.open() as issuer:
            summary = issuer.issue_roster(
                HEALTH,
                one_row,
                out=stage.folder / "1.jsonl",
                applications={ROW: tuple(keys[:number])},
                copies=number,
            )
        return [note.rule for note in summary.refused]

    assert copies(1) == copies(2) == []
    stage.is_published = True
    with stage.store() as store:
        before = store.progress()
    assert copies(3) == [OTHER_CONTENT] != [NO_FURTHER_COPY]
    with stage.store() as store:
        assert store.progress() == before


def test_a_new_version_of_what_was_issued_twice_before(stage: Authority, holders: dict[str, Any]) -> None:
    """By an older vcred: both stand, and the next replacement takes both back."""
    run(stage, holders)
    stage.is_published = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vcred.issuer.engines.store.types.unversioned", lambda vct: vct)
        assert run(stage, holders, out="2.jsonl").issued == 8
    assert versions(stage) == [(FIRST, GOOD), (SECOND, GOOD)]
    again = run(stage, holders, out="2.jsonl", reissue=True)
    assert (again.issued, again.skipped, again.refused_count) == (0, 8, 0)
    with stage.store() as store, store.db.transaction():
        set_limit(store, 2, at=int(stage.now.timestamp()))
    # As many as stand count for the limit.
    lost = holders | {ROW: did_key(), ROWS[1]: did_key()}
    summary = run(stage, lost, out="2.jsonl", reissue=True)
    assert (summary.reissued, summary.approval_rows) == (1, 1)
    assert versions(stage) == [(FIRST, BACK), (SECOND, BACK), (SECOND, GOOD)]


def test_one_credential(stage: Authority) -> None:
    """With other claims, or the same: a new version alone issues nothing."""
    holder = (Application(did=did_key()),)
    claims, changed = health_claims(), health_claims() | {"colour": "red"}
    with stage.open() as issuer:
        issuer.issue_one(HEALTH, claims, holder, row_id="V7", out=stage.folder / "1")
        with pytest.raises(SchemaError, match="delivered"):
            issuer.issue_one(HEALTH, claims, holder, row_id="V7", out=stage.folder / "2")
    stage.is_published = True
    with stage.open() as issuer:
        for its in (claims, changed):
            with pytest.raises(SchemaError, match="row_id: issued before with other content"):
                issuer.issue_one(HEALTH, its, holder, row_id="V7", out=stage.folder / "2")
        assert not (stage.folder / "2").exists()
        (new,) = issuer.issue_one(HEALTH, claims, holder, row_id="V7", out=stage.folder / "2", reissue=True)
        assert (new.vct, new.generation) == (SECOND, 1)
        with pytest.raises(SchemaError, match="delivered"):
            issuer.issue_one(HEALTH, claims, holder, row_id="V7", out=stage.folder / "3", reissue=True)
    assert versions(stage, "V7") == [(FIRST, BACK), (SECOND, GOOD)]
    with stage.open() as issuer:
        issuer.revoke("V7")
    assert versions(stage, "V7") == [(FIRST, BACK), (SECOND, BACK)]
