# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Stopped at any step, the issuer loses nothing, doubles nothing, and keeps nothing it should not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.unit.issuer.stage import DATA, DID, OUTBOX, Stage, did_key
from vcred.errors import StoreError
from vcred.files import many
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.issuer import row_signer
from vcred.issuer.engines.outputs import folder as folder_module
from vcred.issuer.engines.outputs.folder import FolderOutput
from vcred.issuer.engines.outputs.grown_file import GrownFile
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.journal import EntryState
from vcred.issuer.outbox import OutboxSeal

LINES = (DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)
ROSTER = b"".join(LINES[:9])


class Stopped(BaseException):
    """The process ends here."""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def holders() -> dict[str, Any]:
    return {f"HC{number:07}": did_key() for number in range(1, 9)}


def run(stage: Stage, holders: dict[str, Any], *, out: str = "out") -> tuple[int, int]:
    """Issue the roster; credentials issued and skipped."""
    with stage.open() as issuer:
        summary = issuer.issue_roster("health-code", ROSTER, out=stage.folder / out, applications=holders)
    assert summary.refused == ()
    return summary.issued, summary.skipped


@contextmanager
def stopping_in(target: object, name: str, *, call: int) -> Iterator[None]:
    """Let the program die at the `call`-th call of a function, before it does anything."""
    original, calls = getattr(target, name), 0

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Stopped
        return original(*args, **kwargs)

    patch = pytest.MonkeyPatch()
    patch.setattr(target, name, counted)
    try:
        yield
    finally:
        patch.undo()


def places(stage: Stage) -> dict[str, tuple[str, int]]:
    """Row to its place in a status list, from the journal."""
    with stage.open() as issuer:
        return {receipt.row_id: (receipt.status.uri, receipt.status.index) for receipt in issuer.receipts()}


def receipts(out: Path) -> list[str]:
    """The lines of the table of receipts, without its header."""
    return (out / "receipts.csv").read_text().splitlines()[1:]


STEPS = [
    (IssuerStore, "deal", 1),
    (row_signer, "sign_credential", 1),
    (row_signer, "sign_credential", 5),
    (IssuerStore, "record", 1),
    (FolderOutput, "write", 1),
    (many, "_sync_file_system", 1),
    (os, "link", 1),
    (os, "link", 5),
    (GrownFile, "append", 1),
    (IssuerStore, "delivered", 1),
]


@pytest.mark.parametrize(("target", "name", "call"), STEPS, ids=[f"{n}-{c}" for _, n, c in STEPS])
def test_stopped_at_any_step_the_next_run_ends_it(
    stage: Stage, holders: dict[str, Any], target: object, name: str, call: int
) -> None:
    out = stage.folder / "out"
    with pytest.raises(Stopped), stopping_in(target, name, call=call):
        run(stage, holders)
    before = places(stage)
    left = {file.name: file.read_bytes() for file in out.iterdir() if file.suffix == ".sdjwt"}
    assert run(stage, holders) == (8, 0)
    after = {file.name: file.read_bytes() for file in out.glob("*.sdjwt")}
    assert len(after) == 8
    # What was taken stays taken, and what had left is what is there now.
    assert before.items() <= places(stage).items()
    assert left.items() <= after.items()
    taken = [parse_presentation(text.decode()).status for text in after.values()]
    assert sorted((s.uri, s.index) for s in taken if s) == sorted(places(stage).values())
    assert sorted(line.split(",")[0] for line in receipts(out)) == sorted(holders)
    assert run(stage, holders) == (0, 8)


def test_no_credential_is_out_that_cannot_be_revoked(stage: Stage, holders: dict[str, Any]) -> None:
    """INV-5."""
    with pytest.raises(Stopped), stopping_in(IssuerStore, "delivered", call=1):
        run(stage, holders)
    files = list((stage.folder / "out").glob("*.sdjwt"))
    assert len(files) == 8
    with stage.open() as issuer:
        for file in files:
            issuer.revoke(file.stem)


def test_a_place_that_was_dealt_and_not_used_is_never_dealt_again(
    stage: Stage, holders: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """INV-4: whoever died may have signed with it."""
    dealt = []
    deal = IssuerStore.deal

    def noted(store: IssuerStore, *args: Any, **more: Any) -> Any:
        dealt.append(deal(store, *args, **more))
        return dealt[-1]

    monkeypatch.setattr(IssuerStore, "deal", noted)
    with pytest.raises(Stopped), stopping_in(IssuerStore, "record", call=1):
        run(stage, holders)
    assert run(stage, holders) == (8, 0)
    first, second = ({place.index for place in places} for places in dealt)
    assert len(first) == len(second) == 8 and not first & second


def test_a_full_disk_is_told_and_the_next_run_goes_on(
    stage: Stage, holders: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise StoreError("no space left")

    with monkeypatch.context() as patch, pytest.raises(StoreError):
        patch.setattr(folder_module, "write_many", full)
        run(stage, holders)
    assert run(stage, holders) == (8, 0)


def test_a_file_of_another_content_is_never_overwritten(stage: Stage, holders: dict[str, Any]) -> None:
    (stage.folder / "out").mkdir()
    (stage.folder / "out" / "HC0000001.sdjwt").write_text("mine")
    with pytest.raises(StoreError):
        run(stage, holders)
    assert (stage.folder / "out" / "HC0000001.sdjwt").read_text() == "mine"


def test_what_is_delivered_is_gone_from_the_disk(stage: Stage, holders: dict[str, Any]) -> None:
    """PRV-05: no signed text, no disclosure, no claim in any file of the store."""
    run(stage, holders)
    texts = [file.read_text() for file in (stage.folder / "out").glob("*.sdjwt")]
    kept = b"".join(file.read_bytes() for file in stage.folder.glob("issuer.sqlite*"))
    for text in texts:
        for part in text.rstrip("~").split("~"):
            assert part[:60].encode() not in kept
    for claim in ("杨𠮷祥", "440305198704063453", "Yang Jixiang"):
        assert claim.encode() not in kept


def test_signed_text_waits_sealed_until_it_is_delivered(stage: Stage, holders: dict[str, Any]) -> None:
    """The control of the test above; whoever copies the store alone has no credential."""
    with pytest.raises(Stopped), stopping_in(FolderOutput, "write", call=1):
        run(stage, holders)
    with stage.store() as store:
        assert {entry.state for entry in store.entries()} == {EntryState.SIGNED}
        (waiting,) = store.outbox()
    items = OutboxSeal(OUTBOX).open(waiting.sealed)
    assert len(items) == 8
    kept = b"".join(file.read_bytes() for file in stage.folder.glob("issuer.sqlite*"))
    assert waiting.sealed[:60] in kept
    assert not any(item.text[:60].encode() in kept for item in items)


def test_what_waits_for_another_folder_leaves_by_this_one(stage: Stage, holders: dict[str, Any]) -> None:
    """The person has changed their mind about where; the signed text counts, not a new one."""
    with pytest.raises(Stopped), stopping_in(FolderOutput, "write", call=1):
        run(stage, holders, out="first")
    before = places(stage)
    assert run(stage, holders, out="second") == (8, 0)
    assert places(stage) == before
    assert len(list((stage.folder / "second").glob("*.sdjwt"))) == 8
    with stage.store() as store:
        assert list(store.outbox()) == []
    # It has left: the folder for which it waited gets nothing.
    assert run(stage, holders, out="first") == (0, 8)
    assert list((stage.folder / "first").glob("*.sdjwt")) == []


def test_of_a_chunk_that_waits_a_part_may_leave_by_another_way(stage: Stage, holders: dict[str, Any]) -> None:
    with pytest.raises(Stopped), stopping_in(FolderOutput, "write", call=1):
        run(stage, holders, out="first")
    part = b"".join(LINES[:4])
    with stage.open() as issuer:
        summary = issuer.issue_roster(
            "health-code", part, out=stage.folder / "second.jsonl", applications=holders
        )
    assert (summary.issued, summary.skipped) == (3, 0)
    assert len((stage.folder / "second.jsonl").read_text().splitlines()) == 3
    # Three of the eight are told as issued before: they are not in this folder, and are not made again.
    assert run(stage, holders, out="first") == (5, 3)
    assert len(list((stage.folder / "first").glob("*.sdjwt"))) == 5
    assert len(receipts(stage.folder / "first")) == 5


def test_two_programs_on_one_store_issue_a_row_once(stage: Stage, holders: dict[str, Any]) -> None:
    """The second runs while the first has signed and not yet recorded."""
    original = IssuerStore.record
    second: list[tuple[int, int]] = []

    def record_after_another(store: IssuerStore, *args: Any, **more: Any) -> Any:
        patch.undo()
        second.append(run(stage, holders, out="second"))
        return original(store, *args, **more)

    patch = pytest.MonkeyPatch()
    patch.setattr(IssuerStore, "record", record_after_another)
    assert run(stage, holders) == (0, 8)
    assert second == [(8, 0)]
    texts = [file.read_text() for file in (stage.folder / "second").glob("*.sdjwt")]
    assert all(parse_presentation(text).issuer == DID for text in texts) and len(texts) == 8
