# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A row that comes again: the same, with other content, for another key, or without its file."""

import io
from pathlib import Path
from typing import Any

import pytest

from tests.unit.credential.claims import health_claims
from tests.unit.issuer.stage import DATA, Stage, did_key
from tests.unit.issuer.test_interruption import Stopped, stopping_in
from vcred.errors import DecodeError, SchemaError, StoreError
from vcred.files import lock_folder
from vcred.issuer import row_signer
from vcred.issuer.applications import Application
from vcred.issuer.engines.outputs.folder import FolderOutput
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import EntryState
from vcred.issuer.summary import Progress, Summary

HEALTH = "health-code"
LINES = (DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[:4]
ROSTER = b"".join(LINES)
CHANGED = b"".join([LINES[0], LINES[1].replace(b",green,", b",red,"), *LINES[2:]])


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def holders() -> dict[str, Any]:
    return {f"HC{number:07}": did_key() for number in range(1, 4)}


def run(stage: Stage, roster: bytes, holders: dict[str, Any], **more: Any) -> Summary:
    with stage.open() as issuer:
        return issuer.issue_roster(HEALTH, roster, out=stage.folder / "out", applications=holders, **more)


def states(stage: Stage) -> list[tuple[str, EntryState]]:
    with stage.open() as issuer:
        return [(receipt.row_id, receipt.state) for receipt in issuer.receipts()]


def test_a_changed_row_is_refused_and_the_others_are_issued(stage: Stage, holders: dict[str, Any]) -> None:
    first = run(stage, b"".join(LINES[:3]), holders)
    assert (first.issued, first.refused_count) == (2, 0)
    before = (stage.folder / "out" / "HC0000001.sdjwt").read_bytes()
    again = run(stage, CHANGED, holders)
    assert [(note.row_id, note.line, note.column, note.rule) for note in again.refused] == [
        ("HC0000001", 2, "row_id", "issued before with other content")
    ]
    assert (again.issued, again.skipped, again.other_key_count) == (1, 1, 0)
    assert (stage.folder / "out" / "HC0000001.sdjwt").read_bytes() == before
    # Nothing of the refused row is left that a status list would call valid.
    assert states(stage) == [(f"HC000000{number}", EntryState.DELIVERED) for number in (1, 2, 3)]


def test_a_row_corrected_before_it_was_signed_is_issued(stage: Stage, holders: dict[str, Any]) -> None:
    with pytest.raises(Stopped), stopping_in(row_signer, "sign_credential", call=1):
        run(stage, ROSTER, holders)
    assert (run(stage, CHANGED, holders).issued, len(states(stage))) == (3, 3)
    assert run(stage, ROSTER, holders).refused_count == 1


def test_one_credential_with_other_claims_is_refused(stage: Stage) -> None:
    holder = (Application(did=did_key()),)
    with stage.open() as issuer:
        issuer.issue_one(HEALTH, health_claims(), holder, row_id="K1", out=stage.folder / "1")
        with pytest.raises(SchemaError, match="row_id: issued before with other content"):
            issuer.issue_one(
                HEALTH, health_claims() | {"colour": "red"}, holder, row_id="K1", out=stage.folder / "2"
            )
        assert len(list(issuer.receipts())) == 1


@pytest.mark.parametrize("place", ["taken", "nowhere/code"])
def test_a_place_that_cannot_be_written_issues_nothing(stage: Stage, place: str) -> None:
    (stage.folder / "taken").write_text("mine")
    with stage.open() as issuer:
        with pytest.raises(StoreError):
            issuer.issue_one(HEALTH, health_claims(), (Application(did=did_key()),), out=stage.folder / place)
        assert list(issuer.receipts()) == []


def test_a_row_for_another_key_is_told_apart(stage: Stage, holders: dict[str, Any]) -> None:
    assert run(stage, ROSTER, holders).other_key_count == 0
    summary = run(stage, ROSTER, holders | {"HC0000002": did_key()})
    assert (summary.issued, summary.skipped, summary.refused_count) == (0, 3, 0)
    assert [(note.row_id, note.rule) for note in summary.other_key] == [
        ("HC0000002", "issued before, to another key")
    ]
    assert summary.other_key_count == 1


def test_keys_of_copies_may_change_places(stage: Stage) -> None:
    keys = [Application(did=did_key()) for _ in range(3)]
    one_row = b"".join(LINES[:2])
    assert run(stage, one_row, {"HC0000001": tuple(keys)}, copies=3).issued == 3
    summary = run(stage, one_row, {"HC0000001": tuple(reversed(keys))}, copies=3)
    assert (summary.skipped, summary.other_key_count) == (3, 0)


def test_a_signed_row_that_goes_to_another_key_now_is_told(stage: Stage, holders: dict[str, Any]) -> None:
    with pytest.raises(Stopped), stopping_in(FolderOutput, "write", call=1):
        run(stage, ROSTER, holders)
    summary = run(stage, ROSTER, holders | {"HC0000001": did_key()})
    assert (summary.issued, summary.other_key_count) == (3, 1)


def test_the_journal_holds_no_key(stage: Stage, holders: dict[str, Any]) -> None:
    run(stage, ROSTER, holders)
    kept = b"".join(file.read_bytes() for file in stage.folder.glob("issuer.sqlite*"))
    assert not any(did.removeprefix("did:key:").encode() in kept for did in holders.values())


def test_a_deleted_file_is_counted_and_not_made_again(stage: Stage, holders: dict[str, Any]) -> None:
    assert run(stage, ROSTER, holders).missing == 0
    assert run(stage, ROSTER, holders).missing == 0
    (stage.folder / "out" / "HC0000003.sdjwt").unlink()
    summary = run(stage, ROSTER, holders)
    assert (summary.issued, summary.skipped, summary.missing) == (0, 3, 1)


def test_what_a_killed_run_left_is_removed(stage: Stage, holders: dict[str, Any]) -> None:
    out = stage.folder / "out"
    out.mkdir()
    (out / ".0123456789abcdef.tmp").write_text("half")
    mine = [out / name for name in (".0123456789ABCDEF.tmp", "0123456789abcdef.tmp", ".notes.tmp")]
    for path in mine:
        path.write_text("mine")
    (out / ".fedcba9876543210.tmp").symlink_to(mine[0])
    run(stage, ROSTER, holders)
    assert not (out / ".0123456789abcdef.tmp").exists()
    assert all(path.read_text() == "mine" for path in mine)
    assert (out / ".fedcba9876543210.tmp").is_symlink()


def test_one_run_at_a_time_writes_into_a_folder(stage: Stage, holders: dict[str, Any]) -> None:
    out = stage.folder / "out"
    out.mkdir()
    with lock_folder(out), pytest.raises(StoreError, match="locked"):
        run(stage, ROSTER, holders)
    assert states(stage) == []
    assert run(stage, ROSTER, holders).issued == 3


def test_a_roster_from_a_pipe_has_no_percent(stage: Stage, holders: dict[str, Any]) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError("a pipe has no place")

    told: list[Progress] = []
    with stage.open() as issuer:
        summary = issuer.issue_roster(
            HEALTH,
            Pipe(ROSTER),
            out=stage.folder / "out",
            applications=holders,
            on_progress=told.append,
        )
    assert (summary.issued, [item.percent for item in told]) == (3, [None])


def test_a_header_that_lacks_columns_names_them(stage: Stage) -> None:
    with stage.open() as issuer, pytest.raises(DecodeError, match="lacks colour, valid_until") as caught:
        header = LINES[0].replace(b"colour,", b"").replace(b",valid_until", b"")
        issuer.issue_roster(HEALTH, header, out=stage.folder / "out")
    assert caught.value.hint is not None and "vcred type show health-code" in caught.value.hint


def test_a_second_program_may_correct_a_row_in_between(stage: Stage, holders: dict[str, Any]) -> None:
    """Its text counts; the first program's signature is thrown away, and its row refused."""
    original = IssuerStore.record

    def record_after_another(store: IssuerStore, *args: Any, **more: Any) -> Any:
        patch.undo()
        with stage.open() as issuer:
            issuer.issue_roster(HEALTH, CHANGED, out=stage.folder / "second", applications=holders)
        return original(store, *args, **more)

    patch = pytest.MonkeyPatch()
    patch.setattr(IssuerStore, "record", record_after_another)
    summary = run(stage, ROSTER, holders)
    assert [note.row_id for note in summary.refused] == ["HC0000001"]
    assert (summary.issued, summary.skipped, len(states(stage))) == (0, 2, 3)


def test_a_second_program_may_issue_to_another_key_in_between(stage: Stage, holders: dict[str, Any]) -> None:
    original = IssuerStore.record

    def record_after_another(store: IssuerStore, *args: Any, **more: Any) -> Any:
        patch.undo()
        with stage.open() as issuer:
            others = holders | {"HC0000001": did_key()}
            issuer.issue_roster(HEALTH, ROSTER, out=stage.folder / "second", applications=others)
        return original(store, *args, **more)

    patch = pytest.MonkeyPatch()
    patch.setattr(IssuerStore, "record", record_after_another)
    summary = run(stage, ROSTER, holders)
    assert [note.row_id for note in summary.other_key] == ["HC0000001"]
    assert (summary.issued, summary.skipped, len(states(stage))) == (0, 3, 3)
