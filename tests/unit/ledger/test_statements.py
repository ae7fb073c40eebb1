# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Statements: who says it, in which order, and what it changes. LED-10, LED-11."""

import pytest

from tests.unit.ledger.samples import KEYS, changed, fresh_world, newcomer, refusal, removed, signed
from tests.world import Organisation, World
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import hash_text
from vcred.did.operations import Method, Purpose
from vcred.keys.algorithms import EDDSA, ES256
from vcred.ledger.entries import Kind, encode_leaf, parse_leaf
from vcred.ledger.state import Conditions
from vcred.limits import MAX_TIME, MAX_TYPE_DEFINITION_BYTES
from vcred.reasons import Reason

NETWORK_OF_OTHERS = hash_text(b"\x07" * 32)


def hash_of(operation: JsonObject) -> str:
    return parse_leaf(encode_leaf(operation, logged_at=0)).hash


def author(world: World, kind: Kind) -> Organisation:
    return world.mo if kind in (Kind.ISSUER_WITHDRAW, Kind.RECOGNISE, Kind.RECOGNISE_WITHDRAW) else world.gd


def good(world: World, kind: Kind) -> JsonObject:
    """A statement of each kind that the world takes."""
    by = author(world, kind)
    now = int(world.now.timestamp())
    members: dict[Kind, dict[str, object]] = {
        Kind.TYPE_PUBLISH: {"type": f"{by.did}/types/badge/1", "digest": hash_text(bytes(32)), "size": 10},
        Kind.ISSUER_ACCREDIT: {
            "issuer": world.mo_issuer.did,
            "type": world.vct,
            "from_": now,
            "until": now + 1,
        },
        Kind.ISSUER_WITHDRAW: {"entry": world.entries["mo"], "effect": "cease"},
        Kind.RECOGNISE: {
            "type": world.vct,
            "jurisdiction": "CN-44",
            "conditions": {"max_age": 60, "bindings": ["live"], "required_claims": ["match"], "until": now},
        },
        Kind.RECOGNISE_WITHDRAW: {"entry": world.entries["mo<-gd"], "effect": "void"},
        Kind.VERIFIER_REGISTER: {
            "verifier": world.issuer.did,
            "type": world.vct,
            "claims": ["match"],
            "purpose": {"en": "Entry at a border"},
        },
        Kind.KEY_DISTRUST: {"key": world.issuer.key_id()},
        Kind.EVIDENCE_RECORD: {"root": hash_text(b"\x01" * 32)},
    }
    if kind is Kind.VERIFIER_WITHDRAW:
        entry = world.register(by, world.issuer, world.vct)
        members[kind] = {"entry": entry, "effect": "cease"}
    if kind is Kind.EVIDENCE_RECORD:
        world.accredit(by, by, world.vct)
    return world.statement(by, kind, **members[kind])


OPERATIONS = (Kind.GENESIS, Kind.NETWORK_CHANGE, Kind.DID_CREATE, Kind.DID_UPDATE)
STATEMENTS = [kind for kind in Kind if kind not in OPERATIONS]
each_kind = pytest.mark.parametrize("kind", STATEMENTS)


def again(world: World, kind: Kind, operation: JsonObject) -> JsonObject:
    """The changed operation, signed anew by its author."""
    return signed(operation, [author(world, kind).signer(Purpose.STATEMENT)])


# Common to all.


@each_kind
def test_a_good_statement_is_taken_and_remembered(kind: Kind) -> None:
    world = fresh_world()
    operation = good(world, kind)
    world.append(operation)
    assert world.state.organisations[author(world, kind).did].last_statement == hash_of(operation)


@each_kind
def test_nothing_personal_can_enter(kind: Kind) -> None:
    world = fresh_world()
    operation = good(world, kind)
    for name in ("note", "holder", "ignorable"):
        extra = again(world, kind, changed(operation, name, "1954-09-24"))
        assert refusal(world, extra) is Reason.MALFORMED, name


@each_kind
def test_no_member_may_be_missing(kind: Kind) -> None:
    world = fresh_world()
    operation = good(world, kind)
    own = set(operation) - {"kind", "version", "network", "author", "previous", "proof"}
    for name in sorted(own):
        assert refusal(world, again(world, kind, removed(operation, name))) is Reason.MALFORMED, name
    for name, reason in (
        ("network", Reason.NOT_AUTHORISED),
        ("author", Reason.MALFORMED),
        ("previous", Reason.REPLAYED),
    ):
        assert refusal(world, again(world, kind, removed(operation, name))) is reason, name
    assert refusal(world, removed(operation, "proof")) is Reason.MALFORMED


@each_kind
def test_only_the_author_signs(kind: Kind) -> None:
    world = fresh_world()
    operation = good(world, kind)
    by = author(world, kind)
    other = world.gd if by is world.mo else world.mo
    key, others_key = by.signer(Purpose.STATEMENT), other.signer(Purpose.STATEMENT)
    for signers in ([others_key], [key, others_key], [by.control], [KEYS.make("another", ES256)]):
        assert refusal(world, signed(operation, signers)) is Reason.NOT_AUTHORISED
    # A key that signs twice is one key, and it is enough.
    world.append(signed(operation, [key, key]))


def test_as_many_statement_keys_sign_as_the_author_has_said() -> None:
    world = fresh_world()
    first = world.gd.signer(Purpose.STATEMENT)
    second, third = (KEYS.make(f"gd, statement key {number}", EDDSA) for number in (2, 3))
    methods = tuple(Method(key=key.public_key, purpose=Purpose.STATEMENT) for key in (first, second, third))
    world.update_did(world.gd, profile={"methods": methods, "statement_threshold": 2})
    operation = good(world, Kind.TYPE_PUBLISH)
    for fewer in ([first], [second], [first, first]):
        assert refusal(world, signed(operation, fewer)) is Reason.NOT_AUTHORISED
    for enough in ([first, second], [third, first], [first, second, third]):
        world.fork().append(signed(operation, enough))
    # A key that was distrusted is not one of them any more.
    distrust = world.statement(
        world.gd, Kind.KEY_DISTRUST, key=f"{world.gd.did}#{third.public_key.thumbprint()}"
    )
    world.append(signed(distrust, [first, second]))
    operation = good(world, Kind.TYPE_PUBLISH)
    assert refusal(world, signed(operation, [third, first])) is Reason.NOT_AUTHORISED
    world.append(signed(operation, [first, second]))


@each_kind
def test_the_author_is_on_the_ledger(kind: Kind) -> None:
    world = fresh_world()
    operation = changed(good(world, kind), "author", "did:vcred:" + "1" * 32)
    assert refusal(world, again(world, kind, operation)) is Reason.NOT_AUTHORISED


@each_kind
def test_a_changed_word_is_a_broken_signature(kind: Kind) -> None:
    world = fresh_world()
    operation = good(world, kind)
    name = next(name for name in ("type", "entry", "key", "root") if name in operation)
    assert refusal(world, changed(operation, name, world.entries["gd"])) is Reason.SIGNATURE_INVALID


@each_kind
def test_a_statement_of_another_network_means_nothing_here(kind: Kind) -> None:
    world = fresh_world()
    operation = changed(good(world, kind), "network", NETWORK_OF_OTHERS)
    assert refusal(world, again(world, kind, operation)) is Reason.NOT_AUTHORISED


# Order.


@each_kind
def test_previous_is_the_authors_last_statement(kind: Kind) -> None:
    world = fresh_world()
    operation = good(world, kind)
    for previous in (None, world.entries["gd"], world.entries["mo"], "", 0):
        if previous != operation["previous"]:
            wrong = again(world, kind, changed(operation, "previous", previous))
            assert refusal(world, wrong) is Reason.REPLAYED, previous


def test_the_first_statement_follows_nothing() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    world.append(clinic.signed())
    key = clinic.methods[list(Purpose).index(Purpose.STATEMENT)]
    did = next(did for did in world.state.organisations if world.state.organisations[did].index == 8)
    speaker = Organisation(
        did=did, control=clinic.control, signers={Purpose.STATEMENT: key}, create=clinic.draft
    )
    first = world.statement(
        speaker, Kind.TYPE_PUBLISH, type=f"{did}/types/badge/1", digest=hash_text(bytes(32)), size=1
    )
    assert first["previous"] is None
    wrong = signed(changed(first, "previous", world.entries["gd"]), [key])
    assert refusal(world, wrong) is Reason.REPLAYED
    world.append(first)


def test_led_11_the_same_statement_again_is_void() -> None:
    world = fresh_world()
    operation = good(world, Kind.RECOGNISE)
    world.append(operation)
    assert refusal(world, operation) is Reason.REPLAYED
    assert refusal(world, again(world, Kind.RECOGNISE, operation)) is Reason.REPLAYED


def test_led_10_of_two_statements_after_one_the_second_is_void() -> None:
    world = fresh_world()
    now = int(world.now.timestamp())
    one, two = (
        world.statement(
            world.mo, Kind.RECOGNISE, type=world.vct, jurisdiction="CN-44", conditions={"until": now + n}
        )
        for n in (1, 2)
    )
    for first, second in ((one, two), (two, one)):
        here = world.fork()
        here.append(first)
        assert refusal(here, second) is Reason.REPLAYED


def test_a_withdrawn_statement_cannot_be_played_again() -> None:
    world = fresh_world()
    statement = good(world, Kind.RECOGNISE)
    world.append(statement)
    entry = hash_of(statement)
    world.say(world.mo, Kind.RECOGNISE_WITHDRAW, entry=entry, effect="void")
    assert refusal(world, statement) is Reason.REPLAYED
    assert world.state.recognitions[entry].void


def test_the_statements_of_two_authors_do_not_wait_for_each_other() -> None:
    world = fresh_world()
    first, second = good(world, Kind.TYPE_PUBLISH), good(world, Kind.RECOGNISE)
    assert first["author"] != second["author"]
    for order in ((first, second), (second, first)):
        here = world.fork()
        for operation in order:
            here.append(operation)


# type.publish


def test_a_type_is_published_with_digest_and_size() -> None:
    world = fresh_world()
    operation = good(world, Kind.TYPE_PUBLISH)
    index = world.append(operation)
    published = world.state.types[str(operation["type"])]
    assert (published.index, published.digest, published.size) == (index, bytes(32), 10)
    assert published.publisher == world.gd.did


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("digest", "x", Reason.MALFORMED),
        ("digest", "", Reason.MALFORMED),
        ("digest", 1, Reason.MALFORMED),
        ("size", 0, Reason.MALFORMED),
        ("size", -1, Reason.MALFORMED),
        ("size", MAX_TYPE_DEFINITION_BYTES + 1, Reason.MALFORMED),
        ("size", "10", Reason.MALFORMED),
        ("type", 1, Reason.MALFORMED),
    ],
)
def test_a_type_with_a_wrong_form_is_void(name: str, value: object, reason: Reason) -> None:
    world = fresh_world()
    operation = changed(good(world, Kind.TYPE_PUBLISH), name, value)
    assert refusal(world, again(world, Kind.TYPE_PUBLISH, operation)) is reason


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("/types/badge/0", Reason.MALFORMED),
        ("/types/badge/01", Reason.MALFORMED),
        ("/types/badge/١", Reason.MALFORMED),
        ("/types/badge/1/2", Reason.MALFORMED),
        ("/types/badge/1.0", Reason.MALFORMED),
        ("/types/badge/", Reason.MALFORMED),
        ("/types/badge", Reason.MALFORMED),
        ("/types//1", Reason.MALFORMED),
        ("/types/Badge/1", Reason.MALFORMED),
        ("/types/bаdge/1", Reason.MALFORMED),
        ("/types/badge\n/1", Reason.MALFORMED),
        ("/types/badge/1\n", Reason.MALFORMED),
        ("/type/badge/1", Reason.NOT_AUTHORISED),
        ("types/badge/1", Reason.NOT_AUTHORISED),
        ("/types/" + "x" * 200 + "/1", Reason.LIMIT_EXCEEDED),
    ],
)
def test_a_type_has_one_name(ending: str, reason: Reason) -> None:
    world = fresh_world()
    operation = changed(good(world, Kind.TYPE_PUBLISH), "type", world.gd.did + ending)
    assert refusal(world, again(world, Kind.TYPE_PUBLISH, operation)) is reason


def test_a_type_is_published_under_the_authors_own_did_and_once() -> None:
    world = fresh_world()
    operation = good(world, Kind.TYPE_PUBLISH)
    others = changed(operation, "type", f"{world.mo.did}/types/badge/1")
    assert refusal(world, again(world, Kind.TYPE_PUBLISH, others)) is Reason.NOT_AUTHORISED
    twice = changed(operation, "type", world.vct)
    assert refusal(world, again(world, Kind.TYPE_PUBLISH, twice)) is Reason.REPLAYED
    next_version = changed(operation, "type", world.vct[:-1] + "2")
    world.append(again(world, Kind.TYPE_PUBLISH, next_version))


# issuer.accredit


def test_an_accreditation_holds_from_and_until() -> None:
    world = fresh_world()
    operation = good(world, Kind.ISSUER_ACCREDIT)
    world.append(operation)
    accreditation = world.state.accreditations[hash_of(operation)]
    assert (accreditation.jurisdiction, accreditation.issuer) == ("CN-44", world.mo_issuer.did)
    start = int(world.now.timestamp())
    assert [accreditation.covers(start + offset) for offset in (-1, 0, 1)] == [False, True, False]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("issuer", "did:vcred:" + "1" * 32, Reason.DID_INVALID),
        ("issuer", "", Reason.DID_INVALID),
        ("issuer", None, Reason.MALFORMED),
        ("type", "did:vcred:x/types/badge/1", Reason.TYPE_UNKNOWN),
        ("from", -1, Reason.MALFORMED),
        ("from", 0.5, Reason.MALFORMED),
        ("from", "0", Reason.MALFORMED),
        ("until", 0, Reason.MALFORMED),
        ("until", MAX_TIME + 1, Reason.MALFORMED),
    ],
)
def test_an_accreditation_with_a_wrong_value_is_void(name: str, value: object, reason: Reason) -> None:
    world = fresh_world()
    operation = changed(good(world, Kind.ISSUER_ACCREDIT), name, value)
    if isinstance(value, float) and value.is_integer():
        # In RFC 8785 there is no such float: it reads as the integer.
        world.append(again(world, Kind.ISSUER_ACCREDIT, operation))
    else:
        assert refusal(world, again(world, Kind.ISSUER_ACCREDIT, operation)) is reason


def test_an_accreditation_may_hold_for_all_time() -> None:
    world = fresh_world()
    operation = good(world, Kind.ISSUER_ACCREDIT) | {"from": 0, "until": MAX_TIME}
    world.append(again(world, Kind.ISSUER_ACCREDIT, operation))
    accreditation = world.state.accreditations[hash_of(operation)]
    assert [accreditation.covers(at) for at in (0, MAX_TIME - 1)] == [True, True]


def test_from_is_before_until() -> None:
    world = fresh_world()
    operation = good(world, Kind.ISSUER_ACCREDIT)
    same = changed(operation, "until", operation["from"])
    assert refusal(world, again(world, Kind.ISSUER_ACCREDIT, same)) is Reason.MALFORMED


def test_an_organisation_that_is_no_authority_says_nothing_of_others() -> None:
    world = fresh_world()
    clinic = newcomer(world)
    world.append(clinic.signed())
    key = clinic.methods[list(Purpose).index(Purpose.STATEMENT)]
    did = next(did for did in world.state.organisations if world.state.organisations[did].index == 8)
    speaker = Organisation(
        did=did, control=clinic.control, signers={Purpose.STATEMENT: key}, create=clinic.draft
    )
    registered = world.register(world.gd, world.issuer, world.vct)
    said: list[tuple[Kind, dict[str, object]]] = [
        (Kind.ISSUER_ACCREDIT, {"issuer": did, "type": world.vct, "from_": 0, "until": 1}),
        (Kind.ISSUER_WITHDRAW, {"entry": world.entries["gd"], "effect": "void"}),
        (Kind.RECOGNISE, {"type": world.vct, "jurisdiction": "MO", "conditions": {}}),
        (Kind.RECOGNISE_WITHDRAW, {"entry": world.entries["gd<-mo"], "effect": "void"}),
        (
            Kind.VERIFIER_REGISTER,
            {"verifier": did, "type": world.vct, "claims": ["match"], "purpose": {"en": "To know"}},
        ),
        (Kind.VERIFIER_WITHDRAW, {"entry": registered, "effect": "void"}),
        (Kind.KEY_DISTRUST, {"key": world.issuer.key_id()}),
    ]
    for kind, members in said:
        assert refusal(world, world.statement(speaker, kind, **members)) is Reason.NOT_AUTHORISED, kind


# recognise


def test_a_recognition_has_its_conditions() -> None:
    world = fresh_world()
    operation = good(world, Kind.RECOGNISE)
    world.append(operation)
    recognition = world.state.recognitions[hash_of(operation)]
    assert (recognition.jurisdiction, recognition.of_jurisdiction) == ("MO", "CN-44")
    assert recognition.conditions == Conditions(
        max_age=60, bindings=("live",), required_claims=("match",), until=int(world.now.timestamp())
    )


def test_without_conditions_it_always_holds() -> None:
    world = fresh_world()
    recognition = world.state.recognitions[world.entries["mo<-gd"]]
    assert recognition.conditions == Conditions()
    assert recognition.covers(0, now=2**53 - 1)


@pytest.mark.parametrize(
    ("condition", "offsets", "expected"),
    [("max_age", (59, 60, 61), [True, True, False]), ("until", (-1, 0, 1), [True, False, False])],
)
def test_conditions_end_at_their_second(
    condition: str, offsets: tuple[int, ...], expected: list[bool]
) -> None:
    world = fresh_world()
    now = int(world.now.timestamp())
    value = 60 if condition == "max_age" else now
    entry = world.recognise(world.mo, world.vct, "CN-44", **{condition: value})
    recognition = world.state.recognitions[entry]
    assert [recognition.covers(now, now=now + offset) for offset in offsets] == expected


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("jurisdiction", "MO", Reason.MALFORMED),
        ("jurisdiction", "HK", Reason.MALFORMED),
        ("jurisdiction", None, Reason.MALFORMED),
        ("type", "did:vcred:x/types/badge/1", Reason.TYPE_UNKNOWN),
        ("conditions", [], Reason.MALFORMED),
        ("conditions.max_age", -1, Reason.MALFORMED),
        ("conditions.max_age", None, Reason.MALFORMED),
        ("conditions.bindings", [], Reason.MALFORMED),
        ("conditions.bindings", ["paper"], Reason.MALFORMED),
        ("conditions.bindings", "live", Reason.MALFORMED),
        ("conditions.required_claims", [], Reason.MALFORMED),
        ("conditions.required_claims", ["x"] * 33, Reason.MALFORMED),
        ("conditions.required_claims", [1], Reason.MALFORMED),
        ("conditions.until", -1, Reason.MALFORMED),
        ("conditions.only_on_sundays", True, Reason.MALFORMED),
    ],
)
def test_a_recognition_with_a_wrong_value_is_void(path: str, value: object, reason: Reason) -> None:
    world = fresh_world()
    operation = changed(good(world, Kind.RECOGNISE), path, value)
    assert refusal(world, again(world, Kind.RECOGNISE, operation)) is reason


@pytest.mark.parametrize(
    "conditions",
    [
        {"bindings": ["live", "challenge", "none"]},
        {"required_claims": ["match"]},
        {"required_claims": [f"c{number}" for number in range(32)]},
        {"max_age": 0, "until": MAX_TIME},
        {},
    ],
)
def test_the_edges_of_conditions(conditions: dict[str, object]) -> None:
    world = fresh_world()
    world.recognise(world.mo, world.vct, "CN-44", **conditions)
