# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Withdrawals: by whom, with which effect, and from which second on."""

from datetime import timedelta

import pytest

from tests.unit.ledger.samples import changed, fresh_world, refusal, signed
from tests.world import Organisation, World
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.ledger.entries import Kind
from vcred.reasons import Reason
from vcred.verifier.report import Decision

OFFSETS = (-1, 0, 1)
BOTH = pytest.mark.parametrize(
    ("kind", "entry", "by"),
    [(Kind.ISSUER_WITHDRAW, "gd", "gd"), (Kind.RECOGNISE_WITHDRAW, "mo<-gd", "mo")],
    ids=["accreditation", "recognition"],
)


def covered(world: World, kind: Kind, entry: str) -> list[bool]:
    """Whether credentials issued a second before, at and after now still count."""
    now = int(world.now.timestamp())
    if kind is Kind.ISSUER_WITHDRAW:
        accreditation = world.state.accreditations[world.entries[entry]]
        return [accreditation.covers(now + offset) for offset in OFFSETS]
    recognition = world.state.recognitions[world.entries[entry]]
    return [recognition.covers(now + offset, now=now + 60) for offset in OFFSETS]


def authority(world: World, name: str) -> Organisation:
    return {"gd": world.gd, "mo": world.mo}[name]


def withdrawal(world: World, kind: Kind, entry: str, by: str, effect: str) -> JsonObject:
    return world.statement(authority(world, by), kind, entry=world.entries[entry], effect=effect)


@BOTH
def test_before_a_withdrawal_all_of_them_count(kind: Kind, entry: str, by: str) -> None:
    assert covered(fresh_world(), kind, entry) == [True, True, True]


@BOTH
def test_cease_ends_it_at_its_second(kind: Kind, entry: str, by: str) -> None:
    world = fresh_world()
    world.append(withdrawal(world, kind, entry, by, "cease"))
    assert covered(world, kind, entry) == [True, False, False]


@BOTH
def test_void_takes_all_away(kind: Kind, entry: str, by: str) -> None:
    world = fresh_world()
    world.append(withdrawal(world, kind, entry, by, "void"))
    assert covered(world, kind, entry) == [False, False, False]


@BOTH
def test_void_may_follow_cease_and_nothing_else_may_follow(kind: Kind, entry: str, by: str) -> None:
    world = fresh_world()
    world.append(withdrawal(world, kind, entry, by, "cease"))
    world.later(seconds=10)
    assert refusal(world, withdrawal(world, kind, entry, by, "cease")) is Reason.REPLAYED
    world.append(withdrawal(world, kind, entry, by, "void"))
    world.later(seconds=-10)
    assert covered(world, kind, entry) == [False, False, False]
    world.later(seconds=10)
    for effect in ("cease", "void"):
        assert refusal(world, withdrawal(world, kind, entry, by, effect)) is Reason.REPLAYED


@BOTH
@pytest.mark.parametrize("effect", ["", "Void", "suspend", None, True, ["void"]])
def test_there_is_no_other_effect_and_no_default(kind: Kind, entry: str, by: str, effect: object) -> None:
    world = fresh_world()
    operation = changed(withdrawal(world, kind, entry, by, "void"), "effect", effect)
    operation = signed(operation, [authority(world, by).signer(Purpose.STATEMENT)])
    assert refusal(world, operation) is Reason.MALFORMED


@BOTH
@pytest.mark.parametrize("effect", ["cease", "void"])
def test_the_other_jurisdiction_withdraws_nothing(kind: Kind, entry: str, by: str, effect: str) -> None:
    world = fresh_world()
    other = "mo" if by == "gd" else "gd"
    assert refusal(world, withdrawal(world, kind, entry, other, effect)) is Reason.NOT_AUTHORISED
    assert covered(world, kind, entry) == [True, True, True]


@BOTH
def test_only_an_entry_of_that_kind_is_withdrawn(kind: Kind, entry: str, by: str) -> None:
    world = fresh_world()
    others = {"gd", "mo", "mo<-gd", "gd<-mo"} - {entry}
    for name in sorted(others):
        assert refusal(world, withdrawal(world, kind, name, by, "void")) is Reason.NOT_AUTHORISED, name
    world.entries["none"] = "1" * 32
    assert refusal(world, withdrawal(world, kind, "none", by, "void")) is Reason.NOT_AUTHORISED


def test_what_is_withdrawn_may_be_said_anew() -> None:
    """A new accreditation is another entry, and stands for itself."""
    world = fresh_world()
    world.append(withdrawal(world, Kind.ISSUER_WITHDRAW, "gd", "gd", "void"))
    world.later(hours=1)
    fresh = world.accredit(world.gd, world.issuer, world.vct)
    assert world.state.accreditations[fresh].covers(int(world.now.timestamp()))
    assert world.state.accreditations[world.entries["gd"]].void


# What it means at a gate of Macao, for a code of Guangdong.


def verdict(world: World, issued_after: int) -> tuple[Decision, set[Reason]]:
    """Issue so many seconds after now, and show it two minutes later."""
    issuing = world.fork().later(seconds=issued_after)
    credential = issuing.issue()
    gate = world.fork().later(minutes=2)
    report = gate.evaluate(gate.present(credential, "match"))
    return report.decision, set(report.reasons)


ACCEPTED: tuple[Decision, set[Reason]] = (Decision.ACCEPTED, set())


@BOTH
def test_at_the_gate_everything_counts_before_a_withdrawal(kind: Kind, entry: str, by: str) -> None:
    world = fresh_world()
    assert [verdict(world, offset) for offset in OFFSETS] == [ACCEPTED] * 3


@BOTH
@pytest.mark.parametrize(("effect", "still"), [("cease", 1), ("void", 0)])
def test_at_the_gate_a_withdrawal_counts_from_its_second(
    kind: Kind, entry: str, by: str, effect: str, still: int
) -> None:
    world = fresh_world()
    world.append(withdrawal(world, kind, entry, by, effect))
    reason = Reason.ISSUER_NOT_ACCREDITED if kind is Kind.ISSUER_WITHDRAW else Reason.NOT_RECOGNISED
    found = [verdict(world, offset) for offset in OFFSETS]
    assert found[:still] == [ACCEPTED] * still
    for decision, reasons in found[still:]:
        assert decision is Decision.REJECTED
        assert reason in reasons


def test_a_gate_of_the_issuers_own_jurisdiction_needs_no_recognition() -> None:
    world = fresh_world()
    world.append(withdrawal(world, Kind.RECOGNISE_WITHDRAW, "mo<-gd", "mo", "void"))
    presentation = world.present(world.issue(), "match")
    assert (
        world.evaluate(presentation, policy=world.policy(jurisdiction="CN-44")).decision is Decision.ACCEPTED
    )
    assert world.evaluate(presentation).decision is Decision.REJECTED


def test_bnd_33_recognition_is_never_transitive() -> None:
    """Macao accredits an issuer that Guangdong does not: recognising Guangdong admits nothing of it."""
    world = fresh_world()
    world.append(withdrawal(world, Kind.ISSUER_WITHDRAW, "gd", "gd", "void"))
    world.accredit(world.mo, world.issuer, world.vct)
    presentation = world.present(world.issue(), "match")
    assert world.evaluate(presentation).decision is Decision.ACCEPTED
    world.append(withdrawal(world, Kind.RECOGNISE_WITHDRAW, "gd<-mo", "gd", "void"))
    at_home = world.fork()
    at_home.import_bundle()
    report = at_home.evaluate(presentation, policy=world.policy(jurisdiction="CN-44"))
    assert report.decision is Decision.REJECTED
    assert Reason.NOT_RECOGNISED in report.reasons


@pytest.mark.parametrize("offset", [timedelta(seconds=-1), timedelta(0)])
def test_bnd_33_an_accreditation_that_is_over_or_to_come_does_not_count(offset: timedelta) -> None:
    for start, until, good in (
        (timedelta(0), timedelta(seconds=1), offset == timedelta(0)),
        (timedelta(seconds=-1), timedelta(0), offset < timedelta(0)),
    ):
        world = fresh_world()
        world.append(withdrawal(world, Kind.ISSUER_WITHDRAW, "gd", "gd", "void"))
        world.accredit(world.gd, world.issuer, world.vct, start=world.now + start, until=world.now + until)
        decision, reasons = verdict(world, int(offset.total_seconds()))
        assert decision is (Decision.ACCEPTED if good else Decision.REJECTED)
        assert reasons == (set() if good else {Reason.ISSUER_NOT_ACCREDITED})
