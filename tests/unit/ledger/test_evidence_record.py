# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`evidence.record`: a root of those who are accredited, at most one an hour, and nothing more."""

from datetime import timedelta

import pytest

from tests.unit.ledger.samples import changed, fresh_world, refusal, removed, signed
from tests.world import World
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind
from vcred.ledger.kinds.evidence_record import MIN_SECONDS_BETWEEN
from vcred.ledger.state import EvidenceRecord
from vcred.reasons import Reason

ROOT = bytes(range(32))


def seconds(world: World) -> int:
    return int(world.now.timestamp())


def speaking_world() -> World:
    """The world, in which the issuers have statement keys too."""
    world = fresh_world()
    for issuer in (world.issuer, world.mo_issuer):
        world.update_did(issuer, add={Purpose.STATEMENT: EDDSA})
    return world


def record(world: World, root: bytes = ROOT) -> JsonObject:
    return world.statement(world.issuer, Kind.EVIDENCE_RECORD, root=hash_text(root))


def again(world: World, operation: JsonObject) -> JsonObject:
    return signed(operation, [world.issuer.signer(Purpose.STATEMENT)])


def test_a_root_is_recorded() -> None:
    world = speaking_world()
    entry = world.record_evidence(world.issuer, ROOT)
    assert dict(world.state.evidence) == {
        entry: EvidenceRecord(
            entry=entry,
            author=world.issuer.did,
            index=len(world.leaves) - 1,
            root=ROOT,
            logged_at=seconds(world),
        )
    }
    organisation = world.state.organisations[world.issuer.did]
    assert (organisation.last_evidence_at, organisation.last_statement) == (seconds(world), entry)


@pytest.mark.parametrize("wait", [0, 1, MIN_SECONDS_BETWEEN - 1])
def test_at_most_one_an_hour(wait: int) -> None:
    world = speaking_world()
    world.record_evidence(world.issuer, ROOT)
    world.later(seconds=wait)
    assert refusal(world, record(world, bytes(32))) is Reason.RATE_LIMITED
    # Nobody waits for another.
    world.record_evidence(world.mo_issuer, ROOT)
    world.later(seconds=MIN_SECONDS_BETWEEN - wait)
    world.record_evidence(world.issuer, bytes(32))
    assert refusal(world, record(world)) is Reason.RATE_LIMITED


def test_what_was_refused_does_not_make_anybody_wait() -> None:
    world = speaking_world()
    wrong = again(world, changed(record(world), "root", "x"))
    assert refusal(world, wrong) is Reason.MALFORMED
    world.record_evidence(world.issuer, ROOT)


@pytest.mark.parametrize("effect", ["cease", "void"])
def test_only_while_an_accreditation_is_in_force(effect: str) -> None:
    world = speaking_world()
    good = record(world)
    world.fork().append(good)
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, world.entries["gd"], effect)
    assert refusal(world, good) is Reason.NOT_AUTHORISED
    world.accredit(world.mo, world.issuer, world.vct)
    world.append(good)


@pytest.mark.parametrize(("offset", "good"), [(-1, False), (0, True), (59, True), (60, False)])
def test_from_and_until_count_as_of_the_log(offset: int, good: bool) -> None:
    world = speaking_world()
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, world.entries["gd"], "void")
    start = world.now + timedelta(minutes=5)
    world.accredit(world.gd, world.issuer, world.vct, start=start, until=start + timedelta(minutes=1))
    world.now = start + timedelta(seconds=offset)
    operation = record(world)
    if good:
        world.append(operation)
    else:
        assert refusal(world, operation) is Reason.NOT_AUTHORISED


def test_who_was_never_accredited_records_nothing() -> None:
    world = speaking_world()
    for author in (world.gd, world.mo):
        operation = world.statement(author, Kind.EVIDENCE_RECORD, root=hash_text(ROOT))
        assert refusal(world, operation) is Reason.NOT_AUTHORISED
    world.append(record(world))


@pytest.mark.parametrize(
    "root", ["", "x", hash_text(bytes(31)), hash_text(bytes(33)), None, 1, [hash_text(ROOT)]]
)
def test_a_root_is_thirty_two_bytes(root: object) -> None:
    world = speaking_world()
    good = record(world)
    world.fork().append(good)
    assert refusal(world, again(world, changed(good, "root", root))) is Reason.MALFORMED
    assert refusal(world, again(world, removed(good, "root"))) is Reason.MALFORMED


@pytest.mark.parametrize("name", ["leaf", "salt", "holder", "size", "note", "ignorable"])
def test_nothing_of_what_it_stands_for_can_enter(name: str) -> None:
    world = speaking_world()
    assert refusal(world, again(world, changed(record(world), name, "x"))) is Reason.MALFORMED
