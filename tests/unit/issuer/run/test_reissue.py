# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reissue: other content, a new key (a lost phone), or revoked; the former is revoked in the same step."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.credential.claims import health_claims
from tests.unit.issuer.changes.rig import CAROL, set_limit
from tests.unit.issuer.run.homes import HEALTH, read_output
from tests.unit.issuer.stage import DATA, Stage, did_key
from tests.unit.issuer.test_interruption import Stopped, stopping_in
from vcred.errors import SchemaError
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.issuer.applications import Application
from vcred.issuer.change_request import ChangeStatus
from vcred.issuer.engines.outputs.lines import LinesOutput
from vcred.issuer.engines.runs import roster_chunks
from vcred.issuer.engines.runs.row_outcomes import FORMER_KEY, REVOKED_BEFORE
from vcred.issuer.engines.store.changes import ChangeTable
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import StatusValue
from vcred.issuer.summary import Summary

LINES = (DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[:9]
ROSTER = b"".join(LINES)
CHANGED = b"".join([LINES[0], LINES[1].replace(b",green,", b",red,"), *LINES[2:]])
ROW = "HC0000001"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(roster_chunks, "CHUNK_CREDENTIALS", 3)
    return Stage(tmp_path)


@pytest.fixture
def holders() -> dict[str, Any]:
    return {f"HC{number:07}": did_key() for number in range(1, 9)}


def run(stage: Stage, roster: bytes, holders: dict[str, Any], out: str = "1.jsonl", **more: Any) -> Summary:
    with stage.open() as issuer:
        return issuer.issue_roster(HEALTH, roster, out=stage.folder / out, applications=holders, **more)


def values(stage: Stage, row_id: str = ROW) -> list[StatusValue]:
    """The statuses of a row's credentials, in the order of issue."""
    with stage.open() as issuer:
        return [item.status for item in issuer.show_status(row_id)]


def test_other_content(stage: Stage, holders: dict[str, Any]) -> None:
    assert run(stage, ROSTER, holders).issued == 8
    assert run(stage, CHANGED, holders).refused_count == 1
    summary = run(stage, CHANGED, holders, out="2.jsonl", reissue=True)
    assert (summary.issued, summary.reissued, summary.skipped, summary.refused_count) == (1, 1, 7, 0)
    assert values(stage) == [StatusValue.REVOKED, StatusValue.VALID]
    assert read_output(stage.folder / "2.jsonl").texts.keys() == {ROW}
    # Again: there is nothing to replace.
    again = run(stage, CHANGED, holders, out="2.jsonl", reissue=True)
    assert (again.issued, again.skipped) == (0, 8)


def test_a_new_key(stage: Stage, holders: dict[str, Any]) -> None:
    """A lost phone."""
    run(stage, ROSTER, holders)
    others = holders | {ROW: did_key()}
    assert run(stage, ROSTER, others).other_key_count == 1
    summary = run(stage, ROSTER, others, out="2.jsonl", reissue=True)
    assert (summary.reissued, summary.skipped, summary.other_key_count) == (1, 7, 0)
    (text,) = read_output(stage.folder / "2.jsonl").texts.values()
    key = parse_presentation(text).holder_key
    assert key is not None and key.did_key() == others[ROW]
    assert values(stage) == [StatusValue.REVOKED, StatusValue.VALID]


def test_the_lost_phone_does_not_get_its_code_back(stage: Stage, holders: dict[str, Any]) -> None:
    """ISS-05: the roster of the night goes on naming the key that was lost."""
    run(stage, ROSTER, holders)
    run(stage, ROSTER, holders | {ROW: did_key()}, out="2.jsonl", reissue=True)
    summary = run(stage, ROSTER, holders, out="3.jsonl", reissue=True)
    assert [(note.row_id, note.column, note.rule) for note in summary.refused] == [
        (ROW, "holder", FORMER_KEY)
    ]
    assert (summary.reissued, values(stage)) == (0, [StatusValue.REVOKED, StatusValue.VALID])
    # Another new one is good.
    assert run(stage, ROSTER, holders | {ROW: did_key()}, out="4.jsonl", reissue=True).reissued == 1


def test_nor_as_a_further_copy(stage: Stage, holders: dict[str, Any]) -> None:
    """Beside the new key, the lost one asks for a copy more, without --reissue."""
    run(stage, ROSTER, holders)
    run(stage, ROSTER, holders | {ROW: did_key()}, out="2.jsonl", reissue=True)
    key = did_key()
    run(stage, ROSTER, {ROW: key}, out="3.jsonl", reissue=True)

    def with_copy(other: str, out: str) -> Summary:
        both = (Application(did=key), Application(did=other))
        return run(stage, ROSTER, {ROW: both}, out=out, copies=2)

    refused = with_copy(holders[ROW], "4.jsonl")
    assert [(note.row_id, note.rule) for note in refused.refused] == [(ROW, FORMER_KEY)]
    assert refused.issued == 0
    assert with_copy(did_key(), "5.jsonl").issued == 1


def test_a_revoked_one(stage: Stage, holders: dict[str, Any]) -> None:
    run(stage, ROSTER, holders)
    with stage.open() as issuer:
        issuer.revoke(ROW)
    assert run(stage, ROSTER, holders).skipped == 8
    summary = run(stage, ROSTER, holders, out="2.jsonl", reissue=True)
    assert summary.reissued == 1
    # Among many nobody is given back, by the way and unseen, what was taken from them.
    assert [(note.row_id, note.rule) for note in summary.flagged] == [(ROW, REVOKED_BEFORE)]
    assert values(stage) == [StatusValue.REVOKED, StatusValue.VALID]
    # The newest counts, not that an older one is revoked.
    assert run(stage, ROSTER, holders, out="2.jsonl", reissue=True).reissued == 0


def test_more_rows_than_a_chunk_and_every_one_once(stage: Stage, holders: dict[str, Any]) -> None:
    run(stage, ROSTER, holders)
    changed = ROSTER.replace(b",NAAT,", b",antigen,")
    summary = run(stage, changed, holders, out="2.jsonl", reissue=True)
    assert (summary.rows, summary.issued, summary.reissued) == (8, 8, 8)
    assert read_output(stage.folder / "2.jsonl").texts.keys() == holders.keys()
    with stage.open() as issuer:
        assert len(list(issuer.receipts())) == 16


def test_revoked_and_issued_in_one_step(
    stage: Stage, holders: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fails on the way, there is one valid credential: the former, or the new one."""
    run(stage, ROSTER, holders)
    revoke = ChangeTable.revoke_replaced

    def revoke_and_stop(table: ChangeTable, *args: Any, **more: Any) -> bool:
        assert revoke(table, *args, **more)
        raise Stopped

    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(ChangeTable, "revoke_replaced", revoke_and_stop)
        run(stage, CHANGED, holders, out="2.jsonl", reissue=True)
    assert values(stage) == [StatusValue.VALID]
    with pytest.raises(Stopped), stopping_in(LinesOutput, "write", call=1):
        run(stage, CHANGED, holders, out="2.jsonl", reissue=True)
    assert values(stage) == [StatusValue.REVOKED, StatusValue.VALID]
    assert run(stage, CHANGED, holders, out="2.jsonl", reissue=True).issued == 1
    assert read_output(stage.folder / "2.jsonl").texts.keys() == {ROW}


def test_another_program_may_have_reissued_the_row_meanwhile(stage: Stage, holders: dict[str, Any]) -> None:
    run(stage, ROSTER, holders)
    original = IssuerStore.record
    others = []

    def record_after_another(store: IssuerStore, *args: Any, **more: Any) -> Any:
        patch.undo()
        others.append(run(stage, CHANGED, holders, out="2.jsonl", reissue=True).reissued)
        return original(store, *args, **more)

    patch = pytest.MonkeyPatch()
    patch.setattr(IssuerStore, "record", record_after_another)
    summary = run(stage, CHANGED, holders, out="3.jsonl", reissue=True)
    assert (others, summary.reissued, summary.refused_count) == ([1], 0, 0)
    assert values(stage) == [StatusValue.REVOKED, StatusValue.VALID]


def limit_to(stage: Stage, changes: int) -> None:
    with stage.store() as store, store.db.transaction():
        set_limit(store, changes, at=int(stage.now.timestamp()))


def test_what_needs_a_second_person_is_set_aside_and_one_request_asks_for_it(
    stage: Stage, holders: dict[str, Any]
) -> None:
    """ISS-21: reissuing is no way round the limit, and the request names the former credentials alone."""
    run(stage, ROSTER, holders)
    limit_to(stage, 4)
    with stage.open() as issuer:
        issuer.status.add_approver(CAROL.did, name="Carol")
    changed = ROSTER.replace(b",NAAT,", b",antigen,")
    first = run(stage, changed, holders, out="2.jsonl", reissue=True)
    assert (first.rows, first.issued, first.reissued, first.approval_rows) == (8, 4, 4, 4)
    assert first.request is not None and isinstance(first.request.wish, ChangeStatus)
    assert (first.request.wish.count, first.request.wish.value) == (4, StatusValue.REVOKED)
    assert len(read_output(stage.folder / "2.jsonl").texts) == 4
    assert [values(stage, row_id)[-1] for row_id in holders] == [StatusValue.VALID] * 8
    # Until it is applied nothing changes, and nobody is asked twice.
    again = run(stage, changed, holders, out="2.jsonl", reissue=True)
    assert (again.issued, again.approval_rows, again.request) == (0, 4, first.request)

    with stage.open() as issuer:
        issuer.status.apply(CAROL.approve(first.request, at=int(stage.now.timestamp())))
    # The new ones of the four that were reissued stay.
    assert sorted(values(stage, row_id)[-1] for row_id in holders) == [
        *[StatusValue.REVOKED] * 4,
        *[StatusValue.VALID] * 4,
    ]
    last = run(stage, changed, holders, out="2.jsonl", reissue=True)
    assert (last.reissued, last.skipped, last.approval_rows, last.request) == (4, 4, 0, None)
    assert [values(stage, row_id) for row_id in holders] == [[StatusValue.REVOKED, StatusValue.VALID]] * 8


def test_what_another_process_changes_meanwhile_is_set_aside_too(
    stage: Stage, holders: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(stage, ROSTER, holders)
    limit_to(stage, 4)
    # As this run has seen it, before the others used the limit up.
    monkeypatch.setattr(ChangeTable, "changes_left", lambda _table, *, at: 8)
    changed = ROSTER.replace(b",NAAT,", b",antigen,")
    summary = run(stage, changed, holders, out="2.jsonl", reissue=True)
    # Nobody is in office who could be asked.
    assert (summary.reissued, summary.approval_rows, summary.request) == (4, 4, None)
    assert [values(stage, row_id)[-1] for row_id in holders] == [StatusValue.VALID] * 8


def test_a_check_counts_what_would_be_issued_anew(stage: Stage, holders: dict[str, Any]) -> None:
    run(stage, ROSTER, holders)
    limit_to(stage, 4)
    changed = ROSTER.replace(b",NAAT,", b",antigen,")
    with stage.open() as issuer:
        same = issuer.check_roster(HEALTH, ROSTER, applications=holders, reissue=True)
        other = issuer.check_roster(HEALTH, changed, applications=holders, reissue=True)
    assert (same.to_reissue, same.approval_rows) == (0, 0)
    assert (other.to_reissue, other.approval_rows, other.refused_count) == (8, 4, 0)
    assert values(stage) == [StatusValue.VALID]


def test_one_credential(stage: Stage) -> None:
    old, new = ((Application(did=did_key()),) for _ in range(2))
    claims, changed = health_claims(), health_claims() | {"colour": "red"}
    with stage.open() as issuer:
        (first,) = issuer.issue_one(HEALTH, claims, old, row_id="K1", out=stage.folder / "1")
        with pytest.raises(SchemaError, match="other content"):
            issuer.issue_one(HEALTH, changed, old, row_id="K1", out=stage.folder / "2")
        with pytest.raises(SchemaError, match="delivered"):
            issuer.issue_one(HEALTH, claims, new, row_id="K1", out=stage.folder / "2")
        (second,) = issuer.issue_one(HEALTH, claims, new, row_id="K1", out=stage.folder / "2", reissue=True)
        assert second.credential_id != first.credential_id
        (third,) = issuer.issue_one(HEALTH, changed, new, row_id="K1", out=stage.folder / "3", reissue=True)
        assert third.text == (stage.folder / "3").read_text()
        with pytest.raises(SchemaError, match="the holder needs a new key"):
            issuer.issue_one(HEALTH, changed, old, row_id="K1", out=stage.folder / "4", reissue=True)
        # The same once more is no new one.
        with pytest.raises(SchemaError, match="delivered"):
            issuer.issue_one(HEALTH, changed, new, row_id="K1", out=stage.folder / "4", reissue=True)
    assert values(stage, "K1") == [StatusValue.REVOKED, StatusValue.REVOKED, StatusValue.VALID]
