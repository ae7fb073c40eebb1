# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a credential says, laid out with the labels of its type."""

from datetime import UTC, date, datetime

from tests.world import HEALTH_CLAIMS, make_world
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import shipped_type
from vcred.wallet.detail import claim_label, lay_out, type_label

HEALTH = shipped_type("health-code")
TECHNICAL: JsonObject = {
    "iss": "did:x",
    "vct": "x",
    "cnf": {"jwk": {"x": "y"}},
    "iat": 1,
    "exp": 2,
    "status": {},
}


def test_sections_are_always_shown_then_groups_in_the_order_of_the_type() -> None:
    sections = lay_out({**TECHNICAL, **HEALTH_CLAIMS}, HEALTH, "en")
    assert [section.label for section in sections] == [
        None,
        "Match with the document",
        "Identity",
        "Test",
        "Vaccination",
    ]
    assert [row.path for row in sections[0].rows] == ["colour", "valid_until"]
    assert all(
        "iss" not in row.path and "cnf" not in row.path for section in sections for row in section.rows
    )


def test_values_are_what_a_person_reads() -> None:
    rows = {row.path: row for section in lay_out(HEALTH_CLAIMS, HEALTH, "zh-Hant") for row in section.rows}
    assert (rows["colour"].label, rows["colour"].value) == ("顏色", "綠碼")
    assert rows["identity.birth_date"].value == date(1954, 9, 24)
    moment = rows["valid_until"].value
    assert isinstance(moment, datetime) and moment == datetime(2026, 11, 22, 18, 58, tzinfo=UTC)
    assert rows["vaccination.doses"].value == 3
    # Both scripts of a name.
    assert (rows["identity.name"].value, rows["identity.name_latin"].value) == ("陳大文", "Chan Tai Man")


def test_without_a_definition_paths_and_values_are_shown_as_they_are() -> None:
    (section,) = lay_out({**TECHNICAL, **HEALTH_CLAIMS}, None, "en")
    assert section.label is None
    rows = {row.path: row for row in section.rows}
    assert rows["match.name"].label == "match.name"
    assert rows["identity.birth_date"].value == "1954-09-24"


def test_what_the_type_does_not_know_is_shown_and_not_hidden() -> None:
    claims: JsonObject = {**HEALTH_CLAIMS, "extra": {"note": "x", "flag": True, "none": None}}
    rows = {row.path: row for section in lay_out(claims, HEALTH, "en") for row in section.rows}
    assert (rows["extra.note"].label, rows["extra.note"].value) == ("extra.note", "x")
    assert rows["extra.flag"].value is True
    assert rows["extra.none"].value == "null"


def test_a_date_that_is_none_is_shown_as_it_is_said() -> None:
    claims: JsonObject = {"valid_until": "soon", "colour": "purple"}
    rows = {row.path: row for section in lay_out(claims, HEALTH, "en") for row in section.rows}
    assert (rows["valid_until"].value, rows["colour"].value) == ("soon", "purple")


def test_labels_of_types_and_claims() -> None:
    world = make_world()
    belief = world.belief()
    assert type_label(belief, world.vct, "health-code", "pt") == "Código de saúde"
    assert type_label(belief, "did:vcred:x/types/y/1", "y", "pt") == "y"
    assert type_label(None, world.vct, "health-code", "pt") == "health-code"
    assert claim_label(HEALTH, "match.name", "en") == "Name"
    assert claim_label(HEALTH, "nothing.of.it", "en") == "nothing.of.it"
    assert claim_label(None, "match.name", "en") == "match.name"
