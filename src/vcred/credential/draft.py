# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A credential before it is signed: what an issuer says, to whom, from when until when."""

from dataclasses import dataclass

from vcred.codec.json_types import JsonObject
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import TypeDefinition
from vcred.errors import SchemaError
from vcred.keys.public import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialDraft:
    """What a format needs to issue.

    `claims` are all claims, already validated against `type_definition`. `issuer` is a DID,
    `key_id` an absolute DID URL of that DID. Times are epoch seconds. `holder_key` is None
    for a credential on paper only.

    Raises:
        ValueError: `key_id` is not a DID URL of `issuer`, or a time is out of order.
        SchemaError: No holder key though the type is not for paper; `expires_at` is not what
            the type's expiry claim says.
    """

    type_definition: TypeDefinition
    vct: str
    issuer: str
    key_id: str
    claims: JsonObject
    holder_key: PublicKey | None
    issued_at: int
    not_before: int | None = None
    expires_at: int | None = None
    status: StatusReference | None = None

    def __post_init__(self) -> None:
        if not self.key_id.startswith(f"{self.issuer}#"):
            raise ValueError("key_id must be a DID URL of the issuer")
        if self.issued_at < 0 or (self.not_before is not None and self.not_before < 0):
            raise ValueError("a time before 1970")
        if self.holder_key is None and not self.type_definition.paper:
            raise SchemaError("holder", "this type is not issued on paper", hint="give the holder's did:key")
        # Two expiries that differ would let a gate and a person read different ends.
        if self.expires_at != self.type_definition.expires_at(self.claims):
            raise SchemaError(self.type_definition.expiry_claim or "exp", "exp and the expiry claim differ")
