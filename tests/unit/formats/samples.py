# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Credentials to begin from, and SD-JWTs crafted by hand and signed anew."""

import secrets

from vcred.codec.json_types import JsonObject, JsonValue
from vcred.credential.draft import CredentialDraft
from vcred.credential.status_reference import StatusReference
from vcred.credential.type_definition import shipped_type
from vcred.keys.algorithms import ES256
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.keys.software import SoftwareSigner
from vcred.securing.jws import sign_jws
from vcred.securing.sd_jwt.disclosure import Disclosure, make_disclosure

ISSUER = SoftwareSigner.generate(ES256)
HOLDER = SoftwareSigner.generate(ES256)
DID = "did:vcred:2drjgzGXyjGrEZzBQhBJMjgMK9mPYfJqnVwFDjzqT4Zs"
KEY_ID = f"{DID}#{ISSUER.public_key.thumbprint()}"
ISSUED_AT = 1_795_100_280
STATUS = StatusReference(uri="https://status.example/health/0", index=104_729)

HEALTH: JsonObject = {
    "colour": "green",
    "valid_until": "2026-11-23T02:58:00+08:00",
    "match": {"name": "陳大文", "id_type": "macao_bir", "last_four": "2681"},
    "identity": {
        "name": "陳大文",
        "name_latin": "Chan Tai Man",
        "region": "MO",
        "id_type": "macao_bir",
        "id_number": "5631268(1)",
        "birth_date": "1954-09-24",
    },
    "test": {
        "method": "NAAT",
        "result": "negative",
        "collected": "2026-11-20T02:58:00+08:00",
        "lab": "MO-CHCSJ",
    },
    "vaccination": {"doses": 3, "last": "2026-04-30"},
}

CERTIFICATE: JsonObject = {
    "title": "Registered Quantity Surveyor",
    "title_zh": "註冊工料測量師",
    "level": "full",
    "expires": "2028-12-31",
    "match": {"name": "陳大文", "id_type": "macao_bir", "last_four": "2681"},
    "award": {"certificate_no": "GD-2026-000123", "awarded": "2026-06-30", "exam_centre": "Guangzhou"},
    "modules": [{"title": "Law", "mark": 71}, {"title": "Measurement", "mark": 88}],
}


def draft(
    type_name: str = "health-code",
    claims: JsonObject | None = None,
    *,
    holder_key: PublicKey | None = HOLDER.public_key,
    status: StatusReference | None = STATUS,
    not_before: int | None = None,
) -> CredentialDraft:
    """A draft that nothing is wrong with."""
    definition = shipped_type(type_name)
    claims = claims or {"health-code": HEALTH, "professional-certificate": CERTIFICATE}[type_name]
    return CredentialDraft(
        type_definition=definition,
        vct=f"{DID}/types/{type_name}/1",
        issuer=DID,
        key_id=KEY_ID,
        claims=claims,
        holder_key=holder_key,
        issued_at=ISSUED_AT,
        not_before=not_before,
        expires_at=definition.expires_at(claims),
        status=status,
    )


def disclose(name: str | None, value: JsonValue) -> Disclosure:
    """A disclosure with a new salt."""
    return make_disclosure(name, value, secrets.token_bytes(16))


HIDDEN = disclose("name", "陳大文")
HEADER: JsonObject = {"kid": KEY_ID, "typ": "dc+sd-jwt"}
PAYLOAD: JsonObject = {
    "iss": DID,
    "iat": ISSUED_AT,
    "nbf": ISSUED_AT,
    "exp": ISSUED_AT + 86_400,
    "vct": f"{DID}/types/health-code/1",
    "cnf": {"jwk": HOLDER.public_key.to_jwk()},
    "status": STATUS.to_json(),
    "_sd_alg": "sha-256",
    "_sd": [HIDDEN.digest],
}


def craft(
    payload: JsonObject = PAYLOAD,
    *disclosures: Disclosure,
    header: JsonObject = HEADER,
    signer: Signer = ISSUER,
) -> str:
    """Sign any payload as a credential."""
    return "~".join((sign_jws(header, payload, signer), *(item.encoded for item in disclosures), ""))


def without(mapping: JsonObject, name: str) -> JsonObject:
    """The mapping less one member."""
    return {key: value for key, value in mapping.items() if key != name}
