# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who may approve, what one person alone may do, and which requests wait: three small tables.

Called inside a transaction of `store/changes.py`, where something is written.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vcred.errors import DecodeError, StoreError, UsageError
from vcred.issuer.approval import REQUEST_LIFETIME
from vcred.issuer.change_request import (
    DEFAULT_LIMITS,
    AddApprover,
    AllowIssuing,
    ChangeRequest,
    Limit,
    RemoveApprover,
    SetLimit,
    decode_request,
)
from vcred.issuer.engines.store.driver import StoreDriver
from vcred.issuer.signing_hours import SigningHours, hours_text
from vcred.limits import MAX_CHANGE_REQUEST_BYTES

_SEPARATOR: Final = b"\n"
_HOURS_NAME: Final = "issuing_hours"
_RECONCILING_NAME: Final = "reconciling_allowed"
_LIMIT_NAMES: Final = {Limit.CHANGES: "change_limit", Limit.ISSUING: "issue_limit"}


class RequestState(StrEnum):
    """Whether a request still waits."""

    WAITING = "waiting"
    APPLIED = "applied"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Somebody who may approve, or might once: then `removed_at`, NumericDate, says until when."""

    did: str
    name: str
    added_at: int
    removed_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """A request as it is kept. `credentials`: packed ids, of a change of status that waits."""

    request: ChangeRequest
    state: RequestState
    credentials: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was signed for a request, and when it was applied: log's time and number of the entry."""

    at: int
    seq: int
    text: str


class ApprovalTable:
    """The tables `approver`, `request`, and of `setting` the limits."""

    def __init__(self, db: StoreDriver) -> None:
        self._db = db

    def approvers(self) -> list[Approver]:
        """Return all who are or were in office, in the order of their coming."""
        rows = self._db.rows("SELECT did, name, added_at, removed_at FROM approver ORDER BY added_at, did")
        return [
            Approver(did=did, name=name, added_at=added_at, removed_at=removed_at)
            for did, name, added_at, removed_at in rows
        ]

    def in_office(self) -> list[str]:
        """Return the DIDs of those who may approve now."""
        return [approver.did for approver in self.approvers() if approver.removed_at is None]

    def add(self, did: str, name: str, *, at: int) -> None:
        """Let somebody approve; one who was removed comes back under the name given now."""
        self._db.execute(
            "INSERT INTO approver (did, name, added_at) VALUES (?, ?, ?) ON CONFLICT (did) DO UPDATE"
            " SET name = excluded.name, added_at = excluded.added_at, removed_at = NULL",
            (did, name, at),
        )

    def remove(self, did: str, *, at: int) -> None:
        """Let somebody approve no more. The row stays: who was ever in office is known."""
        self._db.execute("UPDATE approver SET removed_at = ? WHERE did = ?", (at, did))

    def limit(self, limit: Limit) -> int:
        """Return what one person alone may do in 24 hours.

        Raises:
            StoreError: The setting is damaged.
        """
        return self._number(_LIMIT_NAMES[limit], otherwise=DEFAULT_LIMITS[limit])

    def set_limit(self, limit: Limit, number: int) -> None:
        """Change what one person alone may do in 24 hours."""
        self._set(_LIMIT_NAMES[limit], str(number))

    def set_hours(self, hours: SigningHours | None) -> None:
        """Change in which hours issuing keys sign."""
        self._set(_HOURS_NAME, hours_text(hours))

    def allow_reconciling(self, seq: int) -> None:
        """Keep by which entry of the audit log a store that was put back may go on; 0: by none."""
        self._set(_RECONCILING_NAME, str(seq))

    def reconciling_allowed(self) -> int:
        """Return the number of that entry; 0 if there is none.

        Raises:
            StoreError: The setting is damaged.
        """
        return self._number(_RECONCILING_NAME, otherwise=0)

    def _set(self, name: str, value: str) -> None:
        self._db.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def _number(self, name: str, *, otherwise: int) -> int:
        row = self._db.row("SELECT value FROM setting WHERE name = ?", (name,))
        if row is None:
            return otherwise
        if not isinstance(row[0], str) or not row[0].isascii() or not row[0].isdigit():
            raise StoreError(f"the setting {name} is damaged", hint="restore the store")
        return int(row[0])

    def keep(self, request: ChangeRequest, credentials: bytes = b"") -> None:
        """Keep a request that waits, with the packed ids of its credentials, if it is about any."""
        self._db.execute(
            "INSERT INTO request (id, body, state, made_at) VALUES (?, ?, ?, ?)",
            (
                request.request_id,
                request.encode() + _SEPARATOR + credentials,
                RequestState.WAITING.value,
                request.made_at,
            ),
        )

    def close(self, request: ChangeRequest, applied: Applied) -> None:
        """Mark a request as applied, whether it waited here or in a part of the store that is lost.

        Which credentials it was about, the audit log says. What was signed about approvers and
        limits is kept at hand: the home has a copy of it (`approver_copy`).
        """
        is_kept = isinstance(request.wish, AddApprover | RemoveApprover | SetLimit)
        signed = f"{applied.at} {applied.seq} {applied.text}".encode() if is_kept else b""
        self._db.execute(
            "INSERT INTO request (id, body, state, made_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body",
            (
                request.request_id,
                request.encode() + _SEPARATOR + signed,
                RequestState.APPLIED.value,
                request.made_at,
            ),
        )

    def withdraw(self, request: ChangeRequest) -> None:
        """Mark a request that waits as withdrawn. Which credentials it was about, nobody needs to know."""
        self._db.execute(
            "UPDATE request SET state = ?, body = ? WHERE id = ?",
            (RequestState.WITHDRAWN.value, request.encode() + _SEPARATOR, request.request_id),
        )

    def signed(self) -> list[Applied]:
        """Return what was signed about approvers and limits, in the order in which it was applied.

        Raises:
            StoreError: A request is damaged.
        """
        rows = self._db.rows(
            "SELECT body FROM request WHERE state = ? AND substr(body, length(body)) != ?",
            (RequestState.APPLIED.value, _SEPARATOR),
        )
        found = [_applied(bytes(body).partition(_SEPARATOR)[2]) for (body,) in rows]
        return sorted(found, key=lambda one: (one.at, one.seq))

    def kept(self, request_id: str) -> KeptRequest | None:
        """Return a request, or None.

        Raises:
            StoreError: It is damaged.
        """
        row = self._db.row("SELECT body, state FROM request WHERE id = ?", (request_id,))
        return None if row is None else _read(*row)

    def waiting(self, *, at: int) -> list[ChangeRequest]:
        """Return all requests that may still be approved at a time, oldest first. Errors as `kept`."""
        since = at - int(REQUEST_LIFETIME.total_seconds())
        return [request for request in self._of(RequestState.WAITING) if request.made_at > since]

    def require_waiting(self, request_id: str, *, at: int) -> ChangeRequest:
        """Return a request that may still be approved at a time.

        Raises:
            UsageError: None of this id waits: there was none, or it was applied or withdrawn, or lapsed.
            StoreError: As `kept`.
        """
        for request in self.waiting(at=at):
            if request.request_id == request_id:
                return request
        raise UsageError("no request of this id waits", hint='"vcred status requests" lists those that do')

    def allowed_issuing(self, *, at: int) -> int:
        """Return how many more than the limit may be issued at a time, by what was approved."""
        return sum(
            request.wish.number
            for request in self._of(RequestState.APPLIED)
            if isinstance(request.wish, AllowIssuing) and request.wish.until > at
        )

    def issuing_allowed(self) -> list[tuple[int, int]]:
        """Return how many more, and until when, was ever approved to be issued."""
        return [
            (request.wish.number, request.wish.until)
            for request in self._of(RequestState.APPLIED)
            if isinstance(request.wish, AllowIssuing)
        ]

    def _of(self, state: RequestState) -> list[ChangeRequest]:
        # Not the whole body: a million ids may stand behind a request.
        rows = self._db.rows(
            "SELECT substr(body, 1, ?), state FROM request WHERE state = ? ORDER BY made_at, id",
            (MAX_CHANGE_REQUEST_BYTES + 1, state.value),
        )
        return [_read(*row).request for row in rows]


def _applied(tail: bytes) -> Applied:
    try:
        at, seq, text = tail.decode("ascii").split(" ")
        return Applied(at=int(at), seq=int(seq), text=text)
    except ValueError as error:
        raise StoreError("a request is damaged", hint="restore the store from a copy") from error


def _read(body: object, state: object) -> KeptRequest:
    try:
        if not isinstance(body, bytes | memoryview) or not isinstance(state, str):
            raise DecodeError("a column of another kind")
        if state not in tuple(RequestState):
            raise DecodeError("a state that is not known")
        request, _, tail = bytes(body).partition(_SEPARATOR)
        credentials = tail if state == RequestState.WAITING else b""
        return KeptRequest(
            request=decode_request(request), state=RequestState(state), credentials=credentials
        )
    except DecodeError as error:
        raise StoreError(f"a request is damaged: {error}", hint="restore the store from a copy") from error
