# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status list tokens: a status list in a JWT signed by its issuer.

    header   {"alg", "kid", "typ": "statuslist+jwt"}
    payload  {"exp", "iat", "status_list": {"bits", "lst"}, "sub", "ttl"}

Whatever is wrong with a token has one reason, `status_invalid`, apart from its size:
such a token says nothing, neither good nor bad, about any credential.

Spec: Token Status List sections 5.1 and 8.3.
"""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from vcred.codec.fields import get_int, get_object, get_text, optional_int, optional_text
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, LimitExceededError, RefusedError, SignatureError
from vcred.keys.algorithms import Algorithm
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.limits import MAX_STATUS_TOKEN_BYTES, MAX_URI_CHARACTERS, MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason
from vcred.securing.jws import Jws, check_header, key_id, parse_jws, sign_jws, verify_jws
from vcred.status.bits import StatusList, check_bits, compress_list
from vcred.status.snapshot import StatusSnapshot

MEDIA_TYPE: Final = "statuslist+jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedStatusToken:
    """A status list token, read and not verified. The list in it is not inflated yet.

    Attributes:
        jws: The signature and what it is over.
        key_id: `kid` of the header: a DID URL of the issuer, or None.
        issuer: `iss`, or None; where it is present it must be the DID of `key_id`.
        uri: `sub`, the name of the list.
        issued_at: POSIX seconds.
        expires_at: POSIX seconds, or None.
        ttl: Seconds, at least 1, or None.
        bits: 1, 2, 4 or 8.
        lst: base64url of the compressed list, unchecked.
    """

    jws: Jws
    key_id: str | None
    issuer: str | None
    uri: str
    issued_at: int
    expires_at: int | None
    ttl: int | None
    bits: int
    lst: str

    @property
    def did(self) -> str:
        """Whose it says it is: the DID of `key_id`, "" if there is none."""
        return (self.key_id or "").partition("#")[0]


def encode_status_token(
    status_list: StatusList,
    *,
    uri: str,
    issued_at: int,
    expires_at: int,
    ttl: int,
    kid: str,
    signer: Signer,
) -> str:
    """Sign a status list.

    Args:
        status_list: At least 131,072 entries.
        uri: The list's name, as the credentials refer to it.
        issued_at: POSIX seconds; later than those of every token for this list before.
        expires_at: POSIX seconds, after `issued_at`.
        ttl: Seconds for which a copy is worth keeping, at least 1.
        kid: DID URL of the signing key.
        signer: The issuer's key for status lists.

    Raises:
        ValueError: A list too small to hide anybody in, or times that cannot be.
    """
    if status_list.size < MIN_STATUS_LIST_SIZE:
        raise ValueError(f"a status list has at least {MIN_STATUS_LIST_SIZE} entries")
    if not 0 <= issued_at < expires_at or ttl < 1:
        raise ValueError("a status list expires after it was issued, and lives at least a second")
    payload: JsonObject = {
        "sub": uri,
        "iat": issued_at,
        "exp": expires_at,
        "ttl": ttl,
        "status_list": {"bits": status_list.bits, "lst": compress_list(status_list)},
    }
    return sign_jws({"typ": MEDIA_TYPE, "kid": kid}, payload, signer)


def parse_status_token(text: str) -> UnverifiedStatusToken:
    """Read a token, verifying nothing.

    Raises:
        LimitExceededError: Over 4 MiB.
        RefusedError: STATUS_INVALID, not a token as the specification has it.
    """
    try:
        jws = parse_jws(text, max_bytes=MAX_STATUS_TOKEN_BYTES)
        payload = decode_json_object(jws.payload, max_bytes=MAX_STATUS_TOKEN_BYTES)
        return _read(jws, payload)
    except LimitExceededError:
        raise
    except (DecodeError, RefusedError) as error:
        raise RefusedError(Reason.STATUS_INVALID, f"not a status list token: {error}") from error


def verify_status_token(
    token: UnverifiedStatusToken, *, key: PublicKey, allowed: Collection[Algorithm]
) -> StatusSnapshot:
    """Prove that `key` signed the token; return the list it states.

    Proves nothing about whose the key is, nor that the list is the newest or not expired.

    Args:
        token: As `parse_status_token` read it.
        key: The key that `key_id` names, a status key of the credential's issuer.
        allowed: The policy's algorithms, not empty.

    Raises:
        RefusedError: STATUS_INVALID, another type, algorithm or signature.

    Spec: Token Status List section 8.3 steps 1 to 3.
    """
    try:
        check_header(token.jws, typ=MEDIA_TYPE, allowed=allowed)
        verify_jws(token.jws, key)
    except (RefusedError, SignatureError) as error:
        raise RefusedError(Reason.STATUS_INVALID, f"status list token refused: {error}") from error
    return StatusSnapshot(
        uri=token.uri,
        issued_at=token.issued_at,
        expires_at=token.expires_at,
        ttl=token.ttl,
        token_digest=sha256(token.jws.signing_input).digest(),
        bits=token.bits,
        lst=token.lst,
    )


def _read(jws: Jws, payload: JsonObject) -> UnverifiedStatusToken:
    status_list = get_object(payload, "status_list")
    token = UnverifiedStatusToken(
        jws=jws,
        key_id=key_id(jws),
        issuer=optional_text(payload, "iss"),
        uri=get_text(payload, "sub"),
        issued_at=get_int(payload, "iat"),
        expires_at=optional_int(payload, "exp"),
        ttl=optional_int(payload, "ttl"),
        bits=get_int(status_list, "bits"),
        lst=get_text(status_list, "lst"),
    )
    check_bits(token.bits)
    if not 0 < len(token.uri) <= MAX_URI_CHARACTERS:
        raise DecodeError("`sub` is empty or too long")
    if token.issued_at < 0 or (token.expires_at is not None and token.expires_at <= token.issued_at):
        raise DecodeError("`exp` is not after `iat`")
    if token.ttl is not None and token.ttl < 1:
        raise DecodeError("`ttl` is not positive")
    return token
