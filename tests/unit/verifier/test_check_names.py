# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which check says it, on which axis: an officer must not be told "forged" of what is only unknown here.

Spec: docs/spec/verdict.md, Checks.
"""

import pytest

from tests.vectors_read import by_id
from tests.world import make_world
from vcred.errors import DecodeError
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.verifier.report import Axis, CheckStatus
from vcred.verifier.steps import unreadable

NO, OPEN, YES = Axis.NO, Axis.UNKNOWN, Axis.YES


@pytest.mark.parametrize(
    ("name", "checks", "axes"),
    [
        ("jos-31-64-kib-and-one", ["limits"], (NO, OPEN, OPEN)),
        ("jos-31-257-disclosures", ["limits"], (NO, OPEN, OPEN)),
        ("jos-21-nesting-payload-33", ["limits"], (NO, OPEN, OPEN)),
        ("cbr-02-depth-17", ["limits"], (NO, OPEN, OPEN)),
        ("cbr-07-trailing", ["format"], (NO, OPEN, OPEN)),
        ("qr-20-holder-off-curve", ["format"], (NO, OPEN, OPEN)),
        ("bnd-05-code-of-another-network", ["issuer_key"], (OPEN, NO, OPEN)),
        ("qr-18-beyond-the-ledger-issuer", ["issuer_key"], (OPEN, OPEN, OPEN)),
        ("bnd-21-code-type-content-missing", ["accreditation"], (OPEN, NO, OPEN)),
        ("jos-01-credential-n-o-n-e", ["parse"], (NO, OPEN, OPEN)),
        ("jos-18-holder-key-off-curve", ["parse"], (NO, OPEN, OPEN)),
        ("jos-07-kid-missing", ["issuer_key"], (OPEN, NO, OPEN)),
        ("jos-02-HS256-pem", ["algorithm"], (NO, OPEN, OPEN)),
        ("sdj-01-payload", ["issuer_signature"], (NO, OPEN, OPEN)),
        ("sdj-02-not-referenced", ["disclosures"], (NO, OPEN, YES)),
        ("sdj-22-9-deep", ["disclosures"], (NO, OPEN, YES)),
        ("jos-26-exp", ["validity"], (YES, YES, NO)),
        ("sdj-23-stripped", ["key_binding"], (NO, YES, YES)),
        ("bnd-33-issuer-unaccredited", ["accreditation"], (YES, NO, YES)),
        ("bnd-33-not-recognised-here", ["recognition"], (YES, NO, YES)),
        ("sta-10-revoked", ["status"], (YES, YES, NO)),
        ("sta-11-another-list", ["status"], (YES, YES, OPEN)),
        ("bnd-13-trust-a-day-old", ["trust_age"], (YES, YES, OPEN)),
        ("sdj-21-withheld", ["policy"], (YES, NO, YES)),
    ],
)
def test_the_check_that_says_it(name: str, checks: list[str], axes: tuple[Axis, Axis, Axis]) -> None:
    vector = by_id()[f"verifier/invalid/{name}"]
    assert vector.base is not None
    good = vector.base.evaluate().axes
    assert (good.authentic, good.authorised, good.current) == (YES, YES, YES)
    report = vector.evaluate()
    found = report.axes
    telling = (CheckStatus.FAILED, CheckStatus.INDETERMINATE)
    assert [check.name for check in report.checks if check.status in telling] == checks
    assert (found.authentic, found.authorised, found.current) == axes


def test_size_comes_before_form() -> None:
    world = make_world()
    text = world.show()
    assert world.evaluate(text + "~").checks[1].status is CheckStatus.PASSED
    report = world.evaluate(text.ljust(MAX_PRESENTATION_BYTES + 1, "~"))
    assert report.checks[0].status is CheckStatus.FAILED
    assert report.checks[1].status is CheckStatus.NOT_RUN


def test_a_code_is_no_text() -> None:
    """What begins as a code is read as one, whatever stands behind."""
    report = make_world().evaluate("VC1:~")
    assert [check.name for check in report.checks if check.status is CheckStatus.FAILED] == ["format"]


def test_where_nothing_can_be_read_the_evidence_is_judged_all_the_same() -> None:
    world = make_world()
    report = unreadable(DecodeError("x"), belief=world.belief(), policy=world.policy(), now=world.now)
    assert {c.name: c.status for c in report.checks}["trust_age"] is CheckStatus.PASSED
    world.later(days=8)
    report = unreadable(DecodeError("x"), belief=world.belief(), policy=world.policy(), now=world.now)
    assert {c.name: c.status for c in report.checks}["trust_age"] is CheckStatus.INDETERMINATE
