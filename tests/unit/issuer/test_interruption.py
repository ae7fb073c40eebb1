# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Stopped at any step, the issuer loses nothing, doubles nothing, and keeps nothing it should not."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.unit.issuer.stage import DATA, DID, STATUS_BASE, Stage, did_key, vct
from vcred.errors import StoreError
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.issuer.engines import batch as batch_module
from vcred.issuer.engines.sqlite import SqliteIssuerStore
from vcred.issuer.engines.sqlite_journal import Allotment
from vcred.issuer.journal import EntryKey, EntryState, JournalEntry
from vcred.issuer.possession import Possession
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.status.allotment import allottable

ROSTER = b"".join((DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[:9])


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


def indices(stage: Stage) -> dict[str, int]:
    """Row to status index, from the journal."""
    with stage.open() as issuer:
        return {receipt.row_id: receipt.status.index for receipt in issuer.receipts()}


STEPS = [
    (SqliteIssuerStore, "allot", 1),
    (batch_module, "sign_planned", 1),
    (batch_module, "sign_planned", 5),
    (SqliteIssuerStore, "record_signed", 1),
    (batch_module, "write_atomic", 1),
    (batch_module, "write_atomic", 5),
    (SqliteIssuerStore, "record_delivered", 1),
]


@pytest.mark.parametrize(("target", "name", "call"), STEPS, ids=[f"{n}-{c}" for _, n, c in STEPS])
def test_stopped_at_any_step_the_next_run_ends_it(
    stage: Stage, holders: dict[str, Any], target: object, name: str, call: int
) -> None:
    out = stage.folder / "out"
    with pytest.raises(Stopped), stopping_in(target, name, call=call):
        run(stage, holders)
    before = indices(stage)
    left = {file.name: file.read_bytes() for file in out.iterdir() if file.suffix == ".sdjwt"}
    assert run(stage, holders) == (8, 0)
    after = {file.name: file.read_bytes() for file in out.glob("*.sdjwt")}
    assert len(after) == 8
    # What was taken stays taken, and what had left is what is there now.
    assert before.items() <= indices(stage).items()
    assert left.items() <= after.items()
    taken = [parse_presentation(text.decode()).status for text in after.values()]
    assert sorted(status.index for status in taken if status) == sorted(indices(stage).values())
    assert run(stage, holders) == (0, 8)


def test_no_credential_is_out_that_cannot_be_revoked(stage: Stage, holders: dict[str, Any]) -> None:
    """INV-5."""
    with pytest.raises(Stopped), stopping_in(SqliteIssuerStore, "record_delivered", call=1):
        run(stage, holders)
    with stage.open() as issuer:
        for file in (stage.folder / "out").glob("*.sdjwt"):
            issuer.revoke(file.stem)


def test_a_full_disk_is_told_and_the_next_run_goes_on(
    stage: Stage, holders: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise StoreError("no space left")

    with monkeypatch.context() as patch, pytest.raises(StoreError):
        patch.setattr(batch_module, "write_atomic", full)
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


def test_signed_text_is_kept_until_it_is_delivered(stage: Stage, holders: dict[str, Any]) -> None:
    """The control of the test above: it can fail."""
    with pytest.raises(Stopped), stopping_in(batch_module, "write_atomic", call=1):
        run(stage, holders)
    with SqliteIssuerStore(stage.folder / "issuer.sqlite") as store:
        entries = list(store.entries())
    assert {entry.state for entry in entries} == {EntryState.SIGNED}
    kept = b"".join(file.read_bytes() for file in stage.folder.glob("issuer.sqlite*"))
    assert all(entry.output and entry.output[:60].encode() in kept for entry in entries)


def allot(store: SqliteIssuerStore, count: int) -> list[int]:
    """Take indices for so many rows."""
    requests = [
        Allotment(
            key=EntryKey(vct=vct("health-code"), row_id=f"R{number}", content=b""),
            status_base=STATUS_BASE,
            possession=Possession.DID,
            issued_at=0,
        )
        for number in range(count)
    ]
    return [entry.status.index for entry in store.allot(requests) if isinstance(entry, JournalEntry)]


def test_indices_are_unique_and_tell_nothing(stage: Stage) -> None:
    """ISS-15."""
    with SqliteIssuerStore(stage.folder / "issuer.sqlite") as store:
        taken = allot(store, 10_000)
        assert taken == allot(store, 10_000)
    assert len(set(taken)) == 10_000
    assert min(taken) >= 0 and max(taken) < MIN_STATUS_LIST_SIZE
    strides = [after - before for before, after in itertools.pairwise(taken)]
    assert max(strides.count(stride) for stride in set(strides[:50])) < 10
    assert 4_000 < sum(stride > 0 for stride in strides) < 6_000


def test_a_full_list_opens_the_next_and_is_never_used_again(stage: Stage) -> None:
    """ISS-15: an exhausted list."""
    path = stage.folder / "issuer.sqlite"
    with SqliteIssuerStore(path) as store:
        allot(store, 1)
    db = sqlite3.connect(path)
    db.execute("UPDATE list SET used = ?", (allottable(MIN_STATUS_LIST_SIZE),))
    db.commit()
    db.close()
    with SqliteIssuerStore(path) as store:
        allot(store, 3)
        uris = [entry.status.uri for entry in store.entries()]
        assert uris == [f"{STATUS_BASE}0", f"{STATUS_BASE}1", f"{STATUS_BASE}1"]
        assert store.list_numbers() == [0, 1]


def test_the_journal_cannot_be_shortened_nor_an_index_moved(stage: Stage) -> None:
    """INV-4, against whoever works on the file with another program."""
    path = stage.folder / "issuer.sqlite"
    with SqliteIssuerStore(path) as store:
        allot(store, 1)
    db = sqlite3.connect(path)
    for statement in ("DELETE FROM journal", "UPDATE journal SET idx = 5"):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    db.close()


def test_two_programs_on_one_store_issue_a_row_once(stage: Stage, holders: dict[str, Any]) -> None:
    """The second runs while the first has signed and not yet recorded."""
    original = SqliteIssuerStore.record_signed
    second: list[tuple[int, int]] = []

    def record_after_another(store: SqliteIssuerStore, texts: Any) -> None:
        patch.undo()
        second.append(run(stage, holders, out="second"))
        original(store, texts)

    patch = pytest.MonkeyPatch()
    patch.setattr(SqliteIssuerStore, "record_signed", record_after_another)
    assert run(stage, holders) == (0, 8)
    assert second == [(8, 0)]
    texts = [file.read_text() for file in (stage.folder / "second").glob("*.sdjwt")]
    assert all(parse_presentation(text).issuer == DID for text in texts) and len(texts) == 8


def test_a_store_of_a_newer_vcred_or_of_no_vcred_is_refused(stage: Stage) -> None:
    path = stage.folder / "issuer.sqlite"
    with SqliteIssuerStore(path):
        pass
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="newer"):
        SqliteIssuerStore(path)
    path.write_bytes(b"not a database, by any means" * 100)
    with pytest.raises(StoreError):
        SqliteIssuerStore(path)
    with pytest.raises(StoreError):
        SqliteIssuerStore(stage.folder / "nowhere" / "issuer.sqlite")
