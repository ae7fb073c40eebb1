# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Strategies for values of JSON and CBOR, as this project knows them."""

from hypothesis import strategies as st

from vcred.limits import MAX_JSON_INTEGER

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
INTEGERS = st.integers(-MAX_JSON_INTEGER, MAX_JSON_INTEGER)
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: abs(number) <= MAX_JSON_INTEGER or abs(number) >= 1e21
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | NAMES,
    lambda children: st.lists(children, max_size=5) | st.dictionaries(NAMES, children, max_size=5),
    max_leaves=20,
)

CBOR_KEYS = st.integers(-(2**64), 2**64 - 1) | NAMES
CBOR_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=40) | NAMES,
    lambda children: st.lists(children, max_size=5) | st.dictionaries(CBOR_KEYS, children, max_size=5),
    max_leaves=20,
)
