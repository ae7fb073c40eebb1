# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Rosters in a workbook: text stays text, and what a spreadsheet spoilt is told (ISS-18)."""

import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.issuer.tables import SHEET, read_all, replaced, tampered, write_xlsx
from vcred.errors import DecodeError, LimitExceededError
from vcred.issuer.engines.rosters.sheet_scan import scan_workbook
from vcred.issuer.engines.rosters.xlsx_reader import ERROR_CELL, FORMULA_CELL, ROUNDED, WITHOUT_ZONE

GOOD = [["row_id", "name"], ["000123", "陳大文"], ["HC2", "=1+1"]]
RELATIONSHIPS = "xl/_rels/workbook.xml.rels"
Changes = Mapping[str, Callable[[bytes], bytes]]


def test_text_stays_text(tmp_path: Path) -> None:
    cells = ["000123", " 1 ", "440305198704063453", "=1+1", "2026-11-20", "a\nb", "𠮷", "TRUE", "a\x07b"]
    header = [f"c{number}" for number in range(len(cells))]
    _, rows = read_all(write_xlsx(tmp_path / "a", [header, cells]))
    assert [(list(row.cells), row.fault, row.numbers) for row in rows] == [(cells, None, ())]


@pytest.mark.parametrize(
    ("cell", "text", "is_number"),
    [
        ("123", "123", False),
        (123, "123", True),
        (-1, "-1", True),
        (999_999_999_999_999, "999999999999999", True),
        (1.5, "1.5", True),
        (True, "true", True),
        (date(1987, 4, 6), "1987-04-06", False),
    ],
)
def test_what_is_no_text_becomes_it_and_is_told(
    cell: object, text: str, is_number: bool, tmp_path: Path
) -> None:
    _, rows = read_all(write_xlsx(tmp_path / "a", [["row_id", "b"], ["x", cell]]))
    assert (rows[0].cells, rows[0].fault) == (("x", text), None)
    assert rows[0].numbers == ((1,) if is_number else ())


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (440305198704063453, ROUNDED),
        (-1_000_000_000_000_000, ROUNDED),
        (datetime(2026, 11, 20, 9, 0, 1), WITHOUT_ZONE),  # noqa: DTZ001 - a workbook knows no zone
        ("=1+1", FORMULA_CELL),
        ("=HYPERLINK(A1)", FORMULA_CELL),
        ("=[1]Other!A1", FORMULA_CELL),
    ],
)
def test_what_a_spreadsheet_has_spoilt_refuses_its_row_alone(cell: object, rule: str, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a", {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["row_id", "b"])
        sheet.write(1, 1, cell)
        sheet.write_row(2, 0, ["y", "fine"])
    _, rows = read_all(tmp_path / "a")
    assert (rows[0].line, rows[0].fault) == (2, f"b: {rule}")
    assert (rows[1].line, rows[1].cells, rows[1].fault) == (3, ("y", "fine"), None)


def test_an_error_cell_refuses_its_row(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a", [["row_id", "b"], ["x", 5]])
    assert read_all(path)[1][0].fault is None
    spoilt = tampered(path, {SHEET: replaced(b'<c r="B2"><v>5</v>', b'<c r="B2" t="e"><v>#N/A</v>')})
    assert read_all(spoilt)[1][0].fault == f"b: {ERROR_CELL}"


def test_empty_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    _, rows = read_all(write_xlsx(tmp_path / "a", [["a"], [""], ["1"], [], [], ["2"]]))
    assert [(row.line, row.cells) for row in rows] == [(3, ("1",)), (6, ("2",))]


def _same(data: bytes) -> bytes:
    return data


def _with_merge(data: bytes) -> bytes:
    return data.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells>')


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({SHEET: _with_merge}, "merged cells"),
        ({SHEET: replaced(b'r="B1"', b'r="XFD1"')}, "more than 256 columns"),
        ({SHEET: replaced(b'r="3"', b'r="1048577"')}, "out of order"),
        ({SHEET: replaced(b'r="3"', b'r="2"')}, "out of order"),
        ({SHEET: replaced(b'r="3"', b'r="-3"')}, "out of order"),
        ({SHEET: replaced(b'r="B2"', b'r="B3"')}, "another row"),
        ({SHEET: replaced(b'r="B2"', b'r="A2"')}, "out of order"),
        ({SHEET: replaced(b'<c r="A1" t="s"><v>0</v></c>', b"")}, "begin in cell A1"),
        ({SHEET: replaced(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet')}, "document type"),
        ({SHEET: replaced(b"</worksheet>", b"")}, "well-formed"),
        ({SHEET: replaced(b'<c r="A1" t="s"><v>0', b'<c r="A1"><v>0')}, "no header"),
        ({SHEET: lambda data: data.decode().encode("utf-16")}, "not UTF-8"),
        ({"XL/Worksheets/Sheet1.xml": _same}, "stands twice"),
        ({RELATIONSHIPS: replaced(b"worksheets/sheet1.xml", b"../evil.xml")}, "not where"),
        ({RELATIONSHIPS: replaced(b'"worksheets/sheet1.xml', b'"worksheets/sheet2.xml')}, "damaged"),
        ({RELATIONSHIPS: replaced(b'"rId2"', b'"rId1"')}, "not where"),
        (
            {
                "xl/workbook.xml": replaced(
                    b"</sheets>", b'<sheet name="b" sheetId="2" r:id="rId2"/></sheets>'
                )
            },
            "2 sheets",
        ),
        ({f"xl/more/{number}.xml": _same for number in range(1000)}, "more than 1000 parts"),
    ],
)
def test_a_workbook_that_is_not_one_plain_table_is_refused(
    changes: Changes, words: str, tmp_path: Path
) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    assert len(read_all(tampered(good, {SHEET: _same}))[1]) == 2
    with pytest.raises(DecodeError, match=words):
        read_all(tampered(good, changes))


def test_two_sheets_are_refused_also_if_one_is_hidden(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a") as book:
        book.add_worksheet().write_row(0, 0, ["row_id", "name"])
        book.add_worksheet().hide()
    with pytest.raises(DecodeError, match="2 sheets"):
        read_all(tmp_path / "a")


def test_two_cells_far_apart_take_no_memory(tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    far = tampered(good, {SHEET: replaced(b'r="B2"', b'r="IV2"')})
    assert len(read_all(far)[0]) == 256
    with pytest.raises(LimitExceededError):
        read_all(tampered(good, {SHEET: replaced(b'r="B2"', b'r="IW2"')}))


def test_a_part_that_unfolds_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    assert scan_workbook(str(good)).last_row == 3
    bomb = tampered(good, {SHEET: replaced(b"<sheetData>", b"<sheetData>" + b" " * 2_000_000)})
    assert bomb.stat().st_size < 20_000
    assert scan_workbook(str(bomb)).last_row == 3
    monkeypatch.setattr("vcred.issuer.engines.rosters.sheet_scan.MAX_ROSTER_SHEET_BYTES", 1_000_000)
    with pytest.raises(LimitExceededError, match="unfolds"):
        scan_workbook(str(bomb))


def test_a_part_that_is_not_the_sheet_is_small(tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    padded = tampered(good, {"xl/workbook.xml": replaced(b"<sheets>", b" " * 1_000_000 + b"<sheets>")})
    assert scan_workbook(str(padded)).last_row == 3
    larger = tampered(good, {"xl/workbook.xml": replaced(b"<sheets>", b" " * 1_100_000 + b"<sheets>")})
    with pytest.raises(LimitExceededError, match="a part of the workbook is longer than"):
        scan_workbook(str(larger))


def test_the_directorys_word_for_a_size_is_not_believed(tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    with zipfile.ZipFile(good) as archive:
        size = archive.getinfo(SHEET).file_size
    raw = good.read_bytes()
    directory = raw.index(b"PK\x01\x02")
    assert raw.count(size.to_bytes(4, "little"), directory) == 1
    lying = raw[:directory] + raw[directory:].replace(size.to_bytes(4, "little"), (40).to_bytes(4, "little"))
    (tmp_path / "lying").write_bytes(lying)
    with pytest.raises(DecodeError):
        read_all(tmp_path / "lying")


def test_an_encrypted_part_is_refused(tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    raw = bytearray(good.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked").write_bytes(raw)
    with pytest.raises(DecodeError, match="encrypted"):
        read_all(tmp_path / "locked")


def test_a_part_that_is_packed_otherwise_is_refused(tmp_path: Path) -> None:
    """Also whole ones: of what is damaged in them, other libraries tell in other ways."""
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert scan_workbook(str(_packed(good, method))).last_row == 3
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with pytest.raises(DecodeError, match="packed as in no workbook"):
            read_all(_packed(good, method))


def _packed(path: Path, method: int) -> Path:
    other = path.with_name(f"method-{method}.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w", method) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return other


@pytest.mark.parametrize(
    "changes",
    [{6: 255}, {9: 8, 46: 255}, {8: 32}, {8: 64}],
    ids=["a version to come", "a name that is not UTF-8", "a patch", "strong encryption"],
)
def test_a_directory_that_nobody_can_follow(changes: Mapping[int, int], tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    assert scan_workbook(str(good)).last_row == 3
    raw = bytearray(good.read_bytes())
    for entry in [at for at in range(len(raw)) if raw.startswith(b"PK\x01\x02", at)]:
        for place, byte in changes.items():
            raw[entry + place] = byte
    (tmp_path / "bad").write_bytes(raw)
    with pytest.raises(DecodeError, match="not a workbook, or a damaged one"):
        scan_workbook(str(tmp_path / "bad"))


def test_parts_before_the_start_of_the_file(tmp_path: Path) -> None:
    """The directory says that it is further from the start than it is; what the disk says is no damage."""
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)
    assert scan_workbook(str(good)).last_row == 3
    raw = bytearray(good.read_bytes())
    raw[raw.index(b"PK\x05\x06") + 18] = 255
    (tmp_path / "bad").write_bytes(raw)
    with pytest.raises(DecodeError, match="not a workbook, or a damaged one"):
        scan_workbook(str(tmp_path / "bad"))
    with pytest.raises(OSError, match="No such file"):
        scan_workbook(str(tmp_path / "missing"))


def test_a_text_repeated_by_reference_ends_at_the_bound_of_memory(tmp_path: Path) -> None:
    """A megabyte that asks for five gigabytes: the process that reads it ends, and this one goes on."""
    path = tmp_path / "bomb.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "row_id")
        for row in range(1, 150_001):
            sheet.write_string(row, 0, "x" * 32_767)
    assert path.stat().st_size < 4_000_000
    with pytest.raises(LimitExceededError, match="memory"):
        read_all(path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_archive_is_scanned_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(_damaged(data, tmp_path))
    try:
        scan_workbook(str(tmp_path / "bad"))
    except DecodeError:
        return


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_sheet_is_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", GOOD)

    def damage(part: bytes) -> bytes:
        place = data.draw(st.integers(0, len(part) - 1))
        return part[:place] + data.draw(st.binary(min_size=1, max_size=4)) + part[place + 1 :]

    name = data.draw(st.sampled_from([SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]))
    try:
        read_all(tampered(good, {name: damage}))
    except DecodeError:
        return


def _damaged(data: st.DataObject, folder: Path) -> bytes:
    raw = bytearray(write_xlsx(folder / "good.xlsx", GOOD).read_bytes())
    if data.draw(st.booleans()):
        return bytes(raw[: data.draw(st.integers(4, len(raw) - 1))])
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    return bytes(raw)
