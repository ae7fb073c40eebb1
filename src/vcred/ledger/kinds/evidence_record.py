# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`evidence.record`: a Merkle root over what stays off the ledger.

Thirty-two bytes, and nothing of what they stand for: the leaves are salted and stay with the
issuer and with those they are about (docs/spec/evidence.md).
"""

from dataclasses import replace

from vcred.codec.fields import get_text, refuse_unknown
from vcred.did.methods.vcred import parse_hash_text
from vcred.errors import LedgerError
from vcred.ledger.change import Change
from vcred.ledger.entries import Entry
from vcred.ledger.kinds.statement import COMMON
from vcred.ledger.state import EvidenceRecord, State
from vcred.reasons import Reason

MIN_SECONDS_BETWEEN = 3600


def judge_record(state: State, entry: Entry, author: str) -> Change:
    """An organisation with an accreditation in force records a root, at most one an hour."""
    refuse_unknown(entry.operation, COMMON | {"root"})
    accredited = (state.accreditations[item] for item in state.accredited.get(author, ()))
    if not any(item.covers(entry.logged_at) for item in accredited):
        raise LedgerError(Reason.NOT_AUTHORISED, "the author has no accreditation in force")
    organisation = state.organisations[author]
    last = organisation.last_evidence_at
    if last is not None and entry.logged_at - last < MIN_SECONDS_BETWEEN:
        wait = MIN_SECONDS_BETWEEN - (entry.logged_at - last)
        raise LedgerError(
            Reason.RATE_LIMITED,
            "the author has recorded evidence within the hour",
            hint=f"try again in {wait} s",
        )
    record = EvidenceRecord(
        entry=entry.hash,
        author=author,
        index=state.size,
        root=parse_hash_text(get_text(entry.operation, "root")),
        logged_at=entry.logged_at,
    )
    return Change(
        evidence={entry.hash: record},
        organisations={author: replace(organisation, last_evidence_at=entry.logged_at)},
    )
