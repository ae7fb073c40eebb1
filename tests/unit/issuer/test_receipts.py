# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tables for spreadsheets are neutralised (ISS-18)."""

import csv
import io

import pytest

from vcred.issuer.receipts import encode_row_notes, neutralise
from vcred.issuer.roster import RowNote


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@a", "\t=1", "\r", "＝1", "＋1", "－1", "＠a", "  =1", "\n=1"]
)
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert neutralise(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "HC0000001", "陳大文", "a=b", "1-2"])
def test_plain_text_stays(cell: str) -> None:
    assert neutralise(cell) == cell


def test_notes_come_back_as_rows() -> None:
    notes = [
        RowNote(row_id='=HYPERLINK("x")', line=3, column="name", rule="required"),
        RowNote(row_id="\udcbe,", line=4, column="row", rule="not utf-8"),
    ]
    rows = list(csv.reader(io.StringIO(encode_row_notes(notes).decode(), newline="")))
    assert rows == [
        ["row_id", "line", "column", "rule"],
        ['\'=HYPERLINK("x")', "3", "name", "required"],
        ["?,", "4", "row", "not utf-8"],
    ]
