# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is known of the use of one holder key: whether it is for one showing, and whether that was.

    {"one_time": true, "shown_at": 1795150300}

A gate knows a credential again by its key, whatever else was signed anew or spelled otherwise. So use
is noted by key, and not by credential: what is forgotten and received again, shown from a file, or
comes with another signature over the same, is the same copy. Of a key without a note nothing is known:
it was made for one credential, which may be shown again and again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from vcred.codec.fields import optional_bool, optional_int, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """What is known of a key.

    Attributes:
        one_time: Its credential is one of several copies.
        shown_at: NumericDate of the first showing.
        is_uncertain: It may have been shown by another copy of this wallet.
    """

    one_time: bool = False
    shown_at: int | None = None
    is_uncertain: bool = False

    @property
    def is_spent(self) -> bool:
        """Whether nothing bound to the key must be shown any more."""
        return self.one_time and (self.shown_at is not None or self.is_uncertain)

    def encode(self) -> bytes:
        """As JSON."""
        members: JsonObject = {
            "one_time": self.one_time or None,
            "shown_at": self.shown_at,
            "is_uncertain": self.is_uncertain or None,
        }
        return encode_jcs({name: value for name, value in members.items() if value is not None})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read it back.

        Raises:
            DecodeError: Of another form.
        """
        document = decode_json_object(data)
        refuse_unknown(document, cls.__slots__)
        return cls(
            one_time=optional_bool(document, "one_time") or False,
            shown_at=optional_int(document, "shown_at"),
            is_uncertain=optional_bool(document, "is_uncertain") or False,
        )


def doubt(uses: Mapping[str, KeyUse], thumbprints: Iterable[str]) -> dict[str, KeyUse]:
    """What is known of keys that another wallet has too: each may have been shown there, or will be."""
    return {key: replace(uses.get(key, KeyUse()), is_uncertain=True) for key in thumbprints}
