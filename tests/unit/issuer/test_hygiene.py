# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of rosters of every kind are found, in every column, and told exactly (ISS-18, ISS-19)."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.tables import ROSTERS, texts_of, write_csv, write_parquet, write_xlsx
from vcred.credential.type_definition import shipped_type
from vcred.errors import DecodeError
from vcred.issuer.engines.rosters.roster_file import open_rows
from vcred.issuer.roster import (
    FORMULA,
    FULL_WIDTH,
    IDEOGRAPH_TWIN,
    MIXED_SCRIPT,
    NUMBER_CELL,
    RIGHT_TO_LEFT,
    RowNote,
    check_header,
    iter_number_flags,
    person_key,
    text_columns,
)
from vcred.issuer.row_reader import RowReader

NOW = datetime(2026, 11, 20, 1, 23, 45, tzinfo=UTC)
HEALTH = shipped_type("health-code")
TEXT_COLUMNS = text_columns(HEALTH.roster)
GOOD = dict(zip(*texts_of("health_codes.csv")[:2], strict=True))
FREE_TEXT = ("name", "name_latin", "test_lab")
KINDS = (write_csv, write_xlsx, write_parquet)


def findings(path: Path, encoding: str = "utf-8") -> dict[str, str]:
    """Column and rule of each refused row, and the rule of each flagged one, by row id."""
    found, seen = {}, set()
    with open_rows(path, encoding) as roster:
        check_header(roster.header, HEALTH.roster, type_name=HEALTH.name)
        reader = RowReader(HEALTH, roster.header, encoding=encoding, now=NOW)
        for raw in roster.rows:
            is_repeated = raw.cells[0] in seen
            seen.add(raw.cells[0])
            row = reader.read(raw.line, raw.cells, raw.fault, is_repeated=is_repeated)
            if isinstance(row, RowNote):
                found[row.row_id] = f"{row.column}: {row.rule}"
            else:
                found |= {note.row_id: note.rule for note in row.flags}
    return found


def read_with(changes: Mapping[str, str]) -> tuple[str | None, list[tuple[str, str]]]:
    """The good row with changes: its refusal, and its flags."""
    cells = GOOD | changes
    row = RowReader(HEALTH, tuple(cells), encoding="utf-8", now=NOW).read(
        2, tuple(cells.values()), None, is_repeated=False
    )
    if isinstance(row, RowNote):
        return f"{row.column}: {row.rule}", []
    return None, [(note.column, note.rule) for note in row.flags]


@pytest.mark.parametrize("write", KINDS)
def test_the_dirty_roster_is_found_out_exactly_whatever_kind_of_file_it_is(
    write: Callable[[Path, Sequence[Sequence[str]]], Path], tmp_path: Path
) -> None:
    expected = json.loads((ROSTERS / "health_codes_dirty.expected.json").read_text(encoding="utf-8"))
    assert findings(write(tmp_path / "roster", texts_of("health_codes_dirty.csv"))) == expected
    assert findings(ROSTERS / "health_codes_dirty.csv") == expected


@pytest.mark.parametrize("encoding", ["big5hkscs", "gb18030"])
def test_good_rosters_of_other_encodings_have_no_findings_in_any_kind(encoding: str, tmp_path: Path) -> None:
    path = ROSTERS / f"health_codes_{encoding}.csv"
    assert findings(path, encoding) == {}
    rows = [line.split(",") for line in path.read_text(encoding=encoding).splitlines()]
    for number, write in enumerate(KINDS):
        assert findings(write(tmp_path / str(number), rows)) == {}


@pytest.mark.parametrize("encoding", ["utf-8", "big5hkscs", "gb18030"])
def test_one_line_in_another_encoding_is_one_refusal(encoding: str, tmp_path: Path) -> None:
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    rows = [list(GOOD), *[list((GOOD | {"row_id": f"HC{n}", "name": "鄭慧敏"}).values()) for n in range(3)]]
    path = write_csv(tmp_path / "good", rows, encoding)
    assert findings(path, encoding) == {}
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].decode(encoding).encode(other)
    (tmp_path / "mixed").write_bytes(b"".join(lines))
    found = findings(tmp_path / "mixed", encoding)
    # Two bytes of one encoding may be one good character of the other: then only the text is wrong.
    assert found.keys() <= {"HC1"}
    if encoding != "gb18030":
        assert found == {"HC1": f"name: not {encoding}"}


@pytest.mark.parametrize("column", FREE_TEXT)
@pytest.mark.parametrize(
    ("inserted", "rule"),
    [
        *[(character, "direction control characters") for character in "\u202e\u2066\u200f\u061c"],
        *[(character, "invisible characters") for character in "\u200b\u200d\u2060\ufeff\u00ad\U000e0041"],
        *[(character, "control characters") for character in "\0\t\r\n\x1b\x85\u2028"],
    ],
)
def test_what_does_not_show_is_refused_in_every_text_column(column: str, inserted: str, rule: str) -> None:
    assert read_with({column: "AB"}) == (None, [])
    assert read_with({column: f"A{inserted}B"}) == (f"{column}: {rule}", [])


@pytest.mark.parametrize("column", FREE_TEXT)
@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        *[(f"{start}1", FORMULA) for start in ("=", "+", "-", "@", "  =", "\u3000=")],
        ("Y\u0430ng", MIXED_SCRIPT),
        ("\u03a1eter Wong", MIXED_SCRIPT),
        ("⼈大文", IDEOGRAPH_TWIN),
        ("\uf9e1大文", IDEOGRAPH_TWIN),
        ("ＣＨＡＮ", FULL_WIDTH),
        ("陳１", FULL_WIDTH),
        ("محمد", RIGHT_TO_LEFT),
    ],
)
def test_what_deserves_a_second_look_is_flagged_in_every_text_column(
    column: str, cell: str, rule: str
) -> None:
    assert read_with({column: "Chan 陳"}) == (None, [])
    assert read_with({column: cell}) == (None, [(column, rule)])


@pytest.mark.parametrize("number", ["５631268(1)", "5631268（1）", "5631268 (1)", "5631268", " 5631268(1)"])
def test_a_number_written_otherwise_is_refused_and_not_mended(number: str) -> None:
    macao = {"id_type": "macao_bir", "id_number": "5631268(1)"}
    assert read_with(macao) == (None, [])
    refusal, _ = read_with(macao | {"id_number": number})
    assert refusal == "id_number: not of the form of this document"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("44030519870406345X", "44030519870406345x"),
        ("44030519870406345X", "４４０３０５１９８７０４０６３４５Ｘ"),
        ("440305198704063453", "440305 19870406 3453"),
        ("A123456(3)", "a123456（3）"),
        ("A123456(3)", "A1234563"),
        ("5631268(1)", "5631268\u200b(1)"),
        ("5631268(1)", "5631268/1"),
        ("K-1234 567", "K1234567"),
    ],
)
def test_one_number_written_in_two_ways_is_of_one_person(one: str, other: str) -> None:
    assert person_key(one) == person_key(other)
    assert person_key(one) != person_key(f"{other}9")


@given(st.text(max_size=30))
def test_a_key_is_its_own_key(number: str) -> None:
    assert person_key(person_key(number)) == person_key(number)


@pytest.mark.parametrize(
    "again",
    ["name", " name", "name ", "NAME", "ｎａｍｅ", "na\u200bme", "\ufeffname", "name\u202e", "name\u00a0"],
)
def test_a_column_that_stands_twice_however_it_is_written_refuses_the_file(again: str) -> None:
    header = tuple(GOOD)
    check_header((*header, "further"), HEALTH.roster, type_name="health-code")
    with pytest.raises(DecodeError, match=f"twice in the header, as number 2 and {len(header) + 1}"):
        check_header((*header, again), HEALTH.roster, type_name="health-code")


@pytest.mark.parametrize("misspelt", [" name", "Name", "ｎａｍｅ", "name\u200b"])
def test_a_column_that_only_looks_right_is_pointed_at(misspelt: str) -> None:
    header = tuple(misspelt if column == "name" else column for column in GOOD)
    with pytest.raises(DecodeError, match="lacks name") as refused:
        check_header(header, HEALTH.roster, type_name="health-code")
    assert refused.value.hint is not None and refused.value.hint.startswith("column 2 ")


def test_numbers_are_flagged_where_text_is_wanted() -> None:
    header = ("row_id", "name", "vaccine_doses")
    assert list(iter_number_flags(header, (1, 2), TEXT_COLUMNS)) == [("name", NUMBER_CELL)]
    assert list(iter_number_flags(header, (), TEXT_COLUMNS)) == []
