# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""JSON that parsers read differently is not read at all."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.codec.json_values import JSON_VALUES
from vcred.codec.json_types import JsonValue
from vcred.codec.strict_json import decode_json, decode_json_object
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_JSON_BYTES, MAX_JSON_INTEGER

# Far above what any machine needs, far below what the attack would cost.
BLINK_SECONDS = 1
GOOD = '{"name": "陳大文", "n": [1, -2.5, true, null, {}], "u": "\\u00e9\\ud83d\\ude00"}'


def test_a_good_document() -> None:
    expected: JsonValue = {"name": "陳大文", "n": [1, -2.5, True, None, {}], "u": "é😀"}
    assert decode_json(GOOD) == expected
    assert decode_json(GOOD.encode()) == expected
    assert decode_json_object(f" \t\r\n{GOOD}\n ") == expected
    assert decode_json(b"7") == 7
    assert decode_json('"\\\\u0000"') == "\\u0000"


@given(JSON_VALUES)
def test_round_trip(value: object) -> None:
    assert decode_json(json.dumps(value)) == value
    assert decode_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize("depth", [0, 1, 5])
@pytest.mark.parametrize("twin", ["a", "\\u0061"])
def test_duplicate_names_are_refused(depth: int, twin: str) -> None:
    """JOS-19."""
    outer, inner = '{"x":[' * depth, "]}" * depth
    assert decode_json(f'{outer}{{"a":1,"b":2}}{inner}')
    with pytest.raises(DecodeError, match="two members"):
        decode_json(f'{outer}{{"a":1,"{twin}":2}}{inner}')


def test_the_duplicate_name_is_not_repeated_in_the_message() -> None:
    with pytest.raises(DecodeError) as caught:
        decode_json('{"陳大文":1,"陳大文":1}')
    assert "陳" not in str(caught.value)


@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_the_depth_is_bounded(open_: str, close: str) -> None:
    """JOS-21."""
    levels = open_.count("[") + open_.count("{")
    fits = 32 // levels
    assert decode_json(open_ * fits + "1" + close * fits)
    with pytest.raises(LimitExceededError, match="32"):
        decode_json(open_ * (fits + 1) + "1" + close * (fits + 1))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 60_000,
        "[" * 40 + '"' + '\\"' * 32_000,
        "[" * 40 + '"' * 60_001,
        "[" * 30_000 + "]" * 30_000,
        '{"a":' * 12_000,
        '"' + "[" * 60_000,
    ],
)
def test_absurd_nesting_is_refused_at_once(text: str) -> None:
    """JOS-21."""
    start = time.process_time()
    with pytest.raises(DecodeError):
        decode_json(text)
    assert time.process_time() - start < BLINK_SECONDS


def test_100_000_levels_are_refused_under_a_larger_cap() -> None:
    """JOS-21."""
    with pytest.raises(LimitExceededError, match="nested"):
        decode_json("[" * 100_000, max_bytes=200_000)


def test_brackets_in_strings_and_beside_one_another_do_not_nest() -> None:
    text = json.dumps(["[" * 50, '\\"[[' * 50, *[[{}]] * 50])
    assert decode_json(text) == json.loads(text)


def test_the_size_is_bounded_in_bytes() -> None:
    """JOS-31."""
    text = '"' + "a" * (MAX_JSON_BYTES - 2) + '"'
    assert decode_json(text)
    for longer in (text + " ", (text + " ").encode(), '"' + "é" * (MAX_JSON_BYTES // 2) + '"'):
        with pytest.raises(LimitExceededError):
            decode_json(longer)


@pytest.mark.parametrize("number", [MAX_JSON_INTEGER, -MAX_JSON_INTEGER, 0])
def test_integers_that_a_double_holds(number: int) -> None:
    assert decode_json(str(number)) == number
    assert decode_json("[1e21, 0.1, 1e3, 5e-324]") == [1e21, 0.1, 1000, 5e-324]


@pytest.mark.parametrize(
    "text",
    [
        str(MAX_JSON_INTEGER + 1),
        str(-MAX_JSON_INTEGER - 1),
        "1" * 5_000,  # JOS-22
        "-" + "1" * 5_000,
        "1e400",
        "-1e400",
        "1e16",
        "9007199254740992.0",
        "NaN",
        "Infinity",
        "[-Infinity]",
    ],
)
def test_numbers_that_a_double_does_not_hold(text: str) -> None:
    with pytest.raises(DecodeError, match="not JSON"):
        decode_json(text)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf{}",  # JOS-23: byte order mark
        "\ufeff{}",
        "{}".encode("utf-16"),  # JOS-23
        "{}".encode("utf-16-le"),
        "{}".encode("utf-32"),
        b'"\xc0\xaf"',  # JOS-23: overlong
        b'"\xed\xa0\x80"',  # a surrogate in UTF-8
        b'"\xff"',
        '"\ud800"',
        r'"\ud800"',  # JOS-23
        r'"\udc00\ud800"',
        r'{"\ud800": 1}',
        r'[{"a": ["\ud800x"]}]',
        r'"\u0000"',  # JOS-23
        r'{"a\u0000": 1}',
        '"\0"',
        '"\n"',
    ],
)
def test_characters_that_are_refused(data: bytes | str) -> None:
    with pytest.raises(DecodeError, match="not JSON"):
        decode_json(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "{} {}",
        "{}x",
        "{}\0",
        "\x0b{}",
        "{}\x0c",
        "{}\u00a0",
        "\u2028{}",
        "[1,]",
        '{"a":1,}',
        "{'a':1}",
        "{a:1}",
        "01",
        "+1",
        ".5",
        "1.",
        "0x1",
        "1_0",
        "\u0661",
        "True",
        "nul",
        '"a',
        '"\\x41"',
        '"\\u12"',
        '"\\u+123"',
        "/**/1",
    ],
)
def test_what_is_not_json(text: str) -> None:
    with pytest.raises(DecodeError, match="not JSON"):
        decode_json(text)


@pytest.mark.parametrize("text", ["[]", '"{}"', "1", "null"])
def test_an_object_is_asked_for(text: str) -> None:
    assert decode_json_object("{}") == {}
    with pytest.raises(DecodeError, match="object"):
        decode_json_object(text)


@given(st.binary(max_size=60) | st.text(max_size=60) | st.text('{}[]":,\\u0dc8-.eE \n', max_size=60))
def test_any_input_is_a_value_or_refused(data: bytes | str) -> None:
    try:
        value = decode_json(data)
    except DecodeError:
        return
    assert value == json.loads(data)
