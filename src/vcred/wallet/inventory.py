# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How many entries of each kind a wallet's store has, and how far it has come.

    {"credentials": 3, "keys": 5, "progress": 12, "shown": 11, "uses": 2}

`progress` only grows: with each showing, and when the wallet was restored. The mark beside the store
says how far it had come, and so an older copy of the store is known for one.
"""

from dataclasses import dataclass
from typing import Self

from vcred.codec.fields import get_int, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Numbers of credentials, keys, lines of the history, and keys of whose use something is known."""

    credentials: int
    keys: int
    shown: int
    uses: int
    progress: int

    def encode(self) -> bytes:
        """As JSON."""
        members: JsonObject = {
            "credentials": self.credentials,
            "keys": self.keys,
            "shown": self.shown,
            "uses": self.uses,
            "progress": self.progress,
        }
        return encode_jcs(members)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read it back.

        Raises:
            DecodeError: Of another form.
        """
        document = decode_json_object(data)
        refuse_unknown(document, cls.__slots__)
        return cls(**{name: get_int(document, name) for name in cls.__slots__})
