# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever writes the store appends to its log, with right hashes, and edits the tables to match it.

Each forgery is told by the audit, and by nothing else: the chain holds, and the tables are what it says.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.unit.issuer.changes.forger import Forger, found, noticed
from tests.unit.issuer.changes.rig import CAROL, DAVID, DAY, ISSUER, MALLORY, Rig, waiting
from vcred.errors import StoreError
from vcred.home import Home
from vcred.issuer.audit.findings import NoticeKind
from vcred.issuer.audit.log import AuditKind
from vcred.issuer.change_request import Limit
from vcred.issuer.engines.store.store import open_issuer_store
from vcred.issuer.journal import StatusValue
from vcred.issuer.selection import ByIds

REVOKED_ROW, GOOD_ROW, OTHER_ROW = "HC1", "HC2", "HC3"


@pytest.fixture
def forger(home: Home) -> Iterator[Forger]:
    """A store in which Carol has signed that one credential be revoked, and nobody has applied it."""
    with open_issuer_store(home) as store:
        rig = Rig(store)
        rig.issue(REVOKED_ROW, GOOD_ROW, OTHER_ROW)
        rig.revoke(REVOKED_ROW)
        rig.desk.add_approver(CAROL.did, name="Carol")
        rig.desk.apply(CAROL.approve(waiting(rig.desk.add_approver(DAVID.did, name="David"))))
        rig.desk.apply(CAROL.approve(waiting(rig.desk.set_limit(Limit.CHANGES, 1))))
        request = waiting(rig.revoke(GOOD_ROW))
        yield Forger(rig, request, CAROL.approve(request))


def revoked_is_good_again(forger: Forger) -> None:
    forger.rig.now += DAY
    forger.change(REVOKED_ROW, "revoked", "valid", alone=True)


def revoked_is_suspended(forger: Forger) -> None:
    forger.rig.now += DAY
    forger.change(REVOKED_ROW, "revoked", "suspended", alone=True)


def revoked_alone_beyond_the_limit(forger: Forger) -> None:
    # A second later it would be another day, and allowed.
    forger.rig.now += DAY - 1
    forger.change(GOOD_ROW, "valid", "revoked", alone=True)


def revoked_and_approved_by_nobody(forger: Forger) -> None:
    forger.change(GOOD_ROW, "valid", "revoked", alone=False)


def approved_without_a_signature(forger: Forger) -> None:
    forger.approve(approval=None)
    forger.change(GOOD_ROW, "valid", "revoked", alone=False)


def approved_with_words(forger: Forger) -> None:
    forger.approve(approval="a.b.c")
    forger.change(GOOD_ROW, "valid", "revoked", alone=False)


def approved_by_another_key(forger: Forger) -> None:
    forger.approve(approval=MALLORY.approve(forger.request))
    forger.change(GOOD_ROW, "valid", "revoked", alone=False)


def approved_by_nobody_in_office(forger: Forger) -> None:
    forger.approve(approval=MALLORY.approve(forger.request), approver=MALLORY.did)
    forger.change(GOOD_ROW, "valid", "revoked", alone=False)


def approved_for_another_request(forger: Forger) -> None:
    other = waiting(forger.rig.revoke(OTHER_ROW)).request_id
    forger.approve(request=other)
    forger.change(GOOD_ROW, "valid", "revoked", alone=False, change=other)


def approved_for_another_issuer(forger: Forger) -> None:
    forger.approve(approval=CAROL.approve(replace(forger.request, issuer=MALLORY.did)))
    forger.change(GOOD_ROW, "valid", "revoked", alone=False)


def approved_and_never_asked(forger: Forger) -> None:
    unknown = replace(forger.request, request_id="00" * 16)
    forger.approve(approval=CAROL.approve(unknown), request=unknown.request_id)
    forger.change(GOOD_ROW, "valid", "revoked", alone=False, change=unknown.request_id)


def approved_too_late(forger: Forger) -> None:
    forger.rig.now += DAY
    forger.approve()
    forger.change(GOOD_ROW, "valid", "revoked", alone=False)


def approved_for_another_credential(forger: Forger) -> None:
    forger.approve()
    forger.change(OTHER_ROW, "valid", "revoked", alone=False)


def approved_for_one_and_two_changed(forger: Forger) -> None:
    forger.approve()
    forger.change(GOOD_ROW, "valid", "revoked", alone=False)
    forger.change(OTHER_ROW, "valid", "revoked", alone=False)


def approved_twice(forger: Forger) -> None:
    for row in (GOOD_ROW, OTHER_ROW):
        forger.approve()
        forger.change(row, "valid", "revoked", alone=False)


def approved_to_revoke_and_suspended(forger: Forger) -> None:
    forger.approve()
    forger.change(GOOD_ROW, "valid", "suspended", alone=False)


def approved_and_another_thing_done(forger: Forger) -> None:
    forger.approve()
    forger.enter(AuditKind.APPROVER_ADDED, approver=MALLORY.did)
    forger.store.changes.approvals.add(MALLORY.did, "Mallory", at=1)


def approved_and_not_done(forger: Forger) -> None:
    forger.approve()


def approved_to_replace(forger: Forger) -> None:
    (entry,) = forger.store.entries(row_id=GOOD_ROW)
    forger.approve()
    members = {"credential": entry.credential_id, "before": "valid", "after": "revoked", "change": "ab"}
    forger.enter(AuditKind.REPLACED, **members)
    forger.edit("UPDATE journal SET status = 1 WHERE row_id = ?", GOOD_ROW)


def carol_is_removed(forger: Forger) -> None:
    forger.enter(AuditKind.APPROVER_REMOVED, approver=CAROL.did)
    forger.store.changes.approvals.remove(CAROL.did, at=1)


def mallory_is_added(forger: Forger) -> None:
    forger.enter(AuditKind.APPROVER_ADDED, approver=MALLORY.did, change="first")
    forger.store.changes.approvals.add(MALLORY.did, "Mallory", at=1)


def mallory_is_reconciled_in(forger: Forger) -> None:
    forger.enter(AuditKind.RECONCILED, first_list=5)
    forger.store.lists.keep_setting("first_sound_list", "5")
    forger.enter(AuditKind.APPROVER_ADDED, approver=MALLORY.did, change="reconcile")
    forger.store.changes.approvals.add(MALLORY.did, "Mallory", at=1)


def a_suspended_one_is_reconciled_good(forger: Forger) -> None:
    forger.rig.now += DAY
    forger.change(GOOD_ROW, "valid", "suspended", alone=True)
    assert found(forger.rig) == []
    forger.change(GOOD_ROW, "suspended", "valid", alone=False, kind=AuditKind.RECONCILED)


def a_limit_is_raised(forger: Forger) -> None:
    forger.enter(AuditKind.LIMIT_CHANGED, limit="changes", number=9_999_999)
    forger.store.changes.approvals.set_limit(Limit.CHANGES, 9_999_999)


def more_may_be_issued(forger: Forger) -> None:
    forger.enter(AuditKind.ISSUING_ALLOWED, number=10**9, until=2 * 10**9)


def the_log_begins_again(forger: Forger) -> None:
    forger.enter(AuditKind.UPGRADED, revoked=1, suspended=0)


@pytest.mark.parametrize(
    ("forge", "told"),
    [
        (revoked_is_good_again, [("status", 1)]),
        (revoked_is_suspended, [("status", 1)]),
        (revoked_alone_beyond_the_limit, [("approval", 1)]),
        (revoked_and_approved_by_nobody, [("approval", 1)]),
        (approved_without_a_signature, [("approval", 1)]),
        (approved_with_words, [("approval", 1)]),
        (approved_by_another_key, [("approval", 1)]),
        (approved_by_nobody_in_office, [("approval", 1)]),
        (approved_for_another_request, [("approval", 1)]),
        (approved_for_another_issuer, [("approval", 1)]),
        (approved_and_never_asked, [("approval", 1)]),
        (approved_too_late, [("approval", 1)]),
        (approved_for_another_credential, [("approval", 1)]),
        (approved_for_one_and_two_changed, [("approval", 1)]),
        (approved_twice, [("approval", 2)]),
        (approved_to_revoke_and_suspended, [("approval", 1)]),
        (approved_and_another_thing_done, [("approver", 1), ("approval", 1)]),
        (approved_and_not_done, [("approval", 1)]),
        (approved_to_replace, [("approval", 2)]),
        (carol_is_removed, [("approver", 1)]),
        (mallory_is_added, [("approver", 1)]),
        (mallory_is_reconciled_in, [("approver", 1)]),
        (a_suspended_one_is_reconciled_good, [("status", 1)]),
        (a_limit_is_raised, [("setting", 1)]),
        # Only applied requests allow it; the table has none.
        (more_may_be_issued, [("issuing", 2)]),
        # It says that one more is revoked, of which nothing is known.
        (the_log_begins_again, [("status", 2)]),
    ],
)
def test_a_forgery_is_told(
    forger: Forger, forge: Callable[[Forger], None], told: list[tuple[str, int]]
) -> None:
    assert found(forger.rig) == []
    forge(forger)
    assert forger.store.changes.audit.verify() == forger.store.changes.audit.head()
    assert found(forger.rig) == told


def test_what_was_signed_and_done_by_a_command_is_no_forgery(forger: Forger) -> None:
    forger.rig.desk.apply(forger.approval)
    assert forger.rig.value(GOOD_ROW) == [StatusValue.REVOKED]
    assert found(forger.rig) == []
    assert noticed(forger.rig) == [(NoticeKind.FIRST.value, 1, CAROL.did)]


def test_what_an_approved_change_leaves_as_it_was_is_told_with_it(forger: Forger) -> None:
    """The digest is of all that were asked for: whoever forges could else say that some were left."""
    rig = forger.rig
    both = waiting(rig.desk.change(ByIds((GOOD_ROW, OTHER_ROW)), StatusValue.SUSPENDED))
    rig.desk.apply(forger.approval)
    rig.desk.apply(CAROL.approve(both))
    assert rig.value(GOOD_ROW) == [StatusValue.REVOKED]
    assert rig.value(OTHER_ROW) == [StatusValue.SUSPENDED]
    assert found(rig) == []


def test_every_kind_of_request_is_held_against_its_approval(forger: Forger) -> None:
    rig = forger.rig
    for ask in (
        lambda: rig.desk.set_limit(Limit.ISSUING, 30_000_000),
        lambda: rig.desk.allow_issuing(5, until=rig.desk._clock().replace(year=2027), why=""),
        lambda: rig.desk.add_approver(MALLORY.did, name="Mallory"),
        lambda: rig.desk.remove_approver(MALLORY.did),
    ):
        rig.desk.apply(CAROL.approve(waiting(ask())))
        assert found(rig) == []


def test_what_a_reconciliation_revokes_is_not_proved(forger: Forger) -> None:
    forger.change(GOOD_ROW, "valid", "revoked", alone=False, kind=AuditKind.RECONCILED)
    assert found(forger.rig) == []
    (entry,) = forger.store.entries(row_id=GOOD_ROW)
    assert ("reconciled", 1, entry.credential_id) in noticed(forger.rig)


def test_the_day_of_one_person_alone_is_that_of_the_limit(forger: Forger) -> None:
    forger.rig.now += DAY
    forger.change(GOOD_ROW, "valid", "revoked", alone=True)
    assert found(forger.rig) == []


def test_what_is_revoked_stays_so_whoever_writes(rig: Rig) -> None:
    rig.issue("HC1", "HC2")
    rig.revoke("HC1")
    sql = "UPDATE journal SET status = ? WHERE row_id = ?"
    with rig.store.db.transaction():
        rig.store.db.execute(sql, (2, "HC2"))
        rig.store.db.execute(sql, (1, "HC1"))
    for status in (0, 2):
        with pytest.raises(StoreError, match="what is revoked stays so"), rig.store.db.transaction():
            rig.store.db.execute(sql, (status, "HC1"))
    assert rig.value("HC1") == [StatusValue.REVOKED]


def test_an_audit_of_another_issuers_store_believes_no_approval(forger: Forger) -> None:
    forger.rig.desk.apply(forger.approval)
    assert forger.request.issuer == ISSUER
    assert found(forger.rig) == []
    desk = forger.rig.desk
    desk._issuer = MALLORY.did
    with desk.auditing() as check:
        assert list(check.entries())
        assert [(one.kind.value, one.count) for one in check.differences()] == [("approval", 3)]
