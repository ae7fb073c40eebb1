# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which entry of the audit log is the change that a request asked for.

Spec: docs/spec/changes.md, What the tables must say.
"""

from vcred.codec.json_types import JsonObject
from vcred.issuer.audit.log import AuditEntry, AuditKind
from vcred.issuer.change_request import (
    AddApprover,
    AllowIssuing,
    ChangeStatus,
    GoOn,
    RemoveApprover,
    SetHours,
    SetLimit,
    Wish,
)
from vcred.issuer.signing_hours import hours_text


def is_effect(wish: Wish, entry: AuditEntry) -> bool:
    """Say whether an entry is the change that was wished for, member for member."""
    expected: tuple[AuditKind, JsonObject]
    match wish:
        case AddApprover(did=did):
            expected = AuditKind.APPROVER_ADDED, {"approver": did}
        case RemoveApprover(did=did):
            expected = AuditKind.APPROVER_REMOVED, {"approver": did}
        case SetLimit(limit=limit, number=number):
            expected = AuditKind.LIMIT_CHANGED, {"limit": limit.value, "number": number}
        case SetHours(hours=hours):
            expected = AuditKind.HOURS_CHANGED, {"hours": hours_text(hours)}
        case AllowIssuing(number=number, until=until):
            expected = AuditKind.ISSUING_ALLOWED, {"number": number, "until": until}
        case GoOn(newest=newest, missing=missing):
            expected = AuditKind.RECONCILING_ALLOWED, {"newest": newest, "missing": missing}
        case ChangeStatus():
            return False
    kind, members = expected
    return entry.kind is kind and members.items() <= entry.members.items()
