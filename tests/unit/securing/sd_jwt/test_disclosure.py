# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Disclosures: round trips, and every array that is none. SDJ-10, 11, 13; JOS-14, 19."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.codec.json_values import JSON_VALUES
from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.json_types import JsonValue
from vcred.errors import DecodeError, RefusedError
from vcred.reasons import Reason
from vcred.securing.sd_jwt.disclosure import CONTROL_NAMES, digest_of, make_disclosure, parse_disclosure

SALT = bytes(range(16))


def encoded(value: object) -> str:
    return encode_base64url(json.dumps(value).encode())


def test_a_disclosure_of_the_rfc_has_the_digest_of_the_rfc() -> None:
    """RFC 9901 section 4.2.1 and 4.2.3: white space is part of what is hashed."""
    text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    disclosure = parse_disclosure(text)
    assert (disclosure.salt, disclosure.name, disclosure.value) == (
        "_26bc4LT-ac6q2KI6cBW5es",
        "family_name",
        "Möbius",
    )
    assert disclosure.digest == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_a_member_is_written_in_its_jcs_form() -> None:
    made = make_disclosure("doses", {"b": 1, "a": "é"}, SALT)
    assert decode_base64url(made.encoded).decode() == '["AAECAwQFBgcICQoLDA0ODw","doses",{"a":"é","b":1}]'
    assert made.digest == encode_base64url(hashlib.sha256(made.encoded.encode()).digest())


def test_an_element_has_no_name() -> None:
    made = make_disclosure(None, "Law", SALT)
    assert decode_base64url(made.encoded) == b'["AAECAwQFBgcICQoLDA0ODw","Law"]'
    assert parse_disclosure(made.encoded).name is None


@given(
    name=st.none()
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")).filter(
        lambda name: name not in CONTROL_NAMES
    ),
    value=JSON_VALUES,
    salt=st.binary(min_size=16, max_size=16),
)
def test_what_is_made_is_read_back(name: str | None, value: JsonValue, salt: bytes) -> None:
    made = make_disclosure(name, value, salt)
    assert parse_disclosure(made.encoded) == made


@pytest.mark.parametrize(
    "array",
    [
        [],
        ["salt"],
        ["salt", "name", "value", "more"],
        {"0": "salt", "1": "name"},
        "ab",
        "abc",
        7,
        None,
        True,
        [1, "name", "value"],
        [None, "value"],
        ["salt", 1, "value"],
        ["salt", None, "value"],
        ["salt", ["name"], "value"],
    ],
    ids=repr,
)
def test_another_shape_is_refused(array: object) -> None:
    parse_disclosure(encoded(["salt", "name", "value"]))
    with pytest.raises(RefusedError) as caught:
        parse_disclosure(encoded(array))
    assert caught.value.reason is Reason.DISCLOSURE_INVALID


@pytest.mark.parametrize("name", sorted(CONTROL_NAMES))
def test_a_control_name_is_refused(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_disclosure(encoded(["salt", name, "value"]))
    assert caught.value.reason is Reason.DISCLOSURE_INVALID
    with pytest.raises(ValueError, match="control name"):
        make_disclosure(name, "value", SALT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        encoded(["salt", "name", "value"]) + "=",
        encoded(["salt", "value"])[:-1] + " ",
        encode_base64url(b'["salt","name",{"a":1,"a":2}]'),
        encode_base64url(b'["salt","name",NaN]'),
        encode_base64url(b'["salt","name","\\ud800"]'),
        encode_base64url('["salt","name","é"]'.encode("utf-16")),
        encode_base64url(b'["salt","name","value"] []'),
    ],
)
def test_what_is_not_strict_json_in_base64url_is_malformed(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_disclosure(text)


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_salt_has_sixteen_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        make_disclosure("name", "value", bytes(size))


@pytest.mark.parametrize(("name", "value"), [("\ud800", 1), ("name", "\udc00"), (None, ["\ud800x"])])
def test_a_lone_surrogate_is_the_callers_mistake(name: str | None, value: JsonValue) -> None:
    with pytest.raises(ValueError, match="surrogate"):
        make_disclosure(name, value, SALT)


@given(st.text() | st.binary().map(encode_base64url) | JSON_VALUES.map(encoded))
def test_any_text_is_a_disclosure_or_refused(text: str) -> None:
    try:
        disclosure = parse_disclosure(text)
    except (DecodeError, RefusedError):
        return
    assert disclosure.encoded == text
    assert disclosure.digest == digest_of(text)
