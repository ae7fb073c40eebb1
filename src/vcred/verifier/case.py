# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What every check looks at: belief, policy, request and time; and how absence weighs.

Absence is never good news, and in old evidence never a forgery: under a stale bundle it
is *unknown* (docs/spec/verdict.md, Timeless and absent).
"""

from dataclasses import dataclass

from vcred.credential.request import PresentationRequest
from vcred.reasons import Cause, Reason
from vcred.trust.belief import Belief
from vcred.verifier.policy import Policy
from vcred.verifier.report import CHECKS, Age, CheckResult, CheckStatus

# Made once: a passed check says nothing but its name.
_PASSED = {name: CheckResult(name=name, status=CheckStatus.PASSED) for name in CHECKS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question: `now` is a NumericDate, `skew` in seconds."""

    belief: Belief
    policy: Policy
    request: PresentationRequest | None
    now: int
    skew: int
    trust_problem: Reason | None

    def absent(self, name: str, reason: Reason, detail: str, cause: Cause | None = None) -> CheckResult:
        """Something is not there: no under fresh evidence, unknown under stale."""
        result = failed if self.trust_problem is None else unknown
        return result(name, reason, detail, cause)


def make_case(belief: Belief, policy: Policy, request: PresentationRequest | None, *, now: int) -> Case:
    """Weigh the age of the evidence once, for all checks."""
    skew = int(policy.clock_skew.total_seconds())
    return Case(
        belief=belief,
        policy=policy,
        request=request,
        now=now,
        skew=skew,
        trust_problem=_trust_problem(belief, policy, now=now, skew=skew),
    )


def _trust_problem(belief: Belief, policy: Policy, *, now: int, skew: int) -> Reason | None:
    # BND-14. Evidence from the future means that this clock has been set back.
    if now < max(belief.time_floor, belief.trust_as_of) - skew:
        return Reason.CLOCK_UNRELIABLE
    if belief.is_below_floor:
        # BND-10. A restored backup: the operator knows that more exists than is held.
        return Reason.ROLLBACK
    if now - belief.trust_as_of > policy.max_trust_age.total_seconds():
        return Reason.STALE
    return None


def passed(name: str) -> CheckResult:
    """The check has been made, and holds."""
    return _PASSED[name]


def failed(name: str, reason: Reason, detail: str, cause: Cause | None = None) -> CheckResult:
    """The check has been made, and does not hold."""
    return CheckResult(name=name, status=CheckStatus.FAILED, reason=reason, detail=detail, cause=cause)


def unknown(name: str, reason: Reason, detail: str, cause: Cause | None = None) -> CheckResult:
    """The check cannot be decided on this evidence."""
    return CheckResult(name=name, status=CheckStatus.INDETERMINATE, reason=reason, detail=detail, cause=cause)


def stale(name: str, detail: str, *, seconds: int, allowed: int) -> CheckResult:
    """The check cannot be decided: the evidence is `seconds` old, and may be `allowed` seconds."""
    return CheckResult(
        name=name,
        status=CheckStatus.INDETERMINATE,
        reason=Reason.STALE,
        detail=detail,
        age=Age(seconds=seconds, allowed=allowed),
    )
