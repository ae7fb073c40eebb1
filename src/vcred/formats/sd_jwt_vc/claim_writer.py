# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Write the claims of a type in their JCS form, by the shape that the type gives them.

What the shape says is worked out once for each type: which members there are, in which order they
stand, and how their names are written. A value of another shape is written all the same, the
long way: to refuse it is for `validate_claims`.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring as quote
from typing import Final, NamedTuple, TypeAlias

from vcred.codec.jcs import encode_jcs_text, encode_utf8
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.type_definition import Group, GroupDisclosure, TypeDefinition
from vcred.credential.type_schema import properties_of
from vcred.errors import SchemaError
from vcred.securing.sd_jwt.conceal import Concealer, encode_claim
from vcred.securing.sd_jwt.disclosure import quoted_name

ValueWriter: TypeAlias = Callable[[JsonValue], str]
GroupText: TypeAlias = str | dict[str, str] | list[str]

_KEPT_TYPES: Final = 16


class ClaimTexts(NamedTuple):
    """The claims of one credential in their JCS form, taken apart as their type has it.

    Attributes:
        shown: Those that the type always shows.
        groups: In the order of the type: its name, and its text if it is shown as one, those of its
            members by name, or those of its elements in order; None: the claims lack it.
    """

    shown: dict[str, str]
    groups: tuple[tuple[str, GroupText | None], ...]

    def whole(self) -> bytes:
        """Return the JCS form of all claims of the credential, groups as plain objects and arrays.

        Raises:
            ValueError: A lone surrogate is in a value.
        """
        texts = self.shown | {name: _joined(text) for name, text in self.groups if text is not None}
        return encode_utf8(_object_text(texts))


class ClaimWriter:
    """Writes and conceals the claims of one type."""

    def __init__(self, definition: TypeDefinition) -> None:
        properties = properties_of(definition.schema)
        self._shown = {name: value_writer(properties[name]) for name in definition.always_shown}
        self._groups = tuple(_GroupWriter(group, properties[group.name]) for group in definition.groups)
        self._known = {*self._shown, *[group.name for group in self._groups]}

    def write(self, claims: JsonObject) -> ClaimTexts:
        """Write each claim, and each part of one that can be shown by itself.

        Raises:
            SchemaError: A claim that the type does not know, an always shown one missing, or a group
                of another shape than its type gives it.
            ValueError: A value has no JCS form, or bears a control name of SD-JWT.
        """
        # A type keeps the reserved names out, so none of them can be concealed or doubled here.
        if not claims.keys() <= self._known:
            raise SchemaError("claims", "a claim that the type does not know")
        for name in self._shown:
            if name not in claims:
                raise SchemaError(name, "required")
        return ClaimTexts(
            shown={name: write(claims[name]) for name, write in self._shown.items()},
            groups=tuple(
                [
                    (group.name, group.write(claims[group.name]) if group.name in claims else None)
                    for group in self._groups
                ]
            ),
        )

    def conceal(self, texts: ClaimTexts, concealer: Concealer) -> None:
        """Add each group that the type has, in its order: a decoy where the claims lack it."""
        for group, (_, text) in zip(self._groups, texts.groups, strict=True):
            if text is None:
                concealer.decoy()
            elif isinstance(text, str):
                concealer.whole(group.name, text)
            elif isinstance(text, dict):
                concealer.members(group.name, text, absent=group.width - len(text))
            else:
                concealer.elements(group.name, text)


class _GroupWriter:
    def __init__(self, group: Group, node: JsonObject) -> None:
        self.name = group.name
        self._disclosure = group.disclosure
        self._write = value_writer(node)
        self._members = {name: value_writer(inner) for name, inner in properties_of(node).items()}
        self._element = _element_writer(node)
        self.width = len(self._members)

    def write(self, value: JsonValue) -> GroupText:
        if self._disclosure is GroupDisclosure.WHOLE:
            return self._write(value)
        if self._disclosure is GroupDisclosure.MEMBERS and isinstance(value, dict):
            writers = self._members
            return {
                name: quote(inner) if type(inner) is str else writers.get(name, encode_claim)(inner)
                for name, inner in value.items()
            }
        if self._disclosure is GroupDisclosure.ELEMENTS and isinstance(value, list):
            return [self._element(inner) for inner in value]
        raise SchemaError(self.name, "not of the shape that its type gives it")


def _joined(text: GroupText) -> str:
    if isinstance(text, str):
        return text
    return _object_text(text) if isinstance(text, dict) else "[" + ",".join(text) + "]"


def _object_text(texts: Mapping[str, str]) -> str:
    # Names of claims are ASCII: `str` sorts them as JCS does.
    return "{" + ",".join([f"{quoted_name(name)}:{texts[name]}" for name in sorted(texts)]) + "}"


@lru_cache(maxsize=_KEPT_TYPES)
def claim_writer(definition: TypeDefinition) -> ClaimWriter:
    """Return what writes the claims of a type."""
    return ClaimWriter(definition)


def value_writer(node: JsonObject) -> ValueWriter:
    """Return what writes the values of one node of a type's schema.

    It raises ValueError for a value without a JCS form, or with a control name of SD-JWT in it.
    """
    if node.get("type") == "object":
        properties = sorted(properties_of(node).items())
        return _object_writer({name: value_writer(inner) for name, inner in properties})
    if node.get("type") == "array":
        return _array_writer(_element_writer(node))
    return encode_claim


def _element_writer(node: JsonObject) -> ValueWriter:
    items = node.get("items")
    return value_writer(items) if isinstance(items, dict) else encode_claim


def _object_writer(writers: Mapping[str, ValueWriter]) -> ValueWriter:
    members = tuple((name, f"{encode_jcs_text(name)}:", write) for name, write in writers.items())

    def write_object(value: JsonValue) -> str:
        if not isinstance(value, dict):
            return encode_claim(value)
        texts = [
            # Most members are texts, and have no structure that could be another one.
            start + (quote(inner) if type(inner := value[name]) is str else write(inner))
            for name, start, write in members
            if name in value
        ]
        # One more than these is a member that the type does not know, which may bear any name.
        return encode_claim(value) if len(texts) != len(value) else "{" + ",".join(texts) + "}"

    return write_object


def _array_writer(write: ValueWriter) -> ValueWriter:
    def write_array(value: JsonValue) -> str:
        if not isinstance(value, list):
            return encode_claim(value)
        return "[" + ",".join([write(inner) for inner in value]) + "]"

    return write_array
