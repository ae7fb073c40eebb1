# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The few things about a credential type that a verdict asks for.

Reading and checking a whole definition takes a gate longer than deciding. A verdict needs
none of its schema, labels and rules; and what a gate holds was checked as a whole when it
was imported (`vcred.trust.update`).

Spec: docs/spec/types.md.
"""

from dataclasses import dataclass
from datetime import timedelta

from vcred.codec import fields
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.credential.expiry import expiry_of, parse_utc_offset
from vcred.errors import DecodeError
from vcred.limits import MAX_TYPE_DEFINITION_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeOutline:
    """Of a `TypeDefinition` the members of the same names; `order` are its claims at the top."""

    name: str
    version: int
    utc_offset: timedelta
    expiry_claim: str | None
    paper: bool
    always_shown: tuple[str, ...]
    order: tuple[str, ...]

    def expires_at(self, claims: JsonObject) -> int | None:
        """Compute what `exp` must be, as `TypeDefinition.expires_at`; None where it cannot be told."""
        text = None if self.expiry_claim is None else claims.get(self.expiry_claim)
        return expiry_of(text, utc_offset=self.utc_offset) if isinstance(text, str) else None


def read_type_outline(data: bytes) -> TypeOutline:
    """Read the outline of a definition that `parse_type_definition` has accepted before.

    Raises:
        DecodeError: It cannot have.
    """
    document = decode_json_object(data, max_bytes=MAX_TYPE_DEFINITION_BYTES)
    groups = fields.get_objects(document, "groups")
    if "expiry_claim" not in document:
        raise DecodeError('"expiry_claim" is missing')
    has_expiry = document["expiry_claim"] is not None
    return TypeOutline(
        name=fields.get_text(document, "name"),
        version=fields.get_int(document, "version"),
        utc_offset=parse_utc_offset(fields.get_text(document, "utc_offset")),
        expiry_claim=fields.get_text(document, "expiry_claim") if has_expiry else None,
        paper=fields.get_bool(document, "paper"),
        always_shown=tuple(fields.get_texts(document, "always_shown")),
        order=(
            *fields.get_texts(document, "always_shown"),
            *(fields.get_text(group, "name") for group in groups),
        ),
    )
