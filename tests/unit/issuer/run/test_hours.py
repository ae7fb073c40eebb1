# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""ISS-22: outside its hours an issuer signs nothing, loses nothing, and still takes back."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.credential.claims import health_claims
from tests.unit.issuer.changes.rig import CAROL, waiting
from tests.unit.issuer.stage import DATA, Stage, did_key
from vcred.errors import RefusedError
from vcred.issuer.applications import Application
from vcred.issuer.audit.log import AuditKind
from vcred.issuer.chunk import ChunkResult, ChunkTask
from vcred.issuer.engines.runs import roster_chunks
from vcred.issuer.engines.workers.inline import InlineEngine
from vcred.issuer.journal import StatusValue
from vcred.issuer.signing_hours import make_hours
from vcred.issuer.summary import Progress, Summary
from vcred.reasons import Reason

ROSTER = (DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)
ROWS = 12
# Nine in the morning in Macau.
MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture(params=["out", "out.jsonl"])
def out(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Open from six to ten in the evening; chunks of three rows."""
    monkeypatch.setattr(roster_chunks, "CHUNK_CREDENTIALS", 3)
    stage = Stage(tmp_path, now=MORNING)
    with stage.open() as issuer:
        desk = issuer.status
        desk.add_approver(CAROL.did, name="Carol")
        request = waiting(desk.set_hours(make_hours("06:00-22:00", "Asia/Macau")))
        desk.apply(CAROL.approve(request, at=int(stage.now.timestamp())))
    return stage


HOLDERS: dict[str, Any] = {f"HC{number:07}": did_key() for number in range(1, ROWS + 1)}


def run(
    stage: Stage, out: Path, *, after: Callable[[Progress], None] | None = None, **options: Any
) -> Summary:
    roster = b"".join(ROSTER[: ROWS + 1])
    with stage.open() as issuer:
        return issuer.issue_roster(
            "health-code", roster, out=out, applications=HOLDERS, on_progress=after, **options
        )


def refused(stage: Stage, act: Callable[[], object]) -> str:
    """Nothing is dealt or signed; returns the message."""
    before = counts(stage)
    with pytest.raises(RefusedError) as caught:
        act()
    assert caught.value.reason is Reason.RATE_LIMITED
    assert counts(stage) == before
    return str(caught.value)


def counts(stage: Stage) -> tuple[int, int]:
    with stage.store() as store:
        return store.changes.audit.places(), sum(1 for _ in store.entries())


def alarms(stage: Stage) -> int:
    with stage.store() as store:
        return sum(entry.kind is AuditKind.REFUSED for _, _, entry in store.changes.audit.read())


def evening(stage: Stage) -> None:
    stage.now = MORNING + timedelta(hours=13)


@pytest.mark.parametrize("check", [False, True])
def test_a_roster_outside_the_hours(stage: Stage, out: Path, check: bool) -> None:
    evening(stage)
    message = refused(stage, lambda: run(stage, out, check=check))
    assert message == "this issuer's keys sign in the hours 06:00-22:00, Asia/Macau; there it is 22:00 now"
    assert not out.exists() and alarms(stage) == 1
    refused(stage, lambda: run(stage, out, check=check))
    assert alarms(stage) == 1
    stage.now += timedelta(hours=8)
    assert run(stage, out, check=check).issued == ROWS


def test_a_check_signs_nothing_and_has_no_hours(stage: Stage) -> None:
    evening(stage)
    with stage.open() as issuer:
        summary = issuer.check_roster("health-code", b"".join(ROSTER[: ROWS + 1]), applications=HOLDERS)
    assert (summary.rows, summary.refused, alarms(stage)) == (ROWS, (), 0)


def test_one_persons_credential(stage: Stage) -> None:
    def issue() -> int:
        with stage.open() as issuer:
            application = Application(did=HOLDERS["HC0000001"])
            issued = issuer.issue_one("health-code", health_claims(), (application,), row_id="ONE")
            return len(issued)

    stage.now = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    refused(stage, issue)
    assert alarms(stage) == 1
    stage.now = datetime(2026, 11, 20, 13, 59, 59, tzinfo=UTC)
    # The log's time never goes back: the refusal was later.
    refused(stage, issue)
    stage.now = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
    assert issue() == 1
    evening(stage)
    stage.now += timedelta(days=1)
    # It waits for its caller: nothing is signed for it.
    assert issue() == 1


def test_a_run_that_passes_the_end_stops_and_goes_on_the_next_day(stage: Stage, out: Path) -> None:
    """What was handed out comes to its end; each row is issued exactly once, over all days."""
    stage.now = MORNING + timedelta(hours=12, minutes=58)
    told: list[int] = []

    def pass_time(progress: Progress) -> None:
        told.append(progress.issued)
        stage.now += timedelta(minutes=1)

    with pytest.raises(RefusedError) as caught:
        run(stage, out, after=pass_time, workers=1)
    assert caught.value.reason is Reason.RATE_LIMITED
    assert told == [3, 6] and counts(stage)[1] == 6 and alarms(stage) == 1
    refused(stage, lambda: run(stage, out))
    stage.now += timedelta(hours=8)
    second = run(stage, out)
    assert (second.issued, second.skipped) == (ROWS - 6, 6)
    with stage.open() as issuer:
        assert [receipt.row_id for receipt in issuer.receipts()] == sorted(HOLDERS)


def test_what_is_out_in_other_processes_comes_to_its_end(
    stage: Stage, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Places were dealt before the end: their credentials are signed, and delivered."""
    stage.now = MORNING + timedelta(hours=12, minutes=59)
    submit, handed = InlineEngine.submit, 0

    def submit_and_wait(engine: InlineEngine, task: ChunkTask) -> "Future[ChunkResult]":
        nonlocal handed
        handed += 1
        if handed == 3:
            stage.now += timedelta(minutes=1)
        return submit(engine, task)

    monkeypatch.setattr(InlineEngine, "workers", 2)
    monkeypatch.setattr(InlineEngine, "submit", submit_and_wait)
    told: list[int] = []
    with pytest.raises(RefusedError):
        run(stage, out, after=lambda progress: told.append(progress.issued))
    assert (told, counts(stage)) == ([3, 6, 9], (9, 9))
    stage.now += timedelta(hours=12)
    assert run(stage, out).issued == ROWS - 9


def test_reissuing_has_hours_and_revoking_has_none(stage: Stage, out: Path) -> None:
    run(stage, out)
    evening(stage)
    with stage.open() as issuer:
        issuer.revoke("HC0000001")
        assert [one.status for one in issuer.show_status("HC0000001")] == [StatusValue.REVOKED]
        assert issuer.publish_status()
    refused(stage, lambda: run(stage, out, reissue=True))
    stage.now += timedelta(hours=8)
    assert run(stage, out).issued == 0
