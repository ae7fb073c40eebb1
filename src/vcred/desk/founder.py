# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an authority hands over to found a network: its DID and its witness. A file on its way."""

from dataclasses import dataclass
from typing import Self

from vcred.codec.fields import get_object, get_text
from vcred.codec.json_types import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """What an authority hands over to found a network. Public."""

    jurisdiction: str
    jurisdiction_name: JsonObject
    create: JsonObject
    witness: JsonObject

    def to_json(self) -> JsonObject:
        """As a file."""
        return {
            "jurisdiction": self.jurisdiction,
            "jurisdiction_name": self.jurisdiction_name,
            "create": self.create,
            "witness": self.witness,
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Read such a file. Raises DecodeError."""
        return cls(
            jurisdiction=get_text(value, "jurisdiction"),
            jurisdiction_name=get_object(value, "jurisdiction_name"),
            create=get_object(value, "create"),
            witness=get_object(value, "witness"),
        )
