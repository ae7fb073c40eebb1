# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Outputs: each credential once, whatever stops a run; and nobody else's file is touched."""

import csv
import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.outputs.memory_store import MemoryStore, chunk, entry_of, item
from vcred.errors import StoreError, UsageError
from vcred.issuer.engines.outputs.opening import open_output
from vcred.issuer.engines.outputs.output import table_path
from vcred.issuer.outbox import OutboxItem
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.securing.jwe import seal_to

ONE, TWO, THREE = chunk("A1", "A2"), chunk("A3"), chunk("A4", "A5")


@pytest.fixture(params=["out", "out.jsonl"])
def out(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def texts(out: Path) -> dict[str, str]:
    """Row id to text, whatever the output is."""
    if out.is_dir():
        return {path.stem: path.read_text() for path in out.glob("*.sdjwt")}
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len({line["row_id"] for line in lines}) == len(lines)
    return {line["row_id"]: line["credential"] for line in lines}


def receipts(out: Path) -> list[dict[str, str]]:
    with table_path(out, "receipts").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


def expected(*chunks: list[OutboxItem]) -> dict[str, str]:
    return {one.row_id: one.text for items in chunks for one in items}


def test_chunks_over_several_runs(out: Path) -> None:
    store = MemoryStore()
    store.run(out, ONE, TWO)
    assert texts(out) == expected(ONE, TWO)
    store.run(out, THREE)
    assert texts(out) == expected(ONE, TWO, THREE)
    found = receipts(out)
    assert [row["row_id"] for row in found] == ["A1", "A2", "A3", "A4", "A5"]
    assert found[0] == {
        "row_id": "A1",
        "credential_id": ONE[0].credential_id,
        "type": ONE[0].vct,
        "copy": "0",
        "possession": "did",
        "issued_at": "1790000000",
        "status_uri": "https://status.example/lists/1",
        "status_index": "7",
        "state": "delivered",
    }


def test_what_is_made_is_private(out: Path) -> None:
    out = out.parent / "new" / out.name
    MemoryStore().run(out, ONE)
    made = [out.parent / "new" if out.suffix else out, table_path(out, "receipts"), out]
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in made if path.exists())


def test_a_line_names_row_credential_and_copy(tmp_path: Path) -> None:
    odd = item('R"1,杨\\', copy=3)
    MemoryStore().run(tmp_path / "o.jsonl", [odd])
    assert json.loads((tmp_path / "o.jsonl").read_text()) == {
        "row_id": odd.row_id,
        "credential_id": odd.credential_id,
        "copy": 3,
        "credential": odd.text,
    }
    assert (tmp_path / "o.jsonl").read_bytes().isascii()
    assert receipts(tmp_path / "o.jsonl")[0]["row_id"] == odd.row_id


@pytest.mark.parametrize("first", [[], [ONE]])
def test_a_stop_before_it_was_noted_gives_the_same_bytes(out: Path, first: list[list[OutboxItem]]) -> None:
    store = MemoryStore()
    if first:
        store.run(out, *first)
    store.run(out, TWO, stops=True)
    store.run(out, THREE)
    assert texts(out) == expected(*first, TWO, THREE)
    assert len(receipts(out)) == len(texts(out))


@given(data=st.data())
def test_a_stop_at_any_byte_gives_the_same_bytes(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("any") / "o.jsonl"
    store = MemoryStore()
    store.run(out, ONE)
    store.run(out, TWO, stops=True)
    for path in (out, table_path(out, "receipts")):
        length = store.sinks[next(key for key in store.sinks if key.startswith(f"{path}#"))]
        cut = data.draw(st.integers(length, path.stat().st_size))
        os.truncate(path, cut)
    store.run(out, THREE)
    assert texts(out) == expected(ONE, TWO, THREE)
    assert [row["row_id"] for row in receipts(out)] == ["A1", "A2", "A3", "A4", "A5"]


def test_a_file_that_this_store_does_not_know(out: Path) -> None:
    """Refused before anything is dealt: opening is what comes first."""
    MemoryStore().run(out, ONE)
    before = texts(out)
    with pytest.raises(StoreError, match="does not know it") as caught, open_output(out, store=MemoryStore()):
        pass
    assert caught.value.hint and "another name" in caught.value.hint
    assert texts(out) == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table, _: table.chmod(0o666),
        lambda table, _: table.chmod(0o640),
        lambda table, _: os.link(table, f"{table}.too"),
        lambda _, patch: patch.setattr(os, "geteuid", lambda: os.getuid() + 1),
    ],
    ids=["anybody's", "a group's", "of two names", "another owner's"],
)
def test_an_empty_file_is_begun_if_it_is_ours_alone(
    spoil: Callable[[Path, pytest.MonkeyPatch], None], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shared folder: who puts it there first reads every credential, and every receipt."""
    table = table_path(out, "receipts")
    table.parent.mkdir(exist_ok=True)
    table.touch(0o600)
    with monkeypatch.context() as patch, pytest.raises(StoreError, match="does not know it"):
        spoil(table, patch)
        MemoryStore().run(out, ONE)
    assert table.stat().st_size == 0
    table.unlink()
    table.touch(0o600)
    MemoryStore().run(out, ONE)
    assert texts(out) == expected(ONE)


def test_a_file_that_lost_something(out: Path) -> None:
    store = MemoryStore()
    store.run(out, ONE)
    path = table_path(out, "receipts")
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(StoreError, match="were delivered to it") as caught:
        store.run(out, TWO)
    assert caught.value.hint and "put back" in caught.value.hint
    assert texts(out) == expected(ONE)


def test_a_file_that_somebody_else_wrote_to(out: Path) -> None:
    store = MemoryStore()
    store.run(out, ONE)
    with table_path(out, "receipts").open("ab") as file:
        file.write(b"mine\r\n")
    with pytest.raises(StoreError, match="were written by this issuer"):
        store.run(out, TWO)
    assert table_path(out, "receipts").read_bytes().endswith(b"mine\r\n")


def test_what_was_taken_away_is_begun_anew(out: Path) -> None:
    store = MemoryStore()
    store.run(out, ONE)
    for path in out.parent.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    store.run(out, TWO)
    assert texts(out) == expected(TWO)
    assert [row["row_id"] for row in receipts(out)] == ["A3"]


def test_one_path_on_two_machines_is_two_places(out: Path, tmp_path: Path) -> None:
    """They share the store; what one was writing must not be written by the other."""
    store = MemoryStore()
    store.run(out, ONE)
    store.run(out, TWO, stops=True)
    # The other machine: the same path, and nothing there.
    for path in sorted(tmp_path.iterdir()):
        path.rename(tmp_path.parent / f"{tmp_path.name}-{path.name}")
    store.run(out, THREE)
    assert texts(out) == expected(THREE)
    assert len(store.waiting) == 1


def test_what_was_taken_away_is_begun_anew_also_with_a_stop(tmp_path: Path) -> None:
    out, store = tmp_path / "o.jsonl", MemoryStore()
    store.run(out, ONE, ONE[:1])
    for path in (out, table_path(out, "receipts")):
        path.unlink()
    store.run(out, TWO, stops=True)
    store.run(out, THREE)
    assert texts(out) == expected(TWO, THREE)


def test_a_stop_while_a_chunk_was_taken_from_another_output(out: Path) -> None:
    store = MemoryStore()
    store.run(out.with_name(f"other-{out.name}"), ONE, stops=True)
    with open_output(out, store=store) as output:
        # Written here, and not noted: it still waits for the other one.
        output.write(ONE)
    store.run(out, TWO)
    assert [row["row_id"] for row in receipts(out)] == ["A3"]
    assert "A3" in texts(out)


@pytest.mark.parametrize("name", ["receipts", "lines"])
def test_what_is_no_file(tmp_path: Path, name: str) -> None:
    out = tmp_path / "o.jsonl"
    path = out if name == "lines" else table_path(out, name)
    path.symlink_to(tmp_path / "target")
    with pytest.raises(StoreError, match="is not a file"):
        MemoryStore().run(out, ONE)
    assert not (tmp_path / "target").exists()
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError):
        MemoryStore().run(out, ONE)


def test_two_runs_into_one_place(out: Path) -> None:
    store = MemoryStore()
    with open_output(out, store=store), pytest.raises(StoreError, match="locked"):
        store.run(out, ONE)


def test_a_path_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="UTF-8"):
        MemoryStore().run(tmp_path / os.fsdecode(b"\xff"), ONE)
    with pytest.raises(StoreError):
        MemoryStore().run(tmp_path / "a\0b", ONE)


def test_files_of_a_folder(tmp_path: Path) -> None:
    out, holder = tmp_path / "out", SoftwareSigner.generate(ES256).public_key
    sealed = item("A1", text=seal_to(b"eyJ.eyJ.c2ln~", holder, content_type="dc+sd-jwt"))
    items = [sealed, item("A2", copy=1), item("../a"), item("a2", copy=1), item("A1", generation=2, copy=1)]
    store = MemoryStore()
    store.run(out, items)
    names = {path.name for path in out.iterdir()}
    assert {"A1.jwe", "A2~1.sdjwt", "A1+2~1.sdjwt", "receipts.csv"} < names
    assert len(names) == 7 and all("/" not in name for name in names)
    with open_output(out, store=store) as output:
        assert output.offset is None
        assert [output.lacks(entry_of(one)) for one in items] == [False] * 5
        assert output.lacks(entry_of(item("A1", copy=1))) and output.lacks(entry_of(item("A1", generation=1)))


def test_a_file_of_a_folder_that_is_another(tmp_path: Path) -> None:
    out, store = tmp_path / "out", MemoryStore()
    store.run(out, ONE)
    (out / "A3.sdjwt").write_text("mine")
    with pytest.raises(StoreError, match=r"A3\.sdjwt exists already"):
        store.run(out, TWO)
    assert (out / "A3.sdjwt").read_text() == "mine"


def test_where_the_next_chunk_begins(tmp_path: Path) -> None:
    out, store = tmp_path / "o.jsonl", MemoryStore()
    with open_output(out, store=store) as output:
        assert output.offset == 0
        store.sinks.update(output.write(ONE))
        assert output.offset == out.stat().st_size
        # Begun just now, it has nothing of an earlier run; later nobody looks for a line.
        assert output.lacks(entry_of(item("A9")))
        assert output.destination.startswith(f"{out}#")
    with open_output(out, store=store) as output:
        assert output.offset and not output.lacks(entry_of(item("A9")))
