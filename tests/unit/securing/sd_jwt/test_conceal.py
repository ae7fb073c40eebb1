# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer makes is what process undoes. ISS-11 to 13, 16."""

import hashlib
import secrets
from collections.abc import Callable
from itertools import chain, islice
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.codec.json_values import JSON_VALUES
from vcred.codec.base64url import decode_base64url
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json, decode_json_object
from vcred.securing.sd_jwt.conceal import Concealed, Concealer, encode_claim, finish_all
from vcred.securing.sd_jwt.disclosure import CONTROL_NAMES, parse_disclosure
from vcred.securing.sd_jwt.process import process
from vcred.securing.sd_jwt.salts import draw_salts

NAMES = st.text("abcdefgh", min_size=1, max_size=3)
Add: TypeAlias = Callable[[Concealer], None]


def conceal(
    shown: JsonObject, *adds: Add, random_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> Concealed:
    """Add each claim in turn."""
    concealer = Concealer(draw_salts(random_bytes))
    for add in adds:
        add(concealer)
    (concealed,) = finish_all([(concealer, {name: encode_claim(value) for name, value in shown.items()})])
    return concealed


def payload_of(concealed: Concealed) -> JsonObject:
    return decode_json_object(concealed.payload)


def whole(name: str, value: JsonValue) -> Add:
    return lambda concealer: concealer.whole(name, encode_claim(value))


def members(name: str, values: JsonObject, *, absent: int = 0) -> Add:
    return lambda concealer: concealer.members(
        name, {member: encode_claim(value) for member, value in values.items()}, absent=absent
    )


def elements(name: str, values: list[JsonValue]) -> Add:
    return lambda concealer: concealer.elements(name, [encode_claim(value) for value in values])


def all_digests(concealed: Concealed) -> list[JsonValue]:
    """Every digest, at every level."""
    found: list[JsonValue] = []
    for value in (payload_of(concealed), *(parse_disclosure(text).value for text in concealed.disclosures)):
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
    value=PLAIN,
    inner=st.dictionaries(NAMES, PLAIN, max_size=20),
    absent=st.integers(0, 3),
    values=st.lists(PLAIN, max_size=4),
)
def test_what_is_concealed_is_processed_back(
    shown: JsonObject, value: JsonValue, inner: JsonObject, absent: int, values: list[JsonValue]
) -> None:
    concealed = conceal(
        shown,
        whole("w", value),
        members("m", inner, absent=absent),
        Concealer.decoy,
        elements("e", values),
    )
    disclosures = [parse_disclosure(text) for text in concealed.disclosures]
    done = process(payload_of(concealed), disclosures)
    assert done.claims == {**shown, "w": value, "m": inner, "e": values}
    # Parents before children, in the order given.
    assert done.places == (
        ("w",),
        ("m",),
        *(("m", name) for name in sorted(inner)),
        ("e",),
        *(("e", index) for index in range(len(values))),
    )
    assert len(all_digests(concealed)) == len(disclosures) + absent + 1
    assert process(payload_of(concealed), []).claims == shown


def test_a_person_without_a_claim_looks_like_one_with_it() -> None:
    """ISS-16."""
    lacking = conceal({}, Concealer.decoy, Concealer.decoy)
    having = conceal({}, whole("a", 1), Concealer.decoy)
    assert len(all_digests(lacking)) == 2
    assert {len(str(digest)) for digest in (*all_digests(lacking), *all_digests(having))} == {43}


def test_the_order_of_digests_tells_nothing() -> None:
    """ISS-12: with new salts each order comes up, though the claims are the same."""
    orders = set()
    for _ in range(64):
        concealed = conceal({}, whole("a", 1), whole("b", 2))
        digests = payload_of(concealed)["_sd"]
        assert isinstance(digests, list)
        orders.add(digests.index(parse_disclosure(concealed.disclosures[0]).digest))
    assert orders == {0, 1}


def test_every_salt_is_new_and_of_128_bits() -> None:
    """ISS-11."""
    hundred = members("m", {f"n{index}": index for index in range(100)})
    texts = chain(*(conceal({}, hundred).disclosures for _ in range(20)))
    salts = [parse_disclosure(text).salt for text in texts]
    assert len(set(salts)) == len(salts) == 2020
    assert {len(decode_base64url(salt)) for salt in salts} == {16}


def test_a_million_salts() -> None:
    """ISS-11. One generator draws them as for one credential, and refuses the first that comes twice."""
    salts = set(islice(draw_salts(secrets.token_bytes), 1_000_000))
    assert len(salts) == 1_000_000
    assert {len(salt) for salt in salts} == {22}


@pytest.mark.parametrize(
    "source", [lambda size: bytes(size), lambda size: secrets.token_bytes(size - 1), lambda _: b""]
)
def test_a_broken_source_issues_nothing(source: Callable[[int], bytes]) -> None:
    """ISS-11."""
    conceal({}, whole("a", 1))
    with pytest.raises(RuntimeError):
        conceal({}, whole("a", 1), random_bytes=source)


def test_a_source_that_repeats_itself_later() -> None:
    """ISS-11: the second draw of one credential is compared with the first."""

    def source(size: int) -> bytes:
        return hashlib.shake_128(b"seed").digest(size)

    few = members("m", {f"n{index}": index for index in range(15)})
    assert len(conceal({}, few, random_bytes=source).disclosures) == 16
    with pytest.raises(RuntimeError):
        conceal({}, few, whole("a", 1), random_bytes=source)


@pytest.mark.parametrize(
    ("shown", "adds"),
    [
        ({"a": 1}, [whole("a", 1)]),
        ({}, [whole("a", 1), elements("a", [])]),
        ({"_sd": []}, []),
        ({"...": "x"}, []),
        ({"_sd_alg": "sha-512"}, []),
        ({}, [whole("_sd", [])]),
        ({}, [whole("...", "x")]),
        ({}, [members("_sd_alg", {})]),
        ({}, [members("m", {"_sd": []})]),
        ({}, [members("m", {"x": {"_sd": []}})]),
        ({}, [whole("w", {"x": [{"...": "y"}]})]),
        ({}, [elements("e", [{"_sd_alg": "sha-256"}])]),
    ],
)
def test_control_names_and_doubles_are_the_callers_mistake(shown: JsonObject, adds: list[Add]) -> None:
    """ISS-13."""
    conceal({"b": 1}, whole("c", 1))
    with pytest.raises(ValueError, match="claim"):
        conceal(shown, *adds)


def test_the_same_salts_make_the_same_credential() -> None:
    def source(size: int) -> bytes:
        return hashlib.shake_128(b"seed").digest(size)

    two = members("m", {"b": 2, "a": 1})
    assert conceal({}, two, random_bytes=source) == conceal({}, two, random_bytes=source)


def test_it_is_all_in_its_jcs_form() -> None:
    concealed = conceal(
        {}, members("m", {"b": 2, "a": "é"}, absent=1), elements("e", [1.5, {"z": 1, "a": 2}])
    )
    for text in concealed.disclosures:
        written = decode_base64url(text)
        assert written == encode_jcs(decode_json(written))
    assert concealed.payload == encode_jcs(payload_of(concealed))
