# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an accepted presentation has shown. Claims can be read only from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from vcred.codec.json_types import JsonValue


class Binding(StrEnum):
    """How the holder has shown that the credential is theirs.

    Spec: docs/spec/verdict.md, Binding.
    """

    NONE = "none"
    LIVE = "live"
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPresentation:
    """An accepted presentation, read-only. Only the verifier makes one.

    `claims` are the claims of the credential's type, without those that the standards
    reserve; `issued_at` and `expires_at` are NumericDates.
    """

    issuer: str
    type: str
    type_name: str
    binding: Binding
    issued_at: int
    expires_at: int | None
    claims: Mapping[str, JsonValue] = field(repr=False)

    def __post_init__(self) -> None:
        # A copy behind a proxy: what was verified is what is read, whoever holds the original.
        object.__setattr__(self, "claims", MappingProxyType(_copy_object(self.claims)))


def _copy_object(claims: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    # Not `deepcopy`: it takes ten times as long, for shared and foreign objects that JSON has not.
    return {name: _copy(value) if isinstance(value, _CONTAINERS) else value for name, value in claims.items()}


def _copy(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return _copy_object(value)
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


_CONTAINERS = (dict, list)
