# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`verifier.register` and `verifier.withdraw`: who may ask for which claims, and for what purpose."""

from vcred.codec.fields import get_object, get_text, get_texts, refuse_unknown
from vcred.credential.paths import parse_path
from vcred.did.operations import parse_name
from vcred.errors import DecodeError, LedgerError, SchemaError
from vcred.ledger.change import Change
from vcred.ledger.entries import Entry
from vcred.ledger.kinds.statement import (
    COMMON,
    MAX_CLAIM_PATHS,
    get_time,
    jurisdiction_of,
    published_type,
)
from vcred.ledger.kinds.withdrawal import withdraw
from vcred.ledger.state import Registration, State
from vcred.reasons import Reason


def judge_register(state: State, entry: Entry, author: str) -> Change:
    """An authority says what an organisation may ask for."""
    operation = entry.operation
    refuse_unknown(operation, COMMON | {"verifier", "type", "claims", "purpose", "until"})
    verifier = get_text(operation, "verifier")
    organisation = state.organisations.get(verifier)
    if organisation is None or organisation.next_keys is None:
        raise LedgerError(Reason.DID_INVALID, "the verifier is not on the ledger, or deactivated")
    claims = tuple(get_texts(operation, "claims"))
    if not 1 <= len(claims) <= MAX_CLAIM_PATHS or len(set(claims)) != len(claims):
        raise DecodeError("claims: 1 to 32 distinct paths")
    _check_paths(claims)
    registration = Registration(
        entry=entry.hash,
        author=author,
        jurisdiction=jurisdiction_of(state, author),
        verifier=verifier,
        type=published_type(state, get_text(operation, "type")),
        claims=claims,
        purpose=parse_name(get_object(operation, "purpose")),
        logged_at=entry.logged_at,
        until=get_time(operation, "until") if "until" in operation else None,
    )
    return Change(registrations={entry.hash: registration})


def judge_withdraw(state: State, entry: Entry, author: str) -> Change:
    """A jurisdiction takes back its own registration."""
    return Change(registrations=withdraw(state.registrations, state, entry, author, noun="registration"))


def _check_paths(claims: tuple[str, ...]) -> None:
    try:
        for path in claims:
            parse_path(path)
    except SchemaError as error:
        raise DecodeError("claims: not a claim path") from error
