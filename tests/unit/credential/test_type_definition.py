# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Type definitions: the shipped ones, what they answer, and what a definition may not do."""

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import (
    GroupDisclosure,
    TypeDefinition,
    parse_type_definition,
    shipped_type,
    shipped_type_names,
)
from vcred.credential.type_schema import MAX_NODES, inline_schema, iter_leaf_schemas
from vcred.errors import DecodeError, LimitExceededError, SchemaError, VcredError
from vcred.limits import MAX_TYPE_DEFINITION_BYTES
from vcred.text.languages import LANGUAGES

HEALTH = shipped_type("health-code")
CERTIFICATE = shipped_type("professional-certificate")


def changed(change: Callable[[Any], object], definition: TypeDefinition = HEALTH) -> bytes:
    """A shipped definition with one thing changed."""
    document = copy.deepcopy(definition.document)
    change(document)
    return json.dumps(document).encode()


def put(value: object, *path: str | int) -> Callable[[Any], object]:
    """Set one member, wherever it is."""

    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value

    return change


def drop(*path: str) -> Callable[[Any], object]:
    """Remove one member."""

    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return change


def test_both_types_are_shipped() -> None:
    assert shipped_type_names() == ("health-code", "professional-certificate")
    assert HEALTH.always_shown == ("colour", "valid_until")
    assert [group.name for group in HEALTH.groups] == ["match", "identity", "test", "vaccination"]
    assert CERTIFICATE.always_shown == ("title", "title_zh", "level", "expires")
    modules = CERTIFICATE.group("modules")
    assert modules is not None and modules.disclosure is GroupDisclosure.ELEMENTS
    with pytest.raises(SchemaError):
        shipped_type("../health-code")


@pytest.mark.parametrize("definition", [HEALTH, CERTIFICATE], ids=lambda d: d.name)
def test_the_digest_is_over_the_jcs_form(definition: TypeDefinition) -> None:
    assert definition.encoded == encode_jcs(definition.document)
    assert definition.digest == hashlib.sha256(definition.encoded).digest()
    again = parse_type_definition(json.dumps(definition.document, indent=3).encode())
    assert again == definition and hash(again) == hash(definition)
    assert again != object()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_has_a_name_in_every_language(language: str) -> None:
    for definition in (HEALTH, CERTIFICATE):
        for path in definition.claims:
            assert definition.label(path, language)
        for group in definition.groups:
            assert definition.label(group.name, language) == group.labels[language]


def test_labels_of_elements_and_values() -> None:
    assert CERTIFICATE.label("modules.0.mark", "en") == CERTIFICATE.label("modules.*.mark", "en") == "Mark"
    assert CERTIFICATE.label("modules.3", "pt") == CERTIFICATE.label("modules", "pt")
    assert HEALTH.value_label("colour", "red", "zh-Hant") == "紅碼"
    assert HEALTH.value_label("colour", "pink", "en") == "pink"
    assert HEALTH.value_label("vaccination.doses", 3, "en") == "3"
    assert HEALTH.label("", "en") == "Health code"
    with pytest.raises(SchemaError):
        HEALTH.label("identity.shoe_size", "en")


def test_the_schema_answers_by_path() -> None:
    assert HEALTH.schema_at("colour") == {"enum": ["green", "yellow", "red"]}
    assert CERTIFICATE.schema_at("modules.7.mark")["type"] == "integer"
    with pytest.raises(SchemaError):
        HEALTH.schema_at("colour.shade")


def test_expiry_is_the_instant_or_the_end_of_the_day() -> None:
    assert HEALTH.expires_at({"valid_until": "2026-11-23T02:58:00+08:00"}) == 1795373880
    # 2029-07-31T00:00:00+08:00
    assert CERTIFICATE.expires_at({"expires": "2029-07-30"}) == 1880121600
    with pytest.raises(SchemaError):
        HEALTH.expires_at({})
    with pytest.raises(DecodeError):
        CERTIFICATE.expires_at({"expires": "2029-02-30"})
    never = parse_type_definition(changed(put(None, "expiry_claim")))
    assert never.expires_at({}) is None


def test_a_local_reference_is_inlined() -> None:
    def change(document: Any) -> None:
        document["schema"]["$defs"] = {"colour": {"enum": ["green", "yellow", "red"]}}
        document["schema"]["properties"]["colour"] = {"$ref": "#/$defs/colour"}

    definition = parse_type_definition(changed(change))
    assert definition.schema == HEALTH.schema
    assert definition.digest != HEALTH.digest


LEAF = ("schema", "properties", "colour")
REFUSED: dict[str, Callable[[Any], object]] = {
    "unknown member": put(1, "surprise"),
    "member missing": drop("paper"),
    "expiry missing": drop("expiry_claim"),
    "expiry not always shown": put("identity", "expiry_claim"),
    "expiry not a date": put("colour", "expiry_claim"),
    "name": put("Health Code", "name"),
    "version": put(0, "version"),
    "offset": put("+8", "utc_offset"),
    "language missing": drop("labels", "pt"),
    "label empty": put("", "labels", "pt"),
    "label for nothing": put({"labels": HEALTH.document["labels"]}, "claims", "shoe_size"),
    "claim without label": drop("claims", "test.lab"),
    "value without label": drop("claims", "colour", "values", "red"),
    "group twice": lambda d: d["groups"].append(d["groups"][0]),
    "group also always shown": lambda d: d["always_shown"].append("match"),
    "group for nothing": put("nothing", "groups", 0, "name"),
    "property in no place": lambda d: d["groups"].pop(),
    "disclosure": put("some", "groups", 0, "disclosure"),
    "elements of an object": put("elements", "groups", 0, "disclosure"),
    "always shown, not required": put(["identity", "match", "test", "valid_until"], "schema", "required"),
    "rule unknown": put("odd", "rules", 0, "rule"),
    "rule for nothing": put("identity.shoe_size", "rules", 0, "path"),
    "rule for text": put("identity.name", "rules", 0, "path"),
    "rule with a member too many": put("identity.name", "rules", 0, "other"),
    "roster to nothing": put(["shoe_size"], "roster", "columns", 0, "to"),
    "roster twice to one claim": lambda d: d["roster"]["columns"].append(d["roster"]["columns"][0]),
    "roster form": put("guess", "roster", "columns", 0, "as"),
    "roster members": put(["a", "b"], "roster", "columns", 0, "members"),
    "dialect": put("http://json-schema.org/draft-07/schema#", "schema", "$schema"),
    "schema keyword": put({"type": "string", "contentEncoding": "base64"}, *LEAF),
    "remote reference": put({"$ref": "https://evil.example/schema"}, *LEAF),
    "reference beside others": put({"$ref": "#/$defs/a", "type": "string"}, *LEAF),
    "dynamic reference": put({"$dynamicRef": "#a"}, *LEAF),
    "schema id": put("https://evil.example/", "schema", "$id"),
    "number": put({"type": "number"}, *LEAF),
    "list of types": put({"type": ["string", "null"]}, *LEAF),
    "enum of numbers": put({"enum": [1, 2]}, *LEAF),
    "enum twice": put({"enum": ["a", "a"]}, *LEAF),
    "open object": drop("schema", "properties", "match", "additionalProperties"),
    "required nothing": put(["nothing"], "schema", "properties", "match", "required"),
}


def test_the_unchanged_definition_is_read() -> None:
    assert parse_type_definition(changed(lambda _: None)) == HEALTH


@pytest.mark.parametrize("change", REFUSED.values(), ids=list(REFUSED))
def test_a_definition_keeps_its_rules(change: Callable[[Any], object]) -> None:
    with pytest.raises((SchemaError, DecodeError)):
        parse_type_definition(changed(change))


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg", "Name", "1st", "a.b", ""])
def test_a_control_name_is_no_claim_name(name: str) -> None:
    """ISS-13, SDJ-11."""
    with pytest.raises(SchemaError, match="claim name"):
        parse_type_definition(
            changed(put({"type": "string"}, "schema", "properties", "match", "properties", name))
        )


@pytest.mark.parametrize("name", ["iss", "iat", "nbf", "exp", "cnf", "vct", "status", "sub"])
def test_what_sd_jwt_vc_says_itself_is_never_a_claim_of_a_type(name: str) -> None:
    """ISS-13: iss, exp, nbf, cnf, vct and status can be made neither a claim nor a group."""

    def change(document: Any) -> None:
        document["schema"]["properties"][name] = {"type": "string"}
        document["groups"].append({"name": name, "disclosure": "whole", "labels": document["labels"]})

    with pytest.raises(SchemaError, match="reserved name"):
        parse_type_definition(changed(change))


def test_a_reference_that_leads_to_itself_ends() -> None:
    def change(document: Any) -> None:
        document["schema"]["$defs"] = {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}
        document["schema"]["properties"]["colour"] = {"$ref": "#/$defs/a"}

    with pytest.raises(SchemaError, match="too deep"):
        parse_type_definition(changed(change))


def test_a_definition_has_a_longest_length() -> None:
    with pytest.raises(LimitExceededError):
        parse_type_definition(b" " * (MAX_TYPE_DEFINITION_BYTES + 1))


# What a keyword may be, and how much a schema may hold.

PLACE = ("schema", "properties", "test", "properties", "lab")
ELEMENTS = ("schema", "properties", "modules")
MARK = (*ELEMENTS, "items", "properties", "mark")


@pytest.mark.parametrize(
    ("keyword", "good", "bad"),
    [
        ("pattern", "^[0-9A-Z]{4}(?:-[0-9]+)*$", "("),
        ("pattern", "a" * 256, "a" * 257),
        ("pattern", "a", 1),
        ("pattern", "a", None),
        ("pattern", "a", "a{99999999999999999999}"),
        ("pattern", "(" * 40 + ")" * 40, "(" * 128 + ")" * 127),
        ("pattern", r"[\[a]", "[[a]"),
        ("pattern", "(a)", "(?=a)"),
        ("pattern", "(a)a", r"(a)\1"),
        ("minLength", 0, "abc"),
        ("minLength", 0, True),
        ("minLength", 1, 1.5),
        ("maxLength", 0, -1),
        ("maxLength", 1, None),
        ("format", "date", "e-mail"),
        ("format", "date-time", {}),
        ("format", "date", ["date"]),
    ],
)
def test_a_keyword_of_a_text_means_something(keyword: str, good: object, bad: object) -> None:
    assert parse_type_definition(changed(put({"type": "string", keyword: good}, *PLACE)))
    with pytest.raises(SchemaError, match=f"{keyword} must be"):
        parse_type_definition(changed(put({"type": "string", keyword: bad}, *PLACE)))


@pytest.mark.parametrize("bad", ["1", True, 1.5, None, []])
@pytest.mark.parametrize(
    "keyword", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
)
def test_a_bound_is_an_integer(keyword: str, bad: object) -> None:
    assert parse_type_definition(changed(put(1, *MARK, keyword), CERTIFICATE))
    with pytest.raises(SchemaError, match=f"{keyword} must be"):
        parse_type_definition(changed(put(bad, *MARK, keyword), CERTIFICATE))


@pytest.mark.parametrize(
    ("keyword", "good", "bad"),
    [("minItems", 0, -1), ("maxItems", 9, "9"), ("uniqueItems", True, 1), ("uniqueItems", False, None)],
)
def test_a_keyword_of_a_list_means_something(keyword: str, good: object, bad: object) -> None:
    assert parse_type_definition(changed(put(good, *ELEMENTS, keyword), CERTIFICATE))
    with pytest.raises(SchemaError, match=f"{keyword} must be"):
        parse_type_definition(changed(put(bad, *ELEMENTS, keyword), CERTIFICATE))


@pytest.mark.parametrize("step", [0, -1])
def test_a_step_is_above_zero(step: int) -> None:
    with pytest.raises(SchemaError, match="multipleOf must be"):
        parse_type_definition(changed(put(step, *MARK, "multipleOf"), CERTIFICATE))


@pytest.mark.parametrize("required", [["name", "name"], ["name"] * 100_000, [["name"]], [{}], "name"])
def test_required_names_each_property_once(required: object) -> None:
    assert parse_type_definition(changed(put(["name"], "schema", "properties", "match", "required")))
    with pytest.raises((SchemaError, LimitExceededError)):
        parse_type_definition(changed(put(required, "schema", "properties", "match", "required")))


@pytest.mark.parametrize("shape", ["enum", "const"])
def test_a_choice_has_a_longest_length(shape: str) -> None:
    """QR: a code writes one byte for it, a reader the whole text."""

    def read(text: str) -> JsonObject:
        return inline_schema(fan(1, {shape: [text] if shape == "enum" else text}))

    assert read("x" * 256)
    with pytest.raises(SchemaError, match="more than 256 characters"):
        read("x" * 257)


class Counted(dict[str, Any]):
    """A definition that counts how often it is looked at."""

    looked_at = 0

    def __contains__(self, name: object) -> bool:
        Counted.looked_at += 1
        return super().__contains__(name)


def fan(width: int, leaf: Any) -> Any:
    """A schema of three levels, each of which refers `width` times to the next."""

    def level(target: str) -> Any:
        properties = {f"p{n}": {"$ref": f"#/$defs/{target}"} for n in range(width)}
        return {"type": "object", "additionalProperties": False, "properties": properties}

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"second": level("leaf"), "leaf": Counted(leaf)},
        **level("second"),
    }


def test_references_do_not_multiply_without_bound() -> None:
    small = inline_schema(fan(31, {"type": "string"}))
    assert len(iter_leaf_schemas(small)) == 31 * 31
    Counted.looked_at = 0
    with pytest.raises(SchemaError, match="more than 2048 nodes"):
        inline_schema(fan(128, {"type": "string"}))
    # The refusal costs no more than the limit, and nothing like 128 times 128.
    assert Counted.looked_at <= 5 * MAX_NODES


def test_choices_do_not_multiply_without_bound() -> None:
    choices = [f"v{n}" for n in range(1_000)]
    assert inline_schema(fan(2, {"enum": choices}))
    with pytest.raises(SchemaError, match="more than 8192 choices"):
        inline_schema(fan(3, {"enum": choices}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = sorted(HEALTH.document)


@given(st.sampled_from(MEMBERS), JSON)
def test_any_member_may_be_anything(member: str, value: object) -> None:
    try:
        parse_type_definition(changed(put(value, member)))
    except VcredError as error:
        assert isinstance(error, SchemaError | DecodeError)


@given(st.binary(max_size=64))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises((DecodeError, SchemaError)):
        parse_type_definition(data)
