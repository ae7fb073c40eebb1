# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Axes, decision, reasons; and that nothing can be read from what was not accepted."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import make_world
from vcred.reasons import Reason
from vcred.verifier.report import (
    AUTHENTIC,
    AUTHORISED,
    CHECKS,
    CURRENT,
    Axis,
    CheckResult,
    CheckStatus,
    Decision,
    Evidence,
    VerificationError,
    VerificationReport,
)

EVIDENCE = Evidence(size=1, root=bytes(32), trust_as_of=0, status_as_of=None)
VERDICT = Path(__file__).parents[3] / "docs" / "spec" / "verdict.md"


def report(
    *changes: tuple[str, CheckStatus, Reason | None], status: CheckStatus = CheckStatus.PASSED
) -> VerificationReport:
    """All checks alike, and some changed."""
    made = {name: CheckResult(name=name, status=status) for name in CHECKS}
    made |= {name: CheckResult(name=name, status=other, reason=reason) for name, other, reason in changes}
    return VerificationReport(checks=tuple(made.values()), evidence=EVIDENCE, audit=False)


def test_a_report_is_not_a_bool() -> None:
    world = make_world()
    found = world.evaluate(world.show())
    assert found.decision is Decision.ACCEPTED
    with pytest.raises(TypeError, match="not a bool"):
        bool(found)
    with pytest.raises(TypeError, match="not a bool"):
        assert not found


def test_every_check_weighs_on_one_axis() -> None:
    assert sorted([*AUTHENTIC, *AUTHORISED, *CURRENT]) == sorted(CHECKS)
    assert len(set(CHECKS)) == len(CHECKS)


def test_the_specification_lists_the_same_checks_on_the_same_axes() -> None:
    """docs/spec/verdict.md, Checks: in its order, but that the axes of one step may differ."""
    rows = re.findall(r"^\| \d+ \| ([^|]+) \| (\w+) \|", VERDICT.read_text(encoding="utf-8"), re.MULTILINE)
    listed = [(name, axis) for names, axis in rows for name in re.findall(r"`(\w+)`", names)]
    axes = {"authentic": AUTHENTIC, "authorised": AUTHORISED, "current": CURRENT}
    assert [name for name, _ in listed] == list(CHECKS)
    assert all(name in axes[axis] for name, axis in listed)


def test_the_specification_lists_every_reason() -> None:
    text = VERDICT.read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)` \| (?:authentic|authorised|current) \|", text, re.MULTILINE))
    later = set(re.findall(r"`(\w+)`", text.partition("Codes of bundles")[2].partition(".\n")[0]))
    assert listed | later == {str(reason) for reason in Reason}


@pytest.mark.parametrize("name", CHECKS)
def test_one_check_decides(name: str) -> None:
    assert report().decision is Decision.ACCEPTED
    failed = report((name, CheckStatus.FAILED, Reason.MALFORMED))
    assert failed.decision is Decision.REJECTED
    assert failed.reasons == (Reason.MALFORMED,)
    for status in (CheckStatus.INDETERMINATE, CheckStatus.NOT_RUN):
        assert report((name, status, None)).decision is Decision.INDETERMINATE
    axes = failed.axes
    assert [axes.authentic, axes.authorised, axes.current].count(Axis.NO) == 1
    assert [axes.authentic, axes.authorised, axes.current].count(Axis.YES) == 2


def test_no_check_at_all_is_indeterminate() -> None:
    empty = VerificationReport(checks=(), evidence=EVIDENCE, audit=False)
    assert empty.decision is Decision.INDETERMINATE
    assert report(status=CheckStatus.NOT_RUN).decision is Decision.INDETERMINATE


def test_no_outweighs_unknown() -> None:
    mixed = report(
        ("status", CheckStatus.INDETERMINATE, Reason.STALE),
        ("key_binding", CheckStatus.FAILED, Reason.REPLAYED),
        ("trust_age", CheckStatus.INDETERMINATE, Reason.STALE),
    )
    assert mixed.decision is Decision.REJECTED
    assert mixed.reasons == (Reason.REPLAYED, Reason.STALE)


@given(st.lists(st.sampled_from(CheckStatus), min_size=len(CHECKS), max_size=len(CHECKS)))
def test_accepted_only_if_every_check_has_passed(statuses: list[CheckStatus]) -> None:
    made = report(*((name, status, None) for name, status in zip(CHECKS, statuses, strict=True)))
    axes = {made.axes.authentic, made.axes.authorised, made.axes.current}
    assert (made.decision is Decision.ACCEPTED) == (set(statuses) == {CheckStatus.PASSED})
    assert (made.decision is Decision.REJECTED) == (CheckStatus.FAILED in statuses)
    assert (made.decision is Decision.REJECTED) == (Axis.NO in axes)
    assert (made.decision is Decision.ACCEPTED) == (axes == {Axis.YES})


def test_claims_are_read_only_from_what_is_accepted() -> None:
    world = make_world()
    presentation = world.show()
    shown = world.evaluate(presentation).require()
    assert shown.claims["colour"] == "green"
    assert shown.type_name == "health-code"
    world.later(seconds=1).revoke(7)
    world.import_bundle()
    refused = world.evaluate(presentation)
    with pytest.raises(VerificationError) as caught:
        refused.require()
    assert caught.value.report is refused
    assert str(caught.value) == "rejected: revoked"


def test_a_report_made_by_hand_shows_nothing() -> None:
    """All checks passed, and nobody has verified anything."""
    assert report().decision is Decision.ACCEPTED
    with pytest.raises(VerificationError):
        report().require()


def test_nothing_personal_in_words() -> None:
    world = make_world()
    presentation = world.show()
    for found in (
        world.evaluate(presentation),
        world.evaluate(presentation, policy=world.policy(jurisdiction="HK")),
    ):
        assert "陳" not in repr(found)
        assert "2681" not in repr(found)


def test_with_check() -> None:
    world = make_world()
    found = world.evaluate(world.show())
    replayed = CheckResult(name="key_binding", status=CheckStatus.FAILED, reason=Reason.REPLAYED)
    changed = found.with_check(replayed)
    assert (changed.decision, changed.reasons) == (Decision.REJECTED, (Reason.REPLAYED,))
    assert [check.name for check in changed.checks] == [check.name for check in found.checks]
    with pytest.raises(VerificationError):
        changed.require()
