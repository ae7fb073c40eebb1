# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the three withdrawals have in common: accreditation, recognition, registration.

Spec: docs/spec/ledger-entries.md, Kinds.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from vcred.codec.fields import get_text, refuse_unknown
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError, LedgerError
from vcred.ledger.entries import Entry
from vcred.ledger.kinds.statement import COMMON, jurisdiction_of
from vcred.ledger.state import Accreditation, Effect, Recognition, Registration, State
from vcred.reasons import Reason

Grant = TypeVar("Grant", Accreditation, Recognition, Registration)


def withdraw(
    grants: Mapping[str, Grant], state: State, entry: Entry, author: str, *, noun: str
) -> dict[str, Grant]:
    """A jurisdiction takes back what it granted itself.

    Args:
        grants: The table that the withdrawal is about, by the hash of the granting entry.
        noun: What is taken back, for the message.

    Returns:
        The changed row of the table.

    Raises:
        DecodeError: A member is missing or unknown.
        LedgerError: NOT_AUTHORISED, nothing of this jurisdiction has that hash; REPLAYED, it is
            withdrawn already.
    """
    target, effect = parse_withdrawal(entry.operation)
    grant = grants.get(target)
    if grant is None or grant.jurisdiction != jurisdiction_of(state, author):
        raise LedgerError(Reason.NOT_AUTHORISED, f"no {noun} of this jurisdiction has that hash")
    # Void may follow cease; everything else a second time changes nothing.
    if grant.void or (grant.ceased_at is not None and effect is Effect.CEASE):
        raise LedgerError(Reason.REPLAYED, "it is withdrawn already")
    return {target: withdrawn(grant, effect, at=entry.logged_at)}


def withdrawn(grant: Grant, effect: Effect, *, at: int) -> Grant:
    """The grant as a withdrawal leaves it; what has ceased does not cease later."""
    return replace(
        grant,
        void=grant.void or effect is Effect.VOID,
        ceased_at=at if grant.ceased_at is None else min(at, grant.ceased_at),
    )


def parse_withdrawal(operation: JsonObject) -> tuple[str, Effect]:
    """What a withdrawal takes back (the hash of its entry), and how. Raises DecodeError."""
    refuse_unknown(operation, COMMON | {"entry", "effect"})
    effect = get_text(operation, "effect")
    if effect not in {member.value for member in Effect}:
        raise DecodeError("effect: cease or void is needed, there is no default")
    return get_text(operation, "entry"), Effect(effect)
