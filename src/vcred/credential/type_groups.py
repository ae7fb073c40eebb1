# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The groups of a credential type: how finely a holder may cut it.

Each top-level claim is either always shown or a group that the holder may withhold:

    whole      the group is one disclosure
    members    one disclosure for the group, and one for each member inside it
    elements   one disclosure for the array, and one for each element inside it

Spec: docs/spec/types.md; RFC 9901 section 4.2.6 (recursive disclosures).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from vcred.codec import fields
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.type_labels import Labels, parse_labels
from vcred.credential.type_schema import properties_of
from vcred.errors import SchemaError


class GroupDisclosure(StrEnum):
    """How finely a holder may cut a group."""

    WHOLE = "whole"
    MEMBERS = "members"
    ELEMENTS = "elements"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A top-level claim that may be withheld."""

    name: str
    disclosure: GroupDisclosure
    labels: Labels


def parse_groups(
    items: Sequence[JsonValue], schema: JsonObject, *, always_shown: Sequence[str]
) -> tuple[Group, ...]:
    """Read the groups of a type.

    Args:
        items: The member `groups`.
        schema: The inlined schema of the type.
        always_shown: The claims that are no groups.

    Raises:
        SchemaError: A property in no place or in two, or a group that cannot be cut so.
        DecodeError: A member missing, unknown or of the wrong type.
    """
    groups = tuple(_parse_group(item, schema) for item in items)
    _check_partition(schema, always_shown, groups)
    return groups


def _parse_group(item: JsonValue, schema: JsonObject) -> Group:
    if not isinstance(item, dict):
        raise SchemaError("groups", "not an object")
    fields.refuse_unknown(item, {"name", "disclosure", "labels"})
    name = fields.get_text(item, "name")
    disclosure = fields.get_text(item, "disclosure")
    node = properties_of(schema).get(name)
    if node is None:
        raise SchemaError(f"groups.{name}", "no such property in the schema")
    if disclosure not in set(GroupDisclosure):
        raise SchemaError(f"groups.{name}", "disclosure must be whole, members or elements")
    wanted = {"members": "object", "elements": "array"}.get(disclosure)
    if wanted is not None and node.get("type") != wanted:
        raise SchemaError(f"groups.{name}", f"{disclosure} needs an {wanted}")
    labels = parse_labels(item.get("labels"), f"groups.{name}.labels")
    return Group(name=name, disclosure=GroupDisclosure(disclosure), labels=labels)


def _check_partition(schema: JsonObject, always_shown: Sequence[str], groups: Sequence[Group]) -> None:
    # Each claim has one place: one that were both shown and withheld would be signed twice.
    names = [*always_shown, *(group.name for group in groups)]
    if len(set(names)) != len(names):
        raise SchemaError("groups", "a claim stands in two places")
    if set(names) != properties_of(schema).keys():
        raise SchemaError(
            "groups", "each property must be always shown or a group, and no other may be named"
        )
    required = fields.get_texts(schema, "required")
    missing = [name for name in always_shown if name not in required]
    if missing:
        raise SchemaError(missing[0], "always shown, so the schema must require it")
