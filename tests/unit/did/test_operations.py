# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""did:vcred: the name is the hash of the operation, and a `did.create` keeps its rules 1 to 5."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.samples import KEYS, changed, fresh_world, newcomer, removed
from vcred.codec.json_types import JsonObject
from vcred.codec.multibase import encode_base58
from vcred.did.methods.vcred import (
    commitment,
    did_of,
    hash_text,
    method_id,
    operation_hash,
    parse_hash_text,
    validate_did,
)
from vcred.did.operations import CreateOperation, NextKeys, Purpose, has_control, parse_create
from vcred.errors import DecodeError, KeyMaterialError, RefusedError, VcredError
from vcred.keys.algorithms import ALGORITHMS, ES256
from vcred.limits import MAX_URI_CHARACTERS
from vcred.reasons import Reason

WORLD = fresh_world()
CLINIC = newcomer(WORLD)
DRAFT = CLINIC.draft
METHOD_KEYS = [signer.public_key.to_multikey() for signer in CLINIC.methods]
CONTROL_KEY = CLINIC.control.public_key.to_multikey()
METHODS: list[JsonObject] = [
    {"key": KEYS.make(f"method {n}", ES256).public_key.to_multikey(), "purposes": [Purpose.STATEMENT.value]}
    for n in range(17)
]
SERVICES: list[JsonObject] = [
    {"type": "TokenStatusList", "endpoint": f"https://status.example/{n}/"} for n in range(9)
]
OTHER_KEY = KEYS.make("another", ES256).public_key.to_multikey()


def parse(operation: JsonObject) -> CreateOperation:
    return parse_create(operation, embedded=False)


# The name.


def test_the_did_is_the_text_of_the_hash_of_the_form() -> None:
    digest = operation_hash(DRAFT)
    assert did_of(DRAFT) == f"did:vcred:{encode_base58(digest)}"
    assert parse_hash_text(hash_text(digest)) == digest
    assert validate_did(did_of(DRAFT)) == did_of(DRAFT)


def test_proofs_do_not_change_the_name_and_all_else_does() -> None:
    assert did_of(CLINIC.signed()) == did_of(DRAFT)
    for path, value in (("document.name.en", "Clinik"), ("network", "x"), ("next.threshold", 2)):
        assert did_of(changed(DRAFT, path, value)) != did_of(DRAFT), path


def test_a_commitment_is_the_hash_of_the_multikey_text() -> None:
    assert DRAFT["next"] == {"threshold": 1, "hashes": [commitment(CLINIC.next_control.public_key)]}
    assert len(parse_hash_text(commitment(CLINIC.control.public_key))) == 32


def test_a_method_is_named_by_its_key() -> None:
    key = CLINIC.methods[0].public_key
    assert method_id("did:vcred:x", key) == f"did:vcred:x#{key.thumbprint()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1" * 31,
        encode_base58(bytes(31)),
        encode_base58(bytes(33)),
        encode_base58(b"\xff" * 33),
        "1" + encode_base58(b"\x01" * 32),
        "z" + encode_base58(b"\x01" * 32),
        encode_base58(b"\x01" * 32)[:-1] + "0",
        encode_base58(b"\x01" * 32) + " ",
        "2" * 10_000,
    ],
)
def test_led_01_what_is_no_identifier_is_refused(text: str) -> None:
    good = encode_base58(b"\x01" * 32)
    assert parse_hash_text(good) == b"\x01" * 32
    with pytest.raises(DecodeError) as malformed:
        parse_hash_text(text)
    # Too long is malformed too: what a ledger reports must not hang on a limit of the codec.
    assert malformed.type is DecodeError
    with pytest.raises(RefusedError) as caught:
        validate_did(f"did:vcred:{text}")
    assert caught.value.reason is Reason.DID_INVALID


@pytest.mark.parametrize("method", ["did:key:", "did:VCRED:", "did:vcred", "DID:vcred:"])
def test_another_method_is_refused(method: str) -> None:
    with pytest.raises(RefusedError) as caught:
        validate_did(method + did_of(DRAFT).rpartition(":")[2])
    assert caught.value.reason is Reason.DID_INVALID


@given(st.binary(min_size=32, max_size=32))
def test_every_hash_has_one_text(digest: bytes) -> None:
    text = hash_text(digest)
    assert 32 <= len(text) <= 44
    assert parse_hash_text(text) == digest


@given(
    st.text(max_size=60) | st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=46)
)
def test_any_text_is_one_hash_or_refused(text: str) -> None:
    try:
        digest = parse_hash_text(text)
    except DecodeError:
        return
    assert hash_text(digest) == text


# Rule 1: the members.


def test_a_good_operation_is_read_whole() -> None:
    create = parse(DRAFT)
    assert create.did == did_of(DRAFT)
    assert create.control == (CLINIC.control.public_key,)
    assert create.control_threshold == 1
    assert create.next_keys == NextKeys(threshold=1, hashes=(commitment(CLINIC.next_control.public_key),))
    assert [method.purpose for method in create.profile.methods] == list(Purpose)
    assert [method.key for method in create.profile.methods] == [
        signer.public_key for signer in CLINIC.methods
    ]
    assert create.profile.status_bases == ("https://status.example/clinic/",)
    assert create.sponsor == WORLD.gd.did


def test_inside_genesis_it_has_neither_network_nor_sponsor() -> None:
    bare = removed(removed(DRAFT, "network"), "sponsor")
    assert parse_create(bare, embedded=True).sponsor is None
    for extra in ("network", "sponsor"):
        with pytest.raises(DecodeError):
            parse_create(changed(bare, extra, DRAFT[extra]), embedded=True)


@pytest.mark.parametrize(
    "path",
    [
        "control",
        "control.keys",
        "control.threshold",
        "next",
        "next.hashes",
        "next.threshold",
        "document",
        "document.name",
        "document.methods",
        "document.services",
        "document.statement_threshold",
        "document.methods.0.key",
        "document.methods.0.purposes",
        "document.services.0.type",
        "document.services.0.endpoint",
        "sponsor",
    ],
)
def test_no_member_may_be_missing(path: str) -> None:
    with pytest.raises(DecodeError):
        parse(removed(DRAFT, path))


@pytest.mark.parametrize(
    "path", ["x", "control.x", "next.x", "document.x", "document.methods.0.x", "document.services.0.x"]
)
def test_no_member_may_be_added(path: str) -> None:
    """There is no place for anything personal."""
    with pytest.raises(DecodeError):
        parse(changed(DRAFT, path, "1954-09-24"))


# Rules 2 and 4, and the forms of names and services.

REFUSED_FORMS = [
    ("control.keys", []),
    ("control.keys", [CONTROL_KEY, CONTROL_KEY]),
    ("control.keys", [KEYS.make(f"control {n}", ES256).public_key.to_multikey() for n in range(17)]),
    ("control.keys", CONTROL_KEY),
    ("control.keys", [1]),
    ("control.threshold", 0),
    ("control.threshold", 2),
    ("control.threshold", -1),
    ("control.threshold", True),
    ("control.threshold", "1"),
    ("next.hashes", []),
    ("next.hashes", [commitment(CLINIC.next_control.public_key)] * 2),
    ("next.hashes", [hash_text(bytes([n]) * 32) for n in range(17)]),
    ("next.hashes", ["0"]),
    ("next.hashes", [hash_text(bytes(32))[:-1]]),
    ("next.threshold", 0),
    ("next.threshold", 2),
    ("document.methods", []),
    ("document.methods", ["x"]),
    ("document.methods.0.purposes", []),
    ("document.methods.0.purposes", ["assertionMethod", "authentication"]),
    ("document.methods.0.purposes", ["keyAgreement"]),
    ("document.methods.0.purposes", "assertionMethod"),
    ("document.statement_threshold", 0),
    ("document.statement_threshold", 2),
    ("document.name", {}),
    ("document.name", {"fr": "Clinique"}),
    ("document.name", {"en": ""}),
    ("document.name", {"en": "x" * 201}),
    ("document.services", ["x"]),
    ("document.services.0.type", "DIDCommMessaging"),
    ("document.services.0.endpoint", "http://status.example/"),
    ("document.services.0.endpoint", "https://status.example/" + "x" * 2048),
    ("document.services", [{"type": "TokenStatusList", "endpoint": "https://a.example/"}] * 2),
    (
        "document.services",
        [{"type": "TokenStatusList", "endpoint": f"https://a.example/{n}/"} for n in range(9)],
    ),
    ("sponsor", None),
]


@pytest.mark.parametrize(("path", "value"), REFUSED_FORMS)
def test_bnd_29_a_wrong_form_is_malformed(path: str, value: object) -> None:
    parse(DRAFT)
    with pytest.raises(DecodeError):
        parse(changed(DRAFT, path, value))


def test_the_greatest_numbers_that_are_allowed() -> None:
    control = [CONTROL_KEY, *(KEYS.make(f"control {n}", ES256).public_key.to_multikey() for n in range(15))]
    many = changed(DRAFT, "control", {"threshold": 16, "keys": control})
    assert parse(many).control_threshold == 16
    hashes = [hash_text(bytes([n]) * 32) for n in range(16)]
    assert parse(changed(DRAFT, "next", {"threshold": 16, "hashes": hashes})).next_keys.threshold == 16
    assert parse(changed(DRAFT, "document.name.en", "x" * 200)).profile.name == {"en": "x" * 200}


@pytest.mark.parametrize(
    ("path", "least", "most", "beyond"),
    [
        ("document.methods", METHODS[:1], METHODS[:16], METHODS),
        ("document.name", {"en": "x"}, {"en": "x" * 200}, {"en": "x" * 201}),
        ("document.services", [], SERVICES[:8], SERVICES),
        (
            "document.services.0.endpoint",
            "https://a",
            "https://" + "x" * (MAX_URI_CHARACTERS - 8),
            "https://" + "x" * (MAX_URI_CHARACTERS - 7),
        ),
    ],
)
def test_the_edges_of_what_is_allowed(path: str, least: object, most: object, beyond: object) -> None:
    for value in (least, most):
        assert parse(changed(DRAFT, path, value))
    with pytest.raises(DecodeError):
        parse(changed(DRAFT, path, beyond))


def test_an_issuer_without_statement_keys_still_has_a_threshold_of_one() -> None:
    pure = changed(DRAFT, "document.methods", DRAFT["document"]["methods"][:2])  # type: ignore[index,call-overload]
    assert parse(pure).profile.statement_threshold == 1
    with pytest.raises(DecodeError):
        parse(changed(pure, "document.statement_threshold", 0))


# Rule 3: one key has one role.


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("document.methods.1.key", METHOD_KEYS[0]),
        ("document.methods.0.key", CONTROL_KEY),
        ("next.hashes", [commitment(CLINIC.control.public_key)]),
        ("next.hashes", [commitment(CLINIC.methods[0].public_key)]),
    ],
    ids=["two methods", "method and control", "next and control", "next and method"],
)
def test_one_key_in_two_roles_is_unusable(path: str, value: object) -> None:
    assert parse(changed(DRAFT, "document.methods.0.key", OTHER_KEY))
    with pytest.raises(KeyMaterialError):
        parse(changed(DRAFT, path, value))


@pytest.mark.parametrize("path", ["control.keys.0", "document.methods.0.key"])
@pytest.mark.parametrize(
    "text", ["", "z", "zDna", "u" + CONTROL_KEY[1:], CONTROL_KEY + "1", "z6Mk" + "1" * 44]
)
def test_a_key_that_cannot_be_read_is_refused(path: str, text: str) -> None:
    with pytest.raises((DecodeError, KeyMaterialError)):
        parse(changed(DRAFT, path, text))


# Rule 5: who has to sign.


@pytest.mark.parametrize("threshold", [1, 2, 3])
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda row: row.jose)
def test_enough_control_keys_and_distinct_ones(threshold: int, algorithm: object) -> None:
    keys = [KEYS.make(f"control {n}", algorithm).public_key for n in range(3)]  # type: ignore[arg-type]
    stranger = KEYS.make("another", ES256).public_key
    control = {"threshold": threshold, "keys": [key.to_multikey() for key in keys]}
    create = parse(changed(DRAFT, "control", control))
    for number in range(4):
        signers = keys[:number]
        assert has_control(create, signers) is (number >= threshold)
        assert has_control(create, [*signers, *signers, stranger]) is (number >= threshold)


# Nothing but an answer or a refusal.

PATHS = sorted({path for path, _ in REFUSED_FORMS})
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(max_size=20)
    | st.sampled_from([CONTROL_KEY, OTHER_KEY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(PATHS), VALUES)
def test_any_change_is_read_or_refused(path: str, value: object) -> None:
    try:
        parse(changed(DRAFT, path, value))
    except VcredError as error:
        assert isinstance(error, DecodeError | KeyMaterialError)
