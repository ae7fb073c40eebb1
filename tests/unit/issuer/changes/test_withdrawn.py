# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A request that was withdrawn: nobody's approval makes the change, nor brings the request back."""

import pytest

from tests.unit.issuer.changes.forger import Forger, found
from tests.unit.issuer.changes.rig import CAROL, DAVID, DAY, OpenStore, Rig, waiting
from tests.unit.issuer.changes.test_races import at_once
from vcred.errors import RefusedError, UsageError
from vcred.issuer.audit.log import AuditKind, decode_entry
from vcred.issuer.change_request import Limit
from vcred.issuer.journal import StatusValue
from vcred.reasons import Reason

ROWS = ("HC1", "HC2")
VALID, REVOKED = StatusValue.VALID, StatusValue.REVOKED


@pytest.fixture
def limited(rig: Rig) -> Rig:
    """One person alone may change one status in a day; Carol may approve more."""
    rig.desk.add_approver(CAROL.did, name="Carol")
    rig.limit(1)
    rig.issue(*ROWS)
    return rig


def refused(rig: Rig, approval: str, expected: Reason, words: str) -> None:
    with pytest.raises(RefusedError, match=words) as caught:
        rig.desk.apply(approval)
    assert caught.value.reason is expected


def not_waiting(rig: Rig, request_id: str) -> None:
    head = rig.desk.audit.head()
    with pytest.raises(UsageError, match="no request of this id waits"):
        rig.desk.withdraw(request_id)
    assert rig.desk.audit.head() == head


def test_what_was_withdrawn_is_not_approved_any_more(limited: Rig) -> None:
    first, second = waiting(limited.revoke(*ROWS)), waiting(limited.desk.set_limit(Limit.ISSUING, 5))
    approval = CAROL.approve(first)
    assert limited.desk.withdraw(first.request_id) == first
    assert limited.desk.requests() == [second]
    head = limited.desk.audit.head()
    refused(limited, approval, Reason.REQUEST_INVALID, "the request was withdrawn")
    refused(limited, CAROL.approve(first), Reason.REQUEST_INVALID, "the request was withdrawn")
    assert (limited.value("HC1"), limited.desk.audit.head()) == ([VALID], head)
    # The other one waits as before; and the same wish is a request of its own.
    limited.desk.apply(CAROL.approve(second))
    again = waiting(limited.revoke(*ROWS))
    assert again.request_id != first.request_id
    limited.desk.apply(CAROL.approve(again))
    assert limited.value("HC1") == [REVOKED]


def test_what_was_applied_is_not_withdrawn(limited: Rig) -> None:
    request = waiting(limited.revoke(*ROWS))
    approval = CAROL.approve(request)
    limited.desk.apply(approval)
    not_waiting(limited, request.request_id)
    refused(limited, approval, Reason.REPLAYED, "applied before")
    assert limited.value("HC1") == [REVOKED]


def test_only_what_waits_is_withdrawn_and_once(limited: Rig) -> None:
    request = waiting(limited.revoke(*ROWS))
    not_waiting(limited, "00" * 16)
    limited.desk.withdraw(request.request_id)
    not_waiting(limited, request.request_id)
    lapsed = waiting(limited.revoke(*ROWS))
    assert lapsed.request_id != request.request_id
    limited.now += 7 * DAY
    not_waiting(limited, lapsed.request_id)


def test_a_withdrawal_is_in_the_log_and_is_no_change(limited: Rig) -> None:
    request = waiting(limited.revoke(*ROWS))
    before = limited.desk.audit.last()
    limited.desk.withdraw(request.request_id)
    last = limited.desk.audit.last()
    assert before is not None and last is not None
    assert (last.kind, last.members) == (AuditKind.WITHDRAWN, {"request": request.request_id})
    assert last.unapproved == before.unapproved
    # Whose it was, the store no longer says; the log names the request and nothing else.
    kept = limited.store.changes.approvals.kept(request.request_id)
    assert kept is not None and (kept.state.value, kept.credentials) == ("withdrawn", b"")
    assert limited.desk.audit.verify() == limited.desk.audit.head()
    # The limit of the rig was set by hand, which the audit tells, and nothing else.
    assert found(limited) == [("setting", 1)]


@pytest.mark.parametrize("entered_anew", [False, True])
def test_who_brings_a_withdrawn_request_back_is_told_by_the_audit(limited: Rig, entered_anew: bool) -> None:
    """Whoever can write the store lets it wait again, and the approver had signed it already."""
    request = waiting(limited.revoke(*ROWS))
    approval = CAROL.approve(request)
    credentials = limited.desk.request_credentials(request.request_id)
    limited.desk.withdraw(request.request_id)
    before = found(limited)
    forger = Forger(limited, request, approval)
    if entered_anew:
        forger.enter(AuditKind.REQUEST, request=request.request_id)
    body = request.encode() + b"\n" + b"".join(bytes.fromhex(one) for one in credentials)
    sql = "UPDATE request SET state = 'waiting', body = ? WHERE id = ?"
    with limited.store.db.transaction():
        limited.store.db.execute(sql, (body, request.request_id))
    limited.desk.apply(approval)
    assert limited.value("HC1") == [REVOKED]
    assert found(limited) == sorted([*before, ("approval", 1)])


def test_of_applying_and_withdrawing_at_once_one_happens(open_store: OpenStore) -> None:
    with open_store() as store:
        rig = Rig(store)
        rig.issue(*ROWS)
        rig.desk.add_approver(CAROL.did, name="Carol")
        rig.desk.apply(CAROL.approve(waiting(rig.desk.add_approver(DAVID.did, name="David"))))
        rig.desk.apply(CAROL.approve(waiting(rig.desk.set_limit(Limit.CHANGES, 1))))
        request = waiting(rig.revoke(*ROWS))
    approval = CAROL.approve(request)

    def apply(rig: Rig) -> str:
        try:
            rig.desk.apply(approval)
        except RefusedError as error:
            return error.reason.value
        return "applied"

    def withdraw(rig: Rig) -> str:
        try:
            rig.desk.withdraw(request.request_id)
        except UsageError:
            return "did not wait"
        return "withdrawn"

    outcome = at_once(open_store, [apply, withdraw])
    assert outcome in (["applied", "did not wait"], ["request_invalid", "withdrawn"])
    with open_store() as store:
        rig = Rig(store)
        told = [decode_entry(content).kind for _, content in rig.desk.audit.proved()]
        was_applied = outcome[0] == "applied"
        assert told.count(AuditKind.WITHDRAWN) == (0 if was_applied else 1)
        assert rig.value("HC1") == [REVOKED if was_applied else VALID]
        assert found(rig) == []
