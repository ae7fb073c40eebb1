# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`verifier.register` and `verifier.withdraw`: who may ask for which claims, and until when."""

import pytest

from tests.unit.ledger.samples import changed, fresh_world, refusal, removed, signed
from tests.world import World
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind
from vcred.ledger.state import Registration
from vcred.reasons import Reason

OFFSETS = (-1, 0, 1)


def seconds(world: World) -> int:
    return int(world.now.timestamp())


def register(world: World, **members: object) -> JsonObject:
    said: dict[str, object] = {
        "verifier": world.mo_issuer.did,
        "type": world.vct,
        "claims": ["match", "test.result"],
        "purpose": {"en": "Entry at a border", "pt": "Entrada na fronteira"},
    }
    return world.statement(world.mo, Kind.VERIFIER_REGISTER, **(said | members))


def again(world: World, operation: JsonObject) -> JsonObject:
    return signed(operation, [world.mo.signer(Purpose.STATEMENT)])


def registered(world: World, **members: object) -> Registration:
    entry = world.register(world.mo, world.mo_issuer, world.vct, **members)
    return world.state.registrations[entry]


def covered(world: World, registration: Registration) -> list[bool]:
    return [registration.covers(seconds(world) + offset) for offset in OFFSETS]


def test_it_says_who_what_and_what_for() -> None:
    world = fresh_world()
    world.append(register(world, until=seconds(world) + 10))
    (found,) = world.state.registrations.values()
    assert (found.author, found.jurisdiction) == (world.mo.did, "MO")
    assert (found.verifier, found.type) == (world.mo_issuer.did, world.vct)
    assert found.claims == ("match", "test.result")
    assert found.purpose == {"en": "Entry at a border", "pt": "Entrada na fronteira"}
    assert (found.logged_at, found.until) == (seconds(world), seconds(world) + 10)


def test_it_holds_from_when_it_is_logged() -> None:
    world = fresh_world()
    assert covered(world, registered(world)) == [False, True, True]


def test_it_ends_at_its_second() -> None:
    world = fresh_world()
    found = registered(world, until=seconds(world) + 60)
    world.later(seconds=60)
    assert covered(world, found) == [True, False, False]


@pytest.mark.parametrize(("effect", "expected"), [("cease", [True, False, False]), ("void", [False] * 3)])
def test_it_is_withdrawn(effect: str, expected: list[bool]) -> None:
    world = fresh_world()
    entry = registered(world).entry
    world.later(seconds=60)
    assert covered(world, world.state.registrations[entry]) == [True] * 3
    world.withdraw(world.mo, Kind.VERIFIER_WITHDRAW, entry, effect)
    assert covered(world, world.state.registrations[entry]) == expected


def test_void_may_follow_cease_and_nothing_else_may_follow() -> None:
    world = fresh_world()
    entry = registered(world).entry

    def withdrawal(effect: str) -> JsonObject:
        return world.statement(world.mo, Kind.VERIFIER_WITHDRAW, entry=entry, effect=effect)

    world.append(withdrawal("cease"))
    ceased_at = seconds(world)
    world.later(seconds=10)
    assert refusal(world, withdrawal("cease")) is Reason.REPLAYED
    world.append(withdrawal("void"))
    assert world.state.registrations[entry].ceased_at == ceased_at
    for effect in ("cease", "void"):
        assert refusal(world, withdrawal(effect)) is Reason.REPLAYED


@pytest.mark.parametrize("effect", ["", "Void", "suspend", None, True, ["void"]])
def test_there_is_no_other_effect_and_no_default(effect: object) -> None:
    world = fresh_world()
    entry = registered(world).entry
    operation = world.statement(world.mo, Kind.VERIFIER_WITHDRAW, entry=entry, effect="void")
    assert refusal(world, again(world, changed(operation, "effect", effect))) is Reason.MALFORMED
    assert refusal(world, again(world, removed(operation, "effect"))) is Reason.MALFORMED
    world.append(operation)


def test_the_other_side_withdraws_nothing_and_only_a_registration_is_withdrawn() -> None:
    world = fresh_world()
    entry = registered(world).entry
    theirs = world.statement(world.gd, Kind.VERIFIER_WITHDRAW, entry=entry, effect="void")
    assert refusal(world, theirs) is Reason.NOT_AUTHORISED
    for other in (world.entries["mo"], world.entries["mo<-gd"], hash_text(bytes(32)), ""):
        wrong = world.statement(world.mo, Kind.VERIFIER_WITHDRAW, entry=other, effect="void")
        assert refusal(world, wrong) is Reason.NOT_AUTHORISED
    for kind in (Kind.ISSUER_WITHDRAW, Kind.RECOGNISE_WITHDRAW):
        wrong = world.statement(world.mo, kind, entry=entry, effect="void")
        assert refusal(world, wrong) is Reason.NOT_AUTHORISED, kind


def test_only_an_authority_registers() -> None:
    world = fresh_world()
    speaker = world.update_did(world.mo_issuer, add={Purpose.STATEMENT: EDDSA})
    operation = world.statement(
        speaker,
        Kind.VERIFIER_REGISTER,
        verifier=speaker.did,
        type=world.vct,
        claims=["match"],
        purpose={"en": "x"},
    )
    assert refusal(world, operation) is Reason.NOT_AUTHORISED


BAD_FORMS: list[tuple[str, object, Reason]] = [
    ("verifier", "did:vcred:" + "1" * 32, Reason.DID_INVALID),
    ("verifier", "", Reason.DID_INVALID),
    ("verifier", None, Reason.MALFORMED),
    ("type", "did:vcred:x/types/badge/1", Reason.TYPE_UNKNOWN),
    ("type", None, Reason.MALFORMED),
    ("claims", [], Reason.MALFORMED),
    ("claims", ["match", "match"], Reason.MALFORMED),
    ("claims", [f"c{number}" for number in range(33)], Reason.MALFORMED),
    ("claims", ["match", ""], Reason.MALFORMED),
    ("claims", ["match..name"], Reason.MALFORMED),
    ("claims", ["match", 1], Reason.MALFORMED),
    ("claims", "match", Reason.MALFORMED),
    ("purpose", {}, Reason.MALFORMED),
    ("purpose", {"fr": "Entrée"}, Reason.MALFORMED),
    ("purpose", {"en": ""}, Reason.MALFORMED),
    ("purpose", {"en": "x" * 201}, Reason.MALFORMED),
    ("purpose", "Entry", Reason.MALFORMED),
    ("until", -1, Reason.MALFORMED),
    ("until", None, Reason.MALFORMED),
    ("until", "1", Reason.MALFORMED),
    ("from", 0, Reason.MALFORMED),
    ("holder", "x", Reason.MALFORMED),
]


@pytest.mark.parametrize(("name", "value", "reason"), BAD_FORMS)
def test_a_registration_with_another_form_is_void(name: str, value: object, reason: Reason) -> None:
    world = fresh_world()
    good = register(world)
    world.fork().append(good)
    assert refusal(world, again(world, changed(good, name, value))) is reason


def test_the_most_that_is_allowed() -> None:
    world = fresh_world()
    world.append(register(world, claims=[f"c{number}" for number in range(32)], purpose={"en": "x" * 200}))


def test_led_06_who_has_ended_asks_for_nothing() -> None:
    world = fresh_world()
    operation = register(world)
    world.fork().append(operation)
    world.deactivate(world.mo_issuer)
    assert refusal(world, operation) is Reason.DID_INVALID
