# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""As of when: how old a list is, how old it may be, and the last second at which a revoked credential
can pass (STA-12, STA-19, INV-7).

Spec: docs/spec/verdict.md, The bound.
"""

from datetime import timedelta

import pytest

from tests.world import START, World, make_world
from vcred.errors import TrustBundleError
from vcred.reasons import Reason
from vcred.trust.belief import Belief
from vcred.verifier.policy import Policy
from vcred.verifier.report import Age, CheckResult, Decision, VerificationReport

HOUR_AGE = {"default": timedelta(hours=1)}
INTERVAL, MAX_AGE, SKEW = timedelta(seconds=60), timedelta(hours=1), timedelta(seconds=60)
SECOND = timedelta(seconds=1)


@pytest.fixture
def world() -> World:
    return make_world()


def check(report: VerificationReport, name: str) -> CheckResult:
    return next(found for found in report.checks if found.name == name)


def at_gate(
    world: World, credential: str, *, later: timedelta, policy: Policy, behind: timedelta = timedelta()
) -> VerificationReport:
    """Ask at START and `later` by true time, of a gate whose clock is `behind`."""
    belief: Belief = world.belief()
    world.now = START + later - behind
    return world.evaluate(world.present(credential, "match"), belief=belief, policy=policy)


@pytest.mark.parametrize(("age", "stale"), [(3_600, False), (3_601, True), (90_000, True)])
def test_a_stale_list_says_how_old_it_is(world: World, age: int, stale: bool) -> None:
    policy = world.policy(max_status_age=HOUR_AGE)
    report = at_gate(world, world.issue(), later=timedelta(seconds=age), policy=policy)
    found = check(report, "status")
    assert report.evidence.status_as_of == int(START.timestamp())
    assert report.decision is (Decision.INDETERMINATE if stale else Decision.ACCEPTED)
    assert found.reason is (Reason.STALE if stale else None)
    assert found.age == (Age(seconds=age, allowed=3_600) if stale else None)


def test_an_expired_list_is_held_against_its_own_lifetime(world: World) -> None:
    credential = world.issue()
    tokens = tuple(world.status_token(issuer, lifetime=timedelta(hours=2)) for issuer in world.listed)
    world.import_bundle(world.bundle(status_tokens=tokens))
    assert at_gate(world, credential, later=timedelta(seconds=7_199), policy=world.policy()).reasons == ()
    report = at_gate(world, credential, later=timedelta(seconds=7_200), policy=world.policy())
    assert report.reasons == (Reason.STALE,)
    assert check(report, "status").age == Age(seconds=7_200, allowed=7_200)


def test_a_stale_bundle_says_how_old_it_is(world: World) -> None:
    policy = world.policy(max_trust_age=timedelta(hours=1))
    credential = world.issue()
    assert at_gate(world, credential, later=timedelta(seconds=3_600), policy=policy).reasons == ()
    report = at_gate(world, credential, later=timedelta(seconds=3_601), policy=policy)
    assert report.reasons == (Reason.STALE,)
    assert check(report, "trust_age").age == Age(seconds=3_601, allowed=3_600)
    assert check(report, "status").age is None


def test_a_bundle_of_today_can_carry_an_old_list(world: World) -> None:
    """`max_trust_age` does not bound the list: only the list's own date does."""
    credential, old = world.issue(), world.status_tokens()
    world.later(hours=2)
    world.import_bundle(world.bundle(status_tokens=old))
    shown = world.present(credential, "match")
    assert world.evaluate(shown).decision is Decision.ACCEPTED
    report = world.evaluate(shown, policy=world.policy(max_status_age=HOUR_AGE))
    assert (report.decision, report.reasons) == (Decision.INDETERMINATE, (Reason.STALE,))
    assert check(report, "trust_age").reason is None


def revoked_world(world: World, *, dated: timedelta) -> tuple[World, str]:
    """Acknowledged revoked at START; the gate holds a list from before it, dated at START and `dated`."""
    credential = world.issue()
    world.status_dates[world.status_uri()] = START + dated
    world.import_bundle()
    world.revoke(7)
    return world, credential


@pytest.mark.parametrize(
    ("dated", "bound"),
    [
        # On the grid a list is dated at the latest when its values are read: at T.
        (timedelta(), MAX_AGE + SKEW),
        # At the most that the specification allows, one interval ahead of them.
        (INTERVAL, INTERVAL + MAX_AGE + SKEW),
    ],
)
@pytest.mark.parametrize(("off", "accepted"), [(-SECOND, True), (timedelta(), True), (SECOND, False)])
def test_sta_19_the_bound(
    world: World, dated: timedelta, bound: timedelta, off: timedelta, accepted: bool
) -> None:
    """INV-7. At a post that never hears of it, whose clock is as slow as it may be."""
    policy = world.policy(max_status_age={"default": MAX_AGE}, clock_skew=SKEW)
    world, credential = revoked_world(world, dated=dated)
    report = at_gate(world, credential, later=bound + off, policy=policy, behind=SKEW)
    if accepted:
        assert report.decision is Decision.ACCEPTED
    else:
        assert (report.decision, report.reasons) == (Decision.INDETERMINATE, (Reason.STALE,))


@pytest.mark.parametrize("older", [1, 60, 86_400])
def test_sta_19_a_post_that_has_heard_of_it_never_accepts_again(world: World, older: int) -> None:
    policy = world.policy(max_status_age={"default": timedelta(hours=24)})
    world, credential = revoked_world(world, dated=timedelta())
    assert at_gate(world, credential, later=SECOND, policy=policy).decision is Decision.ACCEPTED
    world.now = START + 2 * INTERVAL
    world.status_dates[world.status_uri()] = world.now
    world.import_bundle()
    report = at_gate(world, credential, later=2 * INTERVAL + timedelta(seconds=older), policy=policy)
    assert (report.decision, report.reasons) == (Decision.REJECTED, (Reason.REVOKED,))


@pytest.mark.parametrize(
    ("dated", "changed", "outcome"),
    [
        (0, False, "the same"),
        (1, False, "newer"),
        (1, True, "newer"),
        (0, True, Reason.FORK),
        (-1, False, Reason.ROLLBACK),
        (-1, True, Reason.ROLLBACK),
    ],
)
def test_sta_09_what_replaces_a_list(world: World, dated: int, changed: bool, outcome: str | Reason) -> None:
    world.import_bundle()
    before = world.held.newest_statuses()[world.status_uri()]
    if changed:
        world.revoke(7)
    token = world.status_token(world.issuer, issued_at=before.issued_at + dated)
    try:
        world.import_bundle(world.bundle(status_tokens=(token,)))
    except TrustBundleError as error:
        assert error.reason is outcome
    else:
        after = world.held.newest_statuses()[world.status_uri()]
        assert ("the same" if after == before else "newer") == outcome
