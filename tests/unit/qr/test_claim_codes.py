# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Short forms of values: every JSON value comes back, and each has one form only."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.cbor import CborValue, decode_cbor, encode_cbor
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonValue
from vcred.codec.strict_json import decode_json
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_PRESENTATION_BYTES
from vcred.qr.claim_codes import ArrayCode, ChoiceCode, ClaimCode, ObjectCode, PlainCode, quote
from vcred.qr.time_codes import DateCode, DateTimeCode

EAST = timedelta(hours=8)
PERSON = ObjectCode((("born", DateCode()), ("kind", ChoiceCode(("a", "b"))), ("name", PlainCode())))
CODES: dict[str, ClaimCode] = {
    "plain": PlainCode(),
    "choice": ChoiceCode(("green", "yellow", "red")),
    "date": DateCode(),
    "date-time": DateTimeCode(EAST),
    "date-time UTC": DateTimeCode(timedelta(0)),
    "object": PERSON,
    "array": ArrayCode(PERSON),
}

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
DATES = st.dates().map(str)
TIMES = (
    st.datetimes()
    .map(lambda moment: moment.isoformat(timespec="seconds"))
    .flatmap(
        lambda text: st.sampled_from(
            ["Z", "+08:00", "+00:00", "-00:00", "-09:30", "+23:59", "+24:00", ""]
        ).map(text.__add__)
    )
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e15, 1e15)
    | TEXTS
    | DATES
    | TIMES
    | st.sampled_from(["green", "red", "a", "b", "", "9999-12-31", "0001-01-01T00:00:00+08:00"])
)
# As they come out of canonical JSON: there, 0.0 is 0.
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["born", "kind", "name", "other", "é"]), inner, max_size=4)
    ),
    max_leaves=8,
).map(lambda value: decode_json(encode_jcs(value)))
CBOR_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | TEXTS
    | st.binary(max_size=8)
    | VALUES.map(encode_jcs),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("code", "value", "item"),
    [
        ("plain", "陳大文", "陳大文"),
        ("plain", -7, -7),
        ("plain", False, False),
        ("plain", None, b"null"),
        ("plain", 1.5, b"1.5"),
        ("plain", {"b": 1, "a": [True]}, b'{"a":[true],"b":1}'),
        ("choice", "red", 2),
        ("choice", "blue", "blue"),
        ("choice", 2, b"2"),
        ("date", "1970-01-02", 1),
        ("date", "1969-12-31", -1),
        ("date", "2026-02-30", "2026-02-30"),
        ("date", 1, b"1"),
        ("date-time", "2026-11-20T02:58:00+08:00", 1_795_114_680),
        ("date-time", "2026-11-19T18:58:00Z", [1_795_114_680, 0]),
        ("date-time", "2026-11-19T18:58:00+00:00", "2026-11-19T18:58:00+00:00"),
        ("date-time", "2026-11-19T18:58:00.5Z", "2026-11-19T18:58:00.5Z"),
        ("date-time UTC", "2026-11-19T18:58:00Z", 1_795_114_680),
        ("date-time UTC", "2026-11-19T09:28:00-09:30", [1_795_114_680, -570]),
        ("object", {}, []),
        ("object", {"kind": "b"}, [None, 1]),
        ("object", {"name": "x", "born": "1970-01-01"}, [0, None, "x"]),
        ("object", {"name": "x", "other": 1}, b'{"name":"x","other":1}'),
        ("object", {"name": None}, [None, None, b"null"]),
        ("array", [{"kind": "a"}, None], [[None, 0], b"null"]),
        ("array", "x", "x"),
    ],
)
def test_forms(code: str, value: JsonValue, item: CborValue) -> None:
    assert CODES[code].shorten(value) == item
    assert CODES[code].expand(item).encode() == encode_jcs(value)


@pytest.mark.parametrize("code", CODES)
@given(value=VALUES)
def test_every_value_comes_back(code: str, value: JsonValue) -> None:
    item = decode_cbor(encode_cbor(CODES[code].shorten(value)), max_bytes=10_000)
    assert CODES[code].expand(item).encode() == encode_jcs(value)


@pytest.mark.parametrize("code", CODES)
@given(item=CBOR_VALUES)
def test_each_value_has_one_form(code: str, item: CborValue) -> None:
    try:
        text = CODES[code].expand(item)
    except DecodeError:
        return
    value = decode_json(text)
    assert encode_jcs(value) == text.encode()
    assert encode_cbor(CODES[code].shorten(value)) == encode_cbor(item)


@pytest.mark.parametrize(
    ("code", "good", "bad"),
    [
        ("plain", 2**53 - 1, 2**53),
        ("plain", b"null", b"1"),
        ("plain", b"null", b" null"),
        ("plain", b"[1]", b"[1,]"),
        ("plain", "a", "a\0"),
        ("plain", True, None),
        ("choice", 2, 3),
        ("choice", 0, -1),
        ("choice", 1, True),
        ("choice", "blue", "green"),
        ("date", 2_932_896, 2_932_897),
        ("date", -719_162, -719_163),
        ("date", "no date", "1970-01-01"),
        ("date", b"1", b'"1970-01-01"'),
        ("date-time", 253_402_271_999, 253_402_272_000),
        ("date-time", [0, 0], [0, 480]),
        ("date-time", [0, 1439], [0, 1440]),
        ("date-time", [0, 0], [0, False]),
        ("date-time", [0, 0], [0]),
        ("date-time", "1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00Z"),
        ("object", [0], [0, None]),
        ("object", [0, 0, "x"], [0, 0, "x", "y"]),
        ("object", b'{"other":1}', b'{"name":"x"}'),
        ("object", b'{"a":1,"other":1}', b'{"other":1,"a":1}'),
        ("array", [[0]], [None]),
        ("array", [], {}),
    ],
)
def test_another_form_is_malformed(code: str, good: CborValue, bad: CborValue) -> None:
    assert CODES[code].expand(good)
    with pytest.raises(DecodeError):
        CODES[code].expand(bad)


def test_object_names_in_messages_only() -> None:
    with pytest.raises(DecodeError) as caught:
        CODES["choice"].expand("green")
    assert "green" not in str(caught.value)


@given(TEXTS)
def test_quoted_text_is_canonical(text: str) -> None:
    assert quote(text).encode() == encode_jcs(text)


# Short items, long texts.


class Counting(ClaimCode):
    """One byte that stands for 1,000 characters; counts how many it has written."""

    written = 0

    def shorten(self, value: JsonValue) -> CborValue:
        return 0

    def expand(self, item: CborValue) -> str:
        self.written += 1_000
        return "x" * 1_000


@pytest.mark.parametrize("levels", range(4))
def test_expansion_stops_at_the_limit(levels: int) -> None:
    """Else 4 kB that stand for a long choice of the type would be written out as gigabytes."""
    element = Counting()
    code: ClaimCode = ArrayCode(element)
    few: CborValue = [0] * 60
    many: CborValue = [0] * 2_800
    for level in range(levels):
        code = ArrayCode(code) if level % 2 else ObjectCode((("a", code), ("b", code)))
        few, many = [few], [many]
    assert len(code.expand(few)) > 60_000
    element.written = 0
    with pytest.raises(LimitExceededError, match="65536"):
        code.expand(many)
    assert element.written <= MAX_PRESENTATION_BYTES + 1_000


@pytest.mark.parametrize("outer", ["array", "object"])
def test_many_that_are_each_below_the_limit_are_above_it(outer: str) -> None:
    element = Counting()
    inner = ArrayCode(element)
    code: ClaimCode = ArrayCode(inner)
    if outer == "object":
        code = ObjectCode(tuple((f"p{n:03}", inner) for n in range(100)))
    assert code.expand([[0] * 30] * 2)
    element.written = 0
    with pytest.raises(LimitExceededError, match="65536"):
        code.expand([[0] * 30] * 100)
    assert element.written <= MAX_PRESENTATION_BYTES + 31_000
