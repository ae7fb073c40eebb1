# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Claim paths."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.json_types import JsonObject
from vcred.credential.paths import claim_at, definition_path, iter_leaves, join_path, parse_path, put_claim
from vcred.errors import SchemaError

CLAIMS: JsonObject = {"colour": "green", "identity": {"name": "a"}, "modules": [{"mark": 1}, {"mark": 2}]}
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
PATHS = st.lists(NAMES | st.integers(0, 9999), min_size=1, max_size=8).map(tuple)


@given(PATHS)
def test_a_path_comes_back(path: tuple[str | int, ...]) -> None:
    assert parse_path(join_path(path)) == path


@given(st.text(max_size=300))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    with contextlib.suppress(SchemaError):
        assert join_path(parse_path(text)) == text


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "A", "_sd", "...", "a.01", "a.-1", "a.*", "a b", "é"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(SchemaError):
        parse_path(text)


def test_a_claim_is_found_or_absent() -> None:
    assert claim_at(CLAIMS, "modules.1.mark") == 2
    for path in ("modules.2.mark", "modules.mark", "identity.0", "colour.name", "nothing"):
        assert claim_at(CLAIMS, path) is None


def test_a_claim_is_put() -> None:
    claims: JsonObject = {}
    put_claim(claims, "identity.name", "a")
    put_claim(claims, "identity.region", "MO")
    put_claim(claims, "colour", "red")
    assert claims == {"identity": {"name": "a", "region": "MO"}, "colour": "red"}
    for path in ("colour.shade", "modules.0"):
        with pytest.raises(SchemaError):
            put_claim(claims, path, 1)


def test_leaves_and_definition_paths() -> None:
    leaves = [(definition_path(join_path(path)), value) for path, value in iter_leaves(CLAIMS)]
    assert leaves == [
        ("colour", "green"),
        ("identity.name", "a"),
        ("modules.*.mark", 1),
        ("modules.*.mark", 2),
    ]
