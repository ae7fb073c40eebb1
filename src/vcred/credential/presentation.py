# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an accepted presentation has shown. Claims can be read only from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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
    """An accepted presentation. Only the verifier makes one.

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
