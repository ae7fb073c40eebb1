# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The outcome: every check, three axes, one decision. It explains; it never exposes claims unless accepted.

Spec: docs/spec/verdict.md, Values.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NoReturn

from vcred.credential.presentation import Binding, VerifiedPresentation
from vcred.errors import VcredError
from vcred.reasons import Cause, Reason


class CheckStatus(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"
    NOT_RUN = "not_run"


class Axis(StrEnum):
    """An answer on one axis."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Decision(StrEnum):
    """What to do. Never a bool."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """How old the evidence is (`seconds`), and how old it may be (`allowed`, seconds too)."""

    seconds: int
    allowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check: `cause` says how it came to the reason, `detail` more in words, without claim values.

    `age` is there where the evidence is too old for the check.
    """

    name: str
    status: CheckStatus
    reason: Reason | None = None
    detail: str = ""
    cause: Cause | None = None
    age: Age | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """The three answers."""

    authentic: Axis
    authorised: Axis
    current: Axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """On what it was decided: ledger size and root (32 bytes), and NumericDates of its parts.

    `is_status_list_small`: the list that vouches for it is too small to hide one holder among others.
    """

    size: int
    root: bytes
    trust_as_of: int
    status_as_of: int | None
    is_status_list_small: bool = False


# Which axis a check weighs on, in the order of the steps (docs/spec/verdict.md, Checks).
AUTHENTIC = ("limits", "format", "parse", "algorithm", "issuer_signature", "disclosures", "key_binding")
AUTHORISED = ("issuer_key", "accreditation", "recognition", "policy")
CURRENT = ("validity", "status", "trust_age")
CHECKS = (
    "limits",
    "format",
    "parse",
    "issuer_key",
    "algorithm",
    "issuer_signature",
    "disclosures",
    "validity",
    "key_binding",
    "accreditation",
    "recognition",
    "status",
    "trust_age",
    "policy",
)


class VerificationError(VcredError):
    """A presentation was not accepted. Carries the report."""

    code = "not_accepted"

    def __init__(self, report: "VerificationReport") -> None:
        reasons = ", ".join(report.reasons)
        super().__init__(f"{report.decision}: {reasons}")
        self.report = report


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """Every check in order, and what follows.

    Attributes:
        checks: All checks of docs/spec/verdict.md, in order, also those not run.
        binding: How the holder was bound; None before that could be told.
        issuer, type: From the credential once its signature has verified, else None.
        audit: Whether it answers an audit question.
        replay_key: What the door must not have seen before, 32 bytes; None without a holder's code.
        replay_until: NumericDate until which it must be remembered.
    """

    checks: tuple[CheckResult, ...]
    evidence: Evidence
    audit: bool
    binding: Binding | None = None
    issuer: str | None = None
    type: str | None = None
    replay_key: bytes | None = None
    replay_until: int = 0
    _verified: VerifiedPresentation | None = field(default=None, repr=False)

    @property
    def axes(self) -> Axes:
        """The three answers."""
        by_name = {check.name: check.status for check in self.checks}
        return Axes(
            authentic=_axis([by_name[name] for name in AUTHENTIC]),
            authorised=_axis([by_name[name] for name in AUTHORISED]),
            current=_axis([by_name[name] for name in CURRENT]),
        )

    @property
    def decision(self) -> Decision:
        """Any *no* rejects; else any *unknown* leaves it open; else accepted."""
        statuses = {check.status for check in self.checks}
        if CheckStatus.FAILED in statuses:
            return Decision.REJECTED
        if statuses == {CheckStatus.PASSED}:
            return Decision.ACCEPTED
        return Decision.INDETERMINATE

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it is not accepted: of failed checks first, each code once."""
        failed = [check.reason for check in self.checks if check.status is CheckStatus.FAILED]
        open_ = [check.reason for check in self.checks if check.status is CheckStatus.INDETERMINATE]
        return tuple(dict.fromkeys(reason for reason in (*failed, *open_) if reason is not None))

    def require(self) -> VerifiedPresentation:
        """The verified claims.

        Raises:
            VerificationError: The decision is not ACCEPTED.
        """
        if self.decision is not Decision.ACCEPTED or self._verified is None:
            raise VerificationError(self)
        return self._verified

    def with_check(self, result: CheckResult) -> "VerificationReport":
        """The report with one check replaced by another outcome of the same check."""
        changed = tuple(result if check.name == result.name else check for check in self.checks)
        return replace(self, checks=changed)

    def __bool__(self) -> NoReturn:
        # `if verifier.evaluate(...)` would be true for a forgery.
        raise TypeError("a report is not a bool: ask .decision, or call .require()")


def _axis(statuses: Sequence[CheckStatus]) -> Axis:
    if CheckStatus.FAILED in statuses:
        return Axis.NO
    if all(status is CheckStatus.PASSED for status in statuses) and statuses:
        return Axis.YES
    return Axis.UNKNOWN
