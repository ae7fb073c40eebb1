# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The second person's word: a JWS over the whole request that was shown to them.

    header    alg, kid = the approver's did:key as DID URL, typ = vcred-approval+jwt
    payload   {"exp": ..., "iat": ..., "iss": "did:key:...", "request": {...}}

It stands for 24 hours, and for this one request, which waits for 7 days. The issuer makes the
change only if the approver is in office there, is not the one it is about, has no key in the
issuer's own home, and if the request is, member for member, the one that waits. An approval is used
once, since a request is.

Spec: docs/spec/changes.md, Approvals.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from vcred.codec.fields import get_int, get_object, get_text, refuse_unknown
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, RefusedError, SignatureError, UsageError
from vcred.issuer.change_request import (
    AddApprover,
    ChangeRequest,
    ChangeStatus,
    RemoveApprover,
    approver_key,
    request_from_json,
)
from vcred.issuer.credential_set import (
    CREDENTIAL_ID_BYTES,
    credentials_digest,
    is_credential_id,
    pack_credentials,
)
from vcred.keys.algorithms import ALGORITHMS
from vcred.keys.public import PublicKey
from vcred.keys.signer import Signer
from vcred.limits import MAX_APPROVAL_BYTES, MAX_CLOCK_SKEW
from vcred.reasons import Reason
from vcred.securing.data_integrity.jcs_suites import did_key_url
from vcred.securing.jws import check_header, key_id, parse_jws, sign_jws, verify_jws

MEDIA_TYPE: Final = "vcred-approval+jwt"
LIFETIME: Final = timedelta(hours=24)
REQUEST_LIFETIME: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval whose signature is the approver's. Times are NumericDates.

    `text`: the compact JWS; the audit log keeps it, so that an audit can verify it again.
    """

    text: str
    approver: str
    key: PublicKey
    request: ChangeRequest
    issued_at: int
    expires_at: int


def sign_approval(request: ChangeRequest, *, signer: Signer, at: int) -> str:
    """Approve a request and return the compact JWS. Show it to the person first."""
    key = signer.public_key
    return sign_jws(
        {"typ": MEDIA_TYPE, "kid": did_key_url(key)},
        {
            "iss": key.did_key(),
            "iat": at,
            "exp": at + int(LIFETIME.total_seconds()),
            "request": request.to_json(),
        },
        signer,
    )


def verify_approval(text: str) -> Approval:
    """Prove that whoever has the key of the DID it names approved the request in it.

    Says nothing about whether that person is in office, nor about the time: `require_approval`.

    Raises:
        DecodeError: Not an approval of the form above.
        RefusedError: ALGORITHM_NOT_ALLOWED, HEADER_NOT_ALLOWED, MEDIA_TYPE_WRONG,
            KEY_NOT_AUTHORISED or SIGNATURE_INVALID.

    Spec: RFC 7515 section 5.2; RFC 8725 section 3.
    """
    jws = parse_jws(text, max_bytes=MAX_APPROVAL_BYTES)
    check_header(jws, typ=MEDIA_TYPE, allowed=ALGORITHMS)
    payload = decode_json_object(jws.payload)
    refuse_unknown(payload, {"iss", "iat", "exp", "request"})
    approver = get_text(payload, "iss")
    key = approver_key(approver)
    if key_id(jws) != did_key_url(key):
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "approval: kid is not the approver's key")
    try:
        verify_jws(jws, key)
    except SignatureError as error:
        raise RefusedError(Reason.SIGNATURE_INVALID, "approval: the signature is wrong") from error
    approval = Approval(
        text=text,
        approver=approver,
        key=key,
        request=request_from_json(get_object(payload, "request")),
        issued_at=get_int(payload, "iat"),
        expires_at=get_int(payload, "exp"),
    )
    if not 0 < approval.expires_at - approval.issued_at <= LIFETIME.total_seconds():
        raise DecodeError("approval: it stands for more than 24 hours, or for none")
    return approval


def require_approval(
    approval: Approval,
    waiting: ChangeRequest,
    *,
    in_office: Collection[str],
    own_keys: Collection[PublicKey],
    at: int,
) -> None:
    """Refuse unless an approval is good for the request that waits here.

    Args:
        approval: As verified.
        waiting: As the issuer's store has it, never as the approval says.
        in_office: DIDs of the approvers in office.
        own_keys: All keys of the issuer's home.
        at: NumericDate; the audit log's time if that is later than the clock's.

    Raises:
        RefusedError: AUDIENCE_WRONG, REQUEST_INVALID, NOT_AUTHORISED, KEY_NOT_AUTHORISED,
            NOT_YET_VALID or EXPIRED.
    """
    if approval.request.issuer != waiting.issuer:
        raise RefusedError(Reason.AUDIENCE_WRONG, "the approval is for another issuer")
    if approval.request != waiting:
        raise RefusedError(
            Reason.REQUEST_INVALID,
            "the approval is for another request than the one that waits here",
            hint="hand the approver what waits: vcred status request ID --out FILE",
        )
    if approval.approver not in in_office:
        raise RefusedError(Reason.NOT_AUTHORISED, "who approved is no approver in office")
    # Somebody who holds the issuer's keys would be the first and the second person.
    if approval.key in own_keys:
        raise RefusedError(Reason.KEY_NOT_AUTHORISED, "the approver's key lies in this home")
    if concerns(waiting, approval.approver):
        raise RefusedError(Reason.NOT_AUTHORISED, "nobody approves what is about themselves")
    if lapses_at(waiting) <= at:
        raise RefusedError(Reason.EXPIRED, "the request is older than 7 days", hint="ask again")
    if approval.issued_at > at + MAX_CLOCK_SKEW.total_seconds():
        raise RefusedError(Reason.NOT_YET_VALID, "the approval is dated in the future")
    if approval.expires_at <= at:
        raise RefusedError(
            Reason.EXPIRED, "the approval is older than 24 hours", hint="ask the approver to sign again"
        )


def require_credentials(request: ChangeRequest, credential_ids: Sequence[str]) -> None:
    """Refuse unless a request is about these credentials, all of them, and about no other.

    Says nothing about whose they are: where the list comes from is for the approver to know.

    Args:
        request: As it came from the issuer.
        credential_ids: 32 hexadecimal characters each, in any order.

    Raises:
        UsageError: The request is about no credentials, or one of these is not a credential's id.
        RefusedError: REQUEST_INVALID: it is about others.

    Spec: docs/spec/changes.md, Requests.
    """
    if not isinstance(request.wish, ChangeStatus):
        raise UsageError("the request is about no credentials", hint="leave the list of ids out")
    for number, identifier in enumerate(credential_ids, 1):
        if not is_credential_id(identifier):
            raise UsageError(
                f"id {number} of the list is not a credential's",
                hint='a list of credential ids is needed: "vcred status show --row ROW" has those of a row',
            )
    packed = pack_credentials(credential_ids)
    count = len(packed) // CREDENTIAL_ID_BYTES
    if (credentials_digest(packed), count) != (request.wish.digest, request.wish.count):
        raise RefusedError(
            Reason.REQUEST_INVALID,
            f"the request is about other credentials than those of the list: it says {request.wish.count},"
            f" the list has {count}",
            hint="do not approve it before you know why",
        )


def lapses_at(request: ChangeRequest) -> int:
    """Return until when a request waits, NumericDate."""
    return request.made_at + int(REQUEST_LIFETIME.total_seconds())


def allows_reconciling(applied_at: int, *, at: int) -> bool:
    """Say whether what was applied at a time still lets a store that was put back go on. NumericDates."""
    return applied_at <= at < applied_at + LIFETIME.total_seconds()


def concerns(request: ChangeRequest, did: str) -> bool:
    """Say whether a request is about an approver's own office."""
    return isinstance(request.wish, AddApprover | RemoveApprover) and request.wish.did == did
