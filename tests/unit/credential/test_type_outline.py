# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The outline says of a definition what the definition says."""

import json

import pytest

from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import parse_type_definition, shipped_type, shipped_type_names
from vcred.credential.type_outline import read_type_outline
from vcred.errors import DecodeError


def changed(**members: object) -> bytes:
    document: JsonObject = {**shipped_type("health-code").document, **members}  # type: ignore[dict-item]
    return json.dumps({name: value for name, value in document.items() if value != "absent"}).encode()


@pytest.mark.parametrize("name", shipped_type_names())
def test_it_agrees_with_the_definition(name: str) -> None:
    definition = shipped_type(name)
    outline = read_type_outline(definition.encoded)
    assert outline.name == definition.name
    assert outline.expiry_claim == definition.expiry_claim
    assert outline.paper == definition.paper
    assert outline.order == (*definition.always_shown, *(group.name for group in definition.groups))


def test_a_type_that_never_expires_and_is_for_paper() -> None:
    data = changed(expiry_claim=None, paper=True)
    definition, outline = parse_type_definition(data), read_type_outline(data)
    assert (
        (outline.expiry_claim, outline.paper) == (definition.expiry_claim, definition.paper) == (None, True)
    )


@pytest.mark.parametrize(
    "members",
    [
        {"name": 1},
        {"paper": "absent"},
        {"paper": 0},
        {"expiry_claim": []},
        {"expiry_claim": "absent"},
        {"always_shown": [1]},
        {"groups": {}},
        {"groups": [1]},
        {"groups": [{}]},
    ],
)
def test_what_is_no_definition_is_refused(members: dict[str, object]) -> None:
    assert read_type_outline(changed()).name == "health-code"
    with pytest.raises(DecodeError):
        read_type_outline(changed(**members))
