# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the JSON Schema of a type finds wrong, in the words of vcred.

The foreign library's own messages quote the offending value; they never leave this module
(a name or a document number must not reach a log). Validators are compiled once for each
type, offline, with an expression engine of linear time.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from vcred.codec.json_types import JsonObject
from vcred.codec.times import parse_date, parse_timestamp
from vcred.credential.paths import ClaimPath, is_claim_name
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import DecodeError, SchemaError

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

MAX_COMPILED: Final = 64

_DATE_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_compiled: dict[bytes, "Draft202012Validator"] = {}

_TYPE_WORDS: Final[Mapping[str, str]] = {
    "string": "not text",
    "integer": "not an integer",
    "boolean": "not true or false",
    "object": "not an object",
    "array": "not a list",
}
_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "enum": lambda _: "not in the list",
    "const": lambda _: "not in the list",
    "minimum": lambda limit: f"below {limit}",
    "maximum": lambda limit: f"above {limit}",
    "exclusiveMinimum": lambda limit: f"not above {limit}",
    "exclusiveMaximum": lambda limit: f"not below {limit}",
    "multipleOf": lambda step: f"not a multiple of {step}",
    "minLength": lambda limit: f"shorter than {limit} characters",
    "maxLength": lambda limit: f"longer than {limit} characters",
    "minItems": lambda limit: f"fewer than {limit}",
    "maxItems": lambda limit: f"more than {limit}",
    "uniqueItems": lambda _: "an element twice",
    "pattern": lambda _: "not of the form",
    "type": lambda kinds: _TYPE_WORDS.get(kinds[0], "of another type"),
}


def fits_schema(claims: JsonObject, definition: TypeDefinition) -> bool:
    """Say whether the schema of the type finds nothing wrong; the fast way."""
    return bool(_validator(definition).is_valid(claims))


def iter_schema_faults(claims: JsonObject, definition: TypeDefinition) -> Iterator[tuple[ClaimPath, str]]:
    """Yield where and in which words the claims do not fit the schema of the type."""
    for error in _validator(definition).iter_errors(claims):
        yield from _faults_of(error, claims)


def _faults_of(error: "ValidationError", claims: JsonObject) -> Iterator[tuple[ClaimPath, str]]:
    path = tuple(error.instance_path)
    keyword, value = error.kind.name, error.kind.value
    if keyword == "required":
        yield (*path, str(value)), "required"
    elif keyword == "additionalProperties":
        for name in value:
            # An unknown name comes from a stranger: only one that is a plain word is repeated.
            yield (*path, name if is_claim_name(name) else "?"), "not a claim of this type"
    elif keyword == "format":
        yield path, _format_fault(str(value), _value_at(claims, path))
    else:
        yield path, _WORDS[keyword](value) if keyword in _WORDS else "does not fit"


def _format_fault(name: str, value: object) -> str:
    if name == "date-time":
        return "not a date-time"
    is_shaped = isinstance(value, str) and _DATE_SHAPE.fullmatch(value) is not None
    return "no such day" if is_shaped else "not a date"


def _value_at(claims: JsonObject, path: ClaimPath) -> object:
    value: Any = claims
    for segment in path:
        value = value[segment]
    return value


def _validator(definition: TypeDefinition) -> "Draft202012Validator":
    validator = _compiled.get(definition.digest)
    if validator is None:
        validator = _compile(definition)
        # A verifier meets few types; should a stranger offer many, start again, do not grow.
        if len(_compiled) >= MAX_COMPILED:
            _compiled.clear()
        _compiled[definition.digest] = validator
    return validator


def _compile(definition: TypeDefinition) -> "Draft202012Validator":
    """Compile the schema of a type.

    Raises:
        SchemaError: A pattern that the engine of linear time does not know.
    """
    from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

    try:
        return Draft202012Validator(
            definition.schema,
            formats={"date": _is_date, "date-time": _is_timestamp},
            validate_formats=True,
            ignore_unknown_formats=False,
            pattern_options=RegexOptions(),
            offline=True,
        )
    except (ValidationError, ValueError) as error:
        raise SchemaError("schema", "does not compile", hint="look at its patterns") from error


def _is_date(text: str) -> bool:
    try:
        parse_date(text)
    except DecodeError:
        return False
    return True


def _is_timestamp(text: str) -> bool:
    try:
        parse_timestamp(text)
    except DecodeError:
        return False
    return True
