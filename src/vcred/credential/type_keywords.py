# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What may stand behind a keyword of a type's schema.

Checked when the definition is read: one that no validator can compile would otherwise be
published first and stop every issuer later. The validator itself is not loaded for it, since
a gate reads definitions too and validates nothing.

Spec: docs/spec/types.md, Schema; JSON Schema Validation 2020-12 section 6.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from typing import Final

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import SchemaError

MAX_PATTERN_CHARACTERS: Final = 256
_FORMATS: Final = ("date", "date-time")
# Look-around and back references: no engine of linear time has them.
_BEYOND_LINEAR: Final = re.compile(r"\(\?(?!:)|\\[1-9]")


def check_keyword_values(schema: JsonObject, path: str) -> None:
    """Refuse a node whose keywords have values that mean nothing.

    Args:
        schema: A node with `type`; its keywords are known ones.
        path: Where it stands, for the message.

    Raises:
        SchemaError: Which keyword, and what it needs.
    """
    for keyword, value in schema.items():
        rule = _RULES.get(keyword)
        if rule is not None and not rule[0](value):
            raise SchemaError(path, f"{keyword} must be {rule[1]}")


def _is_integer(value: JsonValue) -> bool:
    return type(value) is int


def _is_count(value: JsonValue) -> bool:
    return type(value) is int and value >= 0


def _is_step(value: JsonValue) -> bool:
    return type(value) is int and value > 0


def _is_flag(value: JsonValue) -> bool:
    return type(value) is bool


def _is_format(value: JsonValue) -> bool:
    return value in _FORMATS


def _is_pattern(value: JsonValue) -> bool:
    if type(value) is not str or len(value) > MAX_PATTERN_CHARACTERS:
        return False
    if _BEYOND_LINEAR.search(value):
        return False
    try:
        with warnings.catch_warnings():
            # What Python warns of, it reads in another way than other engines do.
            warnings.simplefilter("error")
            re.compile(value)
    except (re.error, OverflowError, RecursionError, Warning):
        return False
    return True


_INTEGER: Final = (_is_integer, "an integer")
_COUNT: Final = (_is_count, "an integer from 0")
_RULES: Final[Mapping[str, tuple[Callable[[JsonValue], bool], str]]] = {
    "format": (_is_format, "date or date-time"),
    "pattern": (_is_pattern, f"an expression of at most {MAX_PATTERN_CHARACTERS} characters"),
    "minLength": _COUNT,
    "maxLength": _COUNT,
    "minItems": _COUNT,
    "maxItems": _COUNT,
    "uniqueItems": (_is_flag, "true or false"),
    "minimum": _INTEGER,
    "maximum": _INTEGER,
    "exclusiveMinimum": _INTEGER,
    "exclusiveMaximum": _INTEGER,
    "multipleOf": (_is_step, "an integer from 1"),
}
