# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reading roster files: encodings, broken lines, limits; one bad row is one fault (ISS-18)."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.stage import DATA
from vcred.errors import DecodeError, UsageError
from vcred.issuer.engines.rosters.csv_reader import RawRow, encoding_name, read_rows
from vcred.limits import KIB, MAX_ROSTER_COLUMNS, MAX_ROSTER_LINE_BYTES, MAX_ROSTER_ROW_BYTES, MIB


def rows_of(data: bytes, encoding: str = "utf-8") -> list[RawRow]:
    """All rows, the header first."""
    return list(read_rows(io.BytesIO(data), encoding))


def test_rows_have_their_line_numbers() -> None:
    rows = rows_of(b'a,b\r\n1,"x, ""y"""\n\n2,"two\nlines"\n3,z')
    assert [(row.line, row.cells) for row in rows] == [
        (1, ("a", "b")),
        (2, ("1", 'x, "y"')),
        (4, ("2", "two\nlines")),
        (6, ("3", "z")),
    ]


def test_the_byte_order_mark_is_dropped() -> None:
    assert rows_of(b"\xef\xbb\xbfa,b\n")[0].cells == ("a", "b")


@pytest.mark.parametrize("encoding", ["big5hkscs", "gb18030"])
def test_encoded_rosters_say_the_same_as_utf_8(encoding: str) -> None:
    rows = rows_of((DATA / f"health_codes_{encoding}.csv").read_bytes(), encoding)
    known = {row.cells[0]: row.cells for row in rows_of((DATA / "health_codes.csv").read_bytes())}
    assert len(rows) == 301
    assert all(known[row.cells[0]] == row.cells for row in rows)


def test_a_line_in_another_encoding_spoils_only_itself() -> None:
    data = "a,b\n1,鄭\n".encode() + "2,鄭\n".encode("big5hkscs") + "3,鄭\n".encode()
    rows = rows_of(data)
    assert rows[1].cells == ("1", "鄭") and rows[3].cells == ("3", "鄭")
    assert rows[2].fault is None and not rows[2].cells[1].isprintable()


@pytest.mark.parametrize(("line", "fault"), [(b'"x"y,1\n', "quotes"), (b"a\rb,1\n", "quotes")])
def test_broken_quotes_and_line_ends_are_one_fault(line: bytes, fault: str) -> None:
    rows = rows_of(b"a,b\n" + line + b"1,2\n")
    assert rows[1].fault is not None and fault in rows[1].fault
    assert rows[2].cells == ("1", "2")


@pytest.mark.parametrize(
    ("rows", "fault", "after"),
    [
        (['"4,x', "5,y", "6,z"], "lines 3 to 5 were read as one row", []),
        (['"4,x', "5,y", '"6",z', "7,w"], "lines 3 to 5 were read as one row", ["7"]),
        (['4,"x', '5",y', "6,z"], "lines 3 to 4 were read as one row", ["6"]),
    ],
)
def test_what_an_open_quote_has_swallowed_is_said(rows: list[str], fault: str, after: list[str]) -> None:
    sound = rows_of("\n".join(["a,b", "3,v", *rows]).replace('"', "").encode())
    assert all(row.fault is None for row in sound)
    read = rows_of("\n".join(["a,b", "3,v", *rows]).encode())
    assert [row.fault for row in read[:2]] == [None, None]
    assert read[2].fault == f"quotes or line ends out of place: {fault}"
    assert [row.cells[0] for row in read[3:]] == after


def test_an_over_long_line_is_one_fault_and_takes_no_memory() -> None:
    rows = rows_of(b"a,b\n" + b"x" * (4 * MAX_ROSTER_LINE_BYTES) + b"\n1,2\n")
    assert rows[1].fault is not None and "longer" in rows[1].fault
    assert rows[2].cells == ("1", "2") and rows[2].line == 3


def test_a_first_line_of_the_longest_length_with_a_mark() -> None:
    mark, start = b"\xef\xbb\xbf", b"a,"
    long = mark + start + b"x" * (MAX_ROSTER_LINE_BYTES - len(mark + start) - 1) + b"\n"
    assert rows_of(long[: 100 * KIB] + b"\n")[0].cells[0] == "a"
    with pytest.raises(DecodeError, match="the first line is no header"):
        rows_of(long[:-1] + b"yz\n1,2\n")


def test_a_row_that_never_ends_takes_no_memory() -> None:
    """36 MB whose quotes close and open on every line took 467 MB."""
    lines = 400_000
    assert rows_of(b'a,b\nx,"ab\n"\n')[1].cells == ("x", "ab\n")
    data = io.BytesIO(b'a,b\nx,"ab\n' + b'","ab\n' * lines)
    tracemalloc.start()
    try:
        _, row = read_rows(data, "utf-8")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (
        row.fault
        == f"row longer than {MAX_ROSTER_ROW_BYTES} bytes: lines 2 to {lines + 2} were read as one row"
    )
    assert peak < 6 * MIB


@pytest.mark.parametrize("size", [csv.field_size_limit() + KIB, MAX_ROSTER_ROW_BYTES + KIB])
@pytest.mark.parametrize(
    "line", [b"HC9,evil\n", b"HC9,evil\n" * 20_000 + b"x" * (MAX_ROSTER_LINE_BYTES + 9) + b"\n"]
)
def test_lines_of_a_cell_that_is_too_long_are_no_rows(size: int, line: bytes) -> None:
    """Whoever may write into one cell would write rows for themselves."""
    assert rows_of(b'a,b\n1,"HC9,evil\n"\n2,ok\n')[1].cells == ("1", "HC9,evil\n")
    rows = rows_of(b'a,b\n1,"' + line * (size // len(line) + 1) + b'""HC9,""evil\n"\n2,ok\n')
    assert [row.cells for row in rows] == [("a", "b"), (), ("2", "ok")]
    assert rows[1].line == 2 and rows[1].fault is not None and "were read as one row" in rows[1].fault


def test_too_many_cells_are_one_fault() -> None:
    rows = rows_of(b"a,b\n" + b"," * MAX_ROSTER_COLUMNS + b"\n1,2\n")
    assert rows[1].fault is not None and rows[2].fault is None


@pytest.mark.parametrize("data", [b"", b"\n\n", b'"open'])
def test_a_file_without_a_header_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        rows_of(data)


@pytest.mark.parametrize("name", ["utf-16", "utf-7", "rot13", "base64", "no such", "iso2022_jp", ""])
def test_other_encodings_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        encoding_name(name)


def test_encodings_have_many_names() -> None:
    names = [encoding_name(name) for name in ("UTF8", "utf-8-sig", "Big5-HKSCS", "gb18030-2000")]
    assert names == ["utf-8", "utf-8", "big5hkscs", "gb18030"]


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "big5hkscs", "gb18030"]))
def test_any_bytes_are_rows_or_refused(data: bytes, encoding: str) -> None:
    try:
        rows = rows_of(b"a,b\n" + data, encoding)
    except DecodeError:
        return
    assert len(rows) <= data.count(b"\n") + data.count(b"\r") + 2
