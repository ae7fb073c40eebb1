# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The receipts of single credentials: one line each, whatever stops, and nobody's file is touched."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.unit.credential.claims import health_claims
from tests.unit.issuer.run.homes import HEALTH
from tests.unit.issuer.stage import DATA, Stage, did_key
from tests.unit.issuer.test_interruption import Stopped, stopping_in
from vcred.errors import StoreError
from vcred.issuer.applications import Application
from vcred.issuer.engines.runs import single
from vcred.issuer.engines.runs.single_receipts import receipts_beside
from vcred.issuer.engines.statuses.receipt_tables import read_receipts
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.receipts import Receipt, encode_receipts, receipts_header


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def issue(
    stage: Stage, out: Path, *, row_id: str | None = None, holders: Sequence[str] = ()
) -> tuple[OutboxItem, ...]:
    applications = [Application(did=did) for did in holders or (did_key(),)]
    with stage.open() as issuer:
        copies = len(applications)
        return issuer.issue_one(HEALTH, health_claims(), applications, copies=copies, row_id=row_id, out=out)


def of_store(stage: Stage) -> list[Receipt]:
    with stage.open() as issuer:
        return list(issuer.receipts())


def read(out: Path) -> list[Receipt]:
    return [line.receipt for line in read_receipts([receipts_beside(out)])]


def test_the_receipt_is_that_of_the_store(stage: Stage) -> None:
    out = stage.folder / "code.sdjwt"
    issue(stage, out, row_id="K1")
    table = stage.folder / "code.sdjwt.receipt.csv"
    assert table.read_bytes() == encode_receipts(of_store(stage))
    assert table.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in stage.folder.glob("code*")) == [out.name, table.name]


def test_copies_have_a_line_each(stage: Stage) -> None:
    out = stage.folder / "code.sdjwt"
    issued = issue(stage, out, holders=(did_key(), did_key(), did_key()))
    assert [receipt.copy for receipt in read(out)] == [0, 1, 2]
    assert {one.credential_id for one in read(out)} == {one.credential_id for one in issued}


def test_a_name_that_is_used_again_keeps_the_receipts_of_before(stage: Stage) -> None:
    """Who hands a credential on and uses its name for the next person must not lose the first receipt."""
    out = stage.folder / "code.sdjwt"
    for row_id in ("K1", "K2", "K3"):
        issue(stage, out, row_id=row_id)
        out.unlink()
    assert [receipt.row_id for receipt in read(out)] == ["K1", "K2", "K3"]
    assert read(out) == of_store(stage)


@pytest.mark.parametrize("stopped_in", ["write_once", "add_receipts", "hand_over"])
def test_who_was_stopped_has_each_receipt_once(stage: Stage, stopped_in: str) -> None:
    out, holder = stage.folder / "code.sdjwt", did_key()
    issue(stage, out, row_id="K1", holders=(holder,))
    out.unlink()
    other = did_key()
    with pytest.raises(Stopped), stopping_in(single, stopped_in, call=1):
        issue(stage, out, row_id="K2", holders=(other,))
    (item,) = issue(stage, out, row_id="K2", holders=(other,))
    assert out.read_text() == item.text
    assert [receipt.row_id for receipt in read(out)] == ["K1", "K2"]
    assert read(out) == of_store(stage)


def test_what_is_no_table_of_receipts_is_refused_before_anything_is_issued(stage: Stage) -> None:
    out = stage.folder / "code.sdjwt"
    issue(stage, out, row_id="K1")
    out.unlink()
    table = receipts_beside(out)
    good = table.read_bytes()
    for content in (
        b"",
        b"somebody's\r\n",
        good.replace(b"row_id", b"row-id", 1),
        good.replace(b"\r\n", b"\n"),
        # A line that a power cut has torn: to go on behind it would spoil both.
        good[:-1],
        good[:-30],
        receipts_header()[:-2],
    ):
        table.write_bytes(content)
        with pytest.raises(StoreError, match=r"receipt\.csv exists already, and is no table of receipts$"):
            issue(stage, out, row_id="K2")
        assert table.read_bytes() == content
    table.unlink()
    others: list[tuple[Callable[[], object], str]] = [
        (lambda: table.symlink_to(stage.folder / "else.csv"), "cannot read"),
        (table.mkdir, "cannot read"),
        (lambda: os.mkfifo(table), "is not a file"),
    ]
    for make, words in others:
        make()
        with pytest.raises(StoreError, match=words):
            issue(stage, out, row_id="K2")
        assert not (stage.folder / "else.csv").exists()
        table.rmdir() if table.is_dir() else table.unlink()
    assert [receipt.row_id for receipt in of_store(stage)] == ["K1"]
    table.write_bytes(good)
    issue(stage, out, row_id="K2")
    assert read(out) == of_store(stage)


def test_what_cannot_be_written_is_asked_for_again_by_its_row(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row id that was drawn nobody has seen: what is signed for it would be out of reach."""
    out, holder = stage.folder / "code.sdjwt", did_key()

    def refuse(*_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(single, "add_receipts", refuse)
        with pytest.raises(StoreError, match="the disk is full") as caught:
            issue(stage, out, holders=(holder,))
    (waiting,) = of_store(stage)
    assert caught.value.hint == f"run the command again with --row-id {waiting.row_id}: it is issued once"
    issue(stage, out, row_id=waiting.row_id, holders=(holder,))
    assert read(out) == of_store(stage)


@pytest.mark.parametrize("name", ["codes", "codes.sdjwt", "codes.jsonl.sdjwt"])
def test_a_roster_beside_it_goes_on(stage: Stage, name: str) -> None:
    """The length of a roster's table is kept in the store: with a line more the next run would be refused."""
    lines = (DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)
    for rows in (2, 3):
        with stage.open() as issuer:
            roster, out = b"".join(lines[: rows + 1]), stage.folder / "codes.jsonl"
            named = {line.split(b",")[0].decode(): did_key() for line in lines[rows : rows + 1]}
            assert issuer.issue_roster(HEALTH, roster, out=out, applications=named).issued == 1
        issue(stage, stage.folder / name, row_id=f"K{rows}")
        (stage.folder / name).unlink()
    assert [receipt.row_id for receipt in read(stage.folder / name)] == ["K2", "K3"]
