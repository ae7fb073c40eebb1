# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is noted of a credential: read back as written, named to be typed, copies known for copies."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trust.samples import fresh_world
from tests.world import HEALTH_CLAIMS
from vcred.codec.jcs import encode_jcs
from vcred.codec.strict_json import decode_json_object
from vcred.credential.status_reference import StatusReference
from vcred.errors import DecodeError, UsageError
from vcred.formats.sd_jwt_vc.present import StoredCredential, open_credential
from vcred.keys.algorithms import ES256
from vcred.keys.software import SoftwareSigner
from vcred.wallet.kept import (
    KeptCredential,
    as_used,
    check_name,
    content_of,
    find_copies,
    find_same,
    fingerprint_of,
    free_name,
    keep,
)
from vcred.wallet.key_use import KeyUse

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
TIME = st.integers(0, 2**40)
KEPT = st.builds(
    KeptCredential,
    name=TEXT,
    type=TEXT,
    issuer=TEXT,
    issued_at=TIME,
    not_before=st.none() | TIME,
    expires_at=st.none() | TIME,
    received_at=TIME,
    status=st.none() | st.builds(StatusReference, uri=TEXT, index=TIME, is_only=st.booleans()),
    holder=st.none() | TEXT,
    content=TEXT,
    one_time=st.booleans(),
    shown_at=st.none() | TIME,
    is_uncertain=st.booleans(),
)


@given(KEPT)
def test_what_is_encoded_is_decoded(kept: KeptCredential) -> None:
    assert KeptCredential.decode(kept.encode()) == kept


@given(KEPT, st.data())
def test_a_member_too_few_or_too_many(kept: KeptCredential, data: st.DataObject) -> None:
    document = decode_json_object(kept.encode())
    with pytest.raises(DecodeError):
        KeptCredential.decode(encode_jcs({**document, "colour": "green"}))
    required = ("name", "type", "issuer", "issued_at", "received_at", "content")
    del document[data.draw(st.sampled_from(required))]
    with pytest.raises(DecodeError):
        KeptCredential.decode(encode_jcs(document))


@given(st.binary())
def test_any_bytes_are_noted_or_malformed(value: bytes) -> None:
    with pytest.raises(DecodeError):
        KeptCredential.decode(value)


@pytest.mark.parametrize(
    ("one_time", "shown_at", "is_uncertain", "is_spent"),
    [
        (False, None, False, False),
        (False, 5, False, False),
        # It is no copy of another: nobody can tell two of its showings apart anyway.
        (False, None, True, False),
        (True, None, False, False),
        (True, 5, False, True),
        (True, None, True, True),
    ],
)
def test_what_is_spent(one_time: bool, shown_at: int | None, is_uncertain: bool, is_spent: bool) -> None:
    """INV-9."""
    kept = replace(sample(), one_time=one_time, shown_at=shown_at, is_uncertain=is_uncertain)
    assert kept.is_spent is is_spent


def sample(**changes: object) -> KeptCredential:
    return replace(keep(issued(), name="health-code", received_at=9), **changes)  # type: ignore[arg-type]


def issued(**changes: object) -> StoredCredential:
    key = SoftwareSigner.generate(ES256).public_key
    return open_credential(fresh_world().issue(**{"holder_key": key, **changes}))


def test_no_claim_is_noted() -> None:
    written = sample().encode().decode()
    assert '"name":"health-code"' in written
    for value in ("陳大文", "Chan Tai Man", "2681", "5631268", "green", "MO-CHCSJ"):
        assert value not in written


def test_copies_are_of_one_issuing() -> None:
    """Another key and other salts; all else is the same."""
    assert content_of(issued()) == content_of(issued(index=8))
    assert fingerprint_of(first := issued()) != fingerprint_of(second := issued())
    assert content_of(first) == content_of(second)
    for changed in (
        issued(issued_at=issued().presentation.issued_at + 1),  # type: ignore[operator]
        issued(claims={**HEALTH_CLAIMS, "vaccination": {"doses": 2, "last": "2026-04-30"}}),
        issued(issuer=fresh_world().mo_issuer),
    ):
        assert content_of(changed) != content_of(first)


def test_copies_say_the_same_under_other_keys() -> None:
    first, second = sample(name="travel"), sample(name="travel")
    assert find_copies(sample(name=""), [first, second]) == (first, second)
    for other in (
        replace(sample(), content="other"),
        # The same key again: it links the two by itself.
        replace(sample(), holder=first.holder),
        replace(sample(), holder=None),
    ):
        assert find_copies(other, [first]) == ()


def test_the_same_under_the_same_key_is_the_same() -> None:
    first = sample(name="travel")
    assert find_same(replace(sample(), holder=first.holder), [first]) == first
    for other in (
        replace(sample(), holder=first.holder, content="other"),
        sample(),
        replace(sample(), holder=None),
    ):
        assert find_same(other, [first, replace(first, holder=None)]) is None


@given(KEPT, st.builds(KeyUse, one_time=st.booleans(), shown_at=st.none() | TIME, is_uncertain=st.booleans()))
def test_what_is_known_of_a_key_counts_for_what_is_bound_to_it(kept: KeptCredential, use: KeyUse) -> None:
    assert as_used(kept, use).is_spent == use.is_spent
    assert KeyUse.decode(use.encode()) == use


@pytest.mark.parametrize(
    ("taken", "name"),
    [([], "code"), (["code"], "code-2"), (["code", "code-2"], "code-3"), (["code-2"], "code")],
)
def test_a_free_name(taken: list[str], name: str) -> None:
    assert free_name("code", taken) == name


@given(st.sets(st.sampled_from([f"a-{number}" for number in range(2, 9)] + ["a"])))
def test_a_free_name_is_free(taken: set[str]) -> None:
    name = free_name("a", taken)
    assert name not in taken
    check_name(name, taken=taken)


@pytest.mark.parametrize("name", ["travel", "健康碼", "código de saúde", "a", "x" * 60, "code 2"])
def test_a_name_that_can_be_typed(name: str) -> None:
    check_name(name, taken=["other"])


@pytest.mark.parametrize(
    "name",
    [
        "",
        " a",
        "a ",
        "x" * 61,
        "a\nb",
        "a\x1b[2J",
        "a\u202eb",
        "a\u200bb",
        "-",
        "-a",
        ".",
        "./a",
        "a/b",
        "a\\b",
        "taken",
    ],
)
def test_a_name_that_cannot_be(name: str) -> None:
    check_name("free", taken=["taken"])
    with pytest.raises(UsageError):
        check_name(name, taken=["taken"])


@pytest.mark.parametrize(
    ("vct", "name"),
    [
        ("did:vcred:x/types/health-code/1", "health-code"),
        ("urn:other", "urn:other"),
    ],
)
def test_the_name_of_a_type(vct: str, name: str) -> None:
    assert sample(type=vct).type_name == name
