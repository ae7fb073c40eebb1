# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer makes is what process undoes. ISS-11 to 13, 16."""

import hashlib
import secrets
from collections.abc import Callable
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.codec.json_values import JSON_VALUES
from vcred.codec.base64url import decode_base64url
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.securing.sd_jwt.conceal import Concealable, Concealed, Decoy, Elements, Members, Whole, conceal
from vcred.securing.sd_jwt.disclosure import CONTROL_NAMES, parse_disclosure
from vcred.securing.sd_jwt.process import process

NAMES = st.text("abcdefgh", min_size=1, max_size=3)


def all_digests(concealed: Concealed) -> list[JsonValue]:
    """Every digest, at every level."""
    found: list[JsonValue] = []
    for value in (concealed.payload, *(parse_disclosure(text).value for text in concealed.disclosures)):
        if isinstance(value, dict) and isinstance(digests := value.get("_sd"), list):
            assert digests == sorted(digests, key=str)
            found += digests
        elif isinstance(value, list):
            found += [item["..."] for item in value if isinstance(item, dict) and "..." in item]
    return found


def plain(value: JsonValue) -> bool:
    """Whether no control name stands in the value, at any depth."""
    if isinstance(value, dict):
        return CONTROL_NAMES.isdisjoint(value) and all(map(plain, value.values()))
    return all(map(plain, value)) if isinstance(value, list) else True


PLAIN = JSON_VALUES.filter(plain)


@given(
    shown=st.dictionaries(NAMES.map(str.upper), PLAIN, max_size=3),
    whole=PLAIN,
    members=st.dictionaries(NAMES, PLAIN, max_size=4),
    absent=st.integers(0, 3),
    values=st.lists(PLAIN, max_size=4),
)
def test_what_is_concealed_is_processed_back(
    shown: JsonObject, whole: JsonValue, members: JsonObject, absent: int, values: list[JsonValue]
) -> None:
    hidden: list[Concealable] = [
        Whole(name="w", value=whole),
        Members(name="m", members=members, absent=absent),
        Decoy(),
        Elements(name="e", values=values),
    ]
    concealed = conceal(shown, hidden, random_bytes=secrets.token_bytes)
    disclosures = [parse_disclosure(text) for text in concealed.disclosures]
    done = process(concealed.payload, disclosures)
    assert done.claims == {**shown, "w": whole, "m": members, "e": values}
    # Parents before children, in the order given.
    assert done.places == (
        ("w",),
        ("m",),
        *(("m", name) for name in sorted(members)),
        ("e",),
        *(("e", index) for index in range(len(values))),
    )
    assert len(all_digests(concealed)) == len(disclosures) + absent + 1
    assert process(concealed.payload, []).claims == shown


def test_a_person_without_a_claim_looks_like_one_with_it() -> None:
    """ISS-16."""
    lacking = conceal({}, [Decoy(), Decoy()], random_bytes=secrets.token_bytes)
    having = conceal({}, [Whole(name="a", value=1), Decoy()], random_bytes=secrets.token_bytes)
    assert len(all_digests(lacking)) == 2
    assert {len(str(digest)) for digest in (*all_digests(lacking), *all_digests(having))} == {43}


def test_the_order_of_digests_tells_nothing() -> None:
    """ISS-12: with new salts each order comes up, though the claims are the same."""
    hidden = [Whole(name="a", value=1), Whole(name="b", value=2)]
    orders = set()
    for _ in range(64):
        concealed = conceal({}, hidden, random_bytes=secrets.token_bytes)
        digests = concealed.payload["_sd"]
        assert isinstance(digests, list)
        orders.add(digests.index(parse_disclosure(concealed.disclosures[0]).digest))
    assert orders == {0, 1}


def test_every_salt_is_new_and_of_128_bits() -> None:
    """ISS-11."""
    hidden = [Members(name="m", members={f"n{index}": index for index in range(100)})]
    salts = [
        parse_disclosure(text).salt
        for text in chain(
            *(conceal({}, hidden, random_bytes=secrets.token_bytes).disclosures for _ in range(20))
        )
    ]
    assert len(set(salts)) == len(salts) == 2020
    assert {len(decode_base64url(salt)) for salt in salts} == {16}


@pytest.mark.parametrize(
    "source", [lambda size: bytes(size), lambda size: secrets.token_bytes(size - 1), lambda _: b""]
)
def test_a_broken_source_issues_nothing(source: Callable[[int], bytes]) -> None:
    """ISS-11."""
    hidden = [Whole(name="a", value=1), Whole(name="b", value=2)]
    conceal({}, hidden, random_bytes=secrets.token_bytes)
    with pytest.raises(RuntimeError):
        conceal({}, hidden, random_bytes=source)


@pytest.mark.parametrize(
    ("shown", "hidden"),
    [
        ({"a": 1}, [Whole(name="a", value=1)]),
        ({}, [Whole(name="a", value=1), Elements(name="a", values=[])]),
        ({"_sd": []}, []),
        ({"...": "x"}, []),
        ({"_sd_alg": "sha-512"}, []),
        ({}, [Whole(name="_sd", value=[])]),
        ({}, [Whole(name="...", value="x")]),
        ({}, [Members(name="_sd_alg", members={})]),
        ({}, [Members(name="m", members={"_sd": []})]),
        ({}, [Members(name="m", members={"x": {"_sd": []}})]),
        ({}, [Whole(name="w", value={"x": [{"...": "y"}]})]),
        ({}, [Elements(name="e", values=[{"_sd_alg": "sha-256"}])]),
    ],
    ids=repr,
)
def test_control_names_and_doubles_are_the_callers_mistake(
    shown: JsonObject, hidden: list[Concealable]
) -> None:
    """ISS-13."""
    with pytest.raises(ValueError, match="claim"):
        conceal(shown, hidden, random_bytes=secrets.token_bytes)


def test_the_same_salts_make_the_same_credential() -> None:
    def source(size: int) -> bytes:
        return hashlib.shake_128(b"seed").digest(size)

    hidden = [Members(name="m", members={"b": 2, "a": 1})]
    assert conceal({}, hidden, random_bytes=source) == conceal({}, hidden, random_bytes=source)
