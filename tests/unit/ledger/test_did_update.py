# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`did.update`: a DID's life, by keys that were committed to before, and by no others.

LED-01, LED-02, LED-03, LED-06, LED-10, LED-11, DID-11, DID-18, DID-22.
"""

from dataclasses import replace

import pytest

from tests.organisation import commit_to, spare_keys
from tests.unit.ledger.samples import KEYS, changed, fresh_world, newcomer, refusal, removed, signed
from tests.world import Organisation, Update, World
from vcred.codec.json_types import JsonObject
from vcred.did import operations
from vcred.did.methods.vcred import commitment, hash_text, operation_hash
from vcred.did.operations import Method, Purpose
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.keys.algorithms import EDDSA, ES256
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.ledger.kinds import did_update
from vcred.ledger.rules import replay
from vcred.reasons import Reason

STRANGER = KEYS.make("stranger", ES256)


def seconds(world: World) -> int:
    return int(world.now.timestamp())


def update(world: World, **changes: object) -> JsonObject:
    """A signed update of the world's issuer."""
    return world.did_update(world.issuer, Update(**changes))[0]  # type: ignore[arg-type]


def again(world: World, operation: JsonObject, *signers: Signer) -> JsonObject:
    """The changed operation, signed anew by the committed keys or by others."""
    return signed(operation, signers or world.issuer.next_control)


def committed(world: World, amount: int, threshold: int) -> World:
    """The world, in which the issuer's next operation takes `threshold` of `amount` keys."""
    world.update_did(world.issuer, commit=spare_keys(KEYS, "issuer", amount), threshold=threshold)
    return world


# A life.


def test_a_rotation_replaces_a_key_at_its_second() -> None:
    world = fresh_world()
    before = world.issuer
    index = world.append(update(world))
    world = fresh_world()
    after = world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    record = world.state.organisations[before.did]
    old, new = (
        next(m for m in record.methods if m.id == party.key_id(Purpose.ASSERTION))
        for party in (before, after)
    )
    now = seconds(world)
    assert [old.in_force(now + offset) for offset in (-1, 0, 1)] == [True, False, False]
    assert [new.in_force(now + offset) for offset in (-1, 0, 1)] == [False, True, True]
    assert (record.latest.index, record.latest.logged_at) == (index, now)
    assert record.latest.hash == parse_leaf(world.leaves[-1]).hash
    assert len(record.versions) == 2


def test_did_11_what_a_retired_key_has_signed_stays_accepted() -> None:
    world = fresh_world()
    credential = world.issue()
    world.later(seconds=1).update_did(world.issuer, rotate=[Purpose.ASSERTION])
    late = world.draft(key_id=fresh_world().issuer.key_id())
    world.later(seconds=1)
    assert world.evaluate(world.present(credential, "match")).reasons == ()
    assert world.evaluate(world.show("match")).reasons == ()
    forged = issue_credential(
        late, fresh_world().issuer.signer(Purpose.ASSERTION), random_bytes=world.random_bytes
    )
    report = world.evaluate(world.present(forged, "match"))
    assert report.reasons == (Reason.KEY_NOT_AUTHORISED,)


def test_methods_keep_their_places_and_new_ones_follow() -> None:
    world = fresh_world()
    first = [method.id for method in world.state.organisations[world.issuer.did].methods]
    world.update_did(world.issuer, rotate=[Purpose.STATUS])
    world.update_did(world.issuer, drop=[Purpose.AUTHENTICATION], rotate=[Purpose.ASSERTION])
    record = world.state.organisations[world.issuer.did]
    assert [method.id for method in record.methods][:3] == first
    assert [method.removed_at is None for method in record.methods] == [False, False, False, True, True]


def test_it_changes_what_is_said_of_the_organisation() -> None:
    world = fresh_world()
    bases = world.state.organisations[world.issuer.did].latest.status_bases
    moved = f"{bases[0]}new/"
    profile = {"name": {"pt": "Saúde"}, "sites": ("https://health.example/",), "status_bases": (moved,)}
    world.update_did(world.issuer, profile=profile)
    record = world.state.organisations[world.issuer.did]
    assert record.name == {"pt": "Saúde"}
    assert record.latest.sites == ("https://health.example/",)
    assert record.latest.status_bases == (moved,)
    # A list under the former address stays this DID's: nobody else can take the address.
    assert record.status_bases == (*bases, moved)
    clinic = newcomer(world)
    taken = changed(clinic.draft, "document.services.0.endpoint", bases[0])
    assert refusal(world, signed(taken, clinic.signers)) is Reason.NOT_AUTHORISED


def test_lists_do_not_move_to_where_anothers_stand() -> None:
    world = fresh_world()
    (theirs,) = world.state.organisations[world.mo_issuer.did].status_bases
    for base in (theirs, f"{theirs}1"):
        moved = update(world, profile={"status_bases": (base,)})
        assert refusal(world, moved) is Reason.NOT_AUTHORISED, base
    world.update_did(world.issuer, profile={"status_bases": (f"{theirs}elsewhere/",)})


def test_many_operations_one_after_the_other() -> None:
    world = fresh_world()
    for number in range(5):
        world.later(seconds=1)
        world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
        record = world.state.organisations[world.issuer.did]
        assert len(record.versions) == number + 2
        assert len(record.control_keys) == number + 2
    assert replay(world.leaves) == world.state


def test_a_founder_changes_its_keys_too() -> None:
    world = fresh_world()
    before = world.gd.signer(Purpose.STATEMENT)
    statement = world.statement(world.gd, Kind.TYPE_PUBLISH, **badge(world))
    world.update_did(world.gd, rotate=[Purpose.STATEMENT])
    # LED-02. A removed key speaks for nobody.
    assert refusal(world, signed(statement, [before])) is Reason.NOT_AUTHORISED
    world.append(signed(statement, [world.gd.signer(Purpose.STATEMENT)]))


def badge(world: World) -> dict[str, object]:
    return {"type": f"{world.gd.did}/types/badge/1", "digest": hash_text(bytes(32)), "size": 10}


# k of n.


@pytest.mark.parametrize(("reveal", "sign"), [((0, 1), (0, 1)), ((0, 1, 2), (2, 0)), ((1, 2), (1, 2))])
def test_two_of_three_are_enough(reveal: tuple[int, ...], sign: tuple[int, ...]) -> None:
    world = committed(fresh_world(), 3, 2)
    keys = world.issuer.next_control
    world.update_did(world.issuer, reveal=[keys[n] for n in reveal], sign=[keys[n] for n in sign])


@pytest.mark.parametrize(("reveal", "sign"), [((0,), (0,)), ((0, 1), (0,)), ((0, 1, 2), (2,)), ((0, 1), ())])
def test_fewer_are_not(reveal: tuple[int, ...], sign: tuple[int, ...]) -> None:
    world = committed(fresh_world(), 3, 2)
    keys = world.issuer.next_control
    operation = update(world, reveal=[keys[n] for n in reveal], sign=[keys[n] for n in sign])
    assert refusal(world, operation) is (Reason.NOT_AUTHORISED if sign else Reason.MALFORMED)


def test_a_key_that_signs_twice_is_one_key() -> None:
    world = committed(fresh_world(), 3, 2)
    keys = world.issuer.next_control
    twice = update(world, reveal=keys[:2], sign=[keys[0], keys[0]])
    assert refusal(world, twice) is Reason.NOT_AUTHORISED
    world.append(update(world, reveal=keys[:2], sign=[keys[0], keys[1], keys[0]]))


def test_a_spare_key_that_was_not_revealed_is_committed_to_again() -> None:
    world = committed(fresh_world(), 3, 2)
    first, second, spare = world.issuer.next_control
    fresh = spare_keys(KEYS, "second round", 2)
    world.update_did(world.issuer, reveal=[first, second], commit=[spare, *fresh], threshold=2)
    world.update_did(world.issuer, reveal=[spare, fresh[0]], sign=[spare, fresh[0]])


@pytest.mark.parametrize("which", [0, 1])
def test_a_key_that_was_revealed_is_never_committed_to_again(which: int) -> None:
    world = fresh_world()
    world.update_did(world.issuer)
    used = [fresh_world().issuer.control, world.issuer.control]
    world.append(update(world, commit=[STRANGER]))
    world = fresh_world()
    world.update_did(world.issuer)
    assert refusal(world, update(world, commit=[used[which]])) is Reason.KEY_UNUSABLE


# Who may.


def thiefs_attempts(world: World, loot: list[Signer]) -> list[JsonObject]:
    """Every update that the holder of the issuer's current keys, and of no others, can form."""
    own = KEYS.make("thief", ES256)
    good, end = Update(commit=[own]), Update(deactivate=True)
    return [
        world.did_update(world.issuer, replace(plan, reveal=reveal, sign=sign))[0]
        for plan in (good, end, replace(good, rotate=[Purpose.ASSERTION]))
        for reveal, sign in [
            (world.issuer.next_control, loot),
            (world.issuer.next_control, [own]),
            *(([key], [key]) for key in loot),
            (loot, loot),
            ([own], [own]),
            ([*world.issuer.next_control, own], [own]),
        ]
    ]


def test_did_22_a_thief_of_all_current_keys_changes_nothing() -> None:
    world = fresh_world()
    world.update_did(world.issuer, add={Purpose.STATEMENT: EDDSA}, rotate=[Purpose.ASSERTION])
    loot = [world.issuer.control, *world.issuer.signers.values(), world.gd.signer(Purpose.STATEMENT)]
    refused = [refusal(world, attempt) for attempt in thiefs_attempts(world, loot)]
    assert set(refused) == {Reason.NOT_AUTHORISED, Reason.DID_INVALID, Reason.KEY_UNUSABLE}
    assert len(refused) == 33
    world.append(update(world))


def test_did_22_a_key_that_was_not_committed_to() -> None:
    world = fresh_world()
    world.fork().append(update(world))
    assert refusal(world, update(world, reveal=[STRANGER])) is Reason.DID_INVALID
    with_one_more = update(world, reveal=[*world.issuer.next_control, STRANGER])
    assert refusal(world, with_one_more) is Reason.DID_INVALID
    # The keys of another DID's commitment are none of this one's.
    assert refusal(world, update(world, reveal=world.mo_issuer.next_control)) is Reason.DID_INVALID


def test_nobody_else_signs() -> None:
    world = fresh_world()
    (key,) = world.issuer.next_control
    operation = update(world)
    for other in (STRANGER, world.gd.signer(Purpose.STATEMENT), world.issuer.control):
        assert refusal(world, again(world, operation, key, other)) is Reason.NOT_AUTHORISED
    assert refusal(world, removed(operation, "proof")) is Reason.MALFORMED
    world.append(operation)


def test_a_changed_word_is_a_broken_signature() -> None:
    world = fresh_world()
    operation = update(world)
    assert refusal(world, changed(operation, "document.name.en", "Hospital")) is Reason.SIGNATURE_INVALID


def test_an_update_of_another_network_means_nothing_here() -> None:
    world = fresh_world()
    operation = changed(update(world), "network", hash_text(b"\x07" * 32))
    assert refusal(world, again(world, operation)) is Reason.NOT_AUTHORISED


# Order.


def test_led_03_prev_is_the_last_operation() -> None:
    world = fresh_world()
    operation = update(world)
    mo_issuer = world.state.organisations[world.mo_issuer.did].latest.hash
    wrong: list[tuple[object, Reason]] = [
        (None, Reason.MALFORMED),
        ("", Reason.MALFORMED),
        (hash_text(b"\x07" * 32), Reason.REPLAYED),
        (mo_issuer, Reason.REPLAYED),
        (world.entries["gd"], Reason.REPLAYED),
    ]
    for prev, reason in wrong:
        assert refusal(world, again(world, changed(operation, "prev", prev))) is reason, prev
    assert refusal(world, again(world, removed(operation, "prev"))) is Reason.MALFORMED
    world.append(operation)


def test_led_01_the_did_is_one_on_the_ledger() -> None:
    world = fresh_world()
    operation = update(world)
    for did in ("did:vcred:" + "1" * 32, world.issuer.did[:-1], "", world.issuer.did.upper()):
        assert refusal(world, again(world, changed(operation, "did", did))) is Reason.DID_INVALID, did
    others = changed(operation, "did", world.mo_issuer.did)
    assert refusal(world, again(world, others)) is Reason.REPLAYED


def test_led_10_of_two_updates_after_one_the_first_counts() -> None:
    world = fresh_world()
    one, two = (
        update(world, profile={"name": {"en": name}}, commit=[KEYS.make(name, ES256)])
        for name in ("One", "Two")
    )
    for first, second in ((one, two), (two, one)):
        here = world.fork()
        here.append(first)
        assert refusal(here, second) is Reason.REPLAYED


def test_led_10_of_a_thousand_pairs_exactly_one_each_counts() -> None:
    """Whoever is logged first: what both sides committed to is what the next pair reveals."""
    world = fresh_world()
    start = len(world.leaves)
    for number in range(1_000):
        commit = [KEYS.make(f"pair {number}", EDDSA)]
        pair = [
            world.did_update(world.issuer, Update(commit=commit, profile={"name": {"en": name}}))
            for name in ("One", "Two")
        ]
        (first, world.issuer), (second, _) = pair if number % 3 else reversed(pair)
        world.append(first)
        world.leaves.append(encode_leaf(second, logged_at=seconds(world)))
        world.state = replay(world.leaves[-1:], state=world.state)
    assert [entry.index for entry in world.state.void] == [start + 1 + 2 * n for n in range(1_000)]
    assert {entry.reason for entry in world.state.void} == {Reason.REPLAYED}
    assert len(world.state.organisations[world.issuer.did].versions) == 1_001


def test_led_11_the_same_update_again_is_void() -> None:
    world = fresh_world()
    operation = update(world)
    keys = world.issuer.next_control
    world.append(operation)
    assert refusal(world, operation) is Reason.REPLAYED
    assert refusal(world, signed(operation, keys)) is Reason.REPLAYED


# Keys.


def test_a_removed_key_never_returns() -> None:
    world = fresh_world()
    stolen = world.issuer.signer(Purpose.ASSERTION)
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    record = world.state.organisations[world.issuer.did]
    methods = tuple(Method(key=m.key, purpose=m.purpose) for m in record.methods if m.removed_at is None)
    for purpose in Purpose:
        back = (*methods, Method(key=stolen.public_key, purpose=purpose))
        assert refusal(world, update(world, profile={"methods": back})) is Reason.KEY_UNUSABLE, purpose
    fresh = (*methods, Method(key=STRANGER.public_key, purpose=Purpose.ASSERTION))
    world.append(update(world, profile={"methods": fresh}))


def test_a_key_keeps_its_role() -> None:
    world = fresh_world()
    record = world.state.organisations[world.issuer.did]
    first, *rest = (Method(key=m.key, purpose=m.purpose) for m in record.methods)
    other = replace(first, purpose=Purpose.STATUS)
    assert refusal(world, update(world, profile={"methods": (other, *rest)})) is Reason.KEY_UNUSABLE
    world.append(update(world, profile={"methods": (first, *rest)}))


def test_no_key_has_two_roles_over_time() -> None:
    world = fresh_world()
    created, retired = world.issuer.control, world.issuer.signer(Purpose.ASSERTION)
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    record = world.state.organisations[world.issuer.did]
    methods = tuple(Method(key=m.key, purpose=m.purpose) for m in record.methods if m.removed_at is None)
    once_control = (*methods, Method(key=created.public_key, purpose=Purpose.STATEMENT))
    assert refusal(world, update(world, profile={"methods": once_control})) is Reason.KEY_UNUSABLE
    # A method's key, in force or retired, becomes no control key.
    for key in (retired, world.issuer.signer(Purpose.STATUS)):
        assert refusal(world, update(world, commit=[key])) is Reason.KEY_UNUSABLE
    world.append(update(world, commit=[STRANGER]))


# The end.


def test_the_end_takes_every_key_at_its_second() -> None:
    world = fresh_world()
    did = world.issuer.did
    world.deactivate(world.issuer)
    record = world.state.organisations[did]
    now = seconds(world)
    assert record.next_keys is None
    assert record.deactivated_at == now
    assert (record.latest.status_bases, record.latest.sites) == ((), ())
    for method in record.methods:
        assert [method.in_force(now + offset) for offset in (-1, 0)] == [True, False]


def test_the_end_leaves_the_dates_of_keys_that_went_before() -> None:
    world = fresh_world()
    world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
    rotated_at = seconds(world)
    world.later(hours=1).deactivate(world.issuer)
    ends = [method.removed_at for method in world.state.organisations[world.issuer.did].methods]
    assert ends == [rotated_at, *[seconds(world)] * 3]


def test_led_06_nothing_follows_the_end() -> None:
    world = fresh_world()
    going_on, _ = world.did_update(world.issuer, Update(commit=[STRANGER]))
    ending, _ = world.did_update(world.issuer, Update(deactivate=True))
    keys = world.issuer.next_control
    world.fork().append(going_on)
    world.append(ending)
    last = world.state.organisations[world.issuer.did].latest.hash
    for operation in (going_on, signed(changed(going_on, "prev", last), keys)):
        assert refusal(world, operation) is Reason.DID_INVALID
    assert refusal(world, signed(changed(ending, "prev", last), keys)) is Reason.DID_INVALID
    assert refusal(world, ending) is Reason.REPLAYED


def test_led_06_who_has_ended_says_nothing() -> None:
    world = fresh_world()
    speaker = world.update_did(world.issuer, add={Purpose.STATEMENT: EDDSA})
    said = world.statement(
        speaker, Kind.TYPE_PUBLISH, **(badge(world) | {"type": f"{speaker.did}/types/badge/1"})
    )
    world.fork().append(said)
    world.deactivate(speaker)
    assert refusal(world, said) is Reason.NOT_AUTHORISED
    accreditation = world.statement(
        world.gd, Kind.ISSUER_ACCREDIT, issuer=speaker.did, type=world.vct, from_=0, until=1
    )
    assert refusal(world, accreditation) is Reason.DID_INVALID


def test_led_06_current_keys_alone_end_nothing() -> None:
    world = fresh_world()
    for key in (world.issuer.control, world.issuer.signer(Purpose.STATUS)):
        assert refusal(world, update(world, deactivate=True, reveal=[key])) is Reason.DID_INVALID
        assert refusal(world, update(world, deactivate=True, sign=[key])) is Reason.NOT_AUTHORISED
    world.append(update(world, deactivate=True))


def test_an_authority_in_office_does_not_end() -> None:
    """Else a jurisdiction could be left without a voice, and the network never be changed again."""
    world = fresh_world()
    ending, _ = world.did_update(world.mo, Update(deactivate=True))
    assert refusal(world, ending) is Reason.NOT_AUTHORISED
    second = world.join("Macao, second", {Purpose.STATEMENT: EDDSA}, sponsor=world.mo)
    world.change_network(
        authorities={"add": [{"jurisdiction": "MO", "did": second.did}], "remove": [world.mo.did]}
    )
    world.append(ending)
    assert world.state.organisations[world.mo.did].deactivated_at == seconds(world)


def test_what_the_issuer_signed_before_its_end_stays_accepted() -> None:
    world = fresh_world()
    presentation = world.show("match")
    token = world.status_tokens()
    world.later(seconds=10).deactivate(world.issuer)
    world.import_bundle(world.bundle(status_tokens=token))
    assert world.evaluate(presentation).reasons == ()


# Limits.


def test_did_21_an_update_is_an_operation_like_any_other() -> None:
    world = fresh_world()
    names = dict.fromkeys(("en", "zh-Hans", "zh-Hant", "pt"), "x" * 200)
    sites = tuple(f"https://{n}.example/{'x' * 1_500}" for n in range(5))
    world.fork().append(update(world, profile={"name": names, "sites": sites[:3]}))
    assert refusal(world, update(world, profile={"name": names, "sites": sites})) is Reason.LIMIT_EXCEEDED


def test_an_update_costs_what_it_says_and_not_what_the_did_has_been_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else one organisation that rotates every minute could keep every gate busy for hours."""
    counted: list[PublicKey] = []

    def counting(key: PublicKey) -> str:
        counted.append(key)
        return commitment(key)

    monkeypatch.setattr(did_update, "commitment", counting)
    monkeypatch.setattr(operations, "commitment", counting)
    world = fresh_world()
    costs = []
    for _ in range(30):
        counted.clear()
        world.update_did(world.issuer, rotate=[Purpose.ASSERTION])
        costs.append(len(counted))
    assert set(costs) == {costs[0]}


def test_what_it_commits_to_is_what_counts_next() -> None:
    world = fresh_world()
    commit = spare_keys(KEYS, "next", 2)
    operation = update(world, commit=commit, threshold=2)
    world.append(operation)
    record = world.state.organisations[world.issuer.did]
    assert record.next_keys == commit_to(commit, threshold=2)
    assert record.latest.hash == hash_text(operation_hash(operation))


def test_the_updates_of_two_organisations_do_not_wait_for_each_other() -> None:
    world = fresh_world()

    def own(organisation: Organisation) -> JsonObject:
        return world.did_update(organisation, Update())[0]

    first, second = own(world.issuer), own(world.mo_issuer)
    for order in ((first, second), (second, first)):
        here = world.fork()
        for operation in order:
            here.append(operation)


def test_a_did_has_so_many_keys_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each update reads all keys that there were: replay must not cost their square."""
    world = fresh_world()
    known = len(world.state.organisations[world.issuer.did].commitments)
    monkeypatch.setattr(did_update, "MAX_KEYS_OF_A_DID", known + 1)
    world.fork().append(update(world))
    monkeypatch.setattr(did_update, "MAX_KEYS_OF_A_DID", known)
    assert refusal(world, update(world)) is Reason.LIMIT_EXCEEDED
    # It can still end.
    world.append(world.did_update(world.issuer, Update(deactivate=True))[0])
