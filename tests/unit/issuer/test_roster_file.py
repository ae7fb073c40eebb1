# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Rosters of three kinds: known by their first bytes, read alike, refused in words (ISS-18)."""

import importlib.util
import io
import os
import threading
from pathlib import Path

import pytest

from tests.unit.issuer.tables import ROSTERS, read_all, texts_of, write_csv, write_parquet, write_xlsx
from vcred.errors import DecodeError, StoreError, UsageError
from vcred.issuer.engines.rosters.roster_file import open_rows

ROWS = [["row_id", "name"], ["000123", "陳大文"], ["=1+1", " 𠮷 "], ["x", ""]]


def test_the_same_rows_are_read_from_all_kinds(tmp_path: Path) -> None:
    rows = texts_of("health_codes_dirty.csv")
    control = [[cell.replace("\0", "") for cell in row] for row in rows]
    files = (
        write_csv(tmp_path / "a", control),
        write_xlsx(tmp_path / "b", control),
        write_parquet(tmp_path / "c", control),
    )
    header, body = read_all(files[0])
    assert len(body) == 200
    for file in files[1:]:
        other, others = read_all(file)
        assert other == header
        assert [row.cells for row in others] == [row.cells for row in body]
        assert [row.line for row in others] == list(range(2, 202))
        assert not any(row.fault or row.numbers for row in others)


@pytest.mark.parametrize("count", [0, 1, 3, 4])
def test_looking_ahead_takes_no_row_and_moves_no_position(tmp_path: Path, count: int) -> None:
    path = write_csv(tmp_path / "a", ROWS)
    with open_rows(path, "utf-8") as plain:
        expected = [(row, plain.position()) for row in plain.rows]
    with open_rows(path, "utf-8") as file:
        assert file.look_ahead(count) == min(count, 3)
        assert [(row, file.position()) for row in file.rows] == expected
    assert expected[-1][1] == 100 > (expected[0][1] or 0)


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    for path in (
        write_csv(tmp_path / "roster.xlsx", ROWS),
        write_xlsx(tmp_path / "roster.parquet", ROWS),
        write_parquet(tmp_path / "roster.csv", ROWS),
    ):
        header, rows = read_all(path)
        assert header == ("row_id", "name")
        assert [list(row.cells) for row in rows] == ROWS[1:]


def test_a_position_is_told(tmp_path: Path) -> None:
    for path in (write_csv(tmp_path / "a", ROWS), write_xlsx(tmp_path / "b", ROWS)):
        with open_rows(path, "utf-8") as roster:
            before = roster.position()
            list(roster.rows)
            assert before is not None and before <= 100 and roster.position() == 100


def test_csv_is_read_from_bytes_and_from_a_stream_that_stays_open() -> None:
    data = (ROSTERS / "health_codes.csv").read_bytes()
    stream = io.BytesIO(data)
    for source in (data, stream):
        with open_rows(source, "utf-8") as roster:
            assert len(list(roster.rows)) == 2000
    assert not stream.closed


def test_csv_is_read_from_a_pipe() -> None:
    data = (ROSTERS / "health_codes.csv").read_bytes()
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as end:
            end.write(data)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(reading, "rb") as pipe, open_rows(pipe, "utf-8") as roster:
        assert roster.position() is None
        assert len(list(roster.rows)) == 2000
    writer.join()


@pytest.mark.parametrize("write", [write_xlsx, write_parquet])
def test_tables_are_not_read_from_a_stream(write: object, tmp_path: Path) -> None:
    path = write(tmp_path / "roster", ROWS)  # type: ignore[operator]
    assert len(read_all(path)[1]) == 3
    for source in (path.read_bytes(), io.BytesIO(path.read_bytes())):
        with pytest.raises(UsageError, match="stream"):
            open_rows(source, "utf-8")


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_xlsx(tmp_path / "roster", ROWS)
    assert len(read_all(path)[1]) == 3
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "fastexcel" else find(name))
    with pytest.raises(UsageError, match="fastexcel") as refused:
        read_all(path)
    assert refused.value.hint is not None and 'pip install "vcred[batch]"' in refused.value.hint


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or encrypted"),
        (b"PK\x05\x06" + bytes(18), "empty archive"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"\x28\xb5\x2f\xfd", "compressed"),
        (b"PARE", "encrypted"),
        (b"%PDF-1.7", "PDF"),
        ("\ufeffrow_id,name\n".encode("utf-16-le"), "UTF-16"),
        ("\ufeffrow_id,name\n".encode("utf-16-be"), "UTF-16"),
        ("\ufeffrow_id,name\n".encode("utf-32-be"), "UTF-32"),
        ("\ufeffrow_id,name\n".encode("gb18030"), "gb18030"),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_roster_is_called_by_its_name(start: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(start)
    with pytest.raises(DecodeError, match=words):
        read_all(path)


def test_a_mark_of_the_encoding_that_was_named_is_dropped(tmp_path: Path) -> None:
    for encoding, mark in (("utf-8", "utf-8"), ("gb18030", "gb18030")):
        path = tmp_path / encoding
        path.write_bytes("\ufeffrow_id,name\n1,陳\n".encode(mark))
        assert read_all(path, encoding)[0] == ("row_id", "name")
    with pytest.raises(DecodeError, match="utf-8") as refused:
        read_all(tmp_path / "utf-8", "big5hkscs")
    assert refused.value.hint == "--encoding utf-8"


def test_a_file_that_is_not_there_or_a_folder_is_a_fault_of_the_place(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(StoreError, match="cannot read"):
            open_rows(path, "utf-8")


def test_the_reader_ends_with_the_file(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "roster", [["a"], *([str(number)] for number in range(50_000))])
    before = children()
    with open_rows(path, "utf-8") as roster:
        assert next(roster.rows).cells == ("0",)
    assert children() == before


def children() -> set[str]:
    """Processes that this one has started and that have not ended, where the system says it."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(listed.read_text().split()) if listed.exists() else set()
