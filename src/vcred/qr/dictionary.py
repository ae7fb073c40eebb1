# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The dictionary of a credential type: a number for each claim, a short form for each value.

The number of a claim is its place among the sorted property names of its object. Numbers
belong to a type definition by its digest: another version has its own.

Spec: docs/spec/qr.md section 5.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from vcred.codec.cbor import CborValue
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import GroupDisclosure, TypeDefinition
from vcred.credential.type_schema import properties_of
from vcred.qr.claim_codes import ArrayCode, ChoiceCode, ClaimCode, ObjectCode, PlainCode
from vcred.qr.time_codes import DateCode, DateTimeCode

_DAY: Final = 86_400
_MAX_CACHED: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCode:
    """One claim that may be withheld.

    `head` is the claim's name as it stands in a disclosure: `"name",`. `code` is that of the
    whole value, or of one element. `members` are, by number, the head and code of each member
    of a group that is disclosed member by member; `member_numbers` by name.
    """

    head: str
    disclosure: GroupDisclosure
    code: ClaimCode
    members: tuple[tuple[str, ClaimCode], ...]
    member_numbers: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDictionary:
    """Numbers and short forms for one type.

    `groups` are by claim number, None at claims that are always shown. `expiry_place` is the
    place of the expiry claim in `shown`, `utc_offset` the type's zone in seconds.
    """

    shown: ObjectCode
    shown_names: tuple[str, ...]
    groups: tuple[GroupCode | None, ...]
    numbers: dict[str, int]
    expiry_place: int | None
    expiry_is_date: bool
    utc_offset: int

    def expires_at(self, shown: list[CborValue]) -> int | None:
        """Compute what `exp` is by the type's rule, as `TypeDefinition.expires_at` does from the claims.

        Args:
            shown: The short forms of the claims that are always shown.

        Returns:
            Seconds since 1970; None where the type has no rule, or the claim has no short form.
        """
        if self.expiry_place is None or self.expiry_place >= len(shown):
            return None
        item = shown[self.expiry_place]
        if type(item) is int:
            # The end of that day, in the type's zone.
            return _DAY * (item + 1) - self.utc_offset if self.expiry_is_date else item
        if type(item) is list and type(item[0]) is int:
            return item[0]
        return None


_DICTIONARIES: Final[dict[bytes, TypeDictionary]] = {}


def dictionary_of(definition: TypeDefinition) -> TypeDictionary:
    """Return the dictionary of a type, made at the first use of its digest."""
    dictionary = _DICTIONARIES.get(definition.digest)
    if dictionary is None:
        if len(_DICTIONARIES) >= _MAX_CACHED:
            _DICTIONARIES.clear()
        dictionary = _DICTIONARIES[definition.digest] = _make_dictionary(definition)
    return dictionary


def _make_dictionary(definition: TypeDefinition) -> TypeDictionary:
    properties = properties_of(definition.schema)
    names = sorted(properties)
    always_shown = tuple(sorted(definition.always_shown))
    codes = {name: _code(node, definition.utc_offset) for name, node in properties.items()}
    expiry = definition.expiry_claim
    return TypeDictionary(
        shown=ObjectCode(tuple((name, codes[name]) for name in always_shown)),
        shown_names=always_shown,
        groups=tuple(_group(definition, name, codes[name], properties[name]) for name in names),
        numbers={name: number for number, name in enumerate(names)},
        expiry_place=None if expiry is None else always_shown.index(expiry),
        expiry_is_date=expiry is not None and properties[expiry].get("format") == "date",
        utc_offset=int(definition.utc_offset.total_seconds()),
    )


def _group(definition: TypeDefinition, name: str, code: ClaimCode, node: JsonObject) -> GroupCode | None:
    group = definition.group(name)
    if group is None:
        return None
    members: tuple[tuple[str, ClaimCode], ...] = ()
    if group.disclosure is GroupDisclosure.MEMBERS:
        members = _members(node, definition.utc_offset)
    elif group.disclosure is GroupDisclosure.ELEMENTS:
        code = _code(_element(node), definition.utc_offset)
    return GroupCode(
        head=_head(name),
        disclosure=group.disclosure,
        code=code,
        members=tuple((_head(member), member_code) for member, member_code in members),
        member_numbers={member: number for number, (member, _) in enumerate(members)},
    )


def _head(name: str) -> str:
    return f'"{name}",'


def _code(node: JsonObject, utc_offset: timedelta) -> ClaimCode:
    """Choose the code of a schema node; `utc_offset` is the type's zone."""
    if "enum" in node or "const" in node:
        choices = node.get("enum", [node.get("const")])
        assert isinstance(choices, list)
        return ChoiceCode(tuple(str(choice) for choice in choices))
    if node["type"] == "object":
        return ObjectCode(_members(node, utc_offset))
    if node["type"] == "array":
        return ArrayCode(_code(_element(node), utc_offset))
    if node.get("format") == "date-time":
        return DateTimeCode(utc_offset)
    return DateCode() if node.get("format") == "date" else PlainCode()


def _members(node: JsonObject, utc_offset: timedelta) -> tuple[tuple[str, ClaimCode], ...]:
    return tuple((name, _code(inner, utc_offset)) for name, inner in sorted(properties_of(node).items()))


def _element(node: JsonObject) -> JsonObject:
    items = node["items"]
    assert isinstance(items, dict)
    return items
