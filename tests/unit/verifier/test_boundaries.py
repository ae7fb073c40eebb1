# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The last second that is good, and the first that is not: JOS-26, QR-06, QR-10, BND-13, STA-19."""

from datetime import timedelta

import pytest

from tests.world import START, World, make_world
from vcred.credential.request import PresentationRequest
from vcred.ledger.entries import Kind
from vcred.reasons import Reason
from vcred.verifier.policy import HasClaims, IssuedWithin
from vcred.verifier.report import Decision

NOW = int(START.timestamp())
NONCE = "dGVzdCByZXF1ZXN0IG5vbmNl"


@pytest.fixture
def world() -> World:
    return make_world()


def shown(world: World, **changes: object) -> str:
    return world.present(world.issue(), "match", **changes)


@pytest.mark.parametrize(
    ("age", "reason"),
    [(-31, Reason.NOT_YET_VALID), (-30, None), (0, None), (60, None), (61, Reason.REPLAYED)],
)
@pytest.mark.parametrize("skew", [0, 300])
def test_the_live_window_knows_no_skew(world: World, age: int, reason: Reason | None, skew: int) -> None:
    policy = world.policy(clock_skew=timedelta(seconds=skew))
    report = world.evaluate(shown(world, issued_at=NOW - age), policy=policy)
    assert report.reasons == (() if reason is None else (reason,))


def test_a_code_out_of_its_window_hints_at_the_clock(world: World) -> None:
    """QR-10."""
    for age in (61, -31):
        report = world.evaluate(shown(world, issued_at=NOW - age))
        assert any("clock" in check.detail for check in report.checks if check.reason in report.reasons)


@pytest.mark.parametrize(
    ("age", "reason"),
    [(-31, Reason.NOT_YET_VALID), (-30, None), (300, None), (301, Reason.REPLAYED)],
)
def test_the_window_of_an_answer(world: World, age: int, reason: Reason | None) -> None:
    asked = _request(world, expires_at=NOW + 300)
    answer = shown(world, audience=asked.audience, nonce=NONCE, issued_at=NOW - age)
    report = world.evaluate(answer, request=asked)
    assert report.reasons == (() if reason is None else (reason,))


@pytest.mark.parametrize(
    ("left", "reason"), [(1, None), (0, Reason.REQUEST_EXPIRED), (-1, Reason.REQUEST_EXPIRED)]
)
def test_the_end_of_a_request(world: World, left: int, reason: Reason | None) -> None:
    asked = _request(world, expires_at=NOW + left)
    report = world.evaluate(shown(world, audience=asked.audience, nonce=NONCE), request=asked)
    assert report.reasons == (() if reason is None else (reason,))


def _request(world: World, *, expires_at: int) -> PresentationRequest:
    return PresentationRequest(
        audience=world.mo_issuer.did,
        nonce=NONCE,
        type="health-code",
        claims=("match",),
        purpose="crossing",
        issued_at=NOW - 300,
        expires_at=expires_at,
    )


def _expiring(world: World) -> tuple[str, int]:
    credential = world.issue()
    expires_at = world.draft().expires_at
    assert expires_at is not None
    return credential, expires_at


@pytest.mark.parametrize("skew", [0, 60, 300])
@pytest.mark.parametrize(("after", "reason"), [(-1, None), (0, Reason.EXPIRED), (1, Reason.EXPIRED)])
def test_exp(world: World, skew: int, after: int, reason: Reason | None) -> None:
    credential, expires_at = _expiring(world)
    world.now = START + timedelta(seconds=expires_at + skew + after - NOW)
    policy = world.policy(clock_skew=timedelta(seconds=skew))
    report = world.evaluate(world.present(credential, "match"), policy=policy)
    assert report.reasons == (() if reason is None else (reason,))


@pytest.mark.parametrize("name", ["issued_at", "not_before"])
@pytest.mark.parametrize("skew", [0, 60, 300])
@pytest.mark.parametrize(("ahead", "reason"), [(0, None), (1, Reason.NOT_YET_VALID)])
def test_iat_and_nbf(world: World, name: str, skew: int, ahead: int, reason: Reason | None) -> None:
    policy = world.policy(clock_skew=timedelta(seconds=skew))
    credential = world.issue(**{name: NOW + skew + ahead})
    report = world.evaluate(world.present(credential, "match"), policy=policy)
    assert report.reasons == (() if reason is None else (reason,))


def _aged(world: World, seconds: int, *, credential: str) -> str:
    world.later(seconds=seconds)
    return world.present(credential, "match")


@pytest.mark.parametrize(("age", "reason"), [(3_600, None), (3_601, Reason.STALE), (80_000, Reason.STALE)])
def test_the_age_of_trust(world: World, age: int, reason: Reason | None) -> None:
    credential = world.issue()
    belief = world.belief()
    report = world.evaluate(
        _aged(world, age, credential=credential),
        belief=belief,
        policy=world.policy(max_trust_age=timedelta(hours=1)),
    )
    assert report.reasons == (() if reason is None else (reason,))
    assert report.decision is (Decision.ACCEPTED if reason is None else Decision.INDETERMINATE)


@pytest.mark.parametrize(("age", "reason"), [(3_600, None), (3_601, Reason.STALE)])
@pytest.mark.parametrize("name", ["health-code", "default"])
def test_the_age_of_a_list(world: World, age: int, reason: Reason | None, name: str) -> None:
    credential = world.issue()
    belief = world.belief()
    report = world.evaluate(
        _aged(world, age, credential=credential),
        belief=belief,
        policy=world.policy(max_status_age={"default": timedelta(days=7), name: timedelta(hours=1)}),
    )
    assert report.reasons == (() if reason is None else (reason,))


@pytest.mark.parametrize(("left", "reason"), [(1, None), (0, Reason.STALE)])
def test_the_end_of_a_list(world: World, left: int, reason: Reason | None) -> None:
    """An expired list says nothing, however young the policy lets it be."""
    credential = world.issue()
    hour = timedelta(hours=1)
    tokens = tuple(world.status_token(issuer, lifetime=hour) for issuer in world.listed)
    world.import_bundle(world.bundle(status_tokens=tokens))
    report = world.evaluate(_aged(world, 3_600 - left, credential=credential))
    assert report.reasons == (() if reason is None else (reason,))


@pytest.mark.parametrize(("back", "reason"), [(60, None), (61, Reason.CLOCK_UNRELIABLE)])
def test_a_clock_before_the_newest_evidence(world: World, back: int, reason: Reason | None) -> None:
    """BND-14. Within the skew it is a slow clock; beyond, it has been set back."""
    world.later(hours=-1)
    credential = world.issue()
    world.now = START
    world.import_bundle()
    report = world.evaluate(_aged(world, -back, credential=credential))
    assert report.reasons == (() if reason is None else (reason,))


@pytest.mark.parametrize(("age", "met"), [(600, True), (601, False)])
def test_issued_within(world: World, age: int, met: bool) -> None:
    credential = world.issue()
    policy = world.policy(rule=IssuedWithin(timedelta(minutes=10)))
    report = world.evaluate(_aged(world, age, credential=credential), policy=policy)
    assert report.reasons == (() if met else (Reason.POLICY_UNMET,))


@pytest.mark.parametrize(("age", "met"), [(600, True), (601, False)])
def test_the_condition_max_age_of_a_recognition(world: World, age: int, met: bool) -> None:
    report = _conditional(world, age, max_age=600)
    assert report == (() if met else (Reason.NOT_RECOGNISED,))


@pytest.mark.parametrize(("age", "met"), [(599, True), (600, False)])
def test_the_condition_until_of_a_recognition(world: World, age: int, met: bool) -> None:
    report = _conditional(world, age, until=NOW + 600)
    assert report == (() if met else (Reason.NOT_RECOGNISED,))


def _conditional(world: World, age: int, **conditions: object) -> tuple[Reason, ...]:
    """Macao recognises Guangdong's health codes under a condition instead of always."""
    world.say(world.mo, Kind.RECOGNISE_WITHDRAW, entry=world.entries["mo<-gd"], effect="void")
    world.recognise(world.mo, world.vct, "CN-44", **conditions)
    world.import_bundle()
    credential = world.issue()
    return world.evaluate(_aged(world, age, credential=credential)).reasons


@pytest.mark.parametrize(("before", "covered"), [(0, True), (1, False)])
def test_the_beginning_of_an_accreditation(world: World, before: int, covered: bool) -> None:
    report = _accredited(world, NOW + 60 - before)
    assert report == (() if covered else (Reason.ISSUER_NOT_ACCREDITED,))


@pytest.mark.parametrize(("before", "covered"), [(1, True), (0, False)])
def test_the_end_of_an_accreditation(world: World, before: int, covered: bool) -> None:
    report = _accredited(world, NOW + 120 - before)
    assert report == (() if covered else (Reason.ISSUER_NOT_ACCREDITED,))


def _accredited(world: World, issued_at: int) -> tuple[Reason, ...]:
    """An accreditation from a minute to two minutes after START."""
    minute = timedelta(minutes=1)
    world.say(world.gd, Kind.ISSUER_WITHDRAW, entry=world.entries["gd"], effect="void")
    world.accredit(world.gd, world.issuer, world.vct, start=START + minute, until=START + 2 * minute)
    world.later(minutes=2)
    world.import_bundle()
    credential = world.issue(issued_at=issued_at)
    return world.evaluate(world.present(credential, "match")).reasons


@pytest.mark.parametrize(("before", "counts"), [(1, True), (0, False)])
@pytest.mark.parametrize("what", ["accreditation", "recognition"])
def test_what_was_issued_before_it_ceased(world: World, what: str, before: int, counts: bool) -> None:
    world.later(seconds=30)
    if what == "accreditation":
        world.say(world.gd, Kind.ISSUER_WITHDRAW, entry=world.entries["gd"], effect="cease")
    else:
        world.say(world.mo, Kind.RECOGNISE_WITHDRAW, entry=world.entries["mo<-gd"], effect="cease")
    world.import_bundle()
    credential = world.issue(issued_at=NOW + 30 - before)
    reason = Reason.ISSUER_NOT_ACCREDITED if what == "accreditation" else Reason.NOT_RECOGNISED
    report = world.evaluate(
        world.present(credential, "match"), policy=world.policy(rule=HasClaims(("match",)))
    )
    assert report.reasons == (() if counts else (reason,))


def test_a_key_is_good_from_the_entry_that_added_it(world: World) -> None:
    added = world.state.organisations[world.issuer.did].created_at
    for before, reasons in ((0, ()), (1, (Reason.KEY_NOT_AUTHORISED,))):
        credential = world.issue(issued_at=added - before)
        report = world.evaluate(world.present(credential, "match"))
        assert report.reasons == reasons
