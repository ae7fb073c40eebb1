# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Parse: an SD-JWT VC, or a presentation of one, taken apart. Nothing here is verified.

Each part is decoded once. What is returned is what the text *says*: who signed it, whether
its disclosures belong to it (`claims.open_claims`), and whether the binding holds are the
verifier's next steps.
"""

from dataclasses import dataclass

from vcred.codec.fields import get_object, optional_int, optional_object
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.credential.status_reference import StatusReference, parse_status_claim
from vcred.errors import DecodeError, KeyMaterialError, RefusedError
from vcred.formats.sd_jwt_vc.names import MEDIA_TYPE
from vcred.keys.public import PublicKey
from vcred.limits import MAX_DID_CHARACTERS, MAX_URI_CHARACTERS
from vcred.reasons import Reason
from vcred.securing.jws import Jws, key_id, parse_jws
from vcred.securing.sd_jwt.combined import SdJwt, split_sd_jwt
from vcred.securing.sd_jwt.disclosure import Disclosure, parse_disclosure
from vcred.securing.sd_jwt.key_binding import KeyBinding, parse_key_binding


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedPresentation:
    """What a text says it is.

    Times are epoch seconds. `vct` is None where it is missing or not one text. `has_cnf` is
    true also where the holder's key is given in a way not known here; `holder_key` is then
    None, and no key binding can hold.
    """

    text: str
    sd_jwt: SdJwt
    issuer_jws: Jws
    payload: JsonObject
    disclosures: tuple[Disclosure, ...]
    key_binding: KeyBinding | None
    issuer: str
    key_id: str | None
    vct: str | None
    issued_at: int | None
    not_before: int | None
    expires_at: int | None
    holder_key: PublicKey | None
    has_cnf: bool
    status: StatusReference | None

    @property
    def key_binding_text(self) -> str | None:
        """The KB-JWT as it was sent."""
        return self.sd_jwt.key_binding


def parse_presentation(text: str) -> UnverifiedPresentation:
    """Take a credential or presentation apart.

    Args:
        text: The combined text, at most 64 KiB, without white space around it.

    Raises:
        LimitExceededError: Larger, deeper or more than a limit allows.
        DecodeError: A part is not what it must be; a time is not a whole number >= 0.
        RefusedError: MEDIA_TYPE_WRONG: `typ` is not dc+sd-jwt, or the binding's not kb+jwt.
            DISCLOSURE_INVALID: a disclosure of the wrong shape. ISSUER_UNKNOWN: no `iss`.
            KEY_NOT_AUTHORISED: a `kid` that cannot name a key. KEY_UNUSABLE: the key in `cnf`.
            STATUS_INVALID: a status of an unknown mechanism. AUDIENCE_WRONG, NONCE_WRONG,
            KEY_BINDING_INVALID: a key binding without one audience, nonce or sd_hash; and
            whatever `parse_jws` refuses.

    Spec: RFC 9901 section 7.1 steps 1, 3a; section 7.3; SD-JWT VC, "SD-JWT VC Data Format".
    """
    sd_jwt = split_sd_jwt(text)
    jws = parse_jws(sd_jwt.issuer_jwt)
    # The same key signs status lists and more: only this media type is a credential.
    if jws.header.get("typ") != MEDIA_TYPE:
        raise RefusedError(Reason.MEDIA_TYPE_WRONG, "the credential's typ is not dc+sd-jwt")
    payload = decode_json_object(jws.payload)
    vct = payload.get("vct")
    return UnverifiedPresentation(
        text=text,
        sd_jwt=sd_jwt,
        issuer_jws=jws,
        payload=payload,
        disclosures=tuple(map(parse_disclosure, sd_jwt.disclosures)),
        key_binding=parse_key_binding(sd_jwt.key_binding) if sd_jwt.key_binding is not None else None,
        issuer=_issuer(payload),
        key_id=key_id(jws),
        vct=vct if isinstance(vct, str) and 0 < len(vct) <= MAX_URI_CHARACTERS else None,
        issued_at=_time(payload, "iat"),
        not_before=_time(payload, "nbf"),
        expires_at=_time(payload, "exp"),
        holder_key=_holder_key(payload),
        has_cnf="cnf" in payload,
        status=parse_status_claim(payload),
    )


def _issuer(payload: JsonObject) -> str:
    issuer = payload.get("iss")
    if issuer is None:
        raise RefusedError(Reason.ISSUER_UNKNOWN, "the credential names no issuer")
    if not isinstance(issuer, str) or not 0 < len(issuer) <= MAX_DID_CHARACTERS:
        raise DecodeError("iss: not a text, empty or too long")
    return issuer


def _time(payload: JsonObject, name: str) -> int | None:
    if (seconds := optional_int(payload, name)) is not None and seconds < 0:
        raise DecodeError(f"{name}: before 1970")
    return seconds


def _holder_key(payload: JsonObject) -> PublicKey | None:
    confirmation = optional_object(payload, "cnf")
    if confirmation is None or "jwk" not in confirmation:
        return None
    try:
        return PublicKey.from_jwk(get_object(confirmation, "jwk"))
    except KeyMaterialError as error:
        raise RefusedError(Reason.KEY_UNUSABLE, "the holder's key in cnf cannot be used") from error
