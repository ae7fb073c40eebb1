# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The rule as a whole: every check named, in order; which of them run; and what is never told too early."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.world import START, World, make_world
from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.errors import DecodeError, LimitExceededError, RefusedError
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.reasons import Reason
from vcred.verifier.report import CHECKS, Axis, CheckStatus, Decision, VerificationReport
from vcred.verifier.steps import evaluate, unreadable


@pytest.fixture
def world() -> World:
    return make_world()


def ran(report: VerificationReport) -> list[str]:
    return [check.name for check in report.checks if check.status is not CheckStatus.NOT_RUN]


def test_all_checks_in_order(world: World) -> None:
    report = world.evaluate(world.show())
    assert [check.name for check in report.checks] == list(CHECKS)
    assert ran(report) == list(CHECKS)
    assert report.decision is Decision.ACCEPTED
    assert report.issuer == world.issuer.did
    assert report.type == world.vct


@pytest.mark.parametrize(
    ("text", "reason", "checks"),
    [
        ("x" * (MAX_PRESENTATION_BYTES + 1), Reason.LIMIT_EXCEEDED, ["limits", "trust_age"]),
        ("VC1:0", Reason.MALFORMED, ["limits", "format", "trust_age"]),
        ("nothing", Reason.MALFORMED, ["limits", "format", "trust_age"]),
        ("a.b.c~", Reason.MALFORMED, ["limits", "format", "parse", "trust_age"]),
    ],
    ids=["size", "code", "no tilde", "parts"],
)
def test_a_step_that_cannot_follow_has_not_run(
    world: World, text: str, reason: Reason, checks: list[str]
) -> None:
    report = world.evaluate(text)
    assert (report.decision, report.reasons) == (Decision.REJECTED, (reason,))
    assert ran(report) == checks
    assert report.axes.authorised is Axis.UNKNOWN
    assert (report.issuer, report.type, report.replay_key) == (None, None, None)


def test_the_key_decides_the_algorithm_before_the_signature_is_looked_at(world: World) -> None:
    """JOS-03. Step 4, not step 5: no signature is tried under an algorithm that is not the key's."""
    presentation = world.show()
    assert world.evaluate(presentation).decision is Decision.ACCEPTED
    header, rest = presentation.split(".", 1)
    changed = decode_base64url(header).replace(b"ES256", b"EdDSA")
    report = world.evaluate(f"{encode_base64url(changed)}.{rest}")
    assert report.reasons == (Reason.ALGORITHM_NOT_ALLOWED,)
    assert ran(report) == ["limits", "format", "parse", "issuer_key", "algorithm", "trust_age"]


def test_largest_presentation_is_read(world: World) -> None:
    """JOS-31: at the limit it is parsed, one more and it is not."""
    at_limit = world.show().ljust(MAX_PRESENTATION_BYTES, "A")
    assert world.evaluate(at_limit).reasons != (Reason.LIMIT_EXCEEDED,)
    assert world.evaluate(at_limit + "A").reasons == (Reason.LIMIT_EXCEEDED,)


def test_every_broken_check_is_reported(world: World) -> None:
    """A report says all that is wrong, not the first thing only."""
    credential = world.issue(index=131_072)
    wrong = world.present(credential, "test", audience="did:vcred:other", nonce="x")
    report = world.evaluate(wrong, policy=world.policy(jurisdiction="HK"))
    assert report.decision is Decision.REJECTED
    assert set(report.reasons) == {
        Reason.NONCE_WRONG,
        Reason.NOT_RECOGNISED,
        Reason.STATUS_INVALID,
        Reason.POLICY_UNMET,
    }
    assert (report.axes.authentic, report.axes.authorised, report.axes.current) == (Axis.NO, Axis.NO, Axis.NO)


def test_without_an_accreditation_recognition_is_not_asked(world: World) -> None:
    stranger = world.join(
        "Guangdong Printing",
        {p: s.public_key.algorithm for p, s in world.issuer.signers.items()},
        sponsor=world.gd,
    )
    report = world.evaluate(world.present(world.issue(issuer=stranger), "match"))
    assert report.reasons == (Reason.ISSUER_NOT_ACCREDITED,)
    assert "recognition" not in ran(report)


def test_a_time_without_a_zone_is_the_callers_mistake(world: World) -> None:
    text = world.show()
    with pytest.raises(ValueError, match="timezone"):
        world.evaluate(text, now=START.replace(tzinfo=None))
    there = START.astimezone(timezone(timedelta(hours=8)))
    assert world.evaluate(text, now=there).decision is Decision.ACCEPTED


@pytest.mark.parametrize("year", [1, 9999])
def test_times_at_the_ends_of_the_calendar(world: World, year: int) -> None:
    report = world.evaluate(world.show(), now=datetime(year, 1, 1, tzinfo=UTC))
    assert report.decision is Decision.REJECTED


@pytest.mark.parametrize(
    ("error", "check", "reason"),
    [
        (DecodeError("no code"), "format", Reason.MALFORMED),
        (RefusedError(Reason.MALFORMED, "two codes"), "format", Reason.MALFORMED),
        (LimitExceededError("a bomb"), "limits", Reason.LIMIT_EXCEEDED),
    ],
)
def test_a_picture_in_which_nothing_can_be_read(
    world: World, error: DecodeError | RefusedError, check: str, reason: Reason
) -> None:
    report = unreadable(error, belief=world.belief(), policy=world.policy(), now=world.now)
    assert (report.decision, report.reasons) == (Decision.REJECTED, (reason,))
    assert {c.name for c in report.checks if c.status is CheckStatus.FAILED} == {check}


@pytest.mark.parametrize(
    "text",
    [
        "~" * MAX_PRESENTATION_BYTES,
        "." * MAX_PRESENTATION_BYTES,
        "A" * MAX_PRESENTATION_BYTES,
        "VC1:" + "0" * 4_000,
        "VC1:" + ":" * 4_000,
        "a.b.c" + "~WyJhIiwxXQ" * 250 + "~",
        "eyJ" * 20_000 + "." + "A" * 4,
    ],
    ids=["tildes", "dots", "letters", "zeros", "colons", "disclosures", "one long part"],
)
def test_hostile_text_costs_little(world: World, text: str) -> None:
    assert world.evaluate(world.show()).decision is Decision.ACCEPTED
    belief, policy = world.belief(), world.policy()
    began = time.process_time()
    report = evaluate(text, request=None, belief=belief, policy=policy, now=world.now)
    assert time.process_time() - began < 1
    assert report.decision is Decision.REJECTED
