# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The attacks on an updater, row by row as TUF names them, seen from a gate that decides.

Each begins with a credential that the gate accepts. Then someone lies, and the gate goes on with
what it had: refused with the reason, and in time stale, but never wrong.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.unit.trust.samples import (
    another_network,
    carrying,
    fresh_world,
    grow,
    head,
    note_of,
    refusal,
    withdrawal,
)
from tests.world import HOUR, ORIGIN, START, World
from vcred.errors import TrustBundleError
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.reasons import Cause, Reason
from vcred.trust.bundle import Bundle
from vcred.verifier.report import CheckStatus, Decision, VerificationReport

NOW = int(START.timestamp())
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    """A gate that accepts what Guangdong issues, and a credential from an hour ago."""
    world = fresh_world()
    world.import_bundle()
    assert seen(world).decision is Decision.ACCEPTED
    return world


def seen(world: World) -> VerificationReport:
    """What the gate, whose evidence may be a day old, says of a credential issued at the start."""
    credential = world.issue(issued_at=NOW)
    return world.evaluate(world.present(credential, "match"), policy=world.policy(max_trust_age=DAY))


def cosigned(world: World, *names: str) -> Bundle:
    return world.bundle(checkpoint=world.checkpoint_note(cosigners=names))


def of_size(world: World, size: int) -> Bundle:
    """A head of a size that it has not."""
    lines = [(name, key, int(world.now.timestamp())) for name, key in world.witnesses.items()]
    return world.bundle(
        checkpoint=note_of(head(world.leaves, origin=ORIGIN, size=size), world.log_key, lines)
    )


def forked(world: World) -> Bundle:
    last = parse_leaf(world.leaves[7])
    leaves = [*world.leaves[:7], encode_leaf(last.operation, logged_at=last.logged_at + 1), *world.leaves[8:]]
    lines = [(name, key, int(world.now.timestamp())) for name, key in world.witnesses.items()]
    note = note_of(head(leaves, origin=ORIGIN), world.log_key, lines)
    return world.bundle(leaves=tuple(leaves), checkpoint=note)


def made_up(world: World) -> Bundle:
    """An attacker's own network, with the same names."""
    stranger = another_network()
    stranger.now = world.now
    return stranger.bundle()


def yesterdays_list(world: World) -> Bundle:
    world.later(minutes=1)
    world.revoke(9)
    new = world.bundle()
    world.later(minutes=1)
    world.import_bundle(new)
    world.statuses, kept = {}, world.statuses
    world.status_dates = {world.status_uri(): START}
    yesterday = world.bundle()
    world.statuses = kept
    return yesterday


def first_bundle(world: World) -> Bundle:
    old = world.bundle()
    grow(world)
    world.later(minutes=1)
    world.import_bundle()
    return old


def from_the_future(world: World) -> Bundle:
    world.later(minutes=10)
    bundle = world.bundle(status_tokens=())
    world.later(minutes=-10)
    return bundle


def without_an_entry(world: World) -> Bundle:
    return world.bundle(leaves=tuple(world.leaves[:3] + world.leaves[4:]))


def unknown_type(world: World) -> Bundle:
    return world.bundle(types={bytes(32): b"{}"})


ATTACKS: dict[str, tuple[Callable[[World], Bundle], Reason]] = {
    "bnd_01 arbitrary content": (made_up, Reason.ISSUER_UNKNOWN),
    "bnd_02 fewer keys than the threshold": (lambda w: cosigned(w, "witness/MO"), Reason.QUORUM_MISSING),
    "bnd_07 rollback": (first_bundle, Reason.ROLLBACK),
    "bnd_11 an issuer cut out": (without_an_entry, Reason.BUNDLE_INCONSISTENT),
    "bnd_15 from the future": (from_the_future, Reason.NOT_YET_VALID),
    "bnd_18 fast-forward": (lambda w: of_size(w, 2**53 - 1), Reason.BUNDLE_INCONSISTENT),
    "bnd_20 mix-and-match": (yesterdays_list, Reason.ROLLBACK),
    "bnd_31 partition": (forked, Reason.FORK),
    "bnd_35 extraneous dependency": (unknown_type, Reason.BUNDLE_INCONSISTENT),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_gate_goes_on_with_what_it_had(world: World, name: str) -> None:
    make, reason = ATTACKS[name]
    bundle = make(world)
    before = seen(world).decision
    assert before is Decision.ACCEPTED
    assert refusal(world, bundle) is reason
    assert seen(world).decision is before
    # And the next honest bundle is taken.
    world.status_dates.clear()
    world.later(hours=1)
    grow(world)
    world.import_bundle()
    assert seen(world).decision is Decision.ACCEPTED


def test_bnd_13_freeze(world: World) -> None:
    """Nobody brings anything any more: after the age that the policy bears, nothing is accepted."""
    world.status_dates[world.status_uri()] = START
    world.later(days=1)
    report = seen(world)
    assert report.decision is Decision.ACCEPTED
    world.later(seconds=1)
    report = seen(world)
    assert report.decision is Decision.INDETERMINATE
    assert Reason.STALE in report.reasons


def test_bnd_13_freeze_by_the_same_head_cosigned_no_more(world: World) -> None:
    """The lists are new, the head is old: it is the cosignatures that tell the age."""
    old = world.checkpoint_note()
    world.later(days=1, seconds=1)
    world.import_bundle(world.bundle(checkpoint=old))
    report = seen(world)
    assert (report.decision, report.reasons) == (Decision.INDETERMINATE, (Reason.STALE,))
    world.import_bundle()
    assert seen(world).decision is Decision.ACCEPTED


def test_bnd_14_a_clock_set_back_thaws_nothing(world: World) -> None:
    world.later(days=2)
    world.import_bundle()
    world.later(days=-2)
    report = seen(world)
    assert report.decision is Decision.INDETERMINATE
    (age,) = [check for check in report.checks if check.name == "trust_age"]
    assert age.reason is Reason.CLOCK_UNRELIABLE


# An operator hides a withdrawal.


def test_an_operator_who_hides_a_withdrawal_makes_gates_stale(world: World) -> None:
    """Macao's side was handed it: it does not cosign without it, and one side is no quorum."""
    hidden = withdrawal(world)
    known = world.held
    # He goes on with the other side alone, and with what both have cosigned before.
    world.later(hours=23)
    grow(world)
    for bundle in (
        cosigned(world),
        cosigned(world, "witness/CN-44"),
        cosigned(world, "witness/CN-44", "witness/CN-44"),
    ):
        assert refusal(world, bundle) is Reason.QUORUM_MISSING
    assert seen(world).decision is Decision.ACCEPTED
    world.later(hours=1, seconds=1)
    report = seen(world)
    assert report.decision is Decision.INDETERMINATE
    assert Reason.STALE in report.reasons
    # A gate to which somebody carries it beside an old head obeys at once, and with the log's own word.
    world.held = known
    world.now = START + HOUR
    world.import_bundle(carrying(world, hidden, leaves=known.leaves, checkpoint=known.checkpoints[-1].note))
    obeyed = seen(world)
    assert obeyed.decision is Decision.REJECTED
    (check,) = [check for check in obeyed.checks if check.status is CheckStatus.FAILED]
    assert (check.reason, check.cause) == (Reason.ISSUER_NOT_ACCREDITED, Cause.ACCREDITATION_VOID)


def test_bnd_06_a_lie_that_failed_leaves_the_way_for_the_truth(world: World) -> None:
    """Old or new, never a blend, and what was refused is not remembered as good."""
    for make, _ in ATTACKS.values():
        other = world.fork()
        lie = make(other)
        with pytest.raises(TrustBundleError):
            other.import_bundle(lie)
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, world.entries["gd"], "void")
    world.later(seconds=1)
    world.import_bundle()
    assert seen(world).reasons == (Reason.ISSUER_NOT_ACCREDITED,)
