# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of a credential type, held to a small closed part of draft 2020-12.

Rules (a definition comes from a stranger and is compiled on every gate):

1. Only the keywords of `_KEYWORDS`; nothing fetched, nothing dynamic. `$ref` points into
   `$defs` of the same document and is inlined here, so that no later reader meets one.
2. Each node has exactly one of `type`, `enum`, `const`; numbers are integers.
3. Each object lists its properties and forbids all others.
4. Values of keywords mean something (`vcred.credential.type_keywords`).
5. With every `$ref` followed there are at most `MAX_NODES` nodes and `MAX_CHOICES` choices: few
   bytes that refer to each other would else be a schema of millions.
6. Property names are claim names (`vcred.credential.paths`); at the top none may be a name
   that SD-JWT VC gives a meaning to.

Spec: JSON Schema 2020-12; SD-JWT VC, "Registered JWT claims"; threats ISS-13.
"""

from collections.abc import Mapping
from typing import Final, cast

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.paths import ANY_INDEX, RESERVED_NAMES, is_claim_name
from vcred.credential.type_keywords import check_keyword_values
from vcred.errors import SchemaError

SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
MAX_SCHEMA_DEPTH: Final = 6
MAX_PROPERTIES: Final = 128
MAX_NODES: Final = 2_048
MAX_CHOICES: Final = 8_192
MAX_CHOICE_CHARACTERS: Final = 256

_SHAPES: Final = ("type", "enum", "const")
_KEYWORDS: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset({"type", "additionalProperties", "required", "properties"}),
    "array": frozenset({"type", "items", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"type", "format", "pattern", "minLength", "maxLength"}),
    "integer": frozenset(
        {"type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    ),
    "boolean": frozenset({"type"}),
}


def inline_schema(schema: JsonObject) -> JsonObject:
    """Check the schema of a type and return it without `$schema`, `$defs` and `$ref`.

    Raises:
        SchemaError: A rule of this module is broken; the path is that inside the schema.
    """
    if schema.get("$schema") != SCHEMA_DIALECT:
        raise SchemaError("schema.$schema", f"must be {SCHEMA_DIALECT}")
    definitions = schema.get("$defs", {})
    if not isinstance(definitions, dict):
        raise SchemaError("schema.$defs", "not an object")
    top = {name: value for name, value in schema.items() if name not in ("$schema", "$defs")}
    inlined = _Inliner(definitions).inline(top, "schema", MAX_SCHEMA_DEPTH)
    if inlined.get("type") != "object":
        raise SchemaError("schema", "must be an object schema")
    for name in properties_of(inlined):
        if name in RESERVED_NAMES:
            raise SchemaError(name, "reserved name", hint="SD-JWT VC gives this name a meaning of its own")
    return inlined


def properties_of(node: JsonObject) -> Mapping[str, JsonObject]:
    """Return the properties of an inlined object schema; empty for any other node."""
    # Inlining has made each of them an object; this is read for every credential issued.
    return cast(Mapping[str, JsonObject], node.get("properties", {}))


def iter_leaf_schemas(node: JsonObject, prefix: tuple[str, ...] = ()) -> list[tuple[str, JsonObject]]:
    """List every scalar of an inlined schema with its definition path (`modules.*.mark`)."""
    if node.get("type") == "object":
        return [
            leaf
            for name, inner in properties_of(node).items()
            for leaf in iter_leaf_schemas(inner, (*prefix, name))
        ]
    if node.get("type") == "array":
        return iter_leaf_schemas(_as_object(node["items"], "items"), (*prefix, ANY_INDEX))
    return [(".".join(prefix), node)]


class _Inliner:
    """Follows references, and counts what that makes."""

    __slots__ = ("_choices", "_definitions", "_nodes")

    def __init__(self, definitions: JsonObject) -> None:
        self._definitions = definitions
        self._nodes = 0
        self._choices = 0

    def inline(self, node: JsonValue, path: str, depth: int) -> JsonObject:
        """Check a node and return it without `$ref`; `depth` is how many levels it may have."""
        schema = _as_object(node, path)
        if depth == 0:
            raise SchemaError(path, "schema too deep", hint="or a $ref that leads back to itself")
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise SchemaError(path, f"more than {MAX_NODES} nodes, every $ref followed")
        if "$ref" in schema:
            return self.inline(_referred(schema, self._definitions, path), path, depth - 1)
        shapes = [name for name in _SHAPES if name in schema]
        if len(shapes) != 1:
            raise SchemaError(path, "needs exactly one of type, enum, const")
        if shapes[0] != "type":
            return self._choice(schema, shapes[0], path)
        return self._typed(schema, path, depth)

    def _choice(self, schema: JsonObject, shape: str, path: str) -> JsonObject:
        choices = schema["enum"] if shape == "enum" else [schema["const"]]
        self._choices += len(choices) if isinstance(choices, list) else 0
        if self._choices > MAX_CHOICES:
            raise SchemaError(path, f"more than {MAX_CHOICES} choices, every $ref followed")
        _check_choices(schema, shape, choices, path)
        return dict(schema)

    def _typed(self, schema: JsonObject, path: str, depth: int) -> JsonObject:
        kind = schema["type"]
        if not isinstance(kind, str) or kind not in _KEYWORDS:
            raise SchemaError(path, f"type must be one of {', '.join(sorted(_KEYWORDS))}")
        unknown = schema.keys() - _KEYWORDS[kind]
        if unknown:
            raise SchemaError(path, f"keyword not allowed here: {min(unknown)}")
        check_keyword_values(schema, path)
        if kind == "object":
            return self._object(schema, path, depth)
        if kind == "array":
            return {**schema, "items": self.inline(schema.get("items"), f"{path}.items", depth - 1)}
        return dict(schema)

    def _object(self, schema: JsonObject, path: str, depth: int) -> JsonObject:
        properties = _as_object(schema.get("properties"), path)
        required = _checked_names(schema, properties, path)
        inner = {name: self.inline(value, f"{path}.{name}", depth - 1) for name, value in properties.items()}
        return {**schema, "required": required, "properties": dict(inner)}


def _referred(schema: JsonObject, definitions: JsonObject, path: str) -> JsonValue:
    target = schema["$ref"]
    prefix = "#/$defs/"
    if len(schema) != 1 or not isinstance(target, str) or not target.startswith(prefix):
        raise SchemaError(path, "only a lone $ref into #/$defs/ is allowed")
    name = target.removeprefix(prefix)
    if name not in definitions:
        raise SchemaError(path, "$ref to nothing")
    return definitions[name]


def _check_choices(schema: JsonObject, shape: str, choices: JsonValue, path: str) -> None:
    if len(schema) != 1:
        raise SchemaError(path, f"nothing may stand beside {shape}")
    if not isinstance(choices, list) or not choices:
        raise SchemaError(path, "enum needs at least one value")
    if any(not isinstance(choice, str) for choice in choices):
        raise SchemaError(
            path, "a choice must be text", hint="use an integer with minimum and maximum for numbers"
        )
    # A QR code writes one byte for a choice, however long it is.
    if any(len(str(choice)) > MAX_CHOICE_CHARACTERS for choice in choices):
        raise SchemaError(path, f"a choice has more than {MAX_CHOICE_CHARACTERS} characters")
    if len(set(map(str, choices))) != len(choices):
        raise SchemaError(path, "a choice stands twice")


def _checked_names(schema: JsonObject, properties: JsonObject, path: str) -> list[JsonValue]:
    """Check the names of an object schema's properties; return those required."""
    required = schema.get("required", [])
    if schema.get("additionalProperties") is not False:
        raise SchemaError(path, "additionalProperties must be false")
    if not 1 <= len(properties) <= MAX_PROPERTIES:
        raise SchemaError(path, "needs properties, and not too many")
    if not isinstance(required, list) or len(required) > len(properties):
        raise SchemaError(path, "required is not a list of properties, each once")
    if any(not isinstance(name, str) or name not in properties for name in required):
        raise SchemaError(path, "required names something that is not a property")
    if len(set(map(str, required))) != len(required):
        raise SchemaError(path, "required is not a list of properties, each once")
    for name in properties:
        # Also keeps out `_sd`, `...` and `_sd_alg`: a claim of that name would be read as a control.
        if not is_claim_name(name):
            raise SchemaError(path, "a property is not a claim name")
    return list(required)


def _as_object(value: JsonValue, path: str) -> JsonObject:
    if not isinstance(value, dict):
        raise SchemaError(path, "not an object")
    return value
