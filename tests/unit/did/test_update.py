# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""`did.update`: what its form must be, before anybody asks who has signed it. Rules 1 to 3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.samples import KEYS, changed, fresh_world, removed, without_proof
from tests.world import Update
from vcred.codec.json_types import JsonObject
from vcred.did.methods.vcred import commitment, hash_text
from vcred.did.operations import NextKeys, Purpose, UpdateOperation, is_committed, parse_update
from vcred.errors import DecodeError, KeyMaterialError, VcredError
from vcred.keys.algorithms import ES256

WORLD = fresh_world()
SIGNED, AFTER = WORLD.did_update(WORLD.issuer, Update(rotate=[Purpose.ASSERTION]))
DRAFT = without_proof(SIGNED)
ENDING = without_proof(WORLD.did_update(WORLD.issuer, Update(deactivate=True))[0])
REVEALED = AFTER.control
OTHER_KEY = KEYS.make("another", ES256).public_key


def parse(operation: JsonObject) -> UpdateOperation:
    return parse_update(operation)


def test_a_good_update_is_read_whole() -> None:
    update = parse(SIGNED)
    assert (update.did, update.prev) == (WORLD.issuer.did, WORLD.issuer.did.rpartition(":")[2])
    assert update.revealed == (WORLD.issuer.next_control[0].public_key,)
    following = AFTER.next_control[0].public_key
    assert update.next_keys == NextKeys(threshold=1, hashes=(commitment(following),))
    assert update.profile is not None
    assert [m.purpose for m in update.profile.methods] == [
        Purpose.STATUS,
        Purpose.AUTHENTICATION,
        Purpose.ASSERTION,
    ]
    assert update.profile.methods[-1].key == AFTER.signer(Purpose.ASSERTION).public_key


def test_one_that_ends_the_did_commits_to_nothing() -> None:
    update = parse(ENDING)
    assert update.next_keys is None
    assert update.profile is None
    for value in (False, 1, "true", None):
        with pytest.raises(DecodeError):
            parse(changed(ENDING, "deactivated", value))
    for name in ("next", "document"):
        with pytest.raises(DecodeError):
            parse(changed(ENDING, name, DRAFT[name]))


@pytest.mark.parametrize("name", ["did", "prev", "control", "next", "document"])
def test_no_member_may_be_missing(name: str) -> None:
    assert parse(DRAFT)
    with pytest.raises(DecodeError):
        parse(removed(DRAFT, name))


REFUSED_FORMS = [
    ("note", "1954-09-24"),
    ("sponsor", WORLD.gd.did),
    ("did", None),
    ("prev", None),
    ("prev", ""),
    ("prev", "x"),
    ("prev", hash_text(bytes(31))),
    ("control", []),
    ("control.threshold", 1),
    ("control.keys", []),
    ("control.keys", [REVEALED.public_key.to_multikey()] * 2),
    ("control.keys", [REVEALED.public_key.to_multikey()] * 17),
    ("control.keys", [1]),
    ("next", None),
    ("next.threshold", 0),
    ("next.threshold", 2),
    ("next.threshold", -1),
    ("next.threshold", "1"),
    ("next.hashes", []),
    ("next.hashes", [hash_text(bytes(32))] * 2),
    ("next.hashes", ["x"]),
    ("next.keys", []),
    ("document.methods", []),
    ("document.statement_threshold", 0),
    ("document.statement_threshold", 2),
    ("document.name", {}),
    ("document.born", "1954-09-24"),
    ("document.services.0.type", "DIDCommMessaging"),
    ("document.services.0.endpoint", "http://status.example/"),
]


@pytest.mark.parametrize(("path", "value"), REFUSED_FORMS)
def test_what_has_another_form_is_malformed(path: str, value: object) -> None:
    assert parse(DRAFT)
    with pytest.raises(DecodeError):
        parse(changed(DRAFT, path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("document.methods.0.key", REVEALED.public_key.to_multikey()),
        ("document.methods.1.key", DRAFT["document"]["methods"][0]["key"]),  # type: ignore[index,call-overload]
        ("next.hashes", [commitment(REVEALED.public_key)]),
        ("next.hashes", [commitment(AFTER.signer(Purpose.ASSERTION).public_key)]),
    ],
    ids=["method and control", "did-18 two methods", "next and control", "next and method"],
)
def test_one_key_in_two_roles_is_unusable(path: str, value: object) -> None:
    assert parse(changed(DRAFT, "document.methods.0.key", OTHER_KEY.to_multikey()))
    with pytest.raises(KeyMaterialError):
        parse(changed(DRAFT, path, value))


def test_did_22_only_committed_keys_may_be_revealed() -> None:
    update = parse(DRAFT)
    own, other = commitment(REVEALED.public_key), commitment(OTHER_KEY)
    for hashes, good in (((own,), True), ((other, own), True), ((other,), False)):
        assert is_committed(update, NextKeys(threshold=1, hashes=hashes)) is good
    two = parse(changed(DRAFT, "control.keys", [REVEALED.public_key.to_multikey(), OTHER_KEY.to_multikey()]))
    assert not is_committed(two, NextKeys(threshold=1, hashes=(own,)))
    assert is_committed(two, NextKeys(threshold=1, hashes=(own, other)))


PATHS = sorted({path for path, _ in REFUSED_FORMS})
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(max_size=20)
    | st.sampled_from([REVEALED.public_key.to_multikey(), OTHER_KEY.to_multikey()]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(PATHS), VALUES)
def test_any_change_is_read_or_refused(path: str, value: object) -> None:
    try:
        parse(changed(DRAFT, path, value))
    except VcredError as error:
        assert isinstance(error, DecodeError | KeyMaterialError)
