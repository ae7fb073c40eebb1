# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Short forms of claim values, as a type's schema allows them.

A code is made once of one node of the schema. `shorten` turns a JSON value into the one
CBOR item that stands for it; `expand` turns the item back into the canonical JSON text,
and refuses an item that `shorten` would not have made. Every JSON value has a form: what
does not fit the schema travels as its JSON text in a byte string.

Text is written, not values: the credential's JSON is canonical, so the text of an object
is that of its members, and the caller hashes text anyway. One byte can stand for a long
text of the type, so an array or object counts what it holds while it is written: at no time
does a level hold more than a presentation may have.

Spec: docs/spec/qr.md section 5; RFC 8785 section 3.2.
"""

from abc import ABC, abstractmethod
from json.encoder import encode_basestring
from typing import Final

from vcred.codec.cbor import CborValue
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonValue
from vcred.codec.strict_json import decode_json
from vcred.errors import DecodeError, LimitExceededError
from vcred.limits import MAX_JSON_INTEGER, MAX_PRESENTATION_BYTES

TOO_LONG: Final = f"packed presentation: stands for more than {MAX_PRESENTATION_BYTES} bytes"


def quote(text: str) -> str:
    """Return the canonical JSON text of a string.

    Raises:
        DecodeError: NUL, which no JSON of this project holds.
    """
    if "\0" in text:
        raise DecodeError("packed presentation: NUL in a text")
    return encode_basestring(text)


def write_integer(number: int) -> str:
    """Return the canonical JSON text of an integer.

    Raises:
        DecodeError: Beyond 2**53 - 1, which a double cannot hold.
    """
    if not -MAX_JSON_INTEGER <= number <= MAX_JSON_INTEGER:
        raise DecodeError("packed presentation: an integer that a double cannot hold")
    return str(number)


class ClaimCode(ABC):
    """The short form of the values of one schema node."""

    __slots__ = ()

    @abstractmethod
    def shorten(self, value: JsonValue) -> CborValue:
        """Return the one item that stands for `value`."""

    @abstractmethod
    def expand(self, item: CborValue) -> str:
        """Return the canonical JSON text of the value that `item` stands for.

        Raises:
            DecodeError: `item` stands for nothing, or is not the form that `shorten` makes.
            LimitExceededError: The text would have more than `MAX_PRESENTATION_BYTES` characters.
        """

    def _shorten_other(self, value: JsonValue) -> CborValue:
        """Give the form of a value that the schema node does not describe."""
        return value if type(value) is str else encode_jcs(value)

    def _expand_other(self, item: CborValue) -> str:
        """Read the form of a value that the schema node does not describe, if it is one."""
        if type(item) is str:
            value: JsonValue = item
            text = quote(item)
        elif type(item) is bytes:
            value = decode_json(item)
            text = item.decode("utf-8")
        else:
            raise DecodeError("packed presentation: an item that is no claim value")
        try:
            form = self.shorten(value)
        except ValueError as error:
            raise DecodeError("packed presentation: a value without a canonical form") from error
        # Each value has one form only, or a code could be changed without its text changing.
        if form != item:
            raise DecodeError("packed presentation: a claim value in another form than its short one")
        return text


class PlainCode(ClaimCode):
    """Text, integers and booleans as they are."""

    __slots__ = ()

    def shorten(self, value: JsonValue) -> CborValue:
        """Return the scalar itself; null, fractions, arrays and objects become their JSON text."""
        if type(value) is int or type(value) is bool:
            return value
        return self._shorten_other(value)

    def expand(self, item: CborValue) -> str:
        """See `ClaimCode.expand`."""
        if type(item) is str:
            return quote(item)
        if type(item) is int:
            return write_integer(item)
        if type(item) is bool:
            return "true" if item else "false"
        return self._expand_other(item)


class ChoiceCode(ClaimCode):
    """One of a closed list of texts: its index in the list."""

    __slots__ = ("_indices", "_texts")

    def __init__(self, choices: tuple[str, ...]) -> None:
        self._texts = tuple(quote(choice) for choice in choices)
        self._indices = {choice: index for index, choice in enumerate(choices)}

    def shorten(self, value: JsonValue) -> CborValue:
        """Return the index of a text of the list."""
        if type(value) is str and (index := self._indices.get(value)) is not None:
            return index
        return self._shorten_other(value)

    def expand(self, item: CborValue) -> str:
        """See `ClaimCode.expand`."""
        if type(item) is not int:
            return self._expand_other(item)
        if not 0 <= item < len(self._texts):
            raise DecodeError("packed presentation: a number beyond the values of its claim")
        return self._texts[item]


class ObjectCode(ClaimCode):
    """An object: the forms of its members in the order of their names, null for an absent one.

    The list ends with the last member that is there.
    """

    __slots__ = ("_members", "_writers")

    def __init__(self, members: tuple[tuple[str, ClaimCode], ...]) -> None:
        """Take the members of the schema node in the order of their names."""
        self._members = members
        self._writers = tuple((f'"{name}":', code.expand) for name, code in members)

    def shorten(self, value: JsonValue) -> CborValue:
        """Return the list of an object without members that the schema does not know."""
        if type(value) is not dict:
            return self._shorten_other(value)
        items: list[CborValue] = []
        found = 0
        for name, code in self._members:
            if name in value:
                items.append(code.shorten(value[name]))
                found = len(items)
            else:
                items.append(None)
        if sum(item is not None for item in items) != len(value):
            return self._shorten_other(value)
        return items[:found]

    def expand(self, item: CborValue) -> str:
        """See `ClaimCode.expand`."""
        if type(item) is not list:
            return self._expand_other(item)
        return "{" + ",".join(self.expand_members(item)) + "}"

    def expand_members(self, items: list[CborValue]) -> list[str]:
        """Return the member texts, `"name":value`, in the order of the names, without those absent.

        Raises:
            DecodeError: As `expand`.
        """
        if len(items) > len(self._writers) or (items and items[-1] is None):
            raise DecodeError("packed presentation: an object with items beyond its last member")
        texts: list[str] = []
        room = MAX_PRESENTATION_BYTES
        for (head, expand), item in zip(self._writers, items, strict=False):
            if item is None:
                continue
            text = head + expand(item)
            if (room := room - len(text)) < 0:
                raise LimitExceededError(TOO_LONG)
            texts.append(text)
        return texts


class ArrayCode(ClaimCode):
    """An array: the forms of its elements."""

    __slots__ = ("_element",)

    def __init__(self, element: ClaimCode) -> None:
        self._element = element

    def shorten(self, value: JsonValue) -> CborValue:
        """Return the list of the elements' forms."""
        if type(value) is not list:
            return self._shorten_other(value)
        return [self._element.shorten(element) for element in value]

    def expand(self, item: CborValue) -> str:
        """See `ClaimCode.expand`."""
        if type(item) is not list:
            return self._expand_other(item)
        expand = self._element.expand
        texts: list[str] = []
        room = MAX_PRESENTATION_BYTES
        for element in item:
            text = expand(element)
            if (room := room - len(text)) < 0:
                raise LimitExceededError(TOO_LONG)
            texts.append(text)
        return f"[{','.join(texts)}]"
