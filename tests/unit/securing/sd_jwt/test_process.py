# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""RFC 9901 section 7.1 steps 3 to 5: SDJ-02, 05 to 07, 09 to 18, 22. One mutation each of a good case."""

import hashlib
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.codec.json_values import JSON_VALUES
from vcred.codec.base64url import encode_base64url
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import RefusedError
from vcred.limits import MAX_DIGESTS, MAX_DISCLOSURE_DEPTH, MAX_DISCLOSURES
from vcred.reasons import Reason
from vcred.securing.sd_jwt.disclosure import CONTROL_NAMES, Disclosure, make_disclosure, parse_disclosure
from vcred.securing.sd_jwt.process import Processed, process

_count = iter(range(1, 1_000_000))


def member(name: str, value: JsonValue) -> Disclosure:
    return make_disclosure(name, value, next(_count).to_bytes(16, "big"))


def element(value: JsonValue) -> Disclosure:
    return make_disclosure(None, value, next(_count).to_bytes(16, "big"))


def digests(*disclosures: Disclosure) -> list[JsonValue]:
    return [disclosure.digest for disclosure in disclosures]


def refusal(payload: JsonObject, *disclosures: Disclosure) -> Reason:
    with pytest.raises(RefusedError) as caught:
        process(payload, disclosures)
    return caught.value.reason


NAME, BIRTH = member("name", "Chan"), member("birth_date", "1954-09-24")
IDENTITY = member("identity", {"_sd": digests(NAME, BIRTH), "region": "MO"})
LAW, COST = element({"title": "Law"}), element({"title": "Cost"})
MODULES = member("modules", [{"...": LAW.digest}, "always", {"...": COST.digest}])
PAYLOAD: JsonObject = {
    "colour": "green",
    "_sd": [*digests(IDENTITY, MODULES), "a-decoy"],
    "_sd_alg": "sha-256",
}


def test_everything_disclosed() -> None:
    done = process(PAYLOAD, [NAME, IDENTITY, BIRTH, MODULES, LAW, COST])
    assert done.claims == {
        "colour": "green",
        "identity": {"region": "MO", "name": "Chan", "birth_date": "1954-09-24"},
        "modules": [{"title": "Law"}, "always", {"title": "Cost"}],
    }
    assert done.places == (
        ("identity", "name"),
        ("identity",),
        ("identity", "birth_date"),
        ("modules",),
        ("modules", 0),
        ("modules", 2),
    )


def test_a_part_disclosed() -> None:
    done = process(PAYLOAD, [IDENTITY, NAME, MODULES, COST])
    assert done.claims["identity"] == {"region": "MO", "name": "Chan"}
    # The place of an element is its index in what is shown.
    assert done.claims["modules"] == ["always", {"title": "Cost"}]
    assert done.places[3] == ("modules", 1)


def test_nothing_disclosed() -> None:
    assert process(PAYLOAD, []) == Processed(claims={"colour": "green"}, places=())


def test_the_payload_stays_as_it_was() -> None:
    before = json.dumps(PAYLOAD)
    done = process(PAYLOAD, [IDENTITY, NAME])
    done.claims["colour"] = "red"
    assert json.dumps(PAYLOAD) == before


def test_digests_stand_at_any_depth_also_in_arrays_of_arrays() -> None:
    """SDJ-15: one rule for every place, whether the issuer or a disclosure put it there."""
    inner = element("deep")
    outer = element([[{"...": inner.digest}], {"_sd": digests(NAME)}])
    payload: JsonObject = {"a": [[[{"...": outer.digest}]]]}
    done = process(payload, [inner, outer, NAME])
    assert done.claims == {"a": [[[[["deep"], {"name": "Chan"}]]]]}
    assert done.places == (("a", 0, 0, 0, 0, 0), ("a", 0, 0, 0), ("a", 0, 0, 0, 1, "name"))


def test_an_unreferenced_disclosure() -> None:
    """SDJ-02."""
    assert refusal(PAYLOAD, IDENTITY, member("extra", 1)) is Reason.DISCLOSURE_INVALID


def test_a_disclosure_sent_twice() -> None:
    """SDJ-07."""
    assert refusal(PAYLOAD, IDENTITY, IDENTITY) is Reason.DISCLOSURE_INVALID


def test_a_child_without_its_parent() -> None:
    """SDJ-07."""
    process(PAYLOAD, [IDENTITY, NAME])
    assert refusal(PAYLOAD, NAME) is Reason.DISCLOSURE_INVALID
    assert refusal(PAYLOAD, LAW) is Reason.DISCLOSURE_INVALID


@pytest.mark.parametrize("sent", [[], [NAME]], ids=["undisclosed", "disclosed"])
@pytest.mark.parametrize(
    "payload",
    [
        {"_sd": digests(NAME, NAME)},
        {"_sd": digests(NAME), "other": {"_sd": digests(NAME)}},
        {"_sd": digests(NAME), "list": [{"...": NAME.digest}]},
        {"list": [{"...": NAME.digest}, {"...": NAME.digest}]},
        {"list": [[{"...": NAME.digest}], [{"_sd": digests(NAME)}]]},
    ],
    ids=["one array", "two objects", "element and object", "two elements", "nested"],
)
def test_a_digest_twice(payload: JsonObject, sent: list[Disclosure]) -> None:
    """SDJ-05."""
    process({"_sd": digests(NAME)}, sent)
    assert refusal(payload, *sent) is Reason.DISCLOSURE_INVALID


def test_a_digest_again_inside_a_disclosure() -> None:
    """SDJ-06."""
    again = member("again", {"_sd": digests(NAME)})
    process({"_sd": digests(again)}, [again, NAME])
    assert refusal({"_sd": digests(again, NAME)}, again, NAME) is Reason.DISCLOSURE_INVALID
    assert refusal({"_sd": digests(again, NAME)}, again) is Reason.DISCLOSURE_INVALID


def test_a_disclosure_that_holds_its_own_digest() -> None:
    """SDJ-06: no such text can be found for SHA-256; whoever finds one gets no loop of it."""
    own = Disclosure(encoded="x", salt="s", name="own", value={"_sd": ["digest"]}, digest="digest")
    assert refusal({"_sd": ["digest"]}, own) is Reason.DISCLOSURE_INVALID


def test_an_object_disclosure_for_an_element_and_the_reverse() -> None:
    """SDJ-09."""
    process({"list": [{"...": LAW.digest}]}, [LAW])
    assert refusal({"list": [{"...": NAME.digest}]}, NAME) is Reason.DISCLOSURE_INVALID
    process({"_sd": digests(NAME)}, [NAME])
    assert refusal({"_sd": digests(LAW)}, LAW) is Reason.DISCLOSURE_INVALID


def test_a_name_that_is_taken() -> None:
    """SDJ-13."""
    process({"_sd": digests(NAME)}, [NAME])
    assert refusal({"_sd": digests(NAME), "name": "Lei"}, NAME) is Reason.DISCLOSURE_INVALID
    other = member("name", "Lei")
    assert refusal({"_sd": digests(NAME, other)}, NAME, other) is Reason.DISCLOSURE_INVALID
    # A withheld second claim of one name is not seen, and does no harm.
    assert process({"_sd": digests(NAME, other)}, [other]).claims == {"name": "Lei"}


@pytest.mark.parametrize("name", sorted(CONTROL_NAMES))
def test_a_control_name(name: str) -> None:
    """SDJ-11, 13: also where the disclosure was not parsed but made up."""
    text = encode_base64url(json.dumps(["salt", name, []]).encode())
    with pytest.raises(RefusedError) as caught:
        process({"_sd": []}, [parse_disclosure(text)])
    assert caught.value.reason is Reason.DISCLOSURE_INVALID


@pytest.mark.parametrize(
    "payload",
    [
        {"_sd": NAME.digest},
        {"_sd": None},
        {"_sd": {"0": NAME.digest}},
        {"_sd": [1]},
        {"_sd": [None]},
        {"_sd": [digests(NAME)]},
        {"list": [{"...": LAW.digest, "x": 1}]},
        {"list": [{"...": 1}]},
        {"list": [{"...": None}]},
        {"list": [{"...": [LAW.digest]}]},
        {"...": LAW.digest},
        {"object": {"...": LAW.digest}},
        {"list": [{"x": {"...": LAW.digest}}]},
    ],
    ids=repr,
)
def test_control_names_misused(payload: JsonObject) -> None:
    """SDJ-14."""
    process({"_sd": digests(NAME), "list": [{"...": LAW.digest}]}, [])
    assert refusal(payload) is Reason.DISCLOSURE_INVALID


@pytest.mark.parametrize("name", ["sha-512", "SHA-256", "sha256", "md5", "", None, 256, ["sha-256"]])
def test_another_hash_algorithm(name: JsonValue) -> None:
    """SDJ-16: only what is understood is obeyed."""
    process({"_sd_alg": "sha-256"}, [])
    assert refusal({"_sd_alg": name}) is Reason.ALGORITHM_NOT_ALLOWED


@pytest.mark.parametrize(
    "place",
    [
        lambda value: {"object": value},
        lambda value: {"list": [value]},
        lambda value: {"list": [[{"x": value}]]},
    ],
)
def test_a_nested_hash_algorithm(place: Callable[[JsonValue], JsonObject]) -> None:
    """SDJ-17: it would switch the algorithm for a part."""
    process(place({"x": 1}), [])
    assert refusal(place({"_sd_alg": "sha-256"})) is Reason.DISCLOSURE_INVALID


def test_a_hash_algorithm_in_a_disclosure() -> None:
    """SDJ-17."""
    hidden = member("hidden", {"_sd_alg": "sha-256"})
    assert refusal({"_sd": digests(hidden)}, hidden) is Reason.DISCLOSURE_INVALID


def test_digests_of_another_hash() -> None:
    """SDJ-18."""
    foreign = encode_base64url(hashlib.sha512(NAME.encoded.encode()).digest())
    assert refusal({"_sd": [foreign]}, NAME) is Reason.DISCLOSURE_INVALID


def chain(depth: int) -> list[Disclosure]:
    """Disclosures each inside the one before; the outermost first."""
    links = [member("x", 1)]
    while len(links) < depth:
        links.insert(0, member("x", {"_sd": digests(links[0])}))
    return links


def test_disclosures_within_disclosures() -> None:
    """SDJ-22."""
    deepest = chain(MAX_DISCLOSURE_DEPTH)
    process({"_sd": digests(deepest[0])}, deepest)
    for depth in (MAX_DISCLOSURE_DEPTH + 1, 200, 600):
        links = chain(depth)
        assert refusal({"_sd": digests(links[0])}, *links) is Reason.LIMIT_EXCEEDED


def test_too_many_disclosures() -> None:
    """SDJ-22, JOS-31: within the second they are refused."""
    many = [member(f"n{index}", index) for index in range(1001)]
    most = many[:MAX_DISCLOSURES]
    assert len(process({"_sd": digests(*most)}, most).claims) == MAX_DISCLOSURES
    begun = time.process_time()
    assert refusal({"_sd": digests(*many)}, *many) is Reason.LIMIT_EXCEEDED
    assert time.process_time() - begun < 1


def test_too_many_digests() -> None:
    names: list[JsonValue] = [str(index) for index in range(MAX_DIGESTS + 1)]
    process({"_sd": names[:MAX_DIGESTS]}, [])
    assert refusal({"_sd": names}) is Reason.LIMIT_EXCEEDED
    assert refusal({"list": [{"...": name} for name in names]}) is Reason.LIMIT_EXCEEDED


def holds_control_name(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return not CONTROL_NAMES.isdisjoint(value) or any(map(holds_control_name, value.values()))
    return isinstance(value, list) and any(map(holds_control_name, value))


def with_control_names(values: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonValue]:
    digest = st.sampled_from([NAME.digest, LAW.digest, IDENTITY.digest, "decoy"])
    names = st.sampled_from(["_sd", "...", "_sd_alg", "name", "x"])
    return (
        st.dictionaries(names, values | st.lists(digest) | digest | st.just("sha-256"))
        | st.lists(values, max_size=4)
        | digest.map(lambda text: {"...": text})
    )


@given(
    payload=st.dictionaries(
        st.sampled_from(["_sd", "_sd_alg", "name", "x"]),
        st.recursive(JSON_VALUES | st.just("sha-256"), with_control_names, max_leaves=12),
    ),
    sent=st.lists(st.sampled_from([NAME, BIRTH, IDENTITY, LAW, COST, MODULES]), max_size=5),
)
def test_any_payload_is_processed_or_refused(payload: JsonObject, sent: list[Disclosure]) -> None:
    try:
        done = process(payload, sent)
    except RefusedError:
        return
    assert not holds_control_name(done.claims)
    assert len(set(done.places)) == len(sent)
