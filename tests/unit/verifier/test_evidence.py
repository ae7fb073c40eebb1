# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence that two jurisdictions and ordinary credentials never show: a third one, odd types, odd times."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tools.verifier_vectors.editable import DROP, Editable, edit

from tests.world import HEALTH_CLAIMS, START, World, make_world
from vcred.codec.jcs import encode_jcs
from vcred.credential.presentation import Binding
from vcred.credential.type_definition import parse_type_definition
from vcred.did.operations import Purpose
from vcred.ledger.entries import Kind
from vcred.ledger.state import Accreditation
from vcred.reasons import Reason
from vcred.trust.belief import Belief
from vcred.verifier.report import Axis, Decision

NOW = int(START.timestamp())


@pytest.fixture
def world() -> World:
    return make_world()


def believing(belief: Belief, **changes: object) -> Belief:
    """The belief with another state; it has looked nothing up yet."""
    return Belief(
        state=replace(belief.state, **changes),  # type: ignore[arg-type]
        root=belief.root,
        trust_as_of=belief.trust_as_of,
        time_floor=belief.time_floor,
        statuses=belief.statuses,
        type_contents=belief.type_contents,
    )


def accredited_in(belief: Belief, jurisdiction: str) -> dict[str, Accreditation]:
    return {
        entry: replace(item, jurisdiction=jurisdiction) if item.jurisdiction == "CN-44" else item
        for entry, item in belief.state.accreditations.items()
    }


def test_recognition_is_never_transitive(world: World) -> None:
    """V4. Macao recognises what Guangdong has accredited, not what a third one has."""
    code = world.show()
    belief = world.belief()
    assert world.evaluate(code, belief=believing(belief)).decision is Decision.ACCEPTED
    third = believing(belief, accreditations=accredited_in(belief, "HK"))
    report = world.evaluate(code, belief=third)
    assert (report.decision, report.reasons) == (Decision.REJECTED, (Reason.NOT_RECOGNISED,))


def test_one_of_two_accreditations_is_enough(world: World) -> None:
    """The one that Macao recognises counts, whichever stands first."""
    code = world.show()
    belief = world.belief()
    third = {f"hk-{e}": item for e, item in accredited_in(belief, "HK").items() if item.jurisdiction == "HK"}
    for both in ({**third, **belief.state.accreditations}, {**belief.state.accreditations, **third}):
        assert (
            world.evaluate(code, belief=believing(belief, accreditations=both)).decision is Decision.ACCEPTED
        )


@pytest.mark.parametrize("withdraw", [True, False])
def test_a_credential_without_iat_under_conditions(world: World, withdraw: bool) -> None:
    """SDJ-19. There is nothing to hold the conditions against; that is no reason to fall over."""
    world.later(seconds=30)
    if withdraw:
        world.say(world.mo, Kind.RECOGNISE_WITHDRAW, entry=world.entries["mo<-gd"], effect="cease")
    world.recognise(world.mo, world.vct, "CN-44", max_age=3_600)
    world.import_bundle()
    parts = Editable.open(world.show(), issuer=world.issuer.signer(Purpose.ASSERTION), holder=world.holder)
    assert world.evaluate(parts.text()).decision is Decision.ACCEPTED
    del parts.binding["sd_hash"]  # type: ignore[union-attr]
    edit("payload", iat=DROP)(parts)
    report = world.evaluate(parts.text())
    assert (report.decision, report.reasons) == (Decision.REJECTED, (Reason.POLICY_UNMET,))


def test_a_type_that_never_expires(world: World) -> None:
    document = {**world.type_definition.document, "name": "lasting-code", "expiry_claim": None}
    definition = parse_type_definition(encode_jcs(document))
    vct = world.publish_type(definition, world.gd)
    world.accredit(world.gd, world.issuer, vct)
    world.recognise(world.mo, vct, "CN-44")
    credential = world.issue(type_definition=definition, vct=vct, claims=HEALTH_CLAIMS)
    report = world.evaluate(world.present(credential, "match"))
    assert report.decision is Decision.ACCEPTED
    assert report.require().expires_at is None


@pytest.mark.parametrize(("ahead", "reason"), [(30, None), (31, Reason.CLOCK_UNRELIABLE)])
def test_a_list_from_the_future(world: World, ahead: int, reason: Reason | None) -> None:
    """BND-15. Import bears a minute; this post's policy bears less."""
    world.status_dates[world.status_uri()] = START + timedelta(seconds=ahead)
    world.import_bundle()
    report = world.evaluate(world.show(), policy=world.policy(clock_skew=timedelta(seconds=30)))
    assert report.reasons == (() if reason is None else (reason,))
    assert report.axes.current is (Axis.YES if reason is None else Axis.UNKNOWN)


def test_a_revoked_credential_on_a_list_from_the_future(world: World) -> None:
    """A list that cannot be dated says nothing: unknown, and not accepted."""
    world.revoke(7)
    world.status_dates[world.status_uri()] = START + timedelta(seconds=31)
    world.import_bundle()
    report = world.evaluate(world.show(), policy=world.policy(clock_skew=timedelta(seconds=30)))
    assert (report.decision, report.reasons) == (Decision.INDETERMINATE, (Reason.CLOCK_UNRELIABLE,))


def test_status_is_asked_for_unless_the_policy_says_otherwise(world: World) -> None:
    code = world.present(world.issue(status=None), "match")
    assert world.evaluate(code).reasons == (Reason.POLICY_UNMET,)
    lenient = world.evaluate(code, policy=world.policy(require_status=False))
    assert lenient.decision is Decision.ACCEPTED
    assert lenient.evidence.status_as_of is None


def test_the_report_names_its_evidence(world: World) -> None:
    belief = world.belief()
    world.later(hours=1)
    report = world.evaluate(world.show())
    evidence = report.evidence
    assert (evidence.size, evidence.root) == (belief.size, belief.root)
    assert (evidence.trust_as_of, evidence.status_as_of) == (NOW, NOW)
    assert report.binding is Binding.LIVE
