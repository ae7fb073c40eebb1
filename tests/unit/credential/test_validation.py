# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Validation: good claims first, then one thing wrong, then the exact words."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.credential.claims import health_claims
from vcred.credential.type_definition import shipped_type
from vcred.credential.validation import validate_claims
from vcred.errors import SchemaError

HEALTH = shipped_type("health-code")
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def faults_with(path: str, value: object) -> list[tuple[str, str]]:
    """What is wrong once the claim at `path` is `value` (absent if None)."""
    claims: Any = health_claims()
    *parents, name = path.split(".")
    place = claims
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[name]
    else:
        place[name] = value
    return [(fault.path, fault.rule) for fault in validate_claims(claims, HEALTH, NOW)]


def test_good_claims_have_no_fault() -> None:
    assert validate_claims(health_claims(), HEALTH, NOW) == []


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("colour", "blue", "not in the list"),
        ("colour", None, "required"),
        ("identity.name", None, "required"),
        ("identity.birth_date", "1988-02-30", "no such day"),
        ("identity.birth_date", "30 February", "not a date"),
        ("identity.birth_date", "2999-01-01", "in the future"),
        ("identity.id_number", "440305198704063454", "check digit wrong"),
        ("test.collected", "20/11/2026", "not a date-time"),
        ("test.collected", "2026-02-30T00:00:00+08:00", "not a date-time"),
        ("test.collected", "2026-11-20T02:58:00", "not a date-time"),
        ("test.collected", "2026-11-20T09:00:01+08:00", "in the future"),
        ("valid_until", "2020-01-01T00:00:00+08:00", "before test.collected"),
        ("vaccination.doses", -1, "below 0"),
        ("vaccination.doses", 21, "above 20"),
        ("vaccination.doses", "3", "not an integer"),
        ("vaccination.doses", True, "not an integer"),
        ("vaccination.doses", 3.0, "not an integer"),
        ("vaccination.doses", 2**60, "integer too large"),
        ("match.name", "陳大文", "differs from identity.name"),
        ("match.last_four", "0000", "not the last four of identity.id_number"),
        ("match.last_four", "345", "not of the form"),
        ("identity.name_latin", "a" * 101, "longer than 100 characters"),
        ("identity.name_latin", "", "shorter than 1 characters"),
        ("identity.name_latin", 7, "not text"),
        ("identity", "x", "not an object"),
        ("identity.name_latin", "\u202eevil", "direction control characters"),
        ("identity.name_latin", "\x1b[31mRed", "control characters"),
        ("identity.name_latin", "a\u2028b", "control characters"),
        ("identity.name_latin", "a\u200bb", "invisible characters"),
        ("identity.name_latin", "a\U000e0041", "invisible characters"),
        ("identity.name_latin", "\ud800", "not valid text"),
        ("identity.shoe_size", 43, "not a claim of this type"),
    ],
)
def test_one_thing_wrong_is_told_in_these_words(path: str, value: object, rule: str) -> None:
    faults = faults_with(path, value)
    assert faults[0] == (path, rule)


def test_a_name_with_a_variation_selector_is_fine() -> None:
    claims: Any = health_claims()
    claims["match"]["name"] = claims["identity"]["name"] = "葛\U000e0100"
    assert validate_claims(claims, HEALTH, NOW) == []


def test_a_group_that_a_person_lacks_is_fine() -> None:
    assert faults_with("vaccination", None) == []


def test_an_unknown_name_is_not_repeated_unless_it_is_a_plain_word() -> None:
    assert faults_with("identity._sd", 1) == [("identity.?", "not a claim of this type")]


def test_faults_go_by_the_names_of_columns() -> None:
    claims: Any = health_claims()
    claims["valid_until"] = "2020-01-01T00:00:00Z"
    named = validate_claims(claims, HEALTH, NOW, names=lambda p: HEALTH.roster.column_of(p) or p)
    assert [(fault.path, fault.rule) for fault in named] == [("valid_until", "before test_collected")]


def test_the_time_must_be_utc() -> None:
    with pytest.raises(ValueError, match="UTC"):
        validate_claims(health_claims(), HEALTH, datetime(2026, 11, 20))  # noqa: DTZ001


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)
PATHS = [*HEALTH.claims, *(group.name for group in HEALTH.groups)]


@given(st.sampled_from(PATHS), VALUES)
def test_any_value_is_a_fault_or_fine_and_never_repeated(path: str, value: object) -> None:
    claims: Any = health_claims()
    *parents, name = path.split(".")
    place = claims
    for parent in parents:
        place = place[parent]
    place[name] = value
    for fault in validate_claims(claims, HEALTH, NOW):
        assert isinstance(fault, SchemaError)
        assert not isinstance(value, str) or len(value) < 5 or value not in str(fault)
