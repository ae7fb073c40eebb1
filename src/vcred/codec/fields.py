# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the members of a decoded object: each is there, of its type, or the bytes are malformed.

A message names the member and the type it must have, never what stood there.
"""

from collections.abc import Collection
from typing import Final

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.errors import DecodeError

_WORDS: Final[dict[type, str]] = {
    str: "text",
    int: "an integer",
    bool: "true or false",
    dict: "an object",
    list: "an array",
}


def get_text(obj: JsonObject, name: str) -> str:
    """Return a required text."""
    value = obj.get(name)
    if type(value) is not str:
        raise _wrong(obj, name, str)
    return value


def get_int(obj: JsonObject, name: str) -> int:
    """Return a required integer; true, 1.0 and "1" are none."""
    value = obj.get(name)
    # Not isinstance: True is an instance of int.
    if type(value) is not int:
        raise _wrong(obj, name, int)
    return value


def get_bool(obj: JsonObject, name: str) -> bool:
    """Return a required boolean."""
    value = obj.get(name)
    if type(value) is not bool:
        raise _wrong(obj, name, bool)
    return value


def get_object(obj: JsonObject, name: str) -> JsonObject:
    """Return a required object."""
    value = obj.get(name)
    if type(value) is not dict:
        raise _wrong(obj, name, dict)
    return value


def get_list(obj: JsonObject, name: str) -> list[JsonValue]:
    """Return a required array."""
    value = obj.get(name)
    if type(value) is not list:
        raise _wrong(obj, name, list)
    return value


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
    return get_text(obj, name) if name in obj else None


def optional_int(obj: JsonObject, name: str) -> int | None:
    """Return an integer, or None where the member is absent; null is refused."""
    return get_int(obj, name) if name in obj else None


def optional_bool(obj: JsonObject, name: str) -> bool | None:
    """Return a boolean, or None where the member is absent; null is refused."""
    return get_bool(obj, name) if name in obj else None


def optional_object(obj: JsonObject, name: str) -> JsonObject | None:
    """Return an object, or None where the member is absent; null is refused."""
    return get_object(obj, name) if name in obj else None


def optional_list(obj: JsonObject, name: str) -> list[JsonValue] | None:
    """Return an array, or None where the member is absent; null is refused."""
    return get_list(obj, name) if name in obj else None


def optional_texts(obj: JsonObject, name: str) -> list[str] | None:
    """Return an array of texts, or None where the member is absent; null is refused."""
    return get_texts(obj, name) if name in obj else None


def refuse_unknown(obj: JsonObject, allowed: Collection[str]) -> None:
    """Refuse any member that is not `allowed`: what is not understood may change the meaning.

    The unknown name is not repeated, for a stranger chose it.
    """
    if not obj.keys() <= set(allowed):
        raise DecodeError("an unknown member; known are " + ", ".join(sorted(allowed)))


def _wrong(obj: JsonObject, name: str, kind: type) -> DecodeError:
    return DecodeError(f'"{name}" must be {_WORDS[kind]}' if name in obj else f'"{name}" is missing')
