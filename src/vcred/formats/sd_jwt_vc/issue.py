# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issue: a draft becomes a signed SD-JWT VC.

Always in the clear: issuer, times, holder's key, type, status and the claims that the type
always shows. Each group of the type is one digest at the top level, also where the person
has no such claim, so that the shape of a credential tells nothing about its holder.
"""

import secrets
from collections.abc import Callable

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.draft import CredentialDraft
from vcred.credential.type_definition import Group, GroupDisclosure, TypeDefinition
from vcred.credential.type_schema import properties_of
from vcred.errors import SchemaError
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE
from vcred.keys.signer import Signer
from vcred.securing.jws import sign_jws
from vcred.securing.sd_jwt.combined import SdJwt, join_sd_jwt
from vcred.securing.sd_jwt.conceal import Concealer


def issue_credential(
    draft: CredentialDraft, signer: Signer, *, random_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> str:
    """Sign a draft, and return the credential with all its disclosures, "<jwt>~<d>~...~<d>~".

    The same draft twice gives two credentials that share no salt and no digest.

    Args:
        draft: Its claims validated against its type.
        signer: The issuer's key that `draft.key_id` names.
        random_bytes: For salts; another source than the default is for reproducible vectors.

    Raises:
        SchemaError: A claim that the type does not know, or an always shown one missing.
        RuntimeError: The source of random bytes is broken; nothing is issued.

    Spec: RFC 9901 sections 4.1, 4.2; SD-JWT VC, "SD-JWT VC Data Format".
    """
    definition = draft.type_definition
    _check_names(draft.claims, definition)
    concealer = Concealer(random_bytes)
    for group in definition.groups:
        _conceal(concealer, group, draft.claims, definition)
    concealed = concealer.finish(_shown(draft))
    issuer_jwt = sign_jws({"kid": draft.key_id, "typ": MEDIA_TYPE}, concealed.payload, signer)
    return join_sd_jwt(SdJwt(issuer_jwt=issuer_jwt, disclosures=concealed.disclosures))


def _check_names(claims: JsonObject, definition: TypeDefinition) -> None:
    # A type keeps the reserved names out, so none of them can be concealed or doubled here.
    known = {*definition.always_shown, *[group.name for group in definition.groups]}
    if not claims.keys() <= known:
        raise SchemaError("claims", "a claim that the type does not know")
    for name in definition.always_shown:
        if name not in claims:
            raise SchemaError(name, "required")


def _shown(draft: CredentialDraft) -> JsonObject:
    """The claims in the clear: those of the format, then those that the type always shows."""
    shown: JsonObject = {"iss": draft.issuer, "vct": draft.vct, "iat": draft.issued_at}
    if draft.not_before is not None:
        shown["nbf"] = draft.not_before
    if draft.expires_at is not None:
        shown["exp"] = draft.expires_at
    if draft.holder_key is not None:
        shown["cnf"] = {"jwk": draft.holder_key.to_jwk()}
    if draft.status is not None:
        shown["status"] = draft.status.to_json()
    return shown | {name: draft.claims[name] for name in draft.type_definition.always_shown}


def _conceal(concealer: Concealer, group: Group, claims: JsonObject, definition: TypeDefinition) -> None:
    if group.name not in claims:
        concealer.decoy()
        return
    value: JsonValue = claims[group.name]
    if group.disclosure is GroupDisclosure.WHOLE:
        concealer.whole(group.name, value)
    elif group.disclosure is GroupDisclosure.MEMBERS and isinstance(value, dict):
        known = properties_of(properties_of(definition.schema)[group.name])
        concealer.members(group.name, value, absent=len(known) - len(value))
    elif group.disclosure is GroupDisclosure.ELEMENTS and isinstance(value, list):
        concealer.elements(group.name, value)
    else:
        raise SchemaError(group.name, "not of the shape that its type gives it")
