# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What attackers try in the demo: each is one change to something that was accepted."""

from datetime import datetime

from vcred.codec.base64url import decode_base64url, encode_base64url
from vcred.codec.json_types import JsonObject
from vcred.credential.draft import CredentialDraft
from vcred.credential.type_definition import shipped_type
from vcred.desk.own_keys import METHOD_KEYS
from vcred.did.methods.vcred import method_id
from vcred.did.operations import Purpose
from vcred.formats.sd_jwt_vc.issue import issue_credential
from vcred.formats.sd_jwt_vc.parse import parse_presentation
from vcred.home import Home
from vcred.keys.home_keys import open_home_keyring


def without_key_binding(presentation: str) -> str:
    """The presentation as a stolen credential: the holder's signature is cut off."""
    return presentation[: presentation.rindex("~") + 1]


def with_colour(presentation: str, colour: str) -> str:
    """Another colour in the issuer's payload; the signature is kept."""
    header, payload, rest = presentation.split(".", 2)
    shown = decode_base64url(payload)
    old = next(name for name in (b'"green"', b'"yellow"', b'"red"') if name in shown)
    changed = shown.replace(old, f'"{colour}"'.encode())
    return f"{header}.{encode_base64url(changed)}.{rest}"


def with_other_signature(presentation: str) -> str:
    """One bit of the issuer's signature turned."""
    header, payload, rest = presentation.split(".", 2)
    signature, tilde, others = rest.partition("~")
    turned = bytearray(decode_base64url(signature))
    turned[10] ^= 1
    return f"{header}.{payload}.{encode_base64url(bytes(turned))}{tilde}{others}"


def issued_without_accreditation(
    issuer: Home, *, did: str, vct: str, type_name: str, like: str, listed_as: str, now: datetime
) -> str:
    """A well-signed credential of a type for which its issuer has no accreditation.

    Args:
        issuer: The home whose issuing key signs; its own door would refuse.
        did: Who signs.
        vct: The type that is claimed; `type_name` is its name among the shipped ones.
        like: A credential whose validity and holder's key are copied.
        listed_as: A credential of the issuer's own, whose status reference is used again.
        now: Issued at.
    """
    model = parse_presentation(like)
    with open_home_keyring(issuer) as keyring:
        signer = keyring.signer(METHOD_KEYS[Purpose.ASSERTION].base)
    definition = shipped_type(type_name)
    claims: JsonObject = {
        "colour": "green",
        "valid_until": model.payload["valid_until"],
        "match": {"name": "李小龍", "id_type": "macao_bir", "last_four": "0000"},
    }
    draft = CredentialDraft(
        type_definition=definition,
        vct=vct,
        issuer=did,
        key_id=method_id(did, signer.public_key),
        claims=claims,
        holder_key=model.holder_key,
        issued_at=int(now.timestamp()),
        expires_at=definition.expires_at(claims),
        status=parse_presentation(listed_as).status,
    )
    return issue_credential(draft, signer)
