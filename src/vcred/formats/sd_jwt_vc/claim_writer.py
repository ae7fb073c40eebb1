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
from typing import Final, TypeAlias

from vcred.codec.jcs import encode_jcs_text, encode_utf8
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.type_definition import Group, GroupDisclosure, TypeDefinition
from vcred.credential.type_schema import properties_of
from vcred.errors import SchemaError
from vcred.securing.sd_jwt.conceal import Concealer, encode_claim

ValueWriter: TypeAlias = Callable[[JsonValue], str]

_KEPT_TYPES: Final = 16


def write_claims(claims: JsonObject, definition: TypeDefinition) -> bytes:
    """Return the JCS form of all claims of one credential, groups as plain objects and arrays.

    Raises:
        ValueError: A value has no JCS form, or bears a control name of SD-JWT.
    """
    return encode_utf8(claim_writer(definition).write(claims))


class ClaimWriter:
    """Writes and conceals the claims of one type."""

    def __init__(self, definition: TypeDefinition) -> None:
        properties = properties_of(definition.schema)
        self._known = properties.keys()
        self._shown = {name: value_writer(properties[name]) for name in definition.always_shown}
        self._groups = tuple(_GroupWriter(group, properties[group.name]) for group in definition.groups)
        self.write = value_writer(definition.schema)

    def shown(self, claims: JsonObject) -> dict[str, str]:
        """Return the claims that the type always shows, each in its JCS form.

        Raises:
            SchemaError: A claim that the type does not know, or an always shown one missing.
        """
        # A type keeps the reserved names out, so none of them can be concealed or doubled here.
        if not claims.keys() <= self._known:
            raise SchemaError("claims", "a claim that the type does not know")
        for name in self._shown:
            if name not in claims:
                raise SchemaError(name, "required")
        return {name: write(claims[name]) for name, write in self._shown.items()}

    def conceal(self, claims: JsonObject, concealer: Concealer) -> None:
        """Add each group that the type has, in its order: a decoy where the claims lack it.

        Raises:
            SchemaError: A group of another shape than its type gives it.
        """
        for group in self._groups:
            if group.name in claims:
                group.conceal(claims[group.name], concealer)
            else:
                concealer.decoy()


class _GroupWriter:
    def __init__(self, group: Group, node: JsonObject) -> None:
        self.name = group.name
        self._disclosure = group.disclosure
        self._write = value_writer(node)
        self._members = {name: value_writer(inner) for name, inner in properties_of(node).items()}
        self._element = _element_writer(node)

    def conceal(self, value: JsonValue, concealer: Concealer) -> None:
        if self._disclosure is GroupDisclosure.WHOLE:
            concealer.whole(self.name, self._write(value))
        elif self._disclosure is GroupDisclosure.MEMBERS and isinstance(value, dict):
            writers = self._members
            texts = {name: writers.get(name, encode_claim)(inner) for name, inner in value.items()}
            concealer.members(self.name, texts, absent=len(writers) - len(texts))
        elif self._disclosure is GroupDisclosure.ELEMENTS and isinstance(value, list):
            concealer.elements(self.name, [self._element(inner) for inner in value])
        else:
            raise SchemaError(self.name, "not of the shape that its type gives it")


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
