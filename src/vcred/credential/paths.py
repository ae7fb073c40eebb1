# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Claim paths: where a claim stands inside the claims of a credential.

    colour             a claim at the top
    identity.name      a member of a group
    modules.0          an element of an array, zero-based
    modules.0.title    a member of that element

A type definition speaks of every element at once and writes `*` for the index:
`modules.*.title`. Claim names are lower case ASCII words and never begin with a digit, so
that a segment of digits is always an index and no name can be one of the control names of
SD-JWT (`_sd`, `...`, `_sd_alg`; threats: ISS-13, SDJ-11).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, TypeAlias

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import SchemaError

ANY_INDEX: Final = "*"
MAX_PATH_CHARACTERS: Final = 256
MAX_PATH_SEGMENTS: Final = 8

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_INDEX = re.compile(r"0|[1-9][0-9]{0,3}", re.ASCII)

# Names that SD-JWT VC and JWT give a meaning to: no claim of a type bears one.
RESERVED_NAMES: Final = frozenset(
    {"iss", "iat", "nbf", "exp", "cnf", "vct", "status", "sub", "aud", "jti", "nonce"}
)

Segment: TypeAlias = str | int
ClaimPath: TypeAlias = tuple[Segment, ...]


def is_claim_name(text: str) -> bool:
    """Say whether `text` may be the name of a claim."""
    return _NAME.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def parse_path(text: str) -> ClaimPath:
    """Take a written path apart: names as text, indices as integers.

    Raises:
        SchemaError: Empty, too long or too deep, or a segment that is neither a claim name
            nor an index. `*` is refused: it names no one claim.
    """
    if len(text) > MAX_PATH_CHARACTERS:
        raise SchemaError(text[:32] + "…", "path too long")
    segments = text.split(".")
    if len(segments) > MAX_PATH_SEGMENTS:
        raise SchemaError(text, "path too deep")
    return tuple(_parse_segment(text, segment) for segment in segments)


def _parse_segment(text: str, segment: str) -> Segment:
    if is_claim_name(segment):
        return segment
    if _INDEX.fullmatch(segment):
        return int(segment)
    raise SchemaError(text, "not a claim path")


def join_path(path: ClaimPath) -> str:
    """Write a path as text; the inverse of `parse_path`."""
    return ".".join(str(segment) for segment in path)


@lru_cache(maxsize=1024)
def definition_path(text: str) -> str:
    """Turn a claim's path into the one a type definition uses: every index becomes `*`."""
    return ".".join(ANY_INDEX if _INDEX.fullmatch(segment) else segment for segment in text.split("."))


def claim_at(claims: JsonObject, text: str) -> JsonValue:
    """Return the value at a path, or None where the claims have nothing there."""
    value: Any = claims
    try:
        for segment in parse_path(text):
            # An index leads into a list only: into a text it would find a character.
            if type(segment) is int and not isinstance(value, list):
                return None
            value = value[segment]
    except (KeyError, IndexError, TypeError):
        return None
    return value  # type: ignore[no-any-return]


def put_claim(claims: JsonObject, text: str, value: JsonValue) -> None:
    """Put a value at a path of names, making the objects on the way; changes `claims`.

    Raises:
        SchemaError: An index on the path, or a value in the way that is not an object.
    """
    *parents, name = _names(text)
    place = claims
    for parent in parents:
        inner = place.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise SchemaError(text, "not an object on the way")
        place = inner
    place[name] = value


@lru_cache(maxsize=1024)
def _names(text: str) -> tuple[str, ...]:
    path = parse_path(text)
    names = tuple(segment for segment in path if isinstance(segment, str))
    if len(names) != len(path):
        raise SchemaError(text, "an element cannot be set alone")
    return names


def iter_leaves(claims: JsonValue, prefix: ClaimPath = ()) -> Iterator[tuple[ClaimPath, JsonValue]]:
    """Yield every scalar with its path, in the order of the claims. An empty container yields nothing."""
    if isinstance(claims, dict):
        for name, value in claims.items():
            yield from iter_leaves(value, (*prefix, name))
    elif isinstance(claims, list):
        for index, value in enumerate(claims):
            yield from iter_leaves(value, (*prefix, index))
    else:
        yield prefix, claims
