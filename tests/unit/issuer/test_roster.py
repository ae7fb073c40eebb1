# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Rows become claims, or a refusal that names row, column and rule (ISS-18, ISS-19)."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.issuer.roster_reading import WholePass
from tests.unit.issuer.stage import DATA, START
from vcred.credential.type_definition import TypeDefinition, shipped_type
from vcred.errors import DecodeError
from vcred.issuer.engines.rosters.csv_reader import read_rows
from vcred.issuer.roster import MIXED_SCRIPT, SAME_PERSON, ReadyRow, RowNote
from vcred.limits import MAX_ROSTER_CELL_CHARACTERS

HEALTH = shipped_type("health-code")
CERTIFICATE = shipped_type("professional-certificate")


def iter_read(name: str, definition: TypeDefinition, encoding: str) -> Iterator[ReadyRow | RowNote]:
    """A whole file, row by row."""
    with (DATA / name).open("rb") as file:
        rows = read_rows(file, encoding)
        roster = WholePass(definition, next(rows).cells, encoding=encoding, now=START)
        for row in rows:
            yield roster.read(row.line, row.cells, row.fault)


def first_row() -> dict[str, str]:
    """The first row of the good health roster, by column."""
    with (DATA / "health_codes.csv").open("rb") as file:
        rows = read_rows(file, "utf-8")
        header = next(rows).cells
        return dict(zip(header, next(rows).cells, strict=True))


def read_with(changes: dict[str, str], *, before: dict[str, str] | None = None) -> ReadyRow | RowNote:
    """Read the good row with changes, after another row if one is given."""
    cells = first_row()
    roster = WholePass(HEALTH, tuple(cells), encoding="utf-8", now=START)
    if before is not None:
        roster.read(2, tuple((cells | before).values()), None)
    return roster.read(3, tuple((cells | changes).values()), None)


def fault_of(outcome: ReadyRow | RowNote) -> str:
    """Column and rule of a refusal."""
    assert isinstance(outcome, RowNote)
    return f"{outcome.column}: {outcome.rule}"


@pytest.mark.parametrize(
    ("name", "definition", "encoding", "count"),
    [
        ("health_codes.csv", HEALTH, "utf-8", 2000),
        ("health_codes_big5hkscs.csv", HEALTH, "big5hkscs", 300),
        ("health_codes_gb18030.csv", HEALTH, "gb18030", 300),
        ("professional_certificates.csv", CERTIFICATE, "utf-8", 500),
    ],
)
def test_every_row_of_the_good_rosters_is_ready(
    name: str, definition: TypeDefinition, encoding: str, count: int
) -> None:
    rows = list(iter_read(name, definition, encoding))
    assert len(rows) == count
    assert all(isinstance(row, ReadyRow) and not row.flags for row in rows)


def test_the_dirty_roster_is_found_out_exactly() -> None:
    expected = json.loads((DATA / "health_codes_dirty.expected.json").read_text())
    found = {}
    for row in iter_read("health_codes_dirty.csv", HEALTH, "utf-8"):
        if isinstance(row, RowNote):
            found[row.row_id] = f"{row.column}: {row.rule}"
        else:
            found.update({note.row_id: note.rule for note in row.flags})
    assert found == expected


def test_claims_of_a_row() -> None:
    row = read_with({})
    assert isinstance(row, ReadyRow)
    assert row.claims["match"] == {"name": "杨𠮷祥", "id_type": "mainland_id", "last_four": "3453"}
    assert row.claims["vaccination"] == {"doses": 3, "last": "2026-04-30"}
    lacking = read_with({"vaccine_doses": "", "vaccine_last": ""})
    assert isinstance(lacking, ReadyRow) and "vaccination" not in lacking.claims


def test_modules_of_a_certificate() -> None:
    row = next(iter_read("professional_certificates.csv", CERTIFICATE, "utf-8"))
    assert isinstance(row, ReadyRow)
    modules = row.claims["modules"]
    assert isinstance(modules, list) and len(modules) == 6
    assert modules[0] == {"title": "Payments", "mark": 63}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "－x", "＠x", "＋1"])
def test_a_formula_stays_data_and_is_flagged(cell: str) -> None:
    row = read_with({"name": cell})
    assert isinstance(row, ReadyRow)
    assert row.claims["identity"]["name"] == cell  # type: ignore[call-overload, index]
    assert [note.column for note in row.flags] == ["name"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": "\tx"}, "name: control characters"),
        ({"name": "\rx"}, "name: control characters"),
        ({"name": "a\0b"}, "name: control characters"),
        ({"name": "x" * (MAX_ROSTER_CELL_CHARACTERS + 1)}, "name: longer than 4096 characters"),
        ({"name": "\udcbe"}, "name: not utf-8"),
        ({"name": "\u200fname"}, "name: direction control characters"),
        ({"row_id": ""}, "row_id: required"),
        ({"row_id": "x" * 65}, "row_id: longer than 64 characters"),
        ({"row_id": "a\nb"}, "row_id: control characters"),
        ({"row_id": "X1 "}, 'row_id: begins or ends with a blank, or begins with "#"'),
        ({"row_id": "\u3000X1"}, "row_id: control characters"),
        ({"row_id": "#7"}, 'row_id: begins or ends with a blank, or begins with "#"'),
        ({"vaccine_doses": "three"}, "vaccine_doses: not an integer"),
        ({"vaccine_doses": "1.0"}, "vaccine_doses: not an integer"),
        ({"vaccine_doses": "٣"}, "vaccine_doses: not an integer"),
        ({"id_number": "440305198704063454"}, "id_number: check digit wrong"),
        ({"id_type": "hkid"}, "id_number: not of the form of this document"),
        ({"birth_date": "1987-04-07"}, "id_number: names another birth date"),
    ],
)
def test_a_bad_cell_is_refused_by_column_and_rule(changes: dict[str, str], fault: str) -> None:
    assert fault_of(read_with(changes)) == fault


def test_a_row_of_another_width_is_refused() -> None:
    cells = first_row()
    roster = WholePass(HEALTH, tuple(cells), encoding="utf-8", now=START)
    short = roster.read(2, tuple(cells.values())[:-1], None)
    assert fault_of(short) == "row: 14 cells where the header has 15"
    assert fault_of(roster.read(3, (), "quotes or line ends out of place")).startswith("row: quotes")


def test_a_row_that_comes_twice_is_refused_also_if_the_first_was() -> None:
    assert fault_of(read_with({}, before={"name": "another"})) == "row_id: seen before"
    assert fault_of(read_with({}, before={"name": ""})) == "row_id: seen before"


def test_a_person_who_comes_twice_is_flagged_and_not_merged() -> None:
    row = read_with({"row_id": "HC2"}, before={})
    assert isinstance(row, ReadyRow)
    assert [(note.column, note.rule) for note in row.flags] == [("id_number", SAME_PERSON)]


def test_a_homograph_is_flagged() -> None:
    row = read_with({"name_latin": "Y\u0430ng"})
    assert isinstance(row, ReadyRow)
    assert [(note.column, note.rule) for note in row.flags] == [("name_latin", MIXED_SCRIPT)]


@pytest.mark.parametrize(
    "change",
    [
        lambda header: (*header, "name"),
        lambda header: header[:-1],
        lambda header: ("na\udcbeme", *header),
        lambda header: ("a\0", *header),
    ],
    ids=["twice", "missing", "undecoded", "nul"],
)
def test_a_bad_header_refuses_the_file(change: object) -> None:
    header = tuple(first_row())
    WholePass(HEALTH, (*header, "further"), encoding="utf-8", now=START)
    with pytest.raises(DecodeError):
        WholePass(HEALTH, change(header), encoding="utf-8", now=START)  # type: ignore[operator]


@given(st.sampled_from(sorted(first_row())), st.text(max_size=30))
def test_any_cell_is_ready_or_refused_and_never_repeated(column: str, cell: str) -> None:
    outcome = read_with({column: cell})
    if isinstance(outcome, RowNote):
        assert outcome.column in first_row()
        assert len(cell) < 4 or cell not in outcome.rule


@given(st.text(max_size=40))
def test_any_modules_cell(cell: str) -> None:
    header = next(iter_rows("professional_certificates.csv"))
    cells = dict(zip(header, list(iter_rows("professional_certificates.csv"))[1], strict=True))
    roster = WholePass(CERTIFICATE, header, encoding="utf-8", now=START)
    roster.read(2, tuple((cells | {"modules": cell}).values()), None)


def iter_rows(name: str) -> Iterator[tuple[str, ...]]:
    """The cells of a file's first two lines."""
    with (DATA / name).open("rb") as file:
        rows = read_rows(file, "utf-8")
        yield next(rows).cells
        yield next(rows).cells
