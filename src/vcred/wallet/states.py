# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How a credential stands, at a glance: as the wallet's trust bundle knows it, and as of when.

    not_yet_valid | valid -> expiring -> expired      by its own dates
    suspended | revoked                               by its issuer's list
    unknown                                           no list is held, or it is too old to say

The same rules as at a gate, with the default ages: what is shown as valid here is not refused there
for its dates or its status on the same evidence.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from vcred.credential.presentation import Binding
from vcred.keys.algorithms import EDDSA, ES256
from vcred.reasons import Reason
from vcred.trust.belief import Belief
from vcred.verifier.case import Case, make_case
from vcred.verifier.current import judge_status
from vcred.verifier.policy import DEFAULT_AGE, Policy, TypeIn
from vcred.verifier.report import CheckStatus
from vcred.wallet.kept import KeptCredential

# As `vcred init verifier` writes them.
_TRUST_AGE: Final = timedelta(days=7)
_STATUS_AGES: Final = {DEFAULT_AGE: timedelta(days=7), "health-code": timedelta(hours=24)}
# Whichever is less: a code that lives a day is not about to end all day.
_EXPIRING: Final = int(timedelta(days=14).total_seconds())
_EXPIRING_SHARE: Final = 4


class CredentialState(StrEnum):
    """How a credential stands."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A state; `as_of` is the NumericDate of the evidence about its status, None without any."""

    state: CredentialState
    as_of: int | None = None


def holder_policy(jurisdiction: str, vct: str) -> Policy:
    """By what a holder judges their own credential: what any gate asks, and nothing of one gate.

    Args:
        jurisdiction: Where its issuer is accredited.
        vct: Its type.
    """
    return Policy(
        jurisdiction=jurisdiction,
        rule=TypeIn(frozenset((vct,))),
        algorithms=(ES256, EDDSA),
        bindings=frozenset((Binding.LIVE, Binding.NONE)),
        max_trust_age=_TRUST_AGE,
        max_status_age=_STATUS_AGES,
        require_status=False,
    )


def judging_case(belief: Belief, *, now: int) -> Case:
    """What `standing_of` asks for many credentials at one time: made once."""
    return make_case(belief, holder_policy("none", "any"), None, now=now)


def standing_of(kept: KeptCredential, case: Case | None, *, now: int) -> Standing:
    """Say how a credential stands.

    Args:
        kept: The credential.
        case: Of the wallet's bundle; None where none was imported.
        now: NumericDate.
    """
    as_of, reason = _status(kept, case)
    if reason is Reason.REVOKED:
        return Standing(state=CredentialState.REVOKED, as_of=as_of)
    if kept.expires_at is not None and now >= kept.expires_at:
        return Standing(state=CredentialState.EXPIRED, as_of=as_of)
    if reason is Reason.SUSPENDED:
        return Standing(state=CredentialState.SUSPENDED, as_of=as_of)
    if now < max(kept.issued_at, kept.not_before or 0):
        return Standing(state=CredentialState.NOT_YET_VALID, as_of=as_of)
    if reason is not None or case is None or case.trust_problem is not None:
        return Standing(state=CredentialState.UNKNOWN, as_of=as_of)
    return Standing(state=_by_end(kept, now), as_of=as_of)


def _by_end(kept: KeptCredential, now: int) -> CredentialState:
    if kept.expires_at is None:
        return CredentialState.VALID
    lifetime = kept.expires_at - kept.issued_at
    soon = kept.expires_at - now <= min(_EXPIRING, lifetime // _EXPIRING_SHARE)
    return CredentialState.EXPIRING if soon else CredentialState.VALID


def _status(kept: KeptCredential, case: Case | None) -> tuple[int | None, Reason | None]:
    if case is None:
        return None, Reason.STATUS_MISSING
    if kept.status is None:
        return case.belief.trust_as_of, None
    finding = judge_status(case, kept.status, issuer=kept.issuer, type_name=kept.type_name)
    check = finding.check
    return finding.as_of, None if check.status is CheckStatus.PASSED else check.reason
