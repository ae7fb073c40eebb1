# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`issuer.accredit` and `issuer.withdraw`: who may issue what, for a jurisdiction."""

from vcred.codec.fields import get_text, refuse_unknown
from vcred.errors import DecodeError, LedgerError
from vcred.ledger.change import Change
from vcred.ledger.entries import Entry
from vcred.ledger.kinds.statement import (
    COMMON,
    get_time,
    jurisdiction_of,
    published_type,
)
from vcred.ledger.kinds.withdrawal import withdraw
from vcred.ledger.state import Accreditation, State
from vcred.reasons import Reason


def judge_accredit(state: State, entry: Entry, author: str) -> Change:
    """An authority lets an organisation issue a published type."""
    operation = entry.operation
    refuse_unknown(operation, COMMON | {"issuer", "type", "from", "until"})
    issuer, vct = get_text(operation, "issuer"), get_text(operation, "type")
    organisation = state.organisations.get(issuer)
    if organisation is None or organisation.next_keys is None:
        raise LedgerError(Reason.DID_INVALID, "the issuer is not on the ledger, or deactivated")
    accreditation = Accreditation(
        entry=entry.hash,
        author=author,
        jurisdiction=jurisdiction_of(state, author),
        issuer=issuer,
        type=published_type(state, vct),
        from_time=get_time(operation, "from"),
        until=get_time(operation, "until"),
        logged_at=entry.logged_at,
    )
    if accreditation.from_time >= accreditation.until:
        raise DecodeError("until: not after from")
    return Change(
        accreditations={entry.hash: accreditation},
        accredited={issuer: (*state.accredited.get(issuer, ()), entry.hash)},
    )


def judge_withdraw(state: State, entry: Entry, author: str) -> Change:
    """A jurisdiction takes back its own accreditation."""
    return Change(accreditations=withdraw(state.accreditations, state, entry, author, noun="accreditation"))
