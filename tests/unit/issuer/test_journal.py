# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Digests by which rows are known again, and credential ids, which only the store can read."""

from hypothesis import given
from hypothesis import strategies as st

from vcred.issuer.journal import (
    CredentialIds,
    DigestKeys,
    StatusValue,
    claims_hash,
    content_digest,
    holder_digest,
    may_become,
)

SECRET, OTHER_SECRET = b"s" * 32, b"t" * 32
KEYS = DigestKeys(store=SECRET, home=bytes(32))
OTHER_KEYS = DigestKeys(store=SECRET, home=OTHER_SECRET)
PLACES = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))


@given(st.lists(PLACES, max_size=20))
def test_an_id_is_read_back(places: list[tuple[int, int]]) -> None:
    ids = CredentialIds(SECRET)
    made = ids.encode(places)
    assert [ids.decode(credential_id) for credential_id in made] == places
    assert all(len(credential_id) == 32 for credential_id in made)
    assert len(set(made)) == len(set(places))


@given(PLACES, st.integers(0, 127))
def test_a_mistyped_id_stands_for_nothing(place: tuple[int, int], bit: int) -> None:
    ids = CredentialIds(SECRET)
    (made,) = ids.encode([place])
    assert ids.decode(made) == place
    assert ids.decode(f"{int(made, 16) ^ 1 << bit:032x}") is None


@given(PLACES)
def test_an_id_has_one_spelling(place: tuple[int, int]) -> None:
    ids = CredentialIds(SECRET)
    (made,) = ids.encode([place])
    assert ids.decode(made) == place
    for other in (f" {made}", f"{made}\n", f"{made[:2]} {made[2:]}", f"0x{made}", made + made):
        assert ids.decode(other) is None
    assert made.upper() == made or ids.decode(made.upper()) is None


@given(st.text() | st.text("0123456789abcdef", min_size=32, max_size=32))
def test_what_nobody_was_given_stands_for_nothing(text: str) -> None:
    assert CredentialIds(SECRET).decode(text) is None


def test_another_store_reads_nothing() -> None:
    (made,) = CredentialIds(SECRET).encode([(0, 0)])
    assert CredentialIds(SECRET).decode(made) == (0, 0)
    assert CredentialIds(OTHER_SECRET).decode(made) is None


def test_neighbours_have_nothing_in_common() -> None:
    first, second = CredentialIds(SECRET).encode([(0, 0), (0, 1)])
    different = (int(first, 16) ^ int(second, 16)).bit_count()
    assert 30 < different < 98


def test_content_is_known_again_in_any_order() -> None:
    one, other = {"a": 1, "b": {"c": 2}}, {"b": {"c": 2}, "a": 1}
    assert claims_hash(one) == claims_hash(other)
    digest = content_digest(claims_hash(one), secret=KEYS)
    assert len(digest) == 32
    assert digest == content_digest(claims_hash(other), secret=KEYS)
    assert digest != content_digest(claims_hash({"a": 1, "b": {"c": 3}}), secret=KEYS)
    # Keyed: whoever has the digest and a guess cannot tell (threats PRV-02).
    assert digest != content_digest(claims_hash(one), secret=OTHER_KEYS)
    assert digest != claims_hash(one)


def test_a_holder_is_known_again() -> None:
    digest = holder_digest("thumbprint", secret=KEYS)
    assert digest == holder_digest("thumbprint", secret=KEYS)
    assert (
        len(
            {
                digest,
                holder_digest("another", secret=KEYS),
                holder_digest("thumbprint", secret=OTHER_KEYS),
            }
        )
        == 3
    )
    assert holder_digest("", secret=KEYS) == b""
    # A key is not the content that happens to have its bytes.
    assert digest != content_digest(b"thumbprint", secret=KEYS)


def test_what_is_revoked_stays_revoked() -> None:
    """Threats STA-18."""
    allowed = {
        (before, after) for before in StatusValue for after in StatusValue if may_become(before, after)
    }
    assert {(StatusValue.SUSPENDED, StatusValue.VALID), (StatusValue.VALID, StatusValue.REVOKED)} <= allowed
    assert {after for before, after in allowed if before is StatusValue.REVOKED} == {StatusValue.REVOKED}
