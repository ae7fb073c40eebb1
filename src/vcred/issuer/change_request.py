# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What an issuer wants to do, and a second person has to approve first.

    {"count": 10000, "digest": "...", "id": "...", "issuer": "did:vcred:...", "kind": "status",
     "made_at": 1795147200, "value": "revoked", "why": "recall of lot 17"}

A change of status names its credentials by their digest (`credential_set`). So an approver approves
these and no others, and learns of none.

Spec: docs/spec/changes.md, Requests.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeAlias

from vcred.codec.fields import get_int, get_text, refuse_unknown
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.did.methods.key import resolve_did_key
from vcred.did.syntax import parse_did
from vcred.errors import DecodeError, KeyMaterialError, RefusedError
from vcred.issuer.credential_set import is_credential_id
from vcred.issuer.journal import StatusValue
from vcred.issuer.signing_hours import SigningHours, hours_text, parse_hours
from vcred.keys.public import PublicKey
from vcred.limits import MAX_CHANGE_REQUEST_BYTES, MAX_TIME

MAX_WHY_CHARACTERS: Final = 500
MAX_NAME_CHARACTERS: Final = 100
MAX_LIMIT: Final = 10**12
_HEX: Final = frozenset("0123456789abcdef")
_COMMON: Final = frozenset({"id", "issuer", "kind", "made_at", "why"})


class Limit(StrEnum):
    """What one person alone may do in 24 hours: change statuses, or issue."""

    CHANGES = "changes"
    ISSUING = "issuing"


DEFAULT_LIMITS: Final = {Limit.CHANGES: 1_000, Limit.ISSUING: 20_000_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStatus:
    """Give `count` credentials another status. `digest` is that of `credentials_digest`, 32 bytes."""

    value: StatusValue
    count: int
    digest: bytes

    def to_json(self) -> JsonObject:
        """The members of a request that say so."""
        return {
            "kind": "status",
            "value": self.value.value,
            "count": self.count,
            "digest": self.digest.hex(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowIssuing:
    """Until a time, NumericDate, let `number` more credentials be issued in 24 hours than the limit."""

    number: int
    until: int

    def to_json(self) -> JsonObject:
        """The members of a request that say so."""
        return {"kind": "issue", "number": self.number, "until": self.until}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddApprover:
    """Let a person approve, too. `did` is the did:key of their home."""

    did: str
    name: str

    def to_json(self) -> JsonObject:
        """The members of a request that say so."""
        return {"kind": "approver_add", "did": self.did, "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveApprover:
    """Let a person no longer approve."""

    did: str

    def to_json(self) -> JsonObject:
        """The members of a request that say so."""
        return {"kind": "approver_remove", "did": self.did}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimit:
    """Change how much one person alone may do in 24 hours."""

    limit: Limit
    number: int

    def to_json(self) -> JsonObject:
        """The members of a request that say so."""
        return {"kind": "limit", "limit": self.limit.value, "number": self.number}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHours:
    """Let issuing keys sign in these hours alone; None: at any time."""

    hours: SigningHours | None

    def to_json(self) -> JsonObject:
        """The members of a request that say so."""
        return {"kind": "hours", "hours": hours_text(self.hours)}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn:
    """Go on with a store that was put back, where nothing that is here shows which lists came last.

    `newest`: `iat` of the newest status list that is known here, NumericDate; 0 if none is. `missing`:
    how many of those that were signed with it are not here.
    """

    newest: int
    missing: int

    def to_json(self) -> JsonObject:
        """The members of a request that say so."""
        return {"kind": "reconcile", "newest": self.newest, "missing": self.missing}


Wish: TypeAlias = ChangeStatus | AllowIssuing | AddApprover | RemoveApprover | SetLimit | SetHours | GoOn


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """A wish, with an id of 32 hexadecimal characters, whose it is, why, and when it was made."""

    request_id: str
    issuer: str
    wish: Wish
    why: str
    made_at: int

    def to_json(self) -> JsonObject:
        """The request as it is approved."""
        return {
            **self.wish.to_json(),
            "id": self.request_id,
            "issuer": self.issuer,
            "made_at": self.made_at,
            "why": self.why,
        }

    def encode(self) -> bytes:
        """The request as it is kept and handed over, in JCS form."""
        return encode_jcs(self.to_json())


def decode_request(data: bytes) -> ChangeRequest:
    """Read a request. Says nothing about who made it.

    Raises:
        DecodeError: Not a request of the form above.
    """
    return request_from_json(decode_json_object(data, max_bytes=MAX_CHANGE_REQUEST_BYTES))


def request_from_json(value: JsonObject) -> ChangeRequest:
    """Read a request that was decoded. Errors as `decode_request`."""
    wish = _read_wish(value)
    refuse_unknown(value, _COMMON | wish.to_json().keys())
    request = ChangeRequest(
        request_id=get_text(value, "id"),
        issuer=get_text(value, "issuer"),
        wish=wish,
        why=_text(value, "why", at_least=0, at_most=MAX_WHY_CHARACTERS),
        made_at=_number(value, "made_at", at_most=MAX_TIME),
    )
    if not is_credential_id(request.request_id):
        raise DecodeError('"id" must be 32 hexadecimal characters')
    try:
        parse_did(request.issuer)
    except RefusedError as error:
        raise DecodeError('"issuer" must be a DID') from error
    return request


def approver_key(did: str) -> PublicKey:
    """Return the key that an approver's DID is.

    Raises:
        DecodeError: Not the did:key of a usable signature key.
    """
    try:
        return resolve_did_key(did).methods[0].key
    except (RefusedError, KeyMaterialError) as error:
        raise DecodeError('an approver is named by the did:key that "vcred init approver" printed') from error


def _read_wish(value: JsonObject) -> Wish:
    match get_text(value, "kind"):
        case "status":
            status, digest = get_text(value, "value"), get_text(value, "digest")
            if status not in tuple(StatusValue):
                raise DecodeError('"value" must be a status')
            if len(digest) != 2 * sha256().digest_size or not _HEX.issuperset(digest):
                raise DecodeError('"digest" must be a SHA-256 digest')
            return ChangeStatus(
                value=StatusValue(status), count=_number(value, "count"), digest=bytes.fromhex(digest)
            )
        case "issue":
            return AllowIssuing(number=_number(value, "number"), until=_number(value, "until", MAX_TIME))
        case "approver_add":
            name = _text(value, "name", at_least=1, at_most=MAX_NAME_CHARACTERS)
            return AddApprover(did=_approver(value), name=name)
        case "approver_remove":
            return RemoveApprover(did=_approver(value))
        case "limit":
            limit = get_text(value, "limit")
            if limit not in tuple(Limit):
                raise DecodeError('"limit" must be one of ' + ", ".join(Limit))
            return SetLimit(limit=Limit(limit), number=_number(value, "number"))
        case "hours":
            return SetHours(hours=parse_hours(get_text(value, "hours")))
        case "reconcile":
            return GoOn(newest=_number(value, "newest", MAX_TIME), missing=_number(value, "missing"))
    raise DecodeError("a request of a kind that is not known")


def _approver(value: JsonObject) -> str:
    did = get_text(value, "did")
    approver_key(did)
    return did


def _number(value: JsonObject, name: str, at_most: int = MAX_LIMIT) -> int:
    number = get_int(value, name)
    if not 0 <= number <= at_most:
        raise DecodeError(f'"{name}" must be from 0 to {at_most}')
    return number


def _text(value: JsonObject, name: str, *, at_least: int, at_most: int) -> str:
    text = get_text(value, name)
    if not at_least <= len(text) <= at_most:
        raise DecodeError(f'"{name}" must have {at_least} to {at_most} characters')
    # It is read by a person who decides: nothing in it may hide or turn round the rest.
    if not text.isprintable():
        raise DecodeError(f'"{name}" has characters that cannot be shown')
    return text
