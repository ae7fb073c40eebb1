# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Members are there and of their type; a message names them and never repeats a value."""

from collections.abc import Callable

import pytest

from vcred.codec import fields
from vcred.codec.json_types import JsonObject
from vcred.errors import DecodeError

OBJ: JsonObject = {
    "text": "secret",
    "int": 1,
    "bool": True,
    "float": 1.0,
    "null": None,
    "object": {"a": 1},
    "list": ["secret", 1],
    "texts": ["a", "b"],
    "objects": [{}, {"a": 1}],
}
Getter = Callable[[JsonObject, str], object]
GETTERS: dict[str, Getter] = {
    "text": fields.get_text,
    "int": fields.get_int,
    "bool": fields.get_bool,
    "object": fields.get_object,
    "list": fields.get_list,
    "texts": fields.get_texts,
    "objects": fields.get_objects,
}
OPTIONAL: dict[str, Getter] = {
    "text": fields.optional_text,
    "int": fields.optional_int,
    "bool": fields.optional_bool,
    "object": fields.optional_object,
    "list": fields.optional_list,
    "texts": fields.optional_texts,
}


@pytest.mark.parametrize("getters", [GETTERS, OPTIONAL])
def test_each_getter_takes_its_type_and_no_other(getters: dict[str, Getter]) -> None:
    for kind, getter in getters.items():
        assert getter(OBJ, kind) == OBJ[kind]
        for name in OBJ.keys() - {
            kind,
            "texts" if kind == "list" else kind,
            "objects" if kind == "list" else kind,
        }:
            with pytest.raises(DecodeError, match=f'"{name}" must be') as caught:
                getter(OBJ, name)
            assert "secret" not in str(caught.value)


def test_a_missing_member() -> None:
    for getter in GETTERS.values():
        with pytest.raises(DecodeError, match='"gone" is missing'):
            getter(OBJ, "gone")
    for getter in OPTIONAL.values():
        assert getter(OBJ, "gone") is None
        with pytest.raises(DecodeError, match='"null" must be'):
            getter(OBJ, "null")


def test_unknown_members_are_refused_without_repeating_them() -> None:
    fields.refuse_unknown({"a": 1}, ("a", "b"))
    fields.refuse_unknown({}, ())
    with pytest.raises(DecodeError, match="known are a, b") as caught:
        fields.refuse_unknown({"a": 1, "secret": 1}, ("b", "a"))
    assert "secret" not in str(caught.value)
