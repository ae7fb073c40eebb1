# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`key.distrust`: what a key has signed is void, whatever its date.

Whoever has the key chooses the date of what it signs, so a date proves nothing: only the
organisation itself can say that the key was never out of its hands before some time.
"""

from dataclasses import replace

from vcred.codec.fields import get_text, refuse_unknown
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, LedgerError
from vcred.ledger.change import Change
from vcred.ledger.entries import Entry
from vcred.ledger.kinds.statement import COMMON, get_time
from vcred.ledger.state import Organisation, State
from vcred.reasons import Reason

EVERYTHING = 0


def judge_distrust(state: State, entry: Entry, author: str) -> Change:
    """The organisation itself, or an authority of its sponsor's jurisdiction, voids a key."""
    key_id, distrusted_from = parse_distrust(entry.operation)
    did = key_id.partition("#")[0]
    organisation = state.organisations.get(did)
    method = None if organisation is None else next((m for m in organisation.methods if m.id == key_id), None)
    if organisation is None or method is None:
        raise LedgerError(Reason.DID_INVALID, "no organisation on the ledger has that key")
    if author != did and not _answers_for(state, author, organisation):
        raise LedgerError(Reason.NOT_AUTHORISED, "the key is not the author's, nor of one it answers for")
    if distrusted_from != EVERYTHING and author != did:
        raise LedgerError(Reason.NOT_AUTHORISED, "only the organisation can say since when")
    if distrusted_from > entry.logged_at:
        raise DecodeError("scope.from: lies ahead")
    if method.distrusted_from is not None and method.distrusted_from <= distrusted_from:
        raise LedgerError(Reason.REPLAYED, "the key is distrusted already")
    return Change(organisations={did: distrusted(organisation, key_id, since=distrusted_from)})


def parse_distrust(operation: JsonObject) -> tuple[str, int]:
    """Which key (a DID URL), and from which date on (NumericDate, 0 for everything)."""
    refuse_unknown(operation, COMMON | {"key", "scope", "never_left_hsm"})
    scope = operation.get("scope", "all")
    if scope == "all":
        if "never_left_hsm" in operation:
            raise DecodeError("never_left_hsm: only beside a scope with from")
        return get_text(operation, "key"), EVERYTHING
    if not isinstance(scope, dict):
        raise DecodeError('scope: "all", or an object with from')
    refuse_unknown(scope, {"from"})
    if operation.get("never_left_hsm") is not True:
        raise DecodeError("never_left_hsm: a scope with from needs it, as true")
    since = get_time(scope, "from")
    if since == EVERYTHING:
        raise DecodeError('scope.from: 0 is "all"')
    return get_text(operation, "key"), since


def distrusted(organisation: Organisation, key_id: str, *, since: int) -> Organisation:
    """The organisation with that key void from a NumericDate on, or from earlier if it was."""
    methods = tuple(
        replace(method, distrusted_from=min(since, method.distrusted_from or since))
        if method.id == key_id and method.distrusted_from != EVERYTHING
        else method
        for method in organisation.methods
    )
    return replace(organisation, methods=methods)


def _answers_for(state: State, author: str, organisation: Organisation) -> bool:
    """Whether the author is an authority of the jurisdiction under whose sponsor the DID came to be.

    Not of any that has accredited it: else one side could accredit the other's issuer, unasked, only
    to void its keys at everybody's gates. What it wants to end for its own gates it withdraws.
    """
    authorities = state.require_network().authorities
    # An authority in office speaks for itself: else one side could take the other's voice.
    in_office = organisation.did in authorities
    return not in_office and authorities.get(author) == organisation.jurisdiction
