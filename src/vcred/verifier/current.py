# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Is it valid, and not taken back, as of when? Steps 7 and 10.

Spec: docs/spec/verdict.md; Token Status List section 8.3.
"""

from dataclasses import dataclass

from vcred.credential.status_reference import StatusReference
from vcred.errors import DecodeError, RefusedError, TrustBundleError
from vcred.formats.sd_jwt_vc.parse import UnverifiedPresentation
from vcred.reasons import Reason
from vcred.status.snapshot import StatusSnapshot
from vcred.status.values import status_reason
from vcred.verifier.case import Case, failed, passed, stale, unknown
from vcred.verifier.report import CheckResult, CheckStatus

_TRUST_DETAIL = {
    Reason.CLOCK_UNRELIABLE: "this clock is before the newest evidence",
    Reason.ROLLBACK: "less is held here than the operator knows to exist: was a backup restored?",
}


@dataclass(frozen=True, slots=True)
class StatusFinding:
    """The check; the date of the list that it rests on; and whether that list hides nobody in it."""

    check: CheckResult
    as_of: int | None = None
    is_small: bool = False


def check_validity(case: Case, presentation: UnverifiedPresentation) -> CheckResult:
    """Step 7. `iat`, `nbf` and `exp`, each with the policy's clock skew."""
    for moment in (presentation.issued_at, presentation.not_before):
        if moment is not None and moment > case.now + case.skew:
            return failed("validity", Reason.NOT_YET_VALID, "iat or nbf lies ahead")
    if presentation.expires_at is not None and case.now - case.skew >= presentation.expires_at:
        return failed("validity", Reason.EXPIRED, "exp has passed")
    return passed("validity")


def check_trust_age(case: Case) -> CheckResult:
    """Step 10. Is the ledger that was believed recent enough to speak for now?"""
    if case.trust_problem is None:
        return passed("trust_age")
    if case.trust_problem is Reason.STALE:
        return stale(
            "trust_age",
            "the trust bundle is older than the policy allows",
            seconds=case.now - case.belief.trust_as_of,
            allowed=int(case.policy.max_trust_age.total_seconds()),
        )
    return unknown("trust_age", case.trust_problem, _TRUST_DETAIL[case.trust_problem])


def check_status(case: Case, presentation: UnverifiedPresentation, type_name: str) -> StatusFinding:
    """Step 10. The issuer's own list, not expired, not too old."""
    reference = presentation.status
    if reference is None:
        if case.policy.require_status:
            return StatusFinding(
                failed("status", Reason.POLICY_UNMET, "the credential has no status reference")
            )
        return StatusFinding(passed("status"))
    return judge_status(case, reference, issuer=presentation.issuer, type_name=type_name)


def judge_status(case: Case, reference: StatusReference, *, issuer: str, type_name: str) -> StatusFinding:
    """Step 10, of any credential of that issuer: what the list says of that entry, as of when."""
    try:
        believed = case.belief.status(reference.uri)
    except (TrustBundleError, DecodeError):
        return StatusFinding(unknown("status", Reason.STATUS_INVALID, "the list held for it cannot be read"))
    if believed is None:
        return StatusFinding(unknown("status", Reason.STATUS_MISSING, "no status list for it is held"))
    if believed.did != issuer:
        return StatusFinding(failed("status", Reason.STATUS_INVALID, "the status list is another issuer's"))
    snapshot = believed.snapshot
    check = _judge(case, snapshot, reference, type_name)
    is_small = check.status is CheckStatus.PASSED and snapshot.is_small
    return StatusFinding(check, as_of=snapshot.issued_at, is_small=is_small)


def _judge(case: Case, snapshot: StatusSnapshot, reference: StatusReference, type_name: str) -> CheckResult:
    age, allowed = case.now - snapshot.issued_at, int(case.policy.status_age(type_name).total_seconds())
    if snapshot.expires_at is not None and snapshot.is_expired(case.now):
        lifetime = snapshot.expires_at - snapshot.issued_at
        return stale("status", "the status list has expired", seconds=age, allowed=lifetime)
    if snapshot.issued_at > case.now + case.skew:
        return unknown("status", Reason.CLOCK_UNRELIABLE, "the status list is from the future")
    try:
        listed = snapshot.list
    except (RefusedError, DecodeError):
        # A list that cannot be read says nothing, neither good nor bad.
        return unknown("status", Reason.STATUS_INVALID, "the status list cannot be read")
    try:
        reason = status_reason(listed.get(reference.index))
    except RefusedError as error:
        return failed("status", error.reason, str(error))
    is_old = age > allowed
    if reason is Reason.REVOKED:
        # Final: no later list can take it back, so an old one is enough.
        return failed("status", Reason.REVOKED, "for good")
    if reason is Reason.SUSPENDED:
        result = unknown if is_old else case.absent
        return result("status", Reason.SUSPENDED, "until it is reinstated")
    if reason is not None:
        return unknown("status", reason, "the status list says a value without meaning")
    if not reference.is_only:
        return unknown("status", Reason.STATUS_INVALID, "a second status mechanism cannot be asked here")
    if is_old:
        detail = "the status list is older than the policy allows"
        return stale("status", detail, seconds=age, allowed=allowed)
    return passed("status")
