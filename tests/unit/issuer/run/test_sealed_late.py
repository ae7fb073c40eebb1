# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A run that seals lets nothing leave that everybody can read, whoever has signed it (PRV-05)."""

from pathlib import Path
from typing import Any

import pytest
from tools.make_roster import HEADER

from tests.unit.issuer.run.test_chunk import ROWS, TYPE
from tests.unit.issuer.stage import DATA, Stage, did_key
from tests.unit.issuer.test_interruption import Stopped, stopping_in
from vcred.errors import UsageError
from vcred.issuer.applications import Application
from vcred.issuer.engines.outputs import folder as folder_module
from vcred.issuer.engines.outputs import lines as lines_module
from vcred.issuer.engines.runs import single
from vcred.issuer.issuer import Issuer
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.roster import cells_of, claims_of
from vcred.securing.jwe import is_sealed

ROSTER = b"".join((DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[:5])
HOLDERS = {f"HC{number:07}": did_key() for number in range(1, 5)}
NOT_SEALED = r"not delivered is not sealed: 4 of these credentials"
WRITERS = {"out": (folder_module.FolderOutput, "write"), "codes.jsonl": (lines_module.LinesOutput, "write")}


def run(stage: Stage, out: str, *, sealed: bool) -> tuple[int, int]:
    """Issue the roster; how many credentials were issued, and how many skipped."""
    with stage.open() as issuer:
        place = stage.folder / out
        summary = issuer.issue_roster("health-code", ROSTER, out=place, applications=HOLDERS, sealed=sealed)
    return summary.issued, summary.skipped


def stop_before_delivery(stage: Stage, out: str, *, sealed: bool) -> None:
    target, name = WRITERS[out]
    with pytest.raises(Stopped), stopping_in(target, name, call=1):
        run(stage, out, sealed=sealed)


def texts(place: Path) -> list[str]:
    """All that can be read in an output, whatever it is called."""
    files = place.iterdir() if place.is_dir() else [place] if place.exists() else []
    return [file.read_text() for file in files if file.suffix in (".sdjwt", ".jwe", ".jsonl")]


@pytest.mark.parametrize("other", ["the same place", "another place"])
@pytest.mark.parametrize("out", list(WRITERS))
def test_what_waits_open_does_not_leave_by_a_run_that_seals(tmp_path: Path, out: str, other: str) -> None:
    control = Stage(tmp_path / "control")
    control.folder.mkdir()
    stop_before_delivery(control, out, sealed=True)
    assert run(control, out, sealed=True) == (4, 0)

    stage = Stage(tmp_path / "stage")
    stage.folder.mkdir()
    stop_before_delivery(stage, out, sealed=False)
    now = out if other == "the same place" else f"other-{out}"
    with pytest.raises(UsageError, match=NOT_SEALED) as caught:
        run(stage, now, sealed=True)
    assert caught.value.hint and '"--sealed"' in caught.value.hint
    assert not any(texts(stage.folder / now))
    # What the hint says helps, and nothing was lost.
    assert run(stage, out, sealed=False) == (4, 0)
    assert run(stage, now, sealed=True) == (0, 4)


@pytest.mark.parametrize("out", list(WRITERS))
def test_what_waits_sealed_leaves_by_any_run(tmp_path: Path, out: str) -> None:
    stage = Stage(tmp_path)
    stop_before_delivery(stage, out, sealed=True)
    assert run(stage, out, sealed=False) == (4, 0)
    assert not any("~" in text for text in texts(tmp_path / out))
    if out == "out":
        assert all(is_sealed(text) for text in texts(tmp_path / out))


def test_one_person_s_credential_that_waits_open(tmp_path: Path) -> None:
    stage, claims = Stage(tmp_path), person()

    def issue(issuer: Issuer, row_id: str, *, sealed: bool) -> tuple[OutboxItem, ...]:
        holders = (Application(did=HOLDERS["HC0000001"]),)
        out = tmp_path / f"{row_id}.out"
        return issuer.issue_one("health-code", claims, holders, row_id=row_id, out=out, sealed=sealed)

    with stage.open() as issuer:
        for row_id, sealed in (("A1", True), ("A2", False)):
            with pytest.raises(Stopped), stopping_in(single, "write_once", call=1):
                issue(issuer, row_id, sealed=sealed)
        (item,) = issue(issuer, "A1", sealed=True)
        assert item.is_sealed
        with pytest.raises(UsageError, match="is not sealed: 1 of these credentials"):
            issue(issuer, "A2", sealed=True)
        assert not (tmp_path / "A2.out").exists()
        (item,) = issue(issuer, "A2", sealed=False)
        assert not item.is_sealed and (tmp_path / "A2.out").read_text() == item.text


def person() -> dict[str, Any]:
    """Claims of a health code, as a row of a roster has them."""
    return claims_of(cells_of(HEADER, ROWS[0], encoding="utf-8"), TYPE.roster)
