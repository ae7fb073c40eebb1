# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What one person alone may not do, and every way around it (threats ISS-21)."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.issuer.changes.rig import CAROL, DAVID, DAY, HOUR, ISSUER, MALLORY, OWN, Person, Rig, waiting
from vcred.errors import DecodeError, RefusedError, StoreError, UsageError
from vcred.issuer.audit.log import AuditKind, decode_entry
from vcred.issuer.change_request import AddApprover, ChangeRequest, ChangeStatus, Limit
from vcred.issuer.credential_set import credentials_digest, pack_credentials
from vcred.issuer.engines.statuses.status_desk import StatusDesk
from vcred.issuer.engines.store.changes import Changed, Waiting
from vcred.issuer.journal import StatusValue
from vcred.issuer.selection import ByIds, ByRow
from vcred.keys.public import PublicKey
from vcred.reasons import Reason

ROWS = tuple(f"HC{number}" for number in range(10))
VALID, REVOKED, SUSPENDED = StatusValue.VALID, StatusValue.REVOKED, StatusValue.SUSPENDED


@pytest.fixture
def staffed(rig: Rig) -> Rig:
    """Ten credentials, one person alone may change three, and two approvers are in office."""
    rig.issue(*ROWS)
    rig.limit(3)
    assert rig.desk.add_approver(CAROL.did, name="Carol") is None
    request = waiting(rig.desk.add_approver(DAVID.did, name="David"))
    rig.desk.apply(CAROL.approve(request))
    return rig


def changed(rig: Rig) -> int:
    return sum(rig.value(row) != [VALID] for row in ROWS)


def reason(caught: pytest.ExceptionInfo[RefusedError]) -> Reason:
    return caught.value.reason


def test_up_to_the_limit_one_person_is_enough(staffed: Rig) -> None:
    assert staffed.revoke(*ROWS[:3]) == Changed(changed=3, unchanged=0)


def test_a_mass_change_waits_and_is_made_once_it_is_approved(staffed: Rig) -> None:
    outcome = staffed.desk.change(ByIds(ROWS[:4]), REVOKED, why="recall of lot 17")
    request = waiting(outcome)
    assert isinstance(request.wish, ChangeStatus)
    assert (request.wish.count, request.wish.value, request.why) == (4, REVOKED, "recall of lot 17")
    assert changed(staffed) == 0 and staffed.desk.requests() == [request]
    assert staffed.desk.apply(CAROL.approve(request)) == request
    assert changed(staffed) == 4 and staffed.desk.requests() == []
    # What was approved does not count as one person's.
    assert staffed.revoke(*ROWS[4:7]) == Changed(changed=3, unchanged=0)
    assert staffed.desk.audit.verify() == staffed.desk.audit.head()
    told = [decode_entry(content) for _, content in staffed.desk.audit.proved()]
    by_request = [entry for entry in told if request.request_id in entry.members.values()]
    kinds = [AuditKind.REQUEST, AuditKind.APPROVAL, *[AuditKind.STATUS] * 4]
    assert [entry.kind for entry in by_request] == kinds


def test_a_mass_change_that_is_cut_into_small_ones_waits_all_the_same(staffed: Rig) -> None:
    for row in ROWS[:3]:
        assert staffed.revoke(row) == Changed(changed=1, unchanged=0)
    assert isinstance(staffed.revoke(ROWS[3]), Waiting)
    assert isinstance(staffed.desk.change(ByRow(ROWS[4]), SUSPENDED), Waiting)
    assert changed(staffed) == 3


def test_what_changes_nothing_uses_up_nothing(staffed: Rig) -> None:
    for _ in range(5):
        staffed.revoke(ROWS[0])
        staffed.desk.change(ByRow(ROWS[1]), VALID)
    assert staffed.desk.changes_left() == 2


def test_after_24_hours_one_person_may_go_on(staffed: Rig) -> None:
    staffed.revoke(*ROWS[:2])
    staffed.now += DAY - 1
    staffed.revoke(ROWS[2])
    assert isinstance(staffed.revoke(ROWS[3]), Waiting)
    staffed.now += 1
    assert staffed.revoke(*ROWS[3:5]) == Changed(changed=2, unchanged=0)
    assert isinstance(staffed.revoke(ROWS[5]), Waiting)


@pytest.mark.parametrize("back", [HOUR, DAY, 400 * DAY])
def test_a_clock_that_is_set_back_begins_no_new_day(staffed: Rig, back: int) -> None:
    staffed.revoke(*ROWS[:3])
    staffed.now -= back
    assert isinstance(staffed.revoke(ROWS[3]), Waiting)
    staffed.now += back + HOUR
    assert isinstance(staffed.revoke(ROWS[3]), Waiting)


def test_reissuing_counts_as_changing(staffed: Rig) -> None:
    assert len(staffed.issue(*ROWS[:3], replaces=True)) == 3
    assert staffed.issue(*ROWS[3:6], replaces=True) == []
    assert [staffed.value(row) for row in ROWS[3:6]] == [[VALID]] * 3
    assert isinstance(staffed.revoke(ROWS[4]), Waiting)
    # Once their revocation is approved, they are issued anew.
    request = waiting(staffed.revoke(*ROWS[3:6]))
    staffed.desk.apply(CAROL.approve(request))
    assert len(staffed.issue(*ROWS[3:6], replaces=True)) == 3


@pytest.mark.parametrize("why", ["x" * 501, "one\ntwo", "\udcff"])
def test_what_nobody_could_read_is_not_kept(staffed: Rig, why: str) -> None:
    with pytest.raises(UsageError, match="no request can be made of this"):
        staffed.desk.change(ByIds(ROWS[:4]), REVOKED, why=why)
    with pytest.raises(UsageError):
        staffed.desk.add_approver(MALLORY.did, name=why)
    assert staffed.desk.requests() == []
    assert isinstance(staffed.desk.change(ByIds(ROWS[:4]), REVOKED, why="x" * 500), Waiting)


def test_the_same_wish_waits_once(staffed: Rig) -> None:
    first, second = waiting(staffed.revoke(*ROWS[:4])), waiting(staffed.revoke(*reversed(ROWS[:4])))
    assert first == second
    assert waiting(staffed.revoke(*ROWS[:5])) != first
    assert len(staffed.desk.requests()) == 2


def test_a_request_waits_for_7_days(staffed: Rig) -> None:
    request = waiting(staffed.revoke(*ROWS[:4]))
    staffed.now += 7 * DAY - 1
    assert staffed.desk.requests() == [request]
    staffed.now += 1
    assert staffed.desk.requests() == []
    refused(staffed, CAROL.approve(request, at=staffed.now), Reason.EXPIRED)
    again = waiting(staffed.revoke(*ROWS[:4]))
    assert again != request
    staffed.desk.apply(CAROL.approve(again, at=staffed.now))


def test_without_an_approver_a_mass_change_is_refused(rig: Rig) -> None:
    rig.issue(*ROWS)
    rig.limit(3)
    assert rig.revoke(*ROWS[:3]) == Changed(changed=3, unchanged=0)
    with pytest.raises(RefusedError) as caught:
        rig.revoke(ROWS[3])
    assert reason(caught) is Reason.APPROVAL_REQUIRED
    assert "vcred status approver add" in (caught.value.hint or "")
    assert rig.value(ROWS[3]) == [VALID] and rig.desk.requests() == []


def refused(rig: Rig, approval: str, expected: Reason) -> None:
    """Nothing is changed by an approval, and nothing entered."""
    before, head = changed(rig), rig.desk.audit.head()
    with pytest.raises(RefusedError) as caught:
        rig.desk.apply(approval)
    assert reason(caught) is expected
    assert (changed(rig), rig.desk.audit.head()) == (before, head)


def test_an_approval_is_used_once(staffed: Rig) -> None:
    request = waiting(staffed.revoke(*ROWS[:4]))
    approval = CAROL.approve(request)
    staffed.desk.apply(approval)
    refused(staffed, approval, Reason.REPLAYED)
    refused(staffed, DAVID.approve(request), Reason.REPLAYED)


def test_an_approval_is_for_its_request_alone(staffed: Rig) -> None:
    small, large = waiting(staffed.revoke(*ROWS[:4])), waiting(staffed.revoke(*ROWS))
    assert isinstance(small.wish, ChangeStatus) and isinstance(large.wish, ChangeStatus)
    forged = replace(large, wish=small.wish)
    refused(staffed, CAROL.approve(forged), Reason.REQUEST_INVALID)
    refused(staffed, CAROL.approve(replace(large, request_id="00" * 16)), Reason.REQUEST_INVALID)
    refused(staffed, CAROL.approve(replace(large, issuer=MALLORY.did)), Reason.AUDIENCE_WRONG)
    elsewhere = replace(large, issuer=MALLORY.did, request_id="00" * 16)
    refused(staffed, CAROL.approve(elsewhere), Reason.AUDIENCE_WRONG)
    staffed.desk.apply(CAROL.approve(small))
    assert changed(staffed) == 4


def test_who_is_no_approver_in_office_approves_nothing(staffed: Rig) -> None:
    request = waiting(staffed.revoke(*ROWS[:4]))
    refused(staffed, MALLORY.approve(request), Reason.NOT_AUTHORISED)
    refused(staffed, OWN.approve(request), Reason.NOT_AUTHORISED)
    removal = waiting(staffed.desk.remove_approver(DAVID.did))
    staffed.desk.apply(CAROL.approve(removal))
    refused(staffed, DAVID.approve(request), Reason.NOT_AUTHORISED)
    staffed.desk.apply(CAROL.approve(request))


def test_an_approval_that_is_too_old_is_not_revived_by_a_clock_that_is_set_back(staffed: Rig) -> None:
    request = waiting(staffed.revoke(*ROWS[:4]))
    approval = CAROL.approve(request)
    staffed.now += DAY
    refused(staffed, approval, Reason.EXPIRED)
    staffed.desk.set_limit(Limit.CHANGES, 4)
    staffed.now -= DAY
    refused(staffed, approval, Reason.EXPIRED)
    staffed.desk.apply(DAVID.approve(request, at=staffed.now + DAY))


def test_the_credentials_of_a_request_are_those_that_were_approved(staffed: Rig) -> None:
    request, other = waiting(staffed.revoke(*ROWS[:4])), waiting(staffed.revoke(*ROWS))
    db = staffed.store.db
    (body,) = db.row("SELECT body FROM request WHERE id = ?", (other.request_id,)) or (b"",)
    with db.transaction():
        altered = request.encode() + b"\n" + bytes(body).partition(b"\n")[2]
        db.execute("UPDATE request SET body = ? WHERE id = ?", (altered, request.request_id))
    with pytest.raises(StoreError, match="not those that were approved"):
        staffed.desk.apply(CAROL.approve(request))
    assert changed(staffed) == 0


def test_what_was_revoked_meanwhile_stays_so(staffed: Rig) -> None:
    request = waiting(staffed.desk.change(ByIds(ROWS[:4]), SUSPENDED))
    staffed.revoke(ROWS[0])
    staffed.desk.apply(CAROL.approve(request))
    assert [staffed.value(row) for row in ROWS[:2]] == [[REVOKED], [SUSPENDED]]


def test_only_the_first_approver_comes_without_an_approval(rig: Rig) -> None:
    assert rig.desk.add_approver(CAROL.did, name="Carol") is None
    request = waiting(rig.desk.add_approver(MALLORY.did, name="Mallory"))
    assert rig.desk.requests() == [request]
    refused(rig, MALLORY.approve(request), Reason.NOT_AUTHORISED)
    rig.desk.apply(CAROL.approve(request))
    in_office = [approver.did for approver in rig.desk.approvers() if approver.removed_at is None]
    assert set(in_office) == {CAROL.did, MALLORY.did}
    with pytest.raises(UsageError, match="in office already"):
        rig.desk.add_approver(CAROL.did, name="Carol")


def test_the_list_of_approvers_is_never_emptied(rig: Rig) -> None:
    rig.desk.add_approver(CAROL.did, name="Carol")
    with pytest.raises(RefusedError) as caught:
        rig.desk.remove_approver(CAROL.did)
    assert reason(caught) is Reason.APPROVAL_REQUIRED
    with pytest.raises(UsageError):
        rig.desk.remove_approver(MALLORY.did)
    # Not even by hand: who was once in office keeps others from coming in unasked.
    with rig.store.db.transaction():
        rig.store.db.execute("UPDATE approver SET removed_at = 1")
    with pytest.raises(RefusedError):
        rig.desk.add_approver(MALLORY.did, name="Mallory")


def test_one_who_was_removed_comes_back_only_by_another(staffed: Rig) -> None:
    removal = waiting(staffed.desk.remove_approver(DAVID.did))
    refused(staffed, DAVID.approve(removal), Reason.NOT_AUTHORISED)
    staffed.desk.apply(CAROL.approve(removal))
    back = waiting(staffed.desk.add_approver(DAVID.did, name="David"))
    refused(staffed, DAVID.approve(back), Reason.NOT_AUTHORISED)
    staffed.desk.apply(CAROL.approve(back))
    assert all(approver.removed_at is None for approver in staffed.desk.approvers())


def test_a_key_of_the_issuers_home_is_never_an_approver(rig: Rig) -> None:
    with pytest.raises(RefusedError) as caught:
        rig.desk.add_approver(OWN.did, name="Me")
    assert reason(caught) is Reason.KEY_NOT_AUTHORISED
    rig.desk.add_approver(CAROL.did, name="Carol")
    # Made a key of the home after it came into office.
    with rig.store.db.transaction():
        rig.store.changes.approvals.add(OWN.did, "Me", at=rig.now)
    request = waiting(rig.desk.set_limit(Limit.CHANGES, 5))
    refused(rig, OWN.approve(request), Reason.KEY_NOT_AUTHORISED)
    with pytest.raises(DecodeError):
        rig.desk.add_approver("did:web:example.org", name="Erin")


def test_a_limit_is_raised_only_with_an_approval(rig: Rig) -> None:
    with pytest.raises(RefusedError):
        rig.desk.set_limit(Limit.CHANGES, 10**6)
    rig.desk.add_approver(CAROL.did, name="Carol")
    request = waiting(rig.desk.set_limit(Limit.CHANGES, 10**6))
    assert rig.desk.limit(Limit.CHANGES) == 1000
    rig.desk.apply(CAROL.approve(request))
    assert rig.desk.limit(Limit.CHANGES) == 10**6
    assert rig.desk.limit(Limit.ISSUING) == 20_000_000


def test_an_approval_to_add_one_adds_no_other(rig: Rig) -> None:
    rig.desk.add_approver(CAROL.did, name="Carol")
    request = waiting(rig.desk.add_approver(DAVID.did, name="David"))
    assert isinstance(request.wish, AddApprover)
    other = replace(request, wish=AddApprover(did=Person().did, name="David"))
    refused(rig, CAROL.approve(other), Reason.REQUEST_INVALID)
    rig.desk.apply(CAROL.approve(request))


def test_a_key_that_came_into_the_home_since_it_was_asked_for_is_never_an_approver(staffed: Rig) -> None:
    request = waiting(staffed.desk.add_approver(MALLORY.did, name="Mallory"))
    approval = CAROL.approve(request)
    own = {MALLORY.signer.public_key}
    with pytest.raises(RefusedError) as caught:
        replaced_keys(staffed, own).apply(approval)
    assert reason(caught) is Reason.KEY_NOT_AUTHORISED
    assert MALLORY.did not in [approver.did for approver in staffed.desk.approvers()]
    staffed.desk.apply(approval)
    assert MALLORY.did in [approver.did for approver in staffed.desk.approvers()]


def replaced_keys(rig: Rig, own: set[PublicKey]) -> StatusDesk:
    """The desk of a home that holds other keys."""
    return StatusDesk(
        rig.store,
        issuer=ISSUER,
        own_keys=own,
        clock=lambda: datetime.fromtimestamp(rig.now, UTC),
        keep=lambda: None,
    )


def test_a_credential_that_the_store_does_not_hold_is_not_passed_over(staffed: Rig) -> None:
    (known, *_) = staffed.store.entries()
    for name, ids in (("known", [known.credential_id]), ("unknown", [known.credential_id, "00" * 16])):
        packed = pack_credentials(ids)
        wish = ChangeStatus(value=StatusValue.REVOKED, count=len(ids), digest=credentials_digest(packed))
        request = ChangeRequest(
            request_id=secrets.token_hex(16), issuer=ISSUER, wish=wish, why=name, made_at=staffed.now
        )
        with staffed.store.db.transaction():
            staffed.store.changes.approvals.keep(request, packed)
        if name == "known":
            staffed.desk.apply(CAROL.approve(request))
            assert changed(staffed) == 1
            continue
        with pytest.raises(StoreError, match="not in the store"):
            staffed.desk.apply(CAROL.approve(request))
