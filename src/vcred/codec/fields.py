# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the members of a decoded object: each is there, of its type, or the bytes are malformed.

A message names the member and the type it must have, never what stood there.
"""

from collections.abc import Collection
from typing import Final, TypeVar

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import DecodeError

_T = TypeVar("_T")
_WORDS: Final[dict[type, str]] = {
    str: "text",
    int: "an integer",
    bool: "true or false",
    dict: "an object",
    list: "an array",
}


def get_text(obj: JsonObject, name: str) -> str:
    """Return a required text."""
    return _get(obj, name, str)


def get_int(obj: JsonObject, name: str) -> int:
    """Return a required integer; true, 1.0 and "1" are none."""
    return _get(obj, name, int)


def get_bool(obj: JsonObject, name: str) -> bool:
    """Return a required boolean."""
    return _get(obj, name, bool)


def get_object(obj: JsonObject, name: str) -> JsonObject:
    """Return a required object."""
    return _get(obj, name, dict)


def get_list(obj: JsonObject, name: str) -> list[JsonValue]:
    """Return a required array."""
    return _get(obj, name, list)


def get_texts(obj: JsonObject, name: str) -> list[str]:
    """Return a required array of texts."""
    texts: list[str] = []
    for item in get_list(obj, name):
        if type(item) is not str:
            raise DecodeError(f'"{name}" must be an array of texts')
        texts.append(item)
    return texts


def get_objects(obj: JsonObject, name: str) -> list[JsonObject]:
    """Return a required array of objects."""
    objects: list[JsonObject] = []
    for item in get_list(obj, name):
        if type(item) is not dict:
            raise DecodeError(f'"{name}" must be an array of objects')
        objects.append(item)
    return objects


def optional_text(obj: JsonObject, name: str) -> str | None:
    """Return a text, or None where the member is absent; null is refused."""
    return _get(obj, name, str) if name in obj else None


def optional_int(obj: JsonObject, name: str) -> int | None:
    """Return an integer, or None where the member is absent; null is refused."""
    return _get(obj, name, int) if name in obj else None


def optional_bool(obj: JsonObject, name: str) -> bool | None:
    """Return a boolean, or None where the member is absent; null is refused."""
    return _get(obj, name, bool) if name in obj else None


def optional_object(obj: JsonObject, name: str) -> JsonObject | None:
    """Return an object, or None where the member is absent; null is refused."""
    return _get(obj, name, dict) if name in obj else None


def optional_list(obj: JsonObject, name: str) -> list[JsonValue] | None:
    """Return an array, or None where the member is absent; null is refused."""
    return _get(obj, name, list) if name in obj else None


def optional_texts(obj: JsonObject, name: str) -> list[str] | None:
    """Return an array of texts, or None where the member is absent; null is refused."""
    return get_texts(obj, name) if name in obj else None


def refuse_unknown(obj: JsonObject, allowed: Collection[str]) -> None:
    """Refuse any member that is not `allowed`: what is not understood may change the meaning.

    The unknown name is not repeated, for a stranger chose it.
    """
    if not obj.keys() <= set(allowed):
        raise DecodeError("an unknown member; known are " + ", ".join(sorted(allowed)))


def _get(obj: JsonObject, name: str, kind: type[_T]) -> _T:
    try:
        value = obj[name]
    except KeyError:
        raise DecodeError(f'"{name}" is missing') from None
    # Not isinstance: True is an instance of int.
    if type(value) is not kind:
        raise DecodeError(f'"{name}" must be {_WORDS[kind]}')
    return value
