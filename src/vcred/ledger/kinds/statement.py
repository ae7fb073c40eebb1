# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What all statements have in common: an author who may speak, and an order.

Spec: docs/spec/ledger-entries.md, Common members.
"""

from collections.abc import Collection

from vcred.codec.fields import get_int
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.errors import DecodeError, LedgerError
from vcred.keys.public import PublicKey
from vcred.ledger.state import Organisation, State
from vcred.limits import MAX_TIME
from vcred.reasons import Reason

COMMON = frozenset({"kind", "version", "network", "author", "previous", "proof"})
MAX_CLAIM_PATHS = 32


def statement_keys(organisation: Organisation, *, at: int) -> set[PublicKey]:
    """The keys by which an organisation speaks at a NumericDate."""
    return {
        method.key
        for method in organisation.methods
        if method.purpose is Purpose.STATEMENT and method.in_force(at) and not method.is_distrusted(at)
    }


def can_speak(organisation: Organisation, *, at: int) -> bool:
    """Whether an organisation has as many statement keys at a NumericDate as it must sign with."""
    return len(statement_keys(organisation, at=at)) >= organisation.statement_threshold


def require_author(state: State, author: str, signers: Collection[PublicKey], *, at: int) -> None:
    """Refuse unless the author's statement keys in force have signed, enough of them, and nobody else.

    Raises:
        LedgerError: `not_authorised`.
    """
    organisation = state.organisations.get(author)
    if organisation is None:
        raise LedgerError(Reason.NOT_AUTHORISED, "the author is not on the ledger")
    keys = statement_keys(organisation, at=at)
    if len(keys & set(signers)) < organisation.statement_threshold:
        raise LedgerError(Reason.NOT_AUTHORISED, "too few statement keys of the author have signed")
    if not set(signers) <= keys:
        raise LedgerError(Reason.NOT_AUTHORISED, "a key that is not the author's has signed")


def jurisdiction_of(state: State, author: str) -> str:
    """The jurisdiction that an authority speaks for. Raises LedgerError, `not_authorised`."""
    jurisdiction = state.require_network().authorities.get(author)
    if jurisdiction is None:
        raise LedgerError(Reason.NOT_AUTHORISED, "the author is not an authority")
    return jurisdiction


def published_type(state: State, vct: str) -> str:
    """The type, if it is published. Raises LedgerError, `type_unknown`."""
    if vct not in state.types:
        raise LedgerError(Reason.TYPE_UNKNOWN, "the type is not published on this ledger")
    return vct


def get_time(value: JsonObject, name: str) -> int:
    """A NumericDate, or a number of seconds."""
    number = get_int(value, name)
    if not 0 <= number <= MAX_TIME:
        raise DecodeError(f"{name}: out of range")
    return number
