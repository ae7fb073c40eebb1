# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whose signature may be missing, where the rules refuse an operation and do not say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from vcred.codec.json_types import JsonObject
from vcred.errors import LedgerError
from vcred.ledger.entries import Kind
from vcred.reasons import Reason

_ENDORSE: Final = 'if signatures are missing: "vcred ledger endorse" in the home of each authority'
_HINTS: Final = {
    Kind.GENESIS.value: _ENDORSE,
    Kind.NETWORK_CHANGE.value: _ENDORSE,
    Kind.DID_CREATE.value: 'if signatures are missing: "vcred did sign" in the homes of those who hold it'
    ' too, then "vcred ledger endorse" in that of its sponsor',
    Kind.DID_UPDATE.value: 'if signatures are missing: "vcred did sign" in the homes whose keys it reveals;'
    ' "vcred did key" shows which keys a home has',
}


@contextmanager
def hinting_at_signatures(operation: JsonObject) -> Iterator[None]:
    """Give a refusal of this operation a hint, if it has none and signatures may be what is missing."""
    try:
        yield
    except LedgerError as error:
        if error.reason is Reason.NOT_AUTHORISED or not operation.get("proof"):
            error.hint = error.hint or _HINTS.get(str(operation.get("kind")))
        raise
