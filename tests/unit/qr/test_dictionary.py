# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The dictionaries of the shipped types: their numbers are on paper out there and must never move."""

from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import GroupDisclosure, shipped_type
from vcred.qr.dictionary import dictionary_of


def test_numbers_of_the_health_code() -> None:
    dictionary = dictionary_of(shipped_type("health-code"))
    assert dictionary.numbers == {
        "colour": 0,
        "identity": 1,
        "match": 2,
        "test": 3,
        "vaccination": 4,
        "valid_until": 5,
    }
    assert dictionary.shown_names == ("colour", "valid_until")
    assert [group is None for group in dictionary.groups] == [True, False, False, False, False, True]
    identity = dictionary.groups[1]
    assert identity is not None
    assert identity.disclosure is GroupDisclosure.MEMBERS
    assert list(identity.member_numbers) == [
        "birth_date",
        "id_number",
        "id_type",
        "name",
        "name_latin",
        "region",
    ]


def test_made_once_for_a_digest() -> None:
    definition = shipped_type("health-code")
    assert dictionary_of(definition) is dictionary_of(definition)


def _expiries(type_name: str, claims: JsonObject) -> tuple[int | None, int | None]:
    """Return what the type says and what its dictionary says."""
    definition = shipped_type(type_name)
    dictionary = dictionary_of(definition)
    shown = dictionary.shown.shorten({name: claims[name] for name in dictionary.shown_names})
    assert isinstance(shown, list)
    return definition.expires_at(claims), dictionary.expires_at(shown)


@given(
    st.datetimes(
        min_value=datetime.fromisoformat("1000-01-02"), max_value=datetime.fromisoformat("9999-12-30")
    ),
    st.sampled_from(["+08:00", "Z", "-09:30"]),
)
def test_expiry_of_a_time_as_the_type_says(moment: datetime, zone: str) -> None:
    valid_until = moment.isoformat(timespec="seconds") + zone
    said, computed = _expiries("health-code", {"colour": "red", "valid_until": valid_until})
    assert computed == said


@given(st.dates(min_value=date(1000, 1, 2), max_value=date(9999, 12, 30)))
def test_expiry_of_a_day_as_the_type_says(day: date) -> None:
    claims: JsonObject = {"title": "T", "title_zh": "T", "level": 1, "expires": day.isoformat()}
    said, computed = _expiries("professional-certificate", claims)
    assert computed == said


def test_no_expiry_without_a_short_form() -> None:
    dictionary = dictionary_of(shipped_type("health-code"))
    assert dictionary.expires_at([0, 1_795_373_880]) == 1_795_373_880
    assert dictionary.expires_at([0, "2026-11-23T02:58:00.5Z"]) is None
    assert dictionary.expires_at([0]) is None
