# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`key.distrust`: who voids a key, from when on, and what a gate then says. DID-11."""

from datetime import timedelta

import pytest

from tests.unit.ledger.samples import KEYS, changed, fresh_world, refusal, removed, signed
from tests.world import Organisation, Update, World
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Method, Purpose
from vcred.keys.algorithms import EDDSA, ES256
from vcred.ledger.entries import Kind
from vcred.ledger.state import MethodRecord
from vcred.reasons import Reason
from vcred.verifier.report import Decision

OFFSETS = (-1, 0, 1)


def seconds(world: World) -> int:
    return int(world.now.timestamp())


def speaking_world() -> World:
    """The world, in which the issuer has a statement key too."""
    world = fresh_world()
    world.update_did(world.issuer, add={Purpose.STATEMENT: EDDSA})
    return world


def method(world: World, organisation: Organisation, key_id: str) -> MethodRecord:
    return next(m for m in world.state.organisations[organisation.did].methods if m.id == key_id)


def since(at: int, **more: object) -> dict[str, object]:
    return {"scope": {"from": at}, "never_left_hsm": True, **more}


def distrust(world: World, author: Organisation, **members: object) -> JsonObject:
    return world.statement(author, Kind.KEY_DISTRUST, **({"key": world.issuer.key_id()} | members))


def again(operation: JsonObject, author: Organisation) -> JsonObject:
    return signed(operation, [author.signer(Purpose.STATEMENT)])


# Scope.


@pytest.mark.parametrize("scope", [{}, {"scope": "all"}])
def test_all_that_a_key_ever_signed_is_void(scope: dict[str, object]) -> None:
    world = fresh_world()
    before = method(world, world.issuer, world.issuer.key_id())
    assert [before.is_distrusted(at) for at in (0, seconds(world))] == [False, False]
    world.distrust(world.gd, world.issuer.key_id(), **scope)
    after = method(world, world.issuer, world.issuer.key_id())
    assert [after.is_distrusted(at) for at in (0, seconds(world))] == [True, True]
    assert after.removed_at is None


def test_from_a_second_on_if_the_key_never_left_its_module() -> None:
    world = speaking_world()
    at = seconds(world) - 60
    world.distrust(world.issuer, world.issuer.key_id(), **since(at))
    record = method(world, world.issuer, world.issuer.key_id())
    assert [record.is_distrusted(at + offset) for offset in OFFSETS] == [False, True, True]


def test_it_concerns_that_key_and_no_other() -> None:
    world = fresh_world()
    world.distrust(world.gd, world.issuer.key_id())
    for organisation in (world.issuer, world.mo_issuer, world.gd):
        for record in world.state.organisations[organisation.did].methods:
            assert (record.distrusted_from is not None) is (record.id == world.issuer.key_id())


def test_a_retired_key_is_distrusted_too() -> None:
    world = fresh_world()
    old = world.issuer.key_id()
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    world.distrust(world.gd, old)
    record = method(world, world.issuer, old)
    assert record.is_distrusted(0)
    assert record.removed_at is not None


def test_an_update_does_not_bring_trust_back() -> None:
    world = fresh_world()
    world.distrust(world.gd, world.issuer.key_id())
    world.update_did(world.issuer)
    assert method(world, world.issuer, world.issuer.key_id()).is_distrusted(0)


BAD_FORMS: list[tuple[dict[str, object], Reason]] = [
    ({"scope": "some"}, Reason.MALFORMED),
    ({"scope": None}, Reason.MALFORMED),
    ({"scope": ["all"]}, Reason.MALFORMED),
    ({"scope": {}}, Reason.MALFORMED),
    ({"scope": {"from": 1}}, Reason.MALFORMED),
    ({"scope": {"from": 1}, "never_left_hsm": False}, Reason.MALFORMED),
    ({"scope": {"from": 1}, "never_left_hsm": "true"}, Reason.MALFORMED),
    ({"scope": {"from": 1}, "never_left_hsm": 1}, Reason.MALFORMED),
    (since(0), Reason.MALFORMED),
    (since(-1), Reason.MALFORMED),
    ({"scope": {"from": "1"}, "never_left_hsm": True}, Reason.MALFORMED),
    ({"scope": {"from": 1, "to": 2}, "never_left_hsm": True}, Reason.MALFORMED),
    ({"never_left_hsm": True}, Reason.MALFORMED),
    ({"scope": "all", "never_left_hsm": True}, Reason.MALFORMED),
    ({"scope": "all", "never_left_hsm": False}, Reason.MALFORMED),
    ({"key": 1}, Reason.MALFORMED),
    ({"key": ""}, Reason.DID_INVALID),
    ({"key": "#x"}, Reason.DID_INVALID),
    ({"key": "did:vcred:" + "1" * 32 + "#x"}, Reason.DID_INVALID),
]


@pytest.mark.parametrize(("members", "reason"), BAD_FORMS)
def test_a_distrust_with_another_form_is_void(members: dict[str, object], reason: Reason) -> None:
    world = speaking_world()
    world.fork().append(distrust(world, world.issuer))
    world.fork().append(distrust(world, world.issuer, **since(1)))
    assert refusal(world, distrust(world, world.issuer, **members)) is reason


def test_the_key_is_one_of_that_did() -> None:
    world = speaking_world()
    did, _, thumbprint = world.issuer.key_id().partition("#")
    wrong = (did, f"{did}#", f"{did}#{thumbprint[:-1]}", f"{world.mo_issuer.did}#{thumbprint}")
    for key in (*wrong, f"{did}#{world.mo_issuer.key_id().partition('#')[2]}"):
        assert refusal(world, distrust(world, world.issuer, key=key)) is Reason.DID_INVALID, key


@pytest.mark.parametrize("offset", OFFSETS)
def test_it_does_not_lie_ahead(offset: int) -> None:
    world = speaking_world()
    operation = distrust(world, world.issuer, **since(seconds(world) + offset))
    if offset > 0:
        assert refusal(world, operation) is Reason.MALFORMED
        world.later(seconds=offset)
    world.append(operation)


# Twice.


def test_distrust_only_grows() -> None:
    world = speaking_world()
    now = seconds(world)
    key = world.issuer.key_id()
    world.distrust(world.issuer, key, **since(now - 10))
    for narrower in (now - 10, now - 9, now):
        operation = distrust(world, world.issuer, **since(narrower))
        assert refusal(world, operation) is Reason.REPLAYED, narrower
    world.distrust(world.issuer, key, **since(now - 11))
    assert method(world, world.issuer, key).distrusted_from == now - 11
    world.distrust(world.gd, key)
    assert method(world, world.issuer, key).distrusted_from == 0
    for author, members in ((world.gd, {}), (world.issuer, {}), (world.issuer, since(1))):
        assert refusal(world, distrust(world, author, **members)) is Reason.REPLAYED


# By whom.


def test_the_authority_that_answers_for_it_may() -> None:
    """Of the jurisdiction whose authority sponsored it; being accredited elsewhere is no consent."""
    world = fresh_world()
    world.fork().append(distrust(world, world.gd))
    assert refusal(world, distrust(world, world.mo)) is Reason.NOT_AUTHORISED
    world.accredit(world.mo, world.issuer, world.vct)
    world.register(world.mo, world.issuer, world.vct)
    assert refusal(world, distrust(world, world.mo)) is Reason.NOT_AUTHORISED
    world.append(distrust(world, world.gd))


def test_one_that_accredited_it_once_still_may() -> None:
    """What a thief dates back was issued while the accreditation held."""
    world = fresh_world()
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, world.entries["gd"], "void")
    world.append(distrust(world, world.gd))


def test_only_the_organisation_says_since_when() -> None:
    world = speaking_world()
    members = since(seconds(world) - 60)
    assert refusal(world, distrust(world, world.gd, **members)) is Reason.NOT_AUTHORISED
    world.append(distrust(world, world.issuer, **members))


def test_nobody_else_may() -> None:
    world = fresh_world()
    clinic = world.join("Clinic", {Purpose.STATEMENT: EDDSA}, sponsor=world.gd)
    assert refusal(world, distrust(world, clinic)) is Reason.NOT_AUTHORISED
    own = distrust(world, clinic, key=clinic.key_id(Purpose.STATEMENT))
    world.append(own)


def test_one_side_does_not_silence_the_other() -> None:
    """It could accredit the other side's authority without being asked, only to void its keys."""
    world = fresh_world()
    world.accredit(world.mo, world.gd, world.vct)
    world.register(world.mo, world.gd, world.vct)
    key = world.gd.key_id(Purpose.STATEMENT)
    assert refusal(world, distrust(world, world.mo, key=key)) is Reason.NOT_AUTHORISED
    # The authority itself may.
    world.append(distrust(world, world.gd, key=key))


def test_a_distrusted_statement_key_speaks_no_more() -> None:
    world = speaking_world()
    more = KEYS.make("second statement key", EDDSA)
    record = world.state.organisations[world.issuer.did]
    methods = [Method(key=m.key, purpose=m.purpose) for m in record.methods]
    methods.append(Method(key=more.public_key, purpose=Purpose.STATEMENT))
    world.update_did(world.issuer, profile={"methods": tuple(methods)})
    world.distrust(world.issuer, world.issuer.key_id(Purpose.STATEMENT))
    operation = distrust(world, world.issuer)
    assert refusal(world, operation) is Reason.NOT_AUTHORISED
    world.append(signed(operation, [more]))


def test_a_thief_of_a_distrusted_key_does_not_date_it_back() -> None:
    """Statements count as of when they are logged: what their proofs say of the time does not matter."""
    world = speaking_world()
    thief = world.fork()
    thief.now -= timedelta(days=1)
    forged = distrust(thief, world.issuer, key=world.issuer.key_id(Purpose.STATUS))
    world.fork().append(forged)
    world.distrust(world.issuer, world.issuer.key_id(Purpose.STATEMENT), **since(seconds(world)))
    last = world.state.organisations[world.issuer.did].last_statement
    assert refusal(world, again(changed(forged, "previous", last), world.issuer)) is Reason.NOT_AUTHORISED


def test_members() -> None:
    world = fresh_world()
    operation = distrust(world, world.gd)
    assert refusal(world, again(removed(operation, "key"), world.gd)) is Reason.MALFORMED
    for name in ("note", "reason", "ignorable", "effect"):
        assert refusal(world, again(changed(operation, name, "x"), world.gd)) is Reason.MALFORMED, name


# At the gate.


def test_a_forged_credential_dated_before_the_distrust_is_rejected() -> None:
    """The thief chooses `iat`: it proves nothing."""
    world = fresh_world()
    honest = world.present(world.issue(), "match")
    assert world.evaluate(honest).decision is Decision.ACCEPTED
    world.later(hours=1)
    world.distrust(world.gd, world.issuer.key_id())
    gate = world.fork()
    gate.import_bundle()
    dated_back = world.fork()
    dated_back.now -= timedelta(minutes=30)
    forged = dated_back.issue()
    for presentation in (gate.present(forged, "match"), gate.show("match")):
        report = gate.evaluate(presentation)
        assert report.decision is Decision.REJECTED
        assert Reason.KEY_DISTRUSTED in report.reasons


@pytest.mark.parametrize("offset", OFFSETS)
def test_since_a_second_credentials_before_it_still_count(offset: int) -> None:
    world = speaking_world()
    issuing = world.fork().later(seconds=60 + offset)
    credential = issuing.issue()
    world.later(seconds=60)
    at = seconds(world)
    world.later(seconds=60)
    world.distrust(world.issuer, world.issuer.key_id(), **since(at))
    report = world.evaluate(world.present(credential, "match"))
    if offset < 0:
        assert report.reasons == ()
    else:
        assert report.decision is Decision.REJECTED
        assert Reason.KEY_DISTRUSTED in report.reasons


def test_after_a_distrust_the_issuer_goes_on_with_a_new_key() -> None:
    world = fresh_world()
    world.distrust(world.gd, world.issuer.key_id())
    stolen = world.issuer.signer(Purpose.ASSERTION)
    operation, _ = world.did_update(world.issuer, Update(commit=[stolen]))
    assert refusal(world, operation) is Reason.KEY_UNUSABLE
    world.later(seconds=1).update_did(world.issuer, rotate=[Purpose.ASSERTION])
    assert world.issuer.signer(Purpose.ASSERTION).public_key.algorithm == ES256
    assert world.evaluate(world.show("match")).reasons == ()
