# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A credential type: its claims, and how they are grouped, named, checked and read from a roster.

A definition is one JSON file. Its digest is SHA-256 over its JCS form, so that white space
and the order of members do not matter; the digest stands on the ledger, the content travels
in the trust bundle. Whoever holds a digest must compare it before using a definition:
parsing proves only that the definition keeps its own rules.

Spec: docs/spec/types.md.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from vcred.codec import fields
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.credential.expiry import expiry_of, local_midnight, parse_utc_offset
from vcred.credential.paths import ANY_INDEX, claim_at, definition_path
from vcred.credential.type_groups import Group, GroupDisclosure, parse_groups
from vcred.credential.type_labels import ClaimLabels, Labels, parse_claim_labels, parse_labels
from vcred.credential.type_roster import RosterMapping, parse_roster
from vcred.credential.type_rules import ClaimRule, parse_rules
from vcred.credential.type_schema import inline_schema, iter_leaf_schemas, properties_of
from vcred.errors import SchemaError
from vcred.limits import MAX_TYPE_DEFINITION_BYTES

__all__ = [
    "Group",
    "GroupDisclosure",
    "TypeDefinition",
    "parse_type_definition",
    "shipped_type",
    "shipped_type_names",
]

MAX_VERSION: Final = 9999
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_MEMBERS: Final = frozenset(
    {
        "name",
        "version",
        "labels",
        "utc_offset",
        "expiry_claim",
        "paper",
        "possession_required",
        "always_shown",
        "groups",
        "schema",
        "claims",
        "rules",
        "roster",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TypeDefinition:
    """A credential type, checked. Two are equal if their digests are.

    `encoded` is the JCS form and `digest` its SHA-256. `schema` is without `$ref`: each
    node is an object, an array or a scalar; claims have the numbers that the sorted
    `properties` give them, values of an `enum` those of their position.
    """

    name: str
    version: int
    document: JsonObject
    encoded: bytes
    digest: bytes
    labels: Labels
    utc_offset: timedelta
    expiry_claim: str | None
    paper: bool
    possession_required: bool
    always_shown: tuple[str, ...]
    groups: tuple[Group, ...]
    schema: JsonObject
    claims: Mapping[str, ClaimLabels]
    rules: tuple[ClaimRule, ...]
    roster: RosterMapping

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeDefinition) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def group(self, name: str) -> Group | None:
        """Return the group of that name, or None for a claim that is always shown or unknown."""
        return next((group for group in self.groups if group.name == name), None)

    def schema_at(self, path: str) -> JsonObject:
        """Return the schema node at a claim path or definition path; the root for "".

        Raises:
            SchemaError: The type has no such claim.
        """
        node = self.schema
        for segment in definition_path(path).split(".") if path else ():
            inner = node.get("items") if segment == ANY_INDEX else properties_of(node).get(segment)
            if not isinstance(inner, dict):
                raise SchemaError(path, "no such claim")
            node = inner
        return node

    def label(self, path: str, language: str) -> str:
        """Name the claim or group at a path for a person.

        Raises:
            SchemaError: The type has no such claim.
        """
        self.schema_at(path)
        written = definition_path(path)
        # An element, or an object inside a group, goes by the nearest name above it.
        while written:
            group = self.group(written)
            if group is not None:
                return group.labels[language]
            if written in self.claims:
                return self.claims[written].labels[language]
            written = written.rpartition(".")[0]
        return self.labels[language]

    def value_label(self, path: str, value: JsonValue, language: str) -> str:
        """Return the value at a path as a person reads it: enumerated values by their names.

        The text is the credential's own and not yet fit for a terminal: see `vcred.text.sanitise`.
        """
        entry = self.claims.get(definition_path(path))
        if entry is not None and isinstance(value, str) and value in entry.values:
            return entry.values[value][language]
        return value if isinstance(value, str) else encode_jcs(value).decode("utf-8")

    def expires_at(self, claims: JsonObject) -> int | None:
        """Compute what `exp` must be, in seconds since 1970: None where the type has no expiry claim.

        A date-time is that instant; a date is the end of that day in the type's own offset.

        Raises:
            SchemaError: The claim is absent, or not text.
            DecodeError: It is not a date or date-time.
        """
        if self.expiry_claim is None:
            return None
        value = claim_at(claims, self.expiry_claim)
        if not isinstance(value, str):
            raise SchemaError(self.expiry_claim, "required")
        return expiry_of(value, utc_offset=self.utc_offset)

    def local_midnight(self, day: str) -> datetime:
        """Return the first instant of a day in the type's offset, as UTC.

        Raises:
            DecodeError: Not a date.
        """
        return local_midnight(day, utc_offset=self.utc_offset)


def parse_type_definition(data: bytes) -> TypeDefinition:
    """Read a definition from its file, or from a trust bundle.

    Args:
        data: UTF-8 JSON, at most `MAX_TYPE_DEFINITION_BYTES`.

    Raises:
        LimitExceededError: Longer than the limit.
        DecodeError: Not strict JSON, or a member missing, unknown or of the wrong type.
        SchemaError: A rule between the members is broken; the path is that in the definition.
    """
    document = decode_json_object(data, max_bytes=MAX_TYPE_DEFINITION_BYTES)
    fields.refuse_unknown(document, _MEMBERS)
    schema = inline_schema(fields.get_object(document, "schema"))
    leaves = dict(iter_leaf_schemas(schema))
    always_shown = tuple(fields.get_texts(document, "always_shown"))
    groups = parse_groups(fields.get_list(document, "groups"), schema, always_shown=always_shown)
    encoded = encode_jcs(document)
    return TypeDefinition(
        name=_parse_name(document),
        version=_parse_version(document),
        document=document,
        encoded=encoded,
        digest=hashlib.sha256(encoded).digest(),
        labels=parse_labels(document.get("labels"), "labels"),
        utc_offset=parse_utc_offset(fields.get_text(document, "utc_offset")),
        expiry_claim=_parse_expiry(document, always_shown, schema),
        paper=fields.get_bool(document, "paper"),
        possession_required=fields.get_bool(document, "possession_required"),
        always_shown=always_shown,
        groups=groups,
        schema=schema,
        claims=parse_claim_labels(fields.get_object(document, "claims"), leaves),
        rules=parse_rules(document.get("rules"), leaves),
        roster=parse_roster(
            fields.get_object(document, "roster"), leaves.keys() | properties_of(schema).keys()
        ),
    )


def shipped_type_names() -> tuple[str, ...]:
    """List the types that come with vcred, sorted."""
    return tuple(sorted(file.name.removesuffix(".json") for file in _shipped().glob("*.json")))


@cache
def shipped_type(name: str) -> TypeDefinition:
    """Return a type that comes with vcred.

    Raises:
        SchemaError: No type of that name is shipped.
    """
    if name not in shipped_type_names():
        raise SchemaError("name", "no such type", hint=f"shipped are {', '.join(shipped_type_names())}")
    return parse_type_definition((_shipped() / f"{name}.json").read_bytes())


def _shipped() -> Path:
    return Path(__file__).with_name("types")


def _parse_name(document: JsonObject) -> str:
    name = fields.get_text(document, "name")
    if len(name) > 64 or not _NAME.fullmatch(name):
        raise SchemaError("name", "must be lower case words joined by hyphens")
    return name


def _parse_version(document: JsonObject) -> int:
    version = fields.get_int(document, "version")
    if not 1 <= version <= MAX_VERSION:
        raise SchemaError("version", f"must be from 1 to {MAX_VERSION}")
    return version


def _parse_expiry(document: JsonObject, always_shown: tuple[str, ...], schema: JsonObject) -> str | None:
    if "expiry_claim" not in document:
        raise SchemaError("expiry_claim", "required", hint="null where the type never expires")
    if document["expiry_claim"] is None:
        return None
    name = fields.get_text(document, "expiry_claim")
    if name not in always_shown or "format" not in properties_of(schema)[name]:
        raise SchemaError("expiry_claim", "must be an always shown date or date-time")
    return name
