# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Pending operations: what only takes trust away counts as soon as it is held; nothing else does.

Whoever carries a bundle may hold such an operation back, so none may add anything.
"""

from collections.abc import Callable

import pytest

from tests.organisation import START
from tests.unit.ledger.samples import KEYS, changed, fresh_world, newcomer, removed, signed
from tests.world import Update, World
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Purpose
from vcred.errors import DecodeError, LedgerError
from vcred.keys.algorithms import EDDSA, ES256
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.ledger.rules import replay
from vcred.ledger.state import State
from vcred.ledger.subtract import check_pending, is_logged, signed_at, subtract
from vcred.reasons import Reason


def seconds(world: World) -> int:
    return int(world.now.timestamp())


def pending_world() -> World:
    """The world, with a registration, and an issuer that speaks."""
    world = fresh_world()
    world.update_did(world.issuer, add={Purpose.STATEMENT: EDDSA})
    world.entries["verifier"] = world.register(world.gd, world.mo_issuer, world.vct)
    return world


def withdrawal(kind: Kind, author: str, entry: str, effect: str = "void") -> Callable[[World], JsonObject]:
    def make(world: World) -> JsonObject:
        by = world.gd if author == "gd" else world.mo
        return world.statement(by, kind, entry=world.entries[entry], effect=effect)

    return make


def distrust(world: World) -> JsonObject:
    return world.statement(world.gd, Kind.KEY_DISTRUST, key=world.issuer.key_id())


def deactivation(world: World) -> JsonObject:
    return world.did_update(world.issuer, Update(deactivate=True))[0]


SUBTRACTING: dict[str, Callable[[World], JsonObject]] = {
    "accreditation void": withdrawal(Kind.ISSUER_WITHDRAW, "gd", "gd"),
    "accreditation ceased": withdrawal(Kind.ISSUER_WITHDRAW, "gd", "gd", "cease"),
    "recognition void": withdrawal(Kind.RECOGNISE_WITHDRAW, "mo", "mo<-gd"),
    "recognition ceased": withdrawal(Kind.RECOGNISE_WITHDRAW, "mo", "mo<-gd", "cease"),
    "registration void": withdrawal(Kind.VERIFIER_WITHDRAW, "gd", "verifier"),
    "registration ceased": withdrawal(Kind.VERIFIER_WITHDRAW, "gd", "verifier", "cease"),
    "distrust": distrust,
    "deactivation": deactivation,
}
each = pytest.mark.parametrize("make", SUBTRACTING.values(), ids=SUBTRACTING)


def refusal(state: State, operation: JsonObject, *, at: int) -> Reason:
    with pytest.raises(LedgerError) as caught:
        check_pending(state, operation, at=at)
    return caught.value.reason


def signer_of(world: World, operation: JsonObject) -> JsonObject:
    """Signed anew by whoever has to."""
    if operation["kind"] == Kind.DID_UPDATE:
        return signed(operation, world.issuer.next_control)
    by = world.gd if operation["author"] == world.gd.did else world.mo
    return signed(operation, [by.signer(Purpose.STATEMENT)])


def tables(state: State) -> tuple[object, ...]:
    """All that a state says, but for sizes, indices and what an author said last."""
    organisations = {
        did: (o.methods, o.next_keys, o.deactivated_at) for did, o in state.organisations.items()
    }
    return (organisations, state.accreditations, state.recognitions, state.registrations)


# What it takes away.


@each
def test_it_takes_away_what_it_takes_away_once_logged(make: Callable[[World], JsonObject]) -> None:
    world = pending_world()
    operation = make(world)
    now = seconds(world)
    check_pending(world.state, operation, at=now)
    taken = subtract(world.state, [(operation, now)])
    assert tables(taken) != tables(world.state)
    assert (taken.size, taken.indices, taken.void) == (
        world.state.size,
        world.state.indices,
        world.state.void,
    )
    logged = world.fork()
    logged.append(operation)
    assert tables(taken) == tables(logged.state)


@each
def test_once_logged_it_is_left_to_the_log(make: Callable[[World], JsonObject]) -> None:
    world = pending_world()
    operation = make(world)
    assert not is_logged(world.state, operation)
    held_at = seconds(world)
    world.later(hours=1).append(operation)
    assert is_logged(world.state, operation)
    assert subtract(world.state, [(operation, held_at)]) == world.state


@each
def test_its_place_in_the_order_does_not_matter(make: Callable[[World], JsonObject]) -> None:
    """What its author said since takes nothing back."""
    world = pending_world()
    operation = make(world)
    now = seconds(world)
    world.publish_type(world.type_definition, world.mo)
    world.say(world.gd, Kind.RECOGNISE, type=world.vct, jurisdiction="MO", conditions={"max_age": 5})
    check_pending(world.state, operation, at=now)
    assert tables(subtract(world.state, [(operation, now)])) != tables(world.state)


@each
def test_whoever_rules_by_now_does_not_bring_it_back(make: Callable[[World], JsonObject]) -> None:
    """It was checked when it came in. A rotation after it does not undo it."""
    world = pending_world()
    operation, now = make(world), seconds(world)
    check_pending(world.state, operation, at=now)
    for organisation in (world.gd, world.mo):
        world.later(seconds=1).update_did(organisation, rotate=[Purpose.STATEMENT])
    world.update_did(world.issuer, rotate=[Purpose.STATUS])
    assert tables(subtract(world.state, [(operation, now)])) != tables(world.state)


@each
def test_twice_is_once(make: Callable[[World], JsonObject]) -> None:
    world = pending_world()
    operation, now = make(world), seconds(world)
    once = subtract(world.state, [(operation, now)])
    assert subtract(world.state, [(operation, now)] * 2) == once
    assert subtract(once, [(operation, now + 60)]) == once
    assert refusal(once, operation, at=now + 60) in (Reason.REPLAYED, Reason.DID_INVALID)


def test_several_take_away_together_in_any_order() -> None:
    world = pending_world()
    now = seconds(world)
    operations = [(make(world), now) for make in SUBTRACTING.values()]
    whole = subtract(world.state, operations)
    assert subtract(world.state, operations[::-1]) == whole
    assert subtract(subtract(world.state, operations[:3]), operations[3:]) == whole


def test_cease_counts_from_the_earlier_of_two_moments() -> None:
    world = pending_world()
    operation, now = SUBTRACTING["accreditation ceased"](world), seconds(world)
    other = changed(operation, "previous", None)
    for first, second in (((operation, now), (other, now + 60)), ((other, now + 60), (operation, now))):
        taken = subtract(world.state, [first, second])
        assert taken.accreditations[world.entries["gd"]].ceased_at == now


@each
def test_of_an_earlier_ledger_it_takes_only_what_was_there(make: Callable[[World], JsonObject]) -> None:
    """An audit question looks back to when the key or the entry was not there yet."""
    world = pending_world()
    operation, now = make(world), seconds(world)
    founded = replay(world.leaves[:1])
    assert subtract(founded, [(operation, now)]) == founded


@pytest.mark.parametrize("author", ["issuer", "gd"])
def test_the_log_may_take_more_than_what_is_pending(author: str) -> None:
    """A narrower word that is held beside the log gives nothing back."""
    world = pending_world()
    now, key = seconds(world), world.issuer.key_id()
    scope = {"scope": {"from": now}, "never_left_hsm": True}
    narrow = world.statement(world.issuer, Kind.KEY_DISTRUST, key=key, **scope)
    if author == "issuer":
        world.distrust(world.issuer, key, scope={"from": now - 60}, never_left_hsm=True)
    else:
        world.distrust(world.gd, key)
    taken = subtract(world.state, [(narrow, now)])
    assert taken == world.state
    method = next(m for m in taken.organisations[world.issuer.did].methods if m.id == key)
    assert method.distrusted_from == (now - 60 if author == "issuer" else 0)


@pytest.mark.parametrize("of", ["accreditation", "recognition", "registration"])
def test_what_is_void_on_the_log_does_not_merely_cease(of: str) -> None:
    world = pending_world()
    ceasing, now = SUBTRACTING[f"{of} ceased"](world), seconds(world)
    world.append(SUBTRACTING[f"{of} void"](world))
    assert tables(subtract(world.state, [(ceasing, now + 60)])) == tables(world.state)


def test_nothing_pending_is_nothing() -> None:
    world = pending_world()
    assert subtract(world.state, []) == world.state


# What may not count.


def additions(world: World) -> dict[str, JsonObject]:
    """Every kind of operation that adds, each of which a log would take."""
    return {
        "did.create": newcomer(world).signed(),
        "did.update": world.did_update(world.issuer, Update(rotate=[Purpose.ASSERTION]))[0],
        "type.publish": world.statement(
            world.gd,
            Kind.TYPE_PUBLISH,
            type=f"{world.gd.did}/types/badge/1",
            digest=hash_text(bytes(32)),
            size=10,
        ),
        "issuer.accredit": world.statement(
            world.gd, Kind.ISSUER_ACCREDIT, issuer=world.mo_issuer.did, type=world.vct, from_=0, until=1
        ),
        "recognise": world.statement(
            world.mo, Kind.RECOGNISE, type=world.vct, jurisdiction="CN-44", conditions={}
        ),
        "verifier.register": world.statement(
            world.gd,
            Kind.VERIFIER_REGISTER,
            verifier=world.issuer.did,
            type=world.vct,
            claims=["match"],
            purpose={"en": "x"},
        ),
        "evidence.record": world.statement(world.issuer, Kind.EVIDENCE_RECORD, root=hash_text(bytes(32))),
        "network.change": world.network_change((world.gd, world.mo), threshold=2),
    }


@pytest.mark.parametrize("kind", sorted(additions(pending_world())))
def test_what_adds_trust_does_not_count_before_it_is_logged(kind: str) -> None:
    world = pending_world()
    operation = additions(world)[kind]
    assert refusal(world.state, operation, at=seconds(world)) is Reason.NOT_AUTHORISED
    world.append(operation)


@pytest.mark.parametrize(("kind", "version"), [("key.distrust", 2), ("key.escrow", 1), ("", 0)])
def test_what_cannot_be_judged_does_not_count(kind: str, version: int) -> None:
    world = pending_world()
    operation = changed(changed(distrust(world), "kind", kind), "version", version)
    check_pending(world.state, distrust(world), at=seconds(world))
    unsupported = refusal(world.state, signer_of(world, operation), at=seconds(world))
    assert unsupported is Reason.VERSION_UNSUPPORTED


@each
def test_only_those_who_may_take_it_away(make: Callable[[World], JsonObject]) -> None:
    world = pending_world()
    operation, at = make(world), seconds(world)
    check_pending(world.state, operation, at=at)
    stranger = KEYS.make("stranger", ES256)
    assert refusal(world.state, signed(operation, [stranger]), at=at) is Reason.NOT_AUTHORISED
    assert refusal(world.state, signed(operation, [world.issuer.control]), at=at) is Reason.NOT_AUTHORISED
    assert refusal(world.state, removed(operation, "proof"), at=at) is Reason.MALFORMED
    broken = changed(operation, "proof.0.created", "2026-11-20T00:00:01Z")
    assert refusal(world.state, broken, at=at) is Reason.SIGNATURE_INVALID


@each
def test_only_of_this_network_and_with_its_own_members(make: Callable[[World], JsonObject]) -> None:
    world = pending_world()
    operation, at = make(world), seconds(world)
    other = signer_of(world, changed(operation, "network", hash_text(b"\x07" * 32)))
    assert refusal(world.state, other, at=at) is Reason.NOT_AUTHORISED
    more = signer_of(world, changed(operation, "holder", "1954-09-24"))
    assert refusal(world.state, more, at=at) is Reason.MALFORMED


def test_no_more_bytes_than_an_entry_may_have() -> None:
    world = pending_world()
    operation, at = distrust(world), seconds(world)
    check_pending(world.state, operation, at=at)
    long = signed(operation, [world.gd.signer(Purpose.STATEMENT)] * 3)
    exact = parse_leaf(encode_leaf(long, logged_at=at)).operation_bytes
    for limit, good in ((exact, True), (exact - 1, False)):
        world.change_network(limits={"entry_bytes": limit, "max_merge_delay": 3_600})
        if good:
            check_pending(world.state, long, at=at)
        else:
            assert refusal(world.state, long, at=at) is Reason.LIMIT_EXCEEDED


def test_a_key_that_has_lost_the_right_may_no_longer_speak() -> None:
    """Else a thief of a retired key could void everything by dating his words back."""
    world = pending_world()
    operation, then = distrust(world), seconds(world)
    check_pending(world.state, operation, at=then)
    world.later(hours=1).update_did(world.gd, rotate=[Purpose.STATEMENT])
    for at in (then, seconds(world)):
        assert refusal(world.state, operation, at=at) is Reason.REPLAYED


def test_a_deactivation_follows_the_dids_last_operation() -> None:
    world = pending_world()
    operation = deactivation(world)
    check_pending(world.state, operation, at=seconds(world))
    world.update_did(world.issuer)
    assert refusal(world.state, operation, at=seconds(world)) is Reason.REPLAYED


def test_only_an_update_ends_a_did() -> None:
    world = pending_world()
    operation, at = deactivation(world), seconds(world)
    check_pending(world.state, operation, at=at)
    for kind in (Kind.DID_CREATE, Kind.TYPE_PUBLISH, Kind.NETWORK_CHANGE):
        other = signed({**operation, "kind": kind.value}, world.issuer.next_control)
        assert refusal(world.state, other, at=at) is Reason.NOT_AUTHORISED, kind


def test_an_authority_in_office_is_not_ended_beside_the_log_either() -> None:
    world = pending_world()
    ending, _ = world.did_update(world.mo, Update(deactivate=True))
    assert refusal(world.state, ending, at=seconds(world)) is Reason.NOT_AUTHORISED


def test_what_is_gone_is_not_taken_away_again() -> None:
    world = pending_world()
    operation = SUBTRACTING["accreditation void"](world)
    check_pending(world.state, operation, at=seconds(world))
    world.withdraw(world.gd, Kind.ISSUER_WITHDRAW, world.entries["gd"], "void")
    assert refusal(world.state, operation, at=seconds(world)) is Reason.REPLAYED


def test_deactivated_pending_then_rotated_on_the_log_stays_ended() -> None:
    world = pending_world()
    operation, now = deactivation(world), seconds(world)
    check_pending(world.state, operation, at=now)
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    taken = subtract(world.state, [(operation, now)])
    record = taken.organisations[world.issuer.did]
    assert record.next_keys is None
    assert not any(method.in_force(seconds(world)) for method in record.methods)


# When it was signed.


def test_it_was_signed_when_the_last_of_its_signers_signed() -> None:
    world = pending_world()
    assert signed_at(distrust(world)) == int(START.timestamp())
    operation = distrust(world)
    later = world.later(hours=2).statement(world.gd, Kind.KEY_DISTRUST, key=world.issuer.key_id())
    both = [*operation["proof"], *later["proof"]]  # type: ignore[misc]
    for proofs in (both, both[::-1]):
        assert signed_at(changed(operation, "proof", proofs)) == seconds(world)


@pytest.mark.parametrize("proofs", [None, [], {}, [{}], [{"created": "yesterday"}], [{"created": 1}], ["x"]])
def test_without_a_readable_proof_nobody_knows_when(proofs: object) -> None:
    world = pending_world()
    with pytest.raises(DecodeError):
        signed_at(changed(distrust(world), "proof", proofs))
