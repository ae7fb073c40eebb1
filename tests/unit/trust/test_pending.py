# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Step 10 of an import: what only takes trust away counts before it is logged, and nothing else does."""

from datetime import timedelta

import pytest

from tests.unit.trust.samples import carrying, fresh_world, grow, refusal, withdrawal
from tests.world import START, Update, World, sign_operation
from vcred.codec.json_types import JsonObject
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.entries import Kind
from vcred.reasons import Reason
from vcred.trust.belief import belief_of
from vcred.trust.held import Held

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


# What counts at once.


def test_a_withdrawal_counts_before_it_is_logged(world: World) -> None:
    assert not is_void(world)
    take(world, withdrawal(world))
    assert is_void(world)
    (item,) = world.held.pending
    assert item.as_of == NOW
    assert not world.belief().is_logged(item.hash)
    # The ledger itself says what it said.
    assert not world.held.state.accreditations[world.entries["gd"]].void


def test_every_kind_that_takes_away_counts(world: World) -> None:
    registered = world.register(world.mo, world.issuer, world.vct)
    world.import_bundle()
    take(
        world,
        world.statement(world.mo, Kind.RECOGNISE_WITHDRAW, entry=world.entries["mo<-gd"], effect="void"),
        world.statement(world.mo, Kind.VERIFIER_WITHDRAW, entry=registered, effect="void"),
        world.statement(world.gd, Kind.KEY_DISTRUST, key=world.issuer.key_id()),
        world.did_update(world.mo_issuer, Update(deactivate=True))[0],
        withdrawal(world, "cease"),
    )
    belief = world.belief()
    assert belief.recognitions("MO", world.vct)[0].void
    assert belief.state.registrations[registered].void
    method = belief.method(world.issuer.did, world.issuer.key_id())
    assert method is not None and method.is_distrusted(0)
    ended = belief.organisation(world.mo_issuer.did)
    assert ended is not None and ended.deactivated_at == NOW
    assert all(method.removed_at == NOW for method in ended.methods)
    accreditation = belief.accreditations(world.issuer.did, world.vct)[0]
    assert (accreditation.ceased_at, accreditation.void) == (NOW, False)


def test_its_place_in_its_authors_order_does_not_matter(world: World) -> None:
    """The author has spoken since, or is said to have: what was taken back stays taken back."""
    early = withdrawal(world)
    grow(world)
    take(world, early)
    assert is_void(world)


def test_it_comes_again_and_changes_nothing(world: World) -> None:
    operation = withdrawal(world)
    take(world, operation)
    held = world.held
    take(world, operation)
    assert world.held.pending == held.pending
    # Nor does the same with another proof: what was signed is one thing.
    again = sign_operation(operation, world.gd.signer(Purpose.STATEMENT), world.now + timedelta(seconds=5))
    take(world, again)
    assert world.held.pending == held.pending


def test_what_is_taken_away_already_is_passed_over(world: World) -> None:
    operation = withdrawal(world)
    world.append(operation)
    take(world, operation)
    assert world.held.pending == ()
    take(world, withdrawal(world, "cease"), withdrawal(world))
    assert world.held.pending == ()
    # Whoever carries what the log has had for long is not told that its signer's key is gone.
    world.update_did(world.gd, rotate=[Purpose.STATEMENT])
    take(world, operation)
    assert world.held.pending == ()


def test_void_may_follow_cease(world: World) -> None:
    take(world, withdrawal(world, "cease"))
    assert not is_void(world)
    take(world, withdrawal(world, "void"))
    assert is_void(world)


# It stays.


def test_it_is_obeyed_until_the_log_has_it_and_after(world: World) -> None:
    operation = withdrawal(world, "cease")
    take(world, operation)
    world.later(hours=1)
    world.import_bundle()
    assert world.belief().accreditations(world.issuer.did, world.vct)[0].ceased_at == NOW
    world.append(operation)
    world.import_bundle()
    # Now the log says when.
    assert world.belief().accreditations(world.issuer.did, world.vct)[0].ceased_at == NOW + 3600
    assert len(world.held.pending) == 1


def test_an_audit_knows_of_it_from_its_date_on(world: World) -> None:
    world.later(seconds=10)
    take(world, withdrawal(world))
    for at, known in ((NOW, False), (NOW + 9, False), (NOW + 10, True), (NOW + 3600, True)):
        asked = belief_of(world.held, at=at)
        assert asked is not None
        assert asked.accreditations(world.issuer.did, world.vct)[0].void is known
    # Also after the log has it: in between it was known here.
    world.later(hours=1)
    world.append(world.held.pending[0].operation)
    world.import_bundle()
    asked = belief_of(world.held, at=NOW + 10)
    assert asked is not None and asked.size == 8
    assert asked.accreditations(world.issuer.did, world.vct)[0].void


def test_a_bundle_that_leaves_it_out_takes_nothing_back(world: World) -> None:
    take(world, withdrawal(world))
    world.later(hours=1)
    grow(world)
    world.import_bundle()
    assert is_void(world)


def test_it_stays_when_the_signers_key_is_rotated_out(world: World) -> None:
    operation = withdrawal(world)
    take(world, operation)
    world.later(hours=1)
    world.update_did(world.gd, rotate=[Purpose.STATEMENT])
    world.import_bundle()
    assert is_void(world)
    # Whoever comes with it only now is too late: the key may be anybody's.
    world.held = Held()
    world.import_bundle(carrying(world, operation))
    assert not is_void(world)
    assert world.held.pending == ()


def leave_office(world: World) -> None:
    """Guangdong is represented by another authority from here on."""
    successor = world.join("Successor", {Purpose.STATEMENT: EDDSA}, sponsor=world.gd)
    added = {"jurisdiction": "CN-44", "did": successor.did}
    world.change_network(authorities={"add": [added], "remove": [world.gd.did]})


def test_it_stays_when_its_author_has_left_office(world: World) -> None:
    operation = withdrawal(world)
    take(world, operation)
    world.later(hours=1)
    leave_office(world)
    world.import_bundle()
    assert is_void(world)
    world.held = Held()
    assert refusal(world, carrying(world, operation)) is Reason.NOT_AUTHORISED


def test_a_deactivation_stays_whatever_the_log_says_of_the_did(world: World) -> None:
    """Of two operations on one the log takes the first; the end of a DID is not undone by the other."""
    ending, _ = world.did_update(world.issuer, Update(deactivate=True))
    take(world, ending)
    world.later(hours=1)
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    world.import_bundle()
    organisation = world.belief().organisation(world.issuer.did)
    assert organisation is not None and organisation.deactivated_at == NOW
    assert all(method.removed_at is not None for method in organisation.methods)
    # A DID that has ended by the log too ends once.
    other, _ = world.did_update(world.mo_issuer, Update(deactivate=True))
    take(world, other)
    world.append(other)
    world.listed = []
    world.import_bundle()
    ended = world.belief().organisation(world.mo_issuer.did)
    assert ended is not None and len(ended.versions) == 2


# What is believed already decides what can still be taken in.


def test_a_key_that_is_void_here_takes_nothing_away(world: World) -> None:
    """A thief of an authority's statement key speaks after the authority has voided it."""
    stolen = withdrawal(world)
    before = world.held
    take(world, stolen)
    assert is_void(world)
    world.held = before
    key = world.gd.key_id(Purpose.STATEMENT)
    take(world, world.statement(world.gd, Kind.KEY_DISTRUST, key=key))
    take(world, stolen)
    assert not is_void(world)
    assert len(world.held.pending) == 1


def test_the_same_is_not_taken_away_twice(world: World) -> None:
    """Else anybody with a statement key could fill every gate with words that change nothing."""
    operation = withdrawal(world)
    take(world, operation)
    again = sign_operation(
        {**operation, "previous": "1" * 32, "proof": []}, world.gd.signer(Purpose.STATEMENT), START
    )
    take(world, again)
    assert len(world.held.pending) == 1
    assert is_void(world)


def test_a_deactivation_reaches_no_further_back_than_what_it_follows(world: World) -> None:
    """Only `key.distrust` voids what a key has signed, whatever its date."""
    operation = world.did_update(world.mo_issuer, Update(deactivate=True))[0]
    early = {**operation, "proof": []}
    dated = sign_operation(early, world.mo_issuer.next_control[0], START - timedelta(days=20_000))
    take(world, dated)
    ended = world.belief().organisation(world.mo_issuer.did)
    assert ended is not None
    assert ended.deactivated_at == ended.created_at
    assert {method.removed_at for method in ended.methods} == {ended.created_at}
