# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who may approve, and what one person alone may do, kept beside the mark of the issuer's store.

    {"approvals":[{"approval":"eyJ...","at":1795147260}],
     "approvers":[{"added_at":1795147200,"did":"did:key:z...","name":"Carol"}],"limits":{"changes":100}}

A store that is put back from before somebody was named lets one person alone do what two have to. So
what this file says is taken over when such a store is reconciled. But it is a file, and whoever has
the home can edit it: who came or went is believed where the signed approval of it is here, by somebody
who is in office in the store, one after the other. A store in which nobody ever was in office has
nobody who could have signed: there the file is taken as it is. Of each limit the smaller one counts,
and hours are taken where the store has none.

The file never loses what it knows to a store that knows less: another machine may have put an old
dump of a shared store back. A whole home that is put back brings an old file with it: there only the
audit head on the ledger tells.

Spec: docs/spec/changes.md, The home's copy of the approvers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from vcred.codec.fields import get_int, get_object, get_objects, get_text, optional_int
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject, JsonValue
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, RefusedError, StoreError
from vcred.files import read_capped, write_atomic
from vcred.issuer.approval import Approval, verify_approval
from vcred.issuer.audit.log import BY_RECONCILING, AuditEvent, AuditKind
from vcred.issuer.change_request import AddApprover, Limit, RemoveApprover
from vcred.issuer.engines.store.approvals import Approver, RequestState
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.signing_hours import ANY_HOURS, SigningHours, hours_text, parse_hours
from vcred.reasons import Reason

APPROVERS_FILE: Final = "approvers.json"
_MAX_BYTES: Final = 1 << 20
# Of some 1,200 bytes each. Older ones are left out: a store from before them is years old.
_MAX_APPROVALS: Final = 400
_PRIVATE_FILE: Final = 0o600


class KeptApproval(NamedTuple):
    """What was signed about an approver or a limit, and when it was applied, NumericDate."""

    at: int
    text: str


class KeptApprovers(NamedTuple):
    """What the copy says. `approvals`: in the order in which they were applied."""

    approvers: Sequence[Approver]
    limits: Mapping[Limit, int]
    approvals: Sequence[KeptApproval] = ()
    hours: SigningHours | None = None


class ApproverCopy:
    """The copy in one home."""

    def __init__(self, folder: Path, store: IssuerStore) -> None:
        self._path = folder / APPROVERS_FILE
        self._store = store
        self._approvals = store.changes.approvals

    def keep(self) -> None:
        """Write the copy anew, if somebody was named or removed, or a limit changed.

        Nobody whom the file has and the store has not is dropped from it.
        """
        approvers, is_there = self._approvals.approvers(), self._path.exists()
        if not approvers and not is_there:
            return
        known = KeptApprovers(
            approvers=approvers,
            limits={limit: self._store.changes.audit.limit(limit) for limit in Limit},
            approvals=[KeptApproval(at=one.at, text=one.text) for one in self._approvals.signed()],
            hours=self._store.changes.audit.hours(),
        )
        former = self._former() if is_there else None
        content = _encode(known if former is None else _merged(known, former))
        if not is_there or self._read() != content:
            write_atomic(self._path, content, mode=_PRIVATE_FILE, overwrite=True)

    def read(self) -> KeptApprovers | None:
        """Read the copy, for `take_over`; None if there is none.

        Raises:
            StoreError: It is damaged.
        """
        if not self._path.exists():
            return None
        try:
            return _decode(self._read())
        except (DecodeError, ValueError) as error:
            raise StoreError(
                f"{self._path} is damaged: {error}", hint="restore it from the newest copy"
            ) from error

    def refuse_stranger(self) -> None:
        """Refuse the first approver of a store, who comes unasked, where the file knows of others.

        Whoever puts a store back from before there were any would name one of their own, who then
        approves whatever they like.

        Raises:
            RefusedError: ROLLBACK.
            StoreError: The file is damaged.
        """
        if any(one.removed_at is None for one in self.known()):
            raise RefusedError(
                Reason.ROLLBACK,
                "this home knows of approvers, and its store of none: it is an old copy",
                hint='import the newest bundle, then "vcred status reconcile"; it takes the approvers over',
            )

    def known(self) -> Sequence[Approver]:
        """Return who was ever in office, says the file. Errors as `read`."""
        kept = self.read()
        return () if kept is None else kept.approvers

    def take_over(self, kept: KeptApprovers, *, at: int, issuer: str) -> None:
        """Let a store that was put back have in office who was, and no greater limit than there was.

        Inside the transaction of the reconciliation: a store that has had it is asked no more. What the
        file says otherwise than the store, and nobody in office has signed, is entered in the audit
        log, and left as it is in the store.

        Args:
            kept: What `read` gave.
            at: NumericDate now.
            issuer: Whose store it is: what was approved for another one counts for nothing here.
        """
        if self._approvals.approvers():
            self._take_signed(kept.approvals, at=at, issuer=issuer)
            self._note_left(kept.approvers, at=at)
        else:
            self._take_all(kept.approvers, at=at)
        self._take_limits(kept.limits, at=at)
        if kept.hours is not None and self._store.changes.audit.hours() is None:
            self._approvals.set_hours(kept.hours)
            taken: JsonObject = {"hours": hours_text(kept.hours), "change": BY_RECONCILING}
            self._enter(AuditKind.HOURS_CHANGED, taken, at=at)

    def _take_signed(self, kept: Sequence[KeptApproval], *, at: int, issuer: str) -> None:
        for one in kept:
            approval = _verified(one.text)
            if approval is None or approval.request.issuer != issuer:
                continue
            here = self._approvals.kept(approval.request.request_id)
            if here is None or here.state is RequestState.WAITING:
                self._store.changes.applying.take_over(approval, done_at=min(one.at, at), at=at)

    def _note_left(self, kept: Sequence[Approver], *, at: int) -> None:
        """Say of whom the file and the store differ still, where the file is the newer."""
        known = {one.did: one for one in self._approvals.approvers()}
        left: list[JsonValue] = []
        for one in kept:
            here = known.get(one.did)
            is_here = here is not None and here.removed_at is None
            if is_here != (one.removed_at is None) and (here is None or _last(here) < _last(one)):
                left.append(one.did)
        if left:
            self._enter(AuditKind.RECONCILED, {"left": left}, at=at)

    def _take_all(self, kept: Sequence[Approver], *, at: int) -> None:
        for one in kept:
            if one.removed_at is None:
                self._approvals.add(one.did, one.name, at=one.added_at)
                members: JsonObject = {"approver": one.did, "change": BY_RECONCILING}
                self._enter(AuditKind.APPROVER_ADDED, members, at=at)

    def _take_limits(self, wanted: Mapping[Limit, int], *, at: int) -> None:
        for limit, number in wanted.items():
            if number < self._store.changes.audit.limit(limit):
                self._approvals.set_limit(limit, number)
                self._enter(
                    AuditKind.LIMIT_CHANGED,
                    {"limit": limit.value, "number": number, "change": BY_RECONCILING},
                    at=at,
                )

    def _enter(self, kind: AuditKind, members: JsonObject, *, at: int) -> None:
        self._store.changes.audit.append([AuditEvent(kind=kind, members=members)], at=at)

    def _former(self) -> KeptApprovers | None:
        """What the file says; None if it is damaged: then what the store knows is better than nothing."""
        try:
            return _decode(self._read())
        except (DecodeError, ValueError):
            return None

    def _read(self) -> bytes:
        return read_capped(self._path, max_bytes=_MAX_BYTES)


def _merged(known: KeptApprovers, former: KeptApprovers) -> KeptApprovers:
    """Put together what the store knows and what the file has: of each person what happened last.

    Of somebody whom the store knows, the file knows better only where it has an approval that the
    store has not: else what somebody wrote into it would stay there.
    """
    signed = {one.text for one in known.approvals}
    missing = [one for one in former.approvals if one.text not in signed]
    contested = {_whose(one.text) for one in missing}
    persons = {one.did: one for one in known.approvers}
    is_behind = bool(missing)
    for one in former.approvers:
        here = persons.get(one.did)
        is_behind = is_behind or here is None
        if here is None or (one.did in contested and _last(here) < _last(one)):
            persons[one.did] = one
    limits = {limit: min(number, former.limits[limit]) for limit, number in known.limits.items()}
    return KeptApprovers(
        approvers=sorted(persons.values(), key=lambda one: (one.added_at, one.did)),
        limits=limits if is_behind else known.limits,
        approvals=sorted([*missing, *known.approvals], key=lambda one: one.at)[-_MAX_APPROVALS:],
        hours=known.hours or (former.hours if is_behind else None),
    )


def _verified(text: str) -> Approval | None:
    try:
        return verify_approval(text)
    except (DecodeError, RefusedError):
        return None


def _whose(text: str) -> str | None:
    """About whose office an approval is; None if about nobody's, or if it is none."""
    approval = _verified(text)
    wish = None if approval is None else approval.request.wish
    return wish.did if isinstance(wish, AddApprover | RemoveApprover) else None


def _encode(kept: KeptApprovers) -> bytes:
    approvals: list[JsonValue] = [{"at": one.at, "approval": one.text} for one in kept.approvals]
    value: JsonObject = {
        "approvers": [_written(one) for one in kept.approvers],
        "limits": {limit.value: number for limit, number in kept.limits.items()},
    }
    hours: JsonObject = {} if kept.hours is None else {"hours": hours_text(kept.hours)}
    return encode_jcs(value | hours | ({"approvals": approvals} if approvals else {}))


def _decode(content: bytes) -> KeptApprovers:
    value = decode_json_object(content, max_bytes=_MAX_BYTES)
    limits = get_object(value, "limits")
    # The file of an older vcred has neither.
    hours = get_text(value, "hours") if "hours" in value else ANY_HOURS
    approvals = get_objects(value, "approvals") if "approvals" in value else ()
    return KeptApprovers(
        approvers=tuple([_approver(item) for item in get_objects(value, "approvers")]),
        limits={limit: get_int(limits, limit.value) for limit in Limit},
        hours=parse_hours(hours),
        approvals=tuple(
            [KeptApproval(at=get_int(item, "at"), text=get_text(item, "approval")) for item in approvals]
        ),
    )


def _written(one: Approver) -> JsonObject:
    removed: JsonObject = {} if one.removed_at is None else {"removed_at": one.removed_at}
    return {"did": one.did, "name": one.name, "added_at": one.added_at, **removed}


def _approver(value: JsonObject) -> Approver:
    return Approver(
        did=get_text(value, "did"),
        name=get_text(value, "name"),
        added_at=get_int(value, "added_at"),
        removed_at=optional_int(value, "removed_at"),
    )


def _last(one: Approver) -> tuple[int, bool]:
    """When something happened to an approver last; of one moment the removal came later."""
    return max(one.added_at, one.removed_at or 0), one.removed_at is not None
