# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`recognise` and `recognise.withdraw`: what a jurisdiction's gates accept of another."""

from vcred.codec.fields import get_object, get_text, get_texts, refuse_unknown
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError
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
from vcred.ledger.state import Conditions, Recognition, State

BINDINGS = frozenset({"live", "challenge", "none"})


def judge_recognise(state: State, entry: Entry, author: str) -> Change:
    """An authority lets its own gates accept a type that another jurisdiction accredits."""
    operation = entry.operation
    refuse_unknown(operation, COMMON | {"type", "jurisdiction", "conditions"})
    own = jurisdiction_of(state, author)
    of_jurisdiction = get_text(operation, "jurisdiction")
    if of_jurisdiction == own or of_jurisdiction not in state.require_network().jurisdictions:
        raise DecodeError("jurisdiction: not another one of this network")
    recognition = Recognition(
        entry=entry.hash,
        author=author,
        jurisdiction=own,
        of_jurisdiction=of_jurisdiction,
        type=published_type(state, get_text(operation, "type")),
        conditions=_conditions(get_object(operation, "conditions")),
        logged_at=entry.logged_at,
    )
    return Change(recognitions={entry.hash: recognition})


def judge_withdraw(state: State, entry: Entry, author: str) -> Change:
    """A jurisdiction takes back its own recognition."""
    return Change(recognitions=withdraw(state.recognitions, state, entry, author, noun="recognition"))


def _conditions(value: JsonObject) -> Conditions:
    refuse_unknown(value, {"max_age", "bindings", "required_claims", "until"})
    bindings = tuple(get_texts(value, "bindings")) if "bindings" in value else None
    required = tuple(get_texts(value, "required_claims")) if "required_claims" in value else None
    # Empty is invalid: a list that names nothing would forbid everything, or nothing, by accident.
    if bindings is not None and (not bindings or not set(bindings) <= BINDINGS):
        raise DecodeError("conditions.bindings: live, challenge or none")
    if required is not None and not 1 <= len(required) <= MAX_CLAIM_PATHS:
        raise DecodeError("conditions.required_claims: 1 to 32 paths")
    return Conditions(
        max_age=get_time(value, "max_age") if "max_age" in value else None,
        bindings=bindings,
        required_claims=required or (),
        until=get_time(value, "until") if "until" in value else None,
    )
