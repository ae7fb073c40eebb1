# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A line of a table of receipts is read as it was written, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.credential.status_reference import StatusReference
from vcred.errors import DecodeError
from vcred.issuer.journal import EntryState
from vcred.issuer.kept_receipts import as_it_was, is_header, parse_receipt
from vcred.issuer.possession import Possession
from vcred.issuer.receipts import Receipt, encode_receipts, receipts_header
from vcred.text.formulas import neutralise

GOOD = Receipt(
    row_id="HC0000001",
    credential_id="0f" * 16,
    vct="did:vcred:publisher/types/health-code/1",
    copy=1,
    possession=Possession.PROOF,
    issued_at=1_795_147_200,
    status=StatusReference(uri="https://status.example/gd/0", index=77),
    state=EntryState.DELIVERED,
)
ROW_IDS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=64).filter(
    lambda text: text.isprintable() and "'" not in text
)


def line_of(receipt: Receipt) -> str:
    return encode_receipts([receipt]).decode().split("\r\n", 1)[1].removesuffix("\r\n")


def test_the_header_is_known() -> None:
    assert is_header(receipts_header().decode().rstrip())
    assert not is_header("row_id,holder")


@given(ROW_IDS)
def test_a_receipt_comes_back_as_it_was(row_id: str) -> None:
    receipt = Receipt(
        row_id=row_id,
        credential_id=GOOD.credential_id,
        vct=GOOD.vct,
        copy=0,
        possession=Possession.NONE,
        issued_at=0,
        status=GOOD.status,
        state=EntryState.DELIVERED,
    )
    assert parse_receipt(line_of(receipt)) == receipt


@pytest.mark.parametrize("text", ["-12", "=1", "a;=b", "-1;=2", "it's", "'", "a;'b"])
def test_what_was_neutralised_is_bare_again(text: str) -> None:
    assert as_it_was(neutralise(text)) == text


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("HC0000001,", ",", "row_id is none"),
        ("HC0000001,", "H" * 65 + ",", "row_id is none"),
        ("HC0000001,", "H\x7f,", "row_id is none"),
        (",1,proof", ",01,proof", "copy is no number of its kind"),
        (",1,proof", ",100,proof", "copy is no number of its kind"),
        (",1,proof", ",-1,proof", "copy is no number of its kind"),
        (",proof,", ",shown,", "possession is none of those there are"),
        (",1795147200,", ",1e9,", "issued_at is no number of its kind"),
        (",1795147200,", ",253402300800,", "issued_at is no number of its kind"),
        (",77,", ",٧,", "status_index is no number of its kind"),
        ("https://status.example/gd/0,", ",", "status_uri is none"),
        (",delivered", ",signed", "it is of no credential that was delivered"),
        (",delivered", ",deliv", "it is of no credential that was delivered"),
        (",delivered", "", "8 cells where a receipt has 9"),
        ("HC0000001", '"HC0000001', "not a line of CSV"),
        ("did:vcred:publisher/types/health-code/1", "", "type is none"),
        ("0f0f", "0f\0f", "a character that cannot be shown"),
    ],
)
def test_a_line_that_is_none(before: str, after: str, words: str) -> None:
    line = line_of(GOOD)
    assert parse_receipt(line) == GOOD
    assert before in line
    with pytest.raises(DecodeError) as caught:
        parse_receipt(line.replace(before, after, 1))
    assert str(caught.value) == words
