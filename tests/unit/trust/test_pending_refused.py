# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Step 10 of an import: which pending operations spoil a bundle. A good case, one change, the reason."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.unit.trust.samples import another_network, carrying, fresh_world, grow, refusal, withdrawal
from tests.world import START, Update, World, sign_operation
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.errors import DecodeError
from vcred.ledger.entries import Kind
from vcred.reasons import Reason
from vcred.trust.held import Held
from vcred.trust.offer import SKEW_SECONDS

NOW = int(START.timestamp())


@pytest.fixture
def world() -> World:
    """A gate that holds a bundle."""
    world = fresh_world()
    world.import_bundle()
    return world


def is_void(world: World) -> bool:
    """Whether the gate believes that Guangdong's accreditation is void."""
    return world.belief().accreditations(world.issuer.did, world.vct)[0].void


def take(world: World, *operations: JsonObject) -> None:
    world.import_bundle(carrying(world, *operations))


def refused_pending(world: World, data: bytes) -> Reason:
    held = world.held
    reason = refusal(world, world.bundle(pending=(data,)))
    assert world.held is held
    return reason


def test_what_adds_trust_waits_for_the_log(world: World) -> None:
    take(world, withdrawal(world))
    accredited = {"issuer": world.mo_issuer.did, "type": world.vct, "from": NOW, "until": NOW + 1}
    adding: list[JsonObject] = [
        world.statement(world.gd, Kind.RECOGNISE, type=world.vct, jurisdiction="MO", conditions={}),
        world.statement(world.gd, Kind.ISSUER_ACCREDIT, **accredited),
        world.statement(
            world.gd, Kind.TYPE_PUBLISH, type=f"{world.gd.did}/types/x/1", digest=world.entries["gd"], size=1
        ),
        world.did_update(world.issuer, Update(rotate=[Purpose.ASSERTION]))[0],
        world.network_change([world.gd, world.mo], threshold=2),
    ]  # fmt: skip
    for operation in adding:
        assert refused_pending(world, encode_jcs(operation)) is Reason.NOT_AUTHORISED, operation["kind"]


Mutation = Callable[[World], JsonObject]


def by_a_stranger(world: World) -> JsonObject:
    unsigned = {**withdrawal(world), "proof": []}
    return sign_operation(unsigned, world.issuer.signer(Purpose.ASSERTION), world.now)


def by_two_where_one_is_a_stranger(world: World) -> JsonObject:
    return sign_operation(withdrawal(world), world.issuer.signer(Purpose.ASSERTION), world.now)


def by_the_other_side(world: World) -> JsonObject:
    return world.statement(world.mo, Kind.ISSUER_WITHDRAW, entry=world.entries["gd"], effect="void")


def of_another_network(world: World) -> JsonObject:
    there = another_network()
    return world.statement(world.gd, Kind.ISSUER_WITHDRAW, entry=there.entries["gd"], effect="void") | {}


def named_for_another_network(world: World) -> JsonObject:
    other = another_network().state.require_network().id
    draft = {**withdrawal(world), "network": other, "proof": []}
    return sign_operation(draft, world.gd.signer(Purpose.STATEMENT), world.now)


def with_a_changed_word(world: World) -> JsonObject:
    return {**withdrawal(world, "cease"), "effect": "void"}


def with_more_members(world: World) -> JsonObject:
    draft = {**withdrawal(world), "note": "x", "proof": []}
    return sign_operation(draft, world.gd.signer(Purpose.STATEMENT), world.now)


def of_unknown_kind(world: World) -> JsonObject:
    draft = {**withdrawal(world), "kind": "issuer.forgive", "ignorable": True, "proof": []}
    return sign_operation(draft, world.gd.signer(Purpose.STATEMENT), world.now)


def of_unknown_version(world: World) -> JsonObject:
    draft = {**withdrawal(world), "version": 2, "proof": []}
    return sign_operation(draft, world.gd.signer(Purpose.STATEMENT), world.now)


def too_large(world: World) -> JsonObject:
    draft = {**withdrawal(world), "note": "x" * 8_000, "proof": []}
    return sign_operation(draft, world.gd.signer(Purpose.STATEMENT), world.now)


def led_06_did_22_by_the_keys_in_use(world: World) -> JsonObject:
    thief = [world.issuer.control]
    return world.did_update(world.issuer, Update(deactivate=True, reveal=thief, sign=thief))[0]


def of_an_authority_in_office(world: World) -> JsonObject:
    return world.did_update(world.gd, Update(deactivate=True))[0]


def dated_before_time(world: World) -> JsonObject:
    draft = {**withdrawal(world), "proof": []}
    return sign_operation(draft, world.gd.signer(Purpose.STATEMENT), START - timedelta(days=365 * 60))


REFUSED: list[tuple[Mutation, Reason]] = [
    (by_a_stranger, Reason.NOT_AUTHORISED),
    (by_two_where_one_is_a_stranger, Reason.NOT_AUTHORISED),
    (by_the_other_side, Reason.NOT_AUTHORISED),
    (of_another_network, Reason.NOT_AUTHORISED),
    (named_for_another_network, Reason.NOT_AUTHORISED),
    (with_a_changed_word, Reason.SIGNATURE_INVALID),
    (with_more_members, Reason.MALFORMED),
    (of_unknown_kind, Reason.VERSION_UNSUPPORTED),
    (of_unknown_version, Reason.VERSION_UNSUPPORTED),
    (too_large, Reason.LIMIT_EXCEEDED),
    (led_06_did_22_by_the_keys_in_use, Reason.DID_INVALID),
    (of_an_authority_in_office, Reason.NOT_AUTHORISED),
    (dated_before_time, Reason.MALFORMED),
]


@pytest.mark.parametrize(("mutate", "reason"), REFUSED, ids=lambda value: getattr(value, "__name__", ""))
def test_one_change_and_the_whole_bundle_is_refused(world: World, mutate: Mutation, reason: Reason) -> None:
    good = world.held
    take(world, withdrawal(world))
    assert is_void(world)
    world.held = good
    assert refused_pending(world, encode_jcs(mutate(world))) is reason


def test_the_proofs_are_needed(world: World) -> None:
    operation = withdrawal(world)
    take(world, operation)
    world.held = Held()
    for proof in ([], [{}]):
        with pytest.raises(DecodeError):
            world.import_bundle(carrying(world, {**operation, "proof": proof}))
    bare = {name: value for name, value in operation.items() if name != "proof"}
    with pytest.raises(DecodeError):
        world.import_bundle(carrying(world, bare))


def test_only_its_rfc_8785_form_and_only_once(world: World) -> None:
    data = encode_jcs(withdrawal(world))
    for spelled in (data + b" ", data.replace(b":", b": ", 1), b"\n" + data):
        assert refused_pending(world, spelled) is Reason.BUNDLE_INCONSISTENT
    assert refusal(world, world.bundle(pending=(data, data))) is Reason.BUNDLE_INCONSISTENT
    world.import_bundle(world.bundle(pending=(data,)))


@pytest.mark.parametrize(("ahead", "good"), [(SKEW_SECONDS, True), (SKEW_SECONDS + 1, False)])
def test_one_dated_ahead_is_refused(world: World, ahead: int, good: bool) -> None:
    draft = {**withdrawal(world), "proof": []}
    operation = sign_operation(draft, world.gd.signer(Purpose.STATEMENT), START + timedelta(seconds=ahead))
    if good:
        take(world, operation)
        assert world.held.pending[0].as_of == NOW + ahead
    else:
        assert refused_pending(world, encode_jcs(operation)) is Reason.NOT_YET_VALID


def test_bnd_06_one_that_is_refused_spoils_the_rest(world: World) -> None:
    """Old or new, never a blend: nothing of such a bundle is kept."""
    held = world.held
    grow(world)
    bundle = carrying(world, withdrawal(world), by_the_other_side(world))
    assert refusal(world, bundle) is Reason.NOT_AUTHORISED
    assert world.held is held
