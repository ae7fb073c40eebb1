# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The fast path writes what RFC 8785 says, and so does the slow one."""

from enum import StrEnum

import pytest
import rfc8785
from hypothesis import given

from tests.unit.codec.json_values import JSON_VALUES
from vcred.codec.jcs import encode_jcs, encode_jcs_text, encode_utf8
from vcred.codec.json_types import JsonValue
from vcred.codec.strict_json import decode_json, decode_json_object


class Colour(StrEnum):
    GREEN = "green"


def test_the_example_of_rfc_8785() -> None:
    """RFC 8785 section 3.2.2 and 3.2.3."""
    value: JsonValue = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert (
        encode_jcs(value)
        == (
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
        ).encode()
    )


def test_names_are_sorted_by_utf_16_units() -> None:
    """RFC 8785 section 3.2.3: the face stands before the Hebrew presentation form."""
    value: JsonValue = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(decode_json_object(encode_jcs(value))) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


@given(JSON_VALUES)
def test_it_agrees_with_another_implementation_and_reads_back(value: JsonValue) -> None:
    encoded = encode_jcs(value)
    assert encoded == rfc8785.dumps(value)
    assert encode_utf8(encode_jcs_text(value)) == encoded
    assert decode_json(encoded) == value


def test_every_control_character() -> None:
    for code in range(0xA1):
        value: JsonValue = {"a": chr(code)}
        assert encode_jcs(value) == rfc8785.dumps(value)


def test_an_enum_of_texts_is_its_text() -> None:
    assert encode_jcs({Colour.GREEN: [Colour.GREEN]}) == b'{"green":["green"]}'


def _deep(levels: int) -> JsonValue:
    value: JsonValue = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        {1: "a"},
        {"a": {None: 1}},
        {True: 1},
        2**53,
        [-(2**53)],
        [2.0**53],
        1e20,
        {"a": [1.5, 2**53]},
        float("nan"),
        [float("inf")],
        "\ud800",
        {"\ud800": 1},
        [1.5, "\ud800"],
        (1, 2),
        b"bytes",
        {"a": {1, 2}},
        [object()],
        _deep(33),
        _deep(100_000),
    ],
)
def test_what_has_no_canonical_form_is_the_callers_mistake(value: JsonValue) -> None:
    assert encode_jcs(_deep(32)) == b"[" * 32 + b"1" + b"]" * 32
    with pytest.raises(ValueError, match=r"."):
        encode_jcs(value)


def test_a_circle_is_the_callers_mistake() -> None:
    circle: list[JsonValue] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="nested"):
        encode_jcs(circle)
