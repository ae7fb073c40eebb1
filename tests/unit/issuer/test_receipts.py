# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Tables for spreadsheets are neutralised (ISS-18)."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.credential.status_reference import StatusReference
from vcred.issuer.journal import EntryState
from vcred.issuer.outbox import OutboxItem
from vcred.issuer.possession import Possession
from vcred.issuer.receipts import (
    Receipt,
    encode_delivered,
    encode_receipts,
    encode_row_notes,
    receipts_header,
)
from vcred.issuer.roster import RowNote
from vcred.text.formulas import neutralise


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


@given(st.text(max_size=64), st.sampled_from(Possession), st.integers(0, 2**40))
def test_the_quick_way_gives_the_same_bytes(row_id: str, possession: Possession, number: int) -> None:
    item = OutboxItem(
        row_id=row_id,
        credential_id="0f" * 16,
        vct="did:vcred:publisher/types/health-code/1",
        generation=0,
        copy=number,
        possession=possession,
        issued_at=number,
        status=StatusReference(uri='=https://a.example/"1",2', index=number),
        text="eyJ~",
    )
    receipt = Receipt(
        row_id=item.row_id,
        credential_id=item.credential_id,
        vct=item.vct,
        copy=item.copy,
        possession=item.possession,
        issued_at=item.issued_at,
        status=item.status,
        state=EntryState.DELIVERED,
    )
    assert receipts_header() + encode_delivered([item, item]) == encode_receipts([receipt, receipt])
