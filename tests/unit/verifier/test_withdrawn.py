# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What was taken back, from which second on, for which reason and by which cause. DID-11, BND-33, BND-34."""

from datetime import timedelta

import pytest

from tests.world import HOUR, ISSUER, START, Update, World, make_world
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind
from vcred.reasons import Cause, Reason
from vcred.verifier.report import Axis, CheckStatus, Decision, VerificationReport

NOW = int(START.timestamp())
LOGGED_AFTER = 30


@pytest.fixture
def world() -> World:
    """A gate that holds a bundle and accepts what Guangdong issues."""
    world = make_world()
    world.import_bundle()
    assert asked(world).decision is Decision.ACCEPTED
    return world


def asked(world: World, issued_at: int | None = None, **policy: object) -> VerificationReport:
    """Show a credential with that `iat`, now unless told otherwise."""
    credential = world.issue() if issued_at is None else world.issue(issued_at=issued_at)
    return world.evaluate(world.present(credential, "match"), policy=world.policy(**policy))


def why(report: VerificationReport) -> tuple[Decision, tuple[tuple[Reason | None, Cause | None], ...]]:
    """The decision, and the reason and cause of each check that did not pass."""
    bad = [c for c in report.checks if c.status in {CheckStatus.FAILED, CheckStatus.INDETERMINATE}]
    return report.decision, tuple((check.reason, check.cause) for check in bad)


def take(world: World, *operations: JsonObject) -> None:
    """Carry operations to the gate that are not on the log."""
    world.import_bundle(world.bundle(pending=tuple(map(encode_jcs, operations))))


def no(reason: Reason, cause: Cause | None = None) -> object:
    return Decision.REJECTED, ((reason, cause),)


ACCEPTED = (Decision.ACCEPTED, ())
DISTRUSTED = no(Reason.KEY_DISTRUSTED)


# Withdrawals on the log, at logged_at - 1, 0 and + 1 s.


@pytest.mark.parametrize(
    ("effect", "offset", "expected"),
    [
        ("cease", -1, ACCEPTED),
        ("cease", 0, no(Reason.ISSUER_NOT_ACCREDITED, Cause.ACCREDITATION_CEASED)),
        ("cease", 1, no(Reason.ISSUER_NOT_ACCREDITED, Cause.ACCREDITATION_CEASED)),
        ("void", -1, no(Reason.ISSUER_NOT_ACCREDITED, Cause.ACCREDITATION_VOID)),
        ("void", 0, no(Reason.ISSUER_NOT_ACCREDITED, Cause.ACCREDITATION_VOID)),
        ("void", 1, no(Reason.ISSUER_NOT_ACCREDITED, Cause.ACCREDITATION_VOID)),
    ],
)
@pytest.mark.parametrize("logged", [True, False], ids=["logged", "pending"])
def test_bnd_34_an_accreditation_that_ended(
    world: World, logged: bool, effect: str, offset: int, expected: object
) -> None:
    world.later(seconds=LOGGED_AFTER)
    operation = world.statement(world.gd, Kind.ISSUER_WITHDRAW, entry=world.entries["gd"], effect=effect)
    _say(world, operation, logged=logged)
    world.later(seconds=5)
    assert why(asked(world, NOW + LOGGED_AFTER + offset)) == expected


@pytest.mark.parametrize(
    ("effect", "offset", "expected"),
    [
        ("cease", -1, ACCEPTED),
        ("cease", 0, no(Reason.NOT_RECOGNISED, Cause.RECOGNITION_CEASED)),
        ("cease", 1, no(Reason.NOT_RECOGNISED, Cause.RECOGNITION_CEASED)),
        ("void", -1, no(Reason.NOT_RECOGNISED, Cause.RECOGNITION_VOID)),
        ("void", 0, no(Reason.NOT_RECOGNISED, Cause.RECOGNITION_VOID)),
        ("void", 1, no(Reason.NOT_RECOGNISED, Cause.RECOGNITION_VOID)),
    ],
)
@pytest.mark.parametrize("logged", [True, False], ids=["logged", "pending"])
def test_a_recognition_that_ended(
    world: World, logged: bool, effect: str, offset: int, expected: object
) -> None:
    world.later(seconds=LOGGED_AFTER)
    entry = world.entries["mo<-gd"]
    operation = world.statement(world.mo, Kind.RECOGNISE_WITHDRAW, entry=entry, effect=effect)
    _say(world, operation, logged=logged)
    world.later(seconds=5)
    report = asked(world, NOW + LOGGED_AFTER + offset)
    assert why(report) == expected
    # At home nothing has changed.
    assert asked(world, NOW + LOGGED_AFTER + offset, jurisdiction="CN-44").decision is Decision.ACCEPTED


def _say(world: World, operation: JsonObject, *, logged: bool) -> None:
    if logged:
        world.append(operation)
        world.import_bundle()
    else:
        take(world, operation)


def test_a_condition_that_is_not_met_is_another_cause(world: World) -> None:
    world.withdraw(world.mo, Kind.RECOGNISE_WITHDRAW, world.entries["mo<-gd"], "void")
    newest = world.recognise(world.mo, world.vct, "CN-44", max_age=60)
    world.import_bundle()
    assert why(asked(world, NOW - 60)) == ACCEPTED
    # The newest stands: that an older one does not is no reason.
    assert why(asked(world, NOW - 61)) == no(Reason.NOT_RECOGNISED, Cause.RECOGNITION_NOT_COVERING)
    world.later(seconds=100)
    world.withdraw(world.mo, Kind.RECOGNISE_WITHDRAW, newest, "cease")
    world.import_bundle()
    assert why(asked(world, NOW + 100)) == no(Reason.NOT_RECOGNISED, Cause.RECOGNITION_CEASED)
    # It stood when this was issued, and would count but for its age.
    assert why(asked(world, NOW + 99)) == ACCEPTED
    assert why(asked(world, NOW + 39)) == no(Reason.NOT_RECOGNISED, Cause.RECOGNITION_NOT_COVERING)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (-1, no(Reason.ISSUER_NOT_ACCREDITED, Cause.ACCREDITATION_NOT_COVERING)),
        (0, ACCEPTED),
        (59, ACCEPTED),
        (60, no(Reason.ISSUER_NOT_ACCREDITED, Cause.ACCREDITATION_NOT_COVERING)),
    ],
)
def test_bnd_33_an_accreditation_for_another_time(world: World, offset: int, expected: object) -> None:
    clinic = world.join("Clinic", ISSUER, sponsor=world.gd)
    minute = timedelta(minutes=1)
    world.accredit(world.gd, clinic, world.vct, start=START + minute, until=START + 2 * minute)
    world.later(minutes=5)
    world.import_bundle()
    credential = world.issue(issuer=clinic, issued_at=NOW + 60 + offset)
    assert why(world.evaluate(world.present(credential, "match"))) == expected


def test_bnd_33_an_issuer_that_was_never_accredited_for_it(world: World) -> None:
    """No cause: there is nothing that could have ended."""
    stranger = world.join("Clinic", ISSUER, sponsor=world.gd)
    world.later(seconds=1)
    world.import_bundle()
    credential = world.issue(issuer=stranger)
    report = world.evaluate(world.present(credential, "match"))
    assert (Reason.ISSUER_NOT_ACCREDITED, None) in why(report)[1]


# Keys.


def test_what_a_thief_dates_back_is_refused_all_the_same(world: World) -> None:
    """Whoever has the key chooses `iat`: a distrust without a date is over all of it."""
    assert asked(world, NOW - 1800).decision is Decision.ACCEPTED
    world.later(hours=1)
    world.distrust(world.gd, world.issuer.key_id())
    world.import_bundle()
    for issued_at in (NOW - 1800, NOW, NOW + 3599, NOW + 3600):
        report = asked(world, issued_at)
        assert why(report) == DISTRUSTED
        assert report.axes.authorised is Axis.NO


@pytest.mark.parametrize("logged", [True, False], ids=["logged", "pending"])
@pytest.mark.parametrize(("offset", "expected"), [(-1, ACCEPTED), (0, DISTRUSTED), (1, DISTRUSTED)])
def test_a_distrust_from_a_date_on(world: World, logged: bool, offset: int, expected: object) -> None:
    since = NOW + 60
    world.update_did(world.issuer, add={Purpose.STATEMENT: EDDSA})
    world.later(minutes=2)
    said = {"key": world.issuer.key_id(), "scope": {"from": since}, "never_left_hsm": True}
    _say(world, world.statement(world.issuer, Kind.KEY_DISTRUST, **said), logged=logged)
    assert why(asked(world, since + offset)) == expected


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (-1, ACCEPTED),
        (0, no(Reason.KEY_NOT_AUTHORISED, Cause.KEY_RETIRED)),
        (1, no(Reason.KEY_NOT_AUTHORISED, Cause.KEY_RETIRED)),
    ],
)
def test_did_11_a_key_that_was_rotated_out_keeps_what_it_signed(
    world: World, offset: int, expected: object
) -> None:
    world.later(seconds=LOGGED_AFTER)
    former = world.issuer
    credential = world.issue(issued_at=NOW + LOGGED_AFTER + offset)
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    world.later(seconds=5)
    world.import_bundle()
    assert why(world.evaluate(world.present(credential, "match"))) == expected
    # And the new one signs from then on, not before.
    assert world.issuer.key_id() != former.key_id()
    assert why(asked(world, NOW + LOGGED_AFTER)) == ACCEPTED
    early = asked(world, NOW + LOGGED_AFTER - 1)
    assert why(early) == no(Reason.KEY_NOT_AUTHORISED, Cause.KEY_NOT_YET_IN_FORCE)


def test_did_11_a_key_that_is_both_retired_and_distrusted_keeps_nothing(world: World) -> None:
    credential = world.issue()
    key_id = world.issuer.key_id()
    world.later(seconds=60)
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    world.import_bundle()
    assert world.evaluate(world.present(credential, "match")).decision is Decision.ACCEPTED
    take(world, world.statement(world.gd, Kind.KEY_DISTRUST, key=key_id))
    assert why(world.evaluate(world.present(credential, "match"))) == DISTRUSTED
    assert asked(world).decision is Decision.ACCEPTED


@pytest.mark.parametrize("offset", [-1, 0, 1])
@pytest.mark.parametrize("logged", [True, False], ids=["logged", "pending"])
def test_a_did_that_ended_keeps_what_it_signed(world: World, logged: bool, offset: int) -> None:
    world.later(seconds=LOGGED_AFTER)
    credential = world.issue(issued_at=NOW + LOGGED_AFTER + offset)
    ending, _ = world.did_update(world.issuer, Update(deactivate=True))
    # Its last list is from before: nobody can sign another.
    world.listed = [world.mo_issuer]
    _say(world, ending, logged=logged)
    world.later(seconds=5)
    report = world.evaluate(world.present(credential, "match"))
    retired = no(Reason.KEY_NOT_AUTHORISED, Cause.KEY_RETIRED)
    assert why(report) == (ACCEPTED if offset < 0 else retired)


# Old evidence.


def test_under_a_stale_bundle_what_is_final_stands(world: World) -> None:
    take(world, world.statement(world.gd, Kind.KEY_DISTRUST, key=world.issuer.key_id()))
    assert why(asked(world, max_trust_age=HOUR)) == DISTRUSTED
    world.later(seconds=3601)
    stale = asked(world, NOW, max_trust_age=HOUR)
    assert stale.decision is Decision.REJECTED
    assert stale.reasons == (Reason.KEY_DISTRUSTED, Reason.STALE)


@pytest.mark.parametrize("what", ["accreditation", "recognition"])
def test_under_a_stale_bundle_what_may_have_come_back_is_unknown(world: World, what: str) -> None:
    """Another entry may have been logged since; the cause is told all the same."""
    kind, entry, reason, cause = {
        "accreditation": (Kind.ISSUER_WITHDRAW, "gd", Reason.ISSUER_NOT_ACCREDITED, Cause.ACCREDITATION_VOID),
        "recognition": (Kind.RECOGNISE_WITHDRAW, "mo<-gd", Reason.NOT_RECOGNISED, Cause.RECOGNITION_VOID),
    }[what]
    author = world.gd if what == "accreditation" else world.mo
    take(world, world.statement(author, kind, entry=world.entries[entry], effect="void"))
    assert why(asked(world, max_trust_age=HOUR)) == no(reason, cause)
    world.later(seconds=3601)
    decision, found = why(asked(world, NOW, max_trust_age=HOUR))
    assert decision is Decision.INDETERMINATE
    assert set(found) == {(reason, cause), (Reason.STALE, None)}
