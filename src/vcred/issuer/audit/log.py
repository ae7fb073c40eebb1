# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's audit log: what was changed, in a chain that shows where something was altered.

    {"at": 1795147200, "kind": "status", "limits": 0, "places": 512, "prev": "...", "seq": 7,
     "total_revoked": 3, "total_suspended": 0, "unapproved": 3,
     "after": "revoked", "before": "valid", "change": "...", "credential": "..."}

An entry is a JSON object in JCS form. Its hash is SHA-256 of those bytes, `prev` the hash of the
entry before, 32 zero bytes before the first; so the head, which goes to the ledger, vouches
for all of them. It names credentials by their ids: no row, no holder, no claim.

`at` never decreases, whatever the clock does: who sets it back gains no new day. `unapproved`
counts the changes of status made so far by one person alone, `places` the places in status lists that
have been dealt so far: what was done in the last 24 hours is the difference of two entries.
`total_revoked` and `total_suspended` say how many credentials are so now, `limits` in which entry before
it a limit, or the hours, were changed last: whoever edits the tables beside the log is contradicted by its
newest entry.

Spec: docs/spec/changes.md, Audit log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final

from vcred.codec.fields import get_int, get_text
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError
from vcred.limits import MAX_TIME

HASH_BYTES: Final = 32
# In place of the id of a change: what a reconciliation took over, and who came in first.
BY_RECONCILING: Final = "reconcile"
AS_FIRST: Final = "first"
# What was noticed where the home's copy of the approvers is taken over before anything else is.
BY_COPY: Final = "approvers"
_REVOKED: Final = "revoked"
_SUSPENDED: Final = "suspended"
_COUNTS: Final = ("unapproved", "places", "total_revoked", "total_suspended", "limits")
_OWN: Final = frozenset({"seq", "at", "kind", "prev", *_COUNTS})


class AuditKind(StrEnum):
    """What an entry is about."""

    STATUS = "status"
    REPLACED = "replaced"
    LIST_OPENED = "list_opened"
    DEALT = "dealt"
    PUBLISHED = "published"
    RECONCILED = "reconciled"
    UPGRADED = "upgraded"
    REQUEST = "request"
    WITHDRAWN = "withdrawn"
    APPROVAL = "approval"
    APPROVER_ADDED = "approver_added"
    APPROVER_REMOVED = "approver_removed"
    LIMIT_CHANGED = "limit_changed"
    HOURS_CHANGED = "hours_changed"
    ISSUING_ALLOWED = "issuing_allowed"
    SETTING_CHANGED = "setting_changed"
    FORGOTTEN = "forgotten"
    REFUSED = "refused"
    RECONCILING_ALLOWED = "reconciling_allowed"


LIMITING: Final = frozenset({AuditKind.LIMIT_CHANGED, AuditKind.HOURS_CHANGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """What is to be entered: its kind, and members of its own.

    `unapproved` says how many changes of status by one person alone it is.
    """

    kind: AuditKind
    members: JsonObject
    unapproved: int = 0

    def __post_init__(self) -> None:
        if not _OWN.isdisjoint(self.members):
            raise ValueError(f"an event has no member {', '.join(sorted(_OWN))} of its own")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """The newest entry of a chain: its number, from 1, and its hash, 32 bytes; 0 and zeros of none."""

    seq: int = 0
    hash: bytes = bytes(HASH_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry, read. `members` are those of its kind."""

    seq: int
    at: int
    kind: AuditKind
    prev: bytes
    unapproved: int
    places: int
    total_revoked: int
    total_suspended: int
    limits: int
    members: JsonObject = field(default_factory=dict)

    @property
    def newest_limit(self) -> int:
        """Number of the newest entry, this one included, that changed a limit or hours; 0 if none did."""
        return self.seq if self.kind in LIMITING else self.limits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What an entry has to say of all before it, itself included."""

    total_revoked: int = 0
    total_suspended: int = 0
    limits: int = 0

    @classmethod
    def behind(cls, last: AuditEntry | None, kind: AuditKind, members: JsonObject) -> "_Standing":
        """Return how things stand after an entry of a kind, with these members, behind `last`."""
        revoked, suspended = (0, 0) if last is None else (last.total_revoked, last.total_suspended)
        limits = 0 if last is None else last.newest_limit
        if kind is AuditKind.UPGRADED:
            revoked, suspended = get_int(members, "revoked"), get_int(members, "suspended")
        before, after = members.get("before"), members.get("after")
        return cls(
            total_revoked=revoked + (after == _REVOKED) - (before == _REVOKED),
            total_suspended=suspended + (after == _SUSPENDED) - (before == _SUSPENDED),
            limits=limits,
        )


def chain(
    last: AuditEntry | None, head: AuditHead, events: Iterable[AuditEvent], *, at: int, places: int
) -> list[tuple[AuditHead, bytes]]:
    """Write events as the entries that follow a head.

    Args:
        last: The entry at the head; None of an empty log.
        head: Number and hash of it.
        events: In order.
        at: NumericDate now; an earlier one than that of `last` is taken for that.
        places: Dealt so far, in all lists.

    Returns:
        For each event the head that it makes, and the bytes of the entry.
    """
    time = at if last is None else max(at, last.at)
    written: list[tuple[AuditHead, bytes]] = []
    for event in events:
        standing = _Standing.behind(last, event.kind, event.members)
        last = AuditEntry(
            seq=head.seq + 1,
            at=time,
            kind=event.kind,
            prev=head.hash,
            unapproved=event.unapproved + (0 if last is None else last.unapproved),
            places=places,
            total_revoked=standing.total_revoked,
            total_suspended=standing.total_suspended,
            limits=standing.limits,
            members=event.members,
        )
        content = _encode(last)
        head = AuditHead(seq=last.seq, hash=sha256(content).digest())
        written.append((head, content))
    return written


def _encode(entry: AuditEntry) -> bytes:
    return encode_jcs(
        {
            **entry.members,
            "seq": entry.seq,
            "at": entry.at,
            "kind": entry.kind.value,
            "prev": entry.prev.hex(),
            "unapproved": entry.unapproved,
            "places": entry.places,
            "total_revoked": entry.total_revoked,
            "total_suspended": entry.total_suspended,
            "limits": entry.limits,
        }
    )


def decode_entry(content: bytes) -> AuditEntry:
    """Read the bytes of an entry.

    Raises:
        DecodeError: Not an entry, or not in JCS form.
    """
    value = decode_json_object(content)
    kind, prev = get_text(value, "kind"), get_text(value, "prev")
    if kind not in tuple(AuditKind):
        raise DecodeError("an entry of a kind that is not known")
    entry = AuditEntry(
        seq=get_int(value, "seq"),
        at=get_int(value, "at"),
        kind=AuditKind(kind),
        prev=_decode_hash(prev),
        unapproved=get_int(value, "unapproved"),
        places=get_int(value, "places"),
        total_revoked=get_int(value, "total_revoked"),
        total_suspended=get_int(value, "total_suspended"),
        limits=get_int(value, "limits"),
        members={name: member for name, member in value.items() if name not in _OWN},
    )
    if entry.seq < 1 or not 0 <= entry.at <= MAX_TIME or min(get_int(value, name) for name in _COUNTS) < 0:
        raise DecodeError("an entry with a number out of range")
    # Two spellings of one entry would be two hashes of it.
    if encode_jcs(value) != content:
        raise DecodeError("an entry that is not in JCS form")
    return entry


def follow(head: AuditHead, last: AuditEntry | None, content: bytes) -> tuple[AuditHead, AuditEntry]:
    """Prove that an entry follows a head, and return the head that it makes.

    Raises:
        DecodeError: It is not an entry, another one was before it, it goes back in time or count, or
            what it says of all before it is not what they say.
    """
    entry = decode_entry(content)
    if entry.seq != head.seq + 1:
        raise DecodeError("an entry is missing, or stands twice")
    if entry.prev != head.hash:
        raise DecodeError("the entry before it was another one")
    if last is not None and (entry.at < last.at or entry.unapproved < last.unapproved):
        raise DecodeError("an entry that goes back in time")
    told = _Standing(
        total_revoked=entry.total_revoked, total_suspended=entry.total_suspended, limits=entry.limits
    )
    if told != _Standing.behind(last, entry.kind, entry.members):
        raise DecodeError("an entry that counts what is revoked, or where a limit is, otherwise than it is")
    return AuditHead(seq=entry.seq, hash=sha256(content).digest()), entry


def _decode_hash(text: str) -> bytes:
    try:
        value = bytes.fromhex(text)
    except ValueError as error:
        raise DecodeError("prev is not a hash") from error
    if len(value) != HASH_BYTES or value.hex() != text:
        raise DecodeError("prev is not a hash")
    return value
