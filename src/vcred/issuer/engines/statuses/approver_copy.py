# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Who may approve, and what one person alone may do, kept beside the mark of the issuer's store.

    {"approvers":[{"added_at":1795147200,"did":"did:key:z...","name":"Carol"}],"limits":{"changes":100}}

A store that is put back from before somebody was named has nobody in office: one person alone could
then do what two have to. So what this file says is taken over when such a store is reconciled: of
each approver what happened last, of each limit the smaller one. A whole home that is put back
brings an old file with it: there only the audit head on the ledger tells.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from vcred.codec.fields import get_int, get_object, get_objects, get_text, optional_int
from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.codec.strict_json import decode_json_object
from vcred.errors import DecodeError, StoreError
from vcred.files import read_capped, write_atomic
from vcred.issuer.audit import AuditEvent, AuditKind
from vcred.issuer.change_request import Limit
from vcred.issuer.engines.store.approvals import Approver
from vcred.issuer.engines.store.store import IssuerStore

APPROVERS_FILE: Final = "approvers.json"
_MAX_BYTES: Final = 1 << 20
_PRIVATE_FILE: Final = 0o600


class KeptApprovers(NamedTuple):
    """What the copy says."""

    approvers: Sequence[Approver]
    limits: Mapping[Limit, int]


class ApproverCopy:
    """The copy in one home."""

    def __init__(self, folder: Path, store: IssuerStore) -> None:
        self._path = folder / APPROVERS_FILE
        self._store = store
        self._approvals = store.changes.approvals

    def keep(self) -> None:
        """Write the copy anew, if somebody was named or removed, or a limit changed."""
        approvers = self._approvals.approvers()
        if not approvers and not self._path.exists():
            return
        limits: JsonObject = {limit.value: self._store.changes.audit.limit(limit) for limit in Limit}
        content = encode_jcs({"approvers": [_written(one) for one in approvers], "limits": limits})
        if not self._path.exists() or self._read() != content:
            write_atomic(self._path, content, mode=_PRIVATE_FILE, overwrite=True)

    def read(self) -> KeptApprovers | None:
        """Read the copy, for `take_over`; None if there is none.

        Raises:
            StoreError: It is damaged.
        """
        if not self._path.exists():
            return None
        try:
            value = decode_json_object(self._read())
            limits = get_object(value, "limits")
            return KeptApprovers(
                approvers=tuple([_approver(item) for item in get_objects(value, "approvers")]),
                limits={limit: get_int(limits, limit.value) for limit in Limit},
            )
        except (DecodeError, ValueError) as error:
            raise StoreError(
                f"{self._path} is damaged: {error}", hint="restore it from the newest copy"
            ) from error

    def take_over(self, kept: KeptApprovers, *, at: int) -> None:
        """Let a store that was put back have in office who was, and no greater limit than there was.

        Inside the transaction of the reconciliation: a store that has had it is asked no more, and
        the next `keep` would write what that store knows over what the copy knew.

        Args:
            kept: What `read` gave.
            at: NumericDate now.
        """
        self._take_approvers(kept.approvers, at=at)
        self._take_limits(kept.limits, at=at)

    def _take_approvers(self, kept: Sequence[Approver], *, at: int) -> None:
        known = {one.did: one for one in self._approvals.approvers()}
        for one in kept:
            here = known.get(one.did)
            if here is not None and _last(here) >= _last(one):
                continue
            was_in_office = here is not None and here.removed_at is None
            if one.removed_at is None:
                self._approvals.add(one.did, one.name, at=one.added_at)
                if not was_in_office:
                    self._enter(AuditKind.APPROVER_ADDED, {"approver": one.did}, at=at)
            elif was_in_office:
                self._approvals.remove(one.did, at=one.removed_at)
                self._enter(AuditKind.APPROVER_REMOVED, {"approver": one.did}, at=at)

    def _take_limits(self, wanted: Mapping[Limit, int], *, at: int) -> None:
        for limit, number in wanted.items():
            if number < self._store.changes.audit.limit(limit):
                self._approvals.set_limit(limit, number)
                self._enter(AuditKind.LIMIT_CHANGED, {"limit": limit.value, "number": number}, at=at)

    def _enter(self, kind: AuditKind, members: Mapping[str, str | int], *, at: int) -> None:
        self._store.changes.audit.append([AuditEvent(kind=kind, members={**members})], at=at)

    def _read(self) -> bytes:
        return read_capped(self._path, max_bytes=_MAX_BYTES)


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
