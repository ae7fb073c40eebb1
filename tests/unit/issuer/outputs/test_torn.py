# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What stands behind the certain end of an output: what a stop has left is mended, all else is kept."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.outputs.memory_store import MemoryStore, chunk, item
from tests.unit.issuer.stage import DATA, Stage, did_key
from vcred.errors import StoreError
from vcred.issuer.engines.outputs.opening import open_output
from vcred.issuer.engines.outputs.output import table_path
from vcred.issuer.engines.outputs.torn import is_torn
from vcred.issuer.engines.store.store import IssuerStore

ONE, TWO, THREE = chunk("A1", "A2"), chunk("A3", "A,4\r\nA", "A5"), chunk("A6")
BLOCK = 64
FOREIGN = "nothing that waits in this issuer's store"
LINES = [b"one,1\r\n", b"two,2\r\n", b'"th\nree",3\r\n']
WHOLE = b"".join(LINES)


class Stopped(BaseException):
    """The process ends here."""


def stopped(
    folder: Path, name: str = "o.jsonl"
) -> tuple[MemoryStore, Path, dict[Path, bytes], dict[Path, int]]:
    """A run that has written its second chunk and not noted it: the files, and their certain lengths."""
    store, out = MemoryStore(), folder / name
    store.run(out, ONE)
    lengths = {path: path.stat().st_size for path in grown(out)}
    store.run(out, TWO, stops=True)
    return store, out, {path: path.read_bytes() for path in grown(out)}, lengths


def grown(out: Path) -> list[Path]:
    return [path for path in (out, table_path(out, "receipts")) if path.is_file()]


def content(out: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in grown(out)}


@given(data=st.data())
def test_a_torn_end_gives_the_same_bytes(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Cut anywhere, with NULs for any blocks that were not written."""
    store, out, whole, lengths = stopped(tmp_path_factory.mktemp("any"))
    for path, length in lengths.items():
        behind = bytearray(whole[path][length:])
        del behind[data.draw(st.integers(0, len(behind))) :]
        for block in range(0, len(behind), BLOCK):
            if data.draw(st.booleans()):
                behind[block : block + BLOCK] = bytes(len(behind[block : block + BLOCK]))
        path.write_bytes(whole[path][:length] + bytes(behind))
    store.run(out)
    assert content(out) == whole
    assert store.waiting == []


SOMEBODY: list[Callable[[bytes], bytes]] = [
    lambda behind: b"mine\n",
    lambda behind: b"\n",
    lambda behind: behind + b"mine\n",
    lambda behind: behind[: len(behind) // 2] + b"mine\n",
    lambda behind: b"mine\n" + behind,
    lambda behind: behind.replace(b"A3", b"B3"),
    lambda behind: behind.replace(b"A3", b"B3")[: len(behind) // 2],
    lambda behind: bytes(40) + b"mine\n",
    lambda behind: bytes(len(behind) * 3),
]


@pytest.mark.parametrize("name", ["o.jsonl", "out"])
@pytest.mark.parametrize("number", range(len(SOMEBODY)))
def test_what_somebody_else_wrote_is_kept(tmp_path: Path, number: int, name: str) -> None:
    """The control: without it the same run ends. With it nothing is changed, until it is moved away."""
    (tmp_path / "control").mkdir()
    store, out, whole, _ = stopped(tmp_path / "control", name)
    store.run(out, THREE)
    assert all(now.startswith(whole[path]) for path, now in content(out).items())
    store, out, whole, lengths = stopped(tmp_path, name)
    receipts = table_path(out, "receipts")
    for path in grown(out):
        path.write_bytes(whole[path][: lengths[path]] + SOMEBODY[number](whole[path][lengths[path] :]))
        before, waiting = content(out), list(store.waiting)
        with pytest.raises(StoreError, match=FOREIGN) as caught:
            store.run(out, THREE)
        assert (content(out), store.waiting) == (before, waiting)
        assert f"truncate -s {lengths[path]} {path}" in (caught.value.hint or "")
        os.truncate(path, lengths[path])
    store.run(out, THREE)
    assert store.waiting == []
    assert all(now.startswith(whole[path]) for path, now in content(out).items())
    assert receipts.read_bytes().count(b"A3,") == 1


def test_moved_away_as_a_whole_a_new_file_is_begun(tmp_path: Path) -> None:
    store, out, whole, lengths = stopped(tmp_path)
    with out.open("ab") as file:
        file.write(b"mine\n")
    with pytest.raises(StoreError, match=FOREIGN):
        store.run(out)
    out.rename(tmp_path / "kept")
    store.run(out)
    assert out.read_bytes() == whole[out][lengths[out] :]


def test_a_store_that_was_put_back_cuts_off_nothing_that_it_has_lost(tmp_path: Path) -> None:
    """It has the second chunk waiting; the file has that, and a third that was delivered after the copy."""
    store, out, _, _ = stopped(tmp_path)
    sinks, waiting = dict(store.sinks), list(store.waiting)
    store.run(out, THREE)
    before = content(out)
    store.sinks, store.waiting = sinks, waiting
    with pytest.raises(StoreError, match=FOREIGN) as caught:
        store.run(out)
    assert content(out) == before
    assert "reconcile --receipts" in (caught.value.hint or "")


def test_nobody_writes_beside_a_run(tmp_path: Path) -> None:
    store, out = MemoryStore(), tmp_path / "o.jsonl"
    with open_output(out, store=store) as output:
        output.write(ONE)
        before = out.read_bytes()
        with out.open("ab") as file:
            file.write(b"mine\n")
        with pytest.raises(StoreError, match=FOREIGN):
            output.write(TWO)
    assert out.read_bytes() == before + b"mine\n"


def test_some_of_the_chunk_has_left_by_another_output(tmp_path: Path) -> None:
    """Then less is written again than a stop has left: it is ours all the same."""
    store, out, _, _ = stopped(tmp_path)
    store.waiting = [(where, items[:1]) for where, items in store.waiting]
    with open_output(out, store=store) as output:
        output.mend(TWO)
        store.sinks.update(output.write(TWO[:1]))
    assert out.read_bytes().count(b"\n") == len(ONE) + 1


def test_what_waits_is_asked_for_only_if_something_stands_there(tmp_path: Path) -> None:
    store = MemoryStore()
    store.run(tmp_path / "o.jsonl", ONE)
    with open_output(tmp_path / "o.jsonl", store=store) as output:
        output.mend(pytest.fail("nobody asks") for _ in range(1))


@pytest.mark.parametrize(
    ("behind", "is_ours"),
    [(WHOLE, True), (WHOLE[:9], True), (LINES[1], True), (bytes(9), True), (WHOLE + b"o", True),
     (WHOLE[:3] + bytes(9) + WHOLE[12:], True), (bytes(4) + b",1\r\ntw", True), (bytes(4) + b"\r\n", True),
     (b"wo,2\r\n", False), (WHOLE[:3] + b"\n", False), (b"x", False), (bytes(4) + b"x\r\n", False),
     (b",1", False), (WHOLE[:9] + bytes(2) + b"2\r\nx", False)],
)  # fmt: skip
def test_torn_or_not(behind: bytes, is_ours: bool) -> None:
    assert is_torn(behind, LINES) is is_ours


def test_of_nothing_that_waits_nothing_is_left() -> None:
    assert is_torn(b"", []) and is_torn(bytes(5), []) and not is_torn(b"x", [])


@pytest.mark.parametrize("name", ["out", "o.jsonl"])
def test_an_issuer_refuses_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """From roster to output: each row exactly once, and the same texts as before the stop."""
    stage, rows = Stage(tmp_path), (DATA / "health_codes.csv").read_bytes().splitlines(keepends=True)[:5]
    holders: dict[str, Any] = {f"HC{number:07}": did_key() for number in range(1, 5)}
    out, delivered = tmp_path / name, IssuerStore.delivered

    def run() -> int:
        with stage.open() as issuer:
            return issuer.issue_roster("health-code", b"".join(rows), out=out, applications=holders).issued

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    monkeypatch.setattr(IssuerStore, "delivered", stop)
    with pytest.raises(Stopped):
        run()
    monkeypatch.setattr(IssuerStore, "delivered", delivered)
    before, table = content(out), table_path(out, "receipts")
    with table.open("ab") as file:
        file.write(b"a note of the registrar\r\n")
    noted = content(out)
    for _ in range(2):
        with pytest.raises(StoreError, match=FOREIGN):
            run()
        assert content(out) == noted
    os.truncate(table, 0)
    assert run() == 4
    assert content(out) == before
    assert run() == 0


def test_an_item_is_what_the_lines_are_of() -> None:
    """Row ids with line ends inside stand in the receipts: else this page would test less than it says."""
    assert b"\n" in "".join(one.row_id for one in TWO).encode() and item("A1").row_id == "A1"
