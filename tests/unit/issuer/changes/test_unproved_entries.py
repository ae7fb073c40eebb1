# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the log of an older vcred cannot prove is told, and is no forgery; but only of its time."""

from tests.unit.issuer.changes.forger import Forger, found, noticed
from tests.unit.issuer.changes.rig import CAROL, DAVID, MALLORY, Rig, waiting
from vcred.codec.json_types import JsonObject
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.change_request import Limit


def old_entries(rig: Rig) -> None:
    """What an older vcred entered: approvals without what was signed, changes without what they are of."""

    def enter(kind: AuditKind, **members: str | int) -> None:
        plain: JsonObject = {**members}
        rig.store.changes.audit.append([AuditEvent(kind=kind, members=plain)], at=rig.now)

    with rig.store.db.transaction():
        enter(AuditKind.APPROVER_ADDED, approver=CAROL.did)
        rig.store.changes.approvals.add(CAROL.did, "Carol", at=rig.now)
        enter(AuditKind.REQUEST, request="aa")
        enter(AuditKind.APPROVAL, request="aa", approver=CAROL.did)
        enter(AuditKind.APPROVER_ADDED, approver=DAVID.did)
        rig.store.changes.approvals.add(DAVID.did, "David", at=rig.now)
        enter(AuditKind.REQUEST, request="bb")
        enter(AuditKind.APPROVAL, request="bb", approver=DAVID.did)
        enter(AuditKind.LIMIT_CHANGED, limit="changes", number=5000)
        rig.store.changes.approvals.set_limit(Limit.CHANGES, 5000)


def test_what_an_older_vcred_entered_is_not_proved_and_no_forgery(rig: Rig) -> None:
    rig.issue("HC1")
    old_entries(rig)
    assert found(rig) == []
    assert noticed(rig) == [("unsigned", 2, CAROL.did), ("first", 1, CAROL.did)]


def test_what_an_older_vcred_took_over_in_a_reconciliation_is_no_forgery(rig: Rig) -> None:
    rig.issue("HC1")
    old_entries(rig)
    audit, approvals = rig.store.changes.audit, rig.store.changes.approvals
    told: list[tuple[AuditKind, JsonObject]] = [
        (AuditKind.RECONCILED, {"first_list": 5}),
        (AuditKind.APPROVER_ADDED, {"approver": MALLORY.did}),
        (AuditKind.APPROVER_REMOVED, {"approver": DAVID.did}),
        (AuditKind.LIMIT_CHANGED, {"limit": "changes", "number": 7}),
    ]
    with rig.store.db.transaction():
        audit.append([AuditEvent(kind=kind, members=members) for kind, members in told], at=rig.now)
        rig.store.lists.keep_setting("first_sound_list", "5")
        approvals.add(MALLORY.did, "Mallory", at=rig.now)
        approvals.remove(DAVID.did, at=rig.now)
        approvals.set_limit(Limit.CHANGES, 7)
    assert found(rig) == []
    assert ("taken_over", 3, MALLORY.did) in noticed(rig)
    # Behind a reconciliation only: the next entry ends what belongs to it.
    later: JsonObject = {"approver": CAROL.did}
    events = [
        AuditEvent(kind=AuditKind.DEALT, members={}),
        AuditEvent(kind=AuditKind.APPROVER_REMOVED, members=later),
    ]
    with rig.store.db.transaction():
        audit.append(events, at=rig.now)
        approvals.remove(CAROL.did, at=rig.now)
    assert found(rig) == [("approver", 1)]


def test_once_an_approval_was_kept_one_without_is_a_forgery(rig: Rig) -> None:
    rig.issue("HC1")
    old_entries(rig)
    rig.desk.apply(CAROL.approve(waiting(rig.desk.set_limit(Limit.CHANGES, 6000))))
    assert found(rig) == []
    forger = Forger(rig, waiting(rig.desk.set_limit(Limit.CHANGES, 10**6)), "")
    forger.approve(approval=None)
    forger.enter(AuditKind.LIMIT_CHANGED, limit="changes", number=10**6)
    forger.store.changes.approvals.set_limit(Limit.CHANGES, 10**6)
    assert found(rig) == [("approval", 1)]
