# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Under old evidence, and under a clock that cannot be believed: what is wrong for ever stays refused,
what is only absent becomes unknown, and nothing becomes good (BND-13, BND-14).

Spec: docs/spec/verdict.md, Timeless and absent.
"""

from dataclasses import fields
from datetime import timedelta

import pytest

from tests.vectors_read import Vector, by_id
from vcred.reasons import Reason
from vcred.trust.belief import Belief
from vcred.verifier.report import CheckStatus, Decision, VerificationReport
from vcred.verifier.steps import evaluate

EIGHT_DAYS = int(timedelta(days=8).total_seconds())
REFUSED = {name: vector for name, vector in by_id().items() if vector["expect"] == "rejected"}

# What is absent on this ledger, and may be there on a newer one.
ABSENT = {
    ("accreditation", Reason.ISSUER_NOT_ACCREDITED),
    ("accreditation", Reason.TYPE_UNKNOWN),
    ("recognition", Reason.NOT_RECOGNISED),
    ("status", Reason.SUSPENDED),
}
# The same reason can be absence or a defect of the presentation: these are absence.
ABSENT_KEYS = {"jos-07-kid-no-such-fragment"}
STRANGERS = {f"bnd-05-issuer-{name}" for name in ("did", "https", "did-web", "did-key")}
UNKNOWN_TYPES = {
    f"sdj-35-vct-{name}"
    for name in ("upper-case", "trailing-slash", "next-version", "https", "other-publisher")
} | {"bnd-21-type-content-missing"}


def under(vector: Vector, *, trust_as_of: int = 0, time_floor: int = 0) -> VerificationReport:
    """Ask the same of a belief that is older, or that has seen a later time."""
    belief = vector.belief()
    values = {f.name: getattr(belief, f.name) for f in fields(belief) if not f.name.startswith("_")}
    values["trust_as_of"] += trust_as_of
    values["time_floor"] += time_floor
    return evaluate(
        vector["presentation"],
        request=vector.request,
        belief=Belief(**values),
        policy=vector.policy,
        now=vector.now,
    )


def is_only_absent(name: str, report: VerificationReport) -> bool:
    failed = {(check.name, check.reason) for check in report.checks if check.status is CheckStatus.FAILED}
    if name in ABSENT_KEYS | STRANGERS:
        return True
    if name in UNKNOWN_TYPES:
        failed.discard(("policy", Reason.POLICY_UNMET))
    return failed <= ABSENT


@pytest.mark.parametrize(
    ("problem", "change"),
    [
        (Reason.STALE, {"trust_as_of": -EIGHT_DAYS}),
        (Reason.CLOCK_UNRELIABLE, {"time_floor": EIGHT_DAYS}),
    ],
)
@pytest.mark.parametrize("name", REFUSED)
def test_what_was_refused(name: str, problem: Reason, change: dict[str, int]) -> None:
    vector = REFUSED[name]
    fresh = vector.evaluate()
    assert fresh.decision is Decision.REJECTED
    report = under(vector, **change)
    absent = is_only_absent(name.rpartition("/")[2], fresh)
    assert report.decision is (Decision.INDETERMINATE if absent else Decision.REJECTED)
    # Why stays the same; only its weight changes, and the evidence is named too.
    assert {*report.reasons} == {*fresh.reasons, problem}


@pytest.mark.parametrize("name", [n for n, v in by_id().items() if v["expect"] == "accepted"])
def test_what_was_accepted(name: str) -> None:
    vector = by_id()[name]
    assert vector.evaluate().decision is Decision.ACCEPTED
    stale = under(vector, trust_as_of=-2 * EIGHT_DAYS)
    assert (stale.decision, stale.reasons) == (Decision.INDETERMINATE, (Reason.STALE,))
    ahead = under(vector, time_floor=2 * EIGHT_DAYS)
    assert (ahead.decision, ahead.reasons) == (Decision.INDETERMINATE, (Reason.CLOCK_UNRELIABLE,))


def test_revoked_is_final_on_an_old_list() -> None:
    """A later list cannot take it back, so an old one is enough; suspended may be over."""
    for what, reasons in (("revoked", (Reason.REVOKED,)), ("suspended", (Reason.SUSPENDED,))):
        vector = by_id()[f"verifier/invalid/sta-10-{what}"]
        assert vector.evaluate().decision is Decision.REJECTED
        values = {**vector.values, "policy": {**vector["policy"], "max_status_age": {"default": "1s"}}}
        old = Vector({**values, "bundles": [{**vector["bundles"][0]}]})
        report = evaluate(
            old["presentation"],
            request=None,
            belief=old.belief(),
            policy=old.policy,
            now=old.now + timedelta(seconds=2),
        )
        decision = Decision.REJECTED if what == "revoked" else Decision.INDETERMINATE
        assert (report.decision, report.reasons) == (decision, reasons)
