# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""ISS-22: hours are changed by two persons, the log has them, and what was refused is in it once a day."""

import pytest

from tests.unit.issuer.changes.forger import found, noticed
from tests.unit.issuer.changes.rig import CAROL, DAY, HOUR, NOW, OpenStore, Rig, waiting
from vcred.errors import RefusedError, StoreError
from vcred.issuer.audit.log import AuditEvent, AuditKind
from vcred.issuer.change_request import Limit
from vcred.issuer.signing_hours import make_hours
from vcred.reasons import Reason

# NOW is 04:00 in UTC, and noon in Macau.
DAYTIME, NIGHT = make_hours("06:00-22:00", "Asia/Macau"), make_hours("22:00-06:00", "Asia/Macau")


@pytest.fixture
def staffed(rig: Rig) -> Rig:
    """Carol is in office."""
    rig.desk.add_approver(CAROL.did, name="Carol")
    return rig


def set_hours(rig: Rig, hours: object) -> None:
    request = waiting(rig.desk.set_hours(hours))  # type: ignore[arg-type]
    rig.desk.apply(CAROL.approve(request, at=rig.now))


def is_refused(rig: Rig) -> bool:
    try:
        rig.store.changes.require_open(at=rig.now)
    except RefusedError as error:
        assert error.reason is Reason.RATE_LIMITED
        return True
    return False


def alarms(rig: Rig) -> list[int]:
    """When it was entered that keys were to sign outside the hours."""
    entries = [entry for _, _, entry in rig.desk.audit.read()]
    refused = [entry for entry in entries if entry.kind is AuditKind.REFUSED]
    assert all(entry.members == {"what": "hours"} for entry in refused)
    return [entry.at for entry in refused]


def test_without_hours_nothing_is_refused_or_entered(rig: Rig) -> None:
    assert rig.desk.hours() is None
    for hour in range(24):
        rig.now = NOW + hour * HOUR
        assert not is_refused(rig)
    assert rig.desk.audit.head().seq == 0


def test_nobody_sets_or_lifts_them_alone(rig: Rig) -> None:
    for hours in (DAYTIME, None):
        with pytest.raises(RefusedError) as caught:
            rig.desk.set_hours(hours)
        assert caught.value.reason is Reason.APPROVAL_REQUIRED
    rig.desk.add_approver(CAROL.did, name="Carol")
    request = waiting(rig.desk.set_hours(NIGHT))
    assert rig.desk.hours() is None and not is_refused(rig)
    rig.desk.apply(CAROL.approve(request))
    assert rig.desk.hours() == NIGHT and is_refused(rig)
    request = waiting(rig.desk.set_hours(None))
    assert is_refused(rig)
    rig.desk.apply(CAROL.approve(request))
    assert rig.desk.hours() is None and not is_refused(rig)
    assert (found(rig), noticed(rig)) == ([], [("first", 1, CAROL.did)])
    with pytest.raises(RefusedError) as caught:
        rig.desk.apply(CAROL.approve(request))
    assert caught.value.reason is Reason.REPLAYED


def test_the_log_says_who_let_it_be(staffed: Rig) -> None:
    request = waiting(staffed.desk.set_hours(DAYTIME))
    assert request.to_json()["hours"] == "06:00-22:00 Asia/Macau"
    staffed.desk.apply(CAROL.approve(request))
    last = staffed.desk.audit.last()
    assert last is not None and last.kind is AuditKind.HOURS_CHANGED
    assert last.members == {"hours": "06:00-22:00 Asia/Macau", "change": request.request_id}


def test_hours_and_limits_do_not_hide_each_other(staffed: Rig) -> None:
    set_hours(staffed, DAYTIME)
    for limit, number in ((Limit.CHANGES, 5), (Limit.ISSUING, 7)):
        staffed.desk.apply(CAROL.approve(waiting(staffed.desk.set_limit(limit, number))))
    set_hours(staffed, NIGHT)
    desk = staffed.desk
    assert (desk.hours(), desk.limit(Limit.CHANGES), desk.limit(Limit.ISSUING)) == (NIGHT, 5, 7)
    assert found(staffed) == []


def test_the_alarm_is_entered_once_a_day(staffed: Rig) -> None:
    set_hours(staffed, DAYTIME)
    assert not is_refused(staffed) and alarms(staffed) == []
    staffed.now += 11 * HOUR
    first = staffed.now
    for _ in range(20):
        assert is_refused(staffed)
        staffed.now += 60
    assert alarms(staffed) == [first]
    staffed.now = first + DAY - 1
    assert is_refused(staffed) and alarms(staffed) == [first]
    staffed.now = first + DAY
    assert is_refused(staffed) and alarms(staffed) == [first, first + DAY]
    assert found(staffed) == []


def test_what_the_message_says(staffed: Rig) -> None:
    set_hours(staffed, DAYTIME)
    staffed.now += 11 * HOUR + 14 * 60
    with pytest.raises(RefusedError, match=r"06:00-22:00, Asia/Macau; there it is 23:14 now") as caught:
        staffed.store.changes.require_open(at=staffed.now)
    assert "from 06:00 on" in (caught.value.hint or "")


def test_a_clock_that_is_set_back_opens_nothing(staffed: Rig) -> None:
    set_hours(staffed, DAYTIME)
    staffed.now += 11 * HOUR
    assert is_refused(staffed)
    staffed.now -= 4 * HOUR
    assert is_refused(staffed)


def test_revoking_has_no_hours(staffed: Rig) -> None:
    set_hours(staffed, DAYTIME)
    (entry,) = staffed.issue("HC1")
    staffed.now += 11 * HOUR
    assert is_refused(staffed)
    staffed.revoke(entry.credential_id)
    assert [one.value for one in staffed.value("HC1")] == ["revoked"]


def edit(rig: Rig, name: str, value: str) -> None:
    with rig.store.db.transaction():
        rig.store.db.execute("DELETE FROM setting WHERE name = ?", (name,))
        if value:
            rig.store.db.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, value))


@pytest.mark.parametrize("value", ["any", "", "00:00-23:59 UTC"])
def test_whoever_edits_the_table_changes_nothing_and_is_told_of(staffed: Rig, value: str) -> None:
    set_hours(staffed, NIGHT)
    assert found(staffed) == []
    edit(staffed, "issuing_hours", value)
    assert is_refused(staffed)
    assert found(staffed) == [("setting", 1)]


@pytest.mark.parametrize("value", ["", "1", "99999", "-1", "x", "\u0663"])
def test_nor_does_anybody_silence_the_alarm(staffed: Rig, value: str) -> None:
    set_hours(staffed, NIGHT)
    assert is_refused(staffed) and len(alarms(staffed)) == 1
    edit(staffed, "hours_noted", value)
    assert is_refused(staffed) and len(alarms(staffed)) == 2


@pytest.mark.parametrize("hours", ["any", "21:00-07:00 Asia/Macau"])
def test_an_entry_without_approval_is_told(staffed: Rig, hours: str) -> None:
    set_hours(staffed, NIGHT)
    event = AuditEvent(kind=AuditKind.HOURS_CHANGED, members={"hours": hours, "change": "0" * 32})
    with staffed.store.db.transaction():
        staffed.store.changes.audit.append([event], at=staffed.now)
        staffed.store.db.execute("UPDATE setting SET value = ? WHERE name = 'issuing_hours'", (hours,))
    assert found(staffed) == [("setting", 1)]


def test_an_entry_with_another_approval_is_told(staffed: Rig) -> None:
    """Approved was one thing, and another stands behind it."""
    request = waiting(staffed.desk.set_hours(NIGHT))
    members = {"request": request.request_id, "approver": CAROL.did, "approval": CAROL.approve(request)}
    effect = {"hours": "any", "change": request.request_id}
    with staffed.store.db.transaction():
        staffed.store.changes.audit.append(
            [
                AuditEvent(kind=AuditKind.APPROVAL, members={**members}),
                AuditEvent(kind=AuditKind.HOURS_CHANGED, members={**effect}),
            ],
            at=staffed.now,
        )
        staffed.store.changes.approvals.set_hours(None)
    assert found(staffed) == [("approval", 1), ("setting", 1)]


def test_a_timezone_that_nobody_knows(staffed: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before it is asked; and where the machine that issues does not know it, nothing is signed."""
    for name in ("Asia/Atlantis", "Asia"):
        with pytest.raises(StoreError, match="does not know the timezone"):
            staffed.desk.set_hours(make_hours("06:00-22:00", name))
    assert staffed.desk.requests() == []
    set_hours(staffed, DAYTIME)
    assert not is_refused(staffed)

    def unknown(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr("vcred.issuer.engines.store.hours.ZoneInfo", unknown)
    with pytest.raises(StoreError, match="does not know the timezone Asia/Macau") as caught:
        staffed.store.changes.require_open(at=staffed.now)
    assert "tzdata" in (caught.value.hint or "")


def test_after_a_new_start(open_store: OpenStore) -> None:
    with open_store() as store:
        rig = Rig(store)
        rig.desk.add_approver(CAROL.did, name="Carol")
        set_hours(rig, NIGHT)
        assert is_refused(rig)
    with open_store() as store:
        rig = Rig(store)
        assert rig.desk.hours() == NIGHT and is_refused(rig) and len(alarms(rig)) == 1
