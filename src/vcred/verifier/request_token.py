# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A request as it is signed: a compact JWS of a type of its own.

    header    alg, kid = the DID URL of an authentication key, typ = vcred-request+jwt
    payload   {"claims": [...], "exp": ..., "iat": ..., "iss": "did:...", "network": "...",
               "nonce": "...", "purpose": "...", "type": "<vct>"}

Its form only. Whose key signed it, and who that is, only a belief says: `vcred.verifier.asking`.

Spec: docs/spec/requests.md section 3; RFC 7515; RFC 8725 section 3.11.
"""

from dataclasses import dataclass, field
from typing import Final

from vcred.codec.base64url import decode_base64url
from vcred.codec.fields import get_int, get_text, get_texts, refuse_unknown
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.credential.paths import parse_path
from vcred.credential.request import PresentationRequest
from vcred.did.syntax import parse_did
from vcred.errors import DecodeError, LimitExceededError, RefusedError, SchemaError
from vcred.keys.algorithms import ALGORITHMS
from vcred.keys.signer import Signer
from vcred.limits import (
    MAX_PURPOSE_CHARACTERS,
    MAX_REQUEST_CHARACTERS,
    MAX_REQUEST_CLAIMS,
    MAX_REQUEST_VALIDITY,
    MAX_TIME,
    MAX_URI_CHARACTERS,
)
from vcred.reasons import Reason
from vcred.securing.jws import Jws, check_header, key_id, parse_jws, sign_jws

MEDIA_TYPE: Final = "vcred-request+jwt"
MIN_NONCE_BYTES: Final = 16
MAX_NONCE_BYTES: Final = 64
_MEMBERS: Final = frozenset({"claims", "exp", "iat", "iss", "network", "nonce", "purpose", "type"})
_VALIDITY: Final = int(MAX_REQUEST_VALIDITY.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedRequest:
    """What a request says, well-formed and unverified. `network` is the id of a network.

    `key_id` is a DID URL of `request.audience`; `text` the compact JWS that `jws` was parsed from.
    """

    request: PresentationRequest
    network: str
    key_id: str
    text: str = field(repr=False)
    jws: Jws = field(repr=False)


def sign_request(request: PresentationRequest, *, network_id: str, key_id: str, signer: Signer) -> str:
    """Sign a request and return the compact JWS.

    Args:
        request: What is asked; `type` is a `vct`, `audience` the DID that `key_id` is under.
        network_id: Of the network on whose ledger the DID is.
        key_id: DID URL of the authentication method.
        signer: Its key.

    Raises:
        RefusedError: REQUEST_INVALID: no wallet would read it.
        LimitExceededError: More than a code holds.

    Spec: docs/spec/requests.md section 3.
    """
    payload: JsonObject = {
        "iss": request.audience,
        "iat": request.issued_at,
        "exp": request.expires_at,
        "nonce": request.nonce,
        "network": network_id,
        "type": request.type,
        "claims": [*request.claims],
        "purpose": request.purpose,
    }
    text = sign_jws({"typ": MEDIA_TYPE, "kid": key_id}, payload, signer)
    if len(text) > MAX_REQUEST_CHARACTERS:
        raise LimitExceededError(
            f"the request is {len(text)} characters, at most {MAX_REQUEST_CHARACTERS} fit a code",
            hint="ask for fewer claims, or say the purpose in fewer words",
        )
    # What a wallet would refuse is not shown to anybody.
    parse_request(text)
    return text


def parse_request(text: str) -> UnverifiedRequest:
    """Read a request. Says nothing about who signed it, nor whether it is still good.

    Args:
        text: The compact JWS.

    Raises:
        LimitExceededError: Longer than `MAX_REQUEST_CHARACTERS`.
        RefusedError: REQUEST_INVALID: not a JWS of this type, unsigned, signed by a key that is not
            under the asker's DID, or a member that is missing, unknown or out of its range.

    Spec: docs/spec/requests.md section 3.
    """
    try:
        jws = parse_jws(text, max_bytes=MAX_REQUEST_CHARACTERS)
        check_header(jws, typ=MEDIA_TYPE, allowed=ALGORITHMS)
        kid = key_id(jws)
        request, network = _read_payload(decode_json_object(jws.payload, max_bytes=MAX_REQUEST_CHARACTERS))
    except LimitExceededError:
        raise
    except (DecodeError, RefusedError) as error:
        raise invalid(str(error)) from error
    if kid is None or not kid.startswith(f"{request.audience}#"):
        raise invalid("kid is not a DID URL of iss")
    return UnverifiedRequest(request=request, network=network, key_id=kid, text=text, jws=jws)


def invalid(what: str, *, hint: str | None = None) -> RefusedError:
    """Make the error for a request that nobody may answer; `what` holds nothing that came from it."""
    return RefusedError(Reason.REQUEST_INVALID, f"request: {what}", hint=hint)


def _read_payload(payload: JsonObject) -> tuple[PresentationRequest, str]:
    refuse_unknown(payload, _MEMBERS)
    issued_at, expires_at = get_int(payload, "iat"), get_int(payload, "exp")
    if not 0 <= issued_at < expires_at <= MAX_TIME:
        raise DecodeError("exp is not after iat")
    if expires_at - issued_at > _VALIDITY:
        raise DecodeError(f"it is good for more than {_VALIDITY} s")
    request = PresentationRequest(
        audience=str(parse_did(get_text(payload, "iss"))),
        nonce=_nonce(payload),
        type=_bounded(payload, "type", MAX_URI_CHARACTERS),
        claims=_claims(payload),
        purpose=_purpose(payload),
        issued_at=issued_at,
        expires_at=expires_at,
    )
    return request, get_text(payload, "network")


def _nonce(payload: JsonObject) -> str:
    nonce = get_text(payload, "nonce")
    if not MIN_NONCE_BYTES <= len(decode_base64url(nonce)) <= MAX_NONCE_BYTES:
        raise DecodeError(f"nonce: {MIN_NONCE_BYTES} to {MAX_NONCE_BYTES} bytes")
    return nonce


def _claims(payload: JsonObject) -> tuple[str, ...]:
    claims = tuple(get_texts(payload, "claims"))
    if not 1 <= len(claims) <= MAX_REQUEST_CLAIMS or len(set(claims)) != len(claims):
        raise DecodeError(f"claims: 1 to {MAX_REQUEST_CLAIMS} distinct paths")
    try:
        for path in claims:
            parse_path(path)
    except SchemaError as error:
        raise DecodeError("claims: not a claim path") from error
    return claims


def _purpose(payload: JsonObject) -> str:
    purpose = _bounded(payload, "purpose", MAX_PURPOSE_CHARACTERS)
    # One line: a second one could look like the wallet's own words (threats: CLI-01).
    if not purpose.strip() or any(_is_control(character) for character in purpose):
        raise DecodeError("purpose: one line of words")
    return purpose


def _bounded(payload: JsonObject, name: str, most: int) -> str:
    text = get_text(payload, name)
    if not 1 <= len(text) <= most:
        raise DecodeError(f"{name}: 1 to {most} characters")
    return text


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f" or character in "\u2028\u2029"
