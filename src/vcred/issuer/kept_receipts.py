# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Receipts that come back to an issuer whose store has lost what they tell of.

A table of receipts is a file that anybody may have edited. What proves a line is its credential id:
a place, enciphered under a key of the store (`journal.CredentialIds`), which nobody can forge. So the
list is proved, and the index where the store still has the deck of the list; row, type, copy and time
are believed, for whoever has a genuine id was given the receipt that it stands in.

    refused     its id is none of this store's            a guess, or another issuer's receipt
                its id is of another list                 the URI was changed
                nothing of its list is lost               the home was not reconciled
                its id is of another index of the list    the index was changed
                its index is not in the list, is taken    likewise, where the deck is lost, too
                its type is none of this issuer's, or not that of its list
"""

import csv
import re
from dataclasses import dataclass
from typing import Final

from vcred.credential.status_reference import StatusReference
from vcred.errors import DecodeError
from vcred.issuer.journal import EntryState
from vcred.issuer.possession import Possession
from vcred.issuer.receipts import COLUMNS, Receipt
from vcred.limits import MAX_COPIES, MAX_ROW_ID_CHARACTERS, MAX_TIME, MAX_URI_CHARACTERS
from vcred.text.formulas import is_formula_like, neutralise

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_MARK: Final = "'"

STRANGE: Final = "its credential id is none of this store's"
OTHER_LIST: Final = "its credential id is of another status list"
NOT_LOST: Final = "nothing of its status list is lost, as far as this store knows"
OTHER_INDEX: Final = "its credential id is of another index of the status list"
BEYOND: Final = "its index is not in the status list"
TAKEN: Final = "its index is another credential's"
STRANGE_TYPE: Final = "its type is none of this issuer's"
OTHER_TYPE: Final = "its status list is of another type"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownList:
    """What the store knows of the status list that a credential id names.

    Attributes:
        uri: Of the list; a list of which the store knows nothing: as it must be.
        size: Entries of it.
        is_lost: It was there before the store was reconciled: what was dealt from it may be lost.
        vct: Of the credentials in it; None if none is known.
    """

    uri: str
    size: int
    is_lost: bool
    vct: str | None


def parse_receipt(line: str) -> Receipt:
    """Read one line of a table of receipts.

    Raises:
        DecodeError: It is none.
    """
    try:
        (cells,) = csv.reader([line], strict=True)
    except (csv.Error, ValueError) as error:
        raise DecodeError("not a line of CSV") from error
    if len(cells) != len(COLUMNS):
        raise DecodeError(f"{len(cells)} cells where a receipt has {len(COLUMNS)}")
    cell = dict(zip(COLUMNS, cells, strict=True))
    row_id, uri = as_it_was(cell["row_id"]), as_it_was(cell["status_uri"])
    if not 0 < len(row_id) <= MAX_ROW_ID_CHARACTERS or not row_id.isprintable():
        raise DecodeError("row_id is none")
    if not "".join(cells).isprintable():
        raise DecodeError("a character that cannot be shown")
    if not 0 < len(uri) <= MAX_URI_CHARACTERS:
        raise DecodeError("status_uri is none")
    if not cell["type"]:
        # The type of lists of which the store knows nothing is empty: none is issued under it.
        raise DecodeError("type is none")
    if cell["possession"] not in tuple(Possession):
        raise DecodeError("possession is none of those there are")
    if cell["state"] != EntryState.DELIVERED:
        raise DecodeError("it is of no credential that was delivered")
    return Receipt(
        row_id=row_id,
        credential_id=cell["credential_id"],
        vct=as_it_was(cell["type"]),
        copy=_number(cell, "copy", most=MAX_COPIES - 1),
        possession=Possession(cell["possession"]),
        issued_at=_number(cell, "issued_at", most=MAX_TIME),
        status=StatusReference(uri=uri, index=_number(cell, "status_index", most=MAX_TIME)),
        state=EntryState.DELIVERED,
    )


def is_header(line: str) -> bool:
    """Say whether a line is the first one of a table of receipts."""
    return tuple(line.split(",")) == COLUMNS


def as_it_was(cell: str) -> str:
    """Take away the apostrophes that `neutralise` has put there.

    A text that had them before, and would be a formula without, cannot be told from one that was given
    them.
    """
    bare = cell[1:] if cell.startswith(_MARK) and is_formula_like(cell[1:]) else cell
    inner = bare.replace(f";{_MARK}", ";") if f";{_MARK}" in bare else bare
    return next((text for text in (inner, bare, cell) if neutralise(text) == cell), cell)


def fault_of(
    receipt: Receipt, found: KnownList, *, dealt: int | None, is_taken: bool, is_own_type: bool
) -> str | None:
    """Say why a receipt is not believed; None if it is.

    Args:
        receipt: Its credential id is of the list that was found, and the journal does not know it.
        found: That list.
        dealt: The index that its place has by the deck of the list; None if the deck is lost.
        is_taken: Another credential has its index.
        is_own_type: The issuer issues the type, or did.
    """
    checks = (
        (receipt.status.uri != found.uri, OTHER_LIST),
        (not found.is_lost, NOT_LOST),
        (dealt not in (None, receipt.status.index), OTHER_INDEX),
        (receipt.status.index >= found.size, BEYOND),
        (is_taken, TAKEN),
        (not is_own_type, STRANGE_TYPE),
        (found.vct not in (None, receipt.vct), OTHER_TYPE),
    )
    return next((words for is_so, words in checks if is_so), None)


def _number(cell: dict[str, str], name: str, *, most: int) -> int:
    if _NUMBER.fullmatch(cell[name]) is None or int(cell[name]) > most:
        raise DecodeError(f"{name} is no number of its kind")
    return int(cell[name])
