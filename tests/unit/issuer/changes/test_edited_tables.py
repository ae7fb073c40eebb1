# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever edits the tables beside the log is told of by the log: each table, each way, each by itself."""

import sqlite3
from contextlib import closing

import pytest

from tests.unit.issuer.changes.rig import CAROL, DAVID, MALLORY, Rig, waiting
from vcred.errors import RefusedError
from vcred.home import Home
from vcred.issuer.audit.findings import Difference, DifferenceKind
from vcred.issuer.change_request import Limit
from vcred.issuer.engines.store.store import STORE_FILE, open_issuer_store
from vcred.issuer.journal import StatusValue
from vcred.issuer.selection import ByIds
from vcred.issuer.status_lists import PublishedStatusList, Purposes
from vcred.reasons import Reason

PUBLISHED_AT = 1_795_147_260


def found(rig: Rig) -> list[tuple[str, int]]:
    return [(one.kind.value, one.count) for one in differences(rig)]


def differences(rig: Rig) -> list[Difference]:
    with rig.desk.auditing() as check:
        assert list(check.entries())
        return check.differences()


def worked(rig: Rig) -> None:
    """A store in which everything has happened that the log tells of."""
    rig.issue("HC1", "HC2", "HC3", "HC4", "HC5")
    rig.issue("HC5", replaces=True)
    rig.revoke("HC1", "HC2")
    rig.desk.change(ByIds(("HC3", "HC4")), StatusValue.SUSPENDED)
    rig.desk.change(ByIds(("HC4",)), StatusValue.VALID)
    rig.desk.add_approver(CAROL.did, name="Carol")
    request = waiting(rig.desk.add_approver(DAVID.did, name="David"))
    rig.desk.apply(CAROL.approve(request, at=rig.now))
    request = waiting(rig.desk.remove_approver(CAROL.did))
    rig.desk.apply(DAVID.approve(request, at=rig.now))
    for limit, number in ((Limit.CHANGES, 5), (Limit.ISSUING, 7)):
        request = waiting(rig.desk.set_limit(limit, number))
        rig.desk.apply(DAVID.approve(request, at=rig.now))
    with rig.store.db.transaction():
        rig.store.lists.set_interval(300, at=rig.now)
        rig.store.lists.set_purposes(Purposes.REVOCATION, at=rig.now)
        rig.store.lists.note_dealt(at=rig.now)
        seq = rig.store.lists.note_published([0], issued_at=PUBLISHED_AT, at=rig.now)
        token = PublishedStatusList(uri="", issued_at=PUBLISHED_AT, size=1, next_at=0, token="token")
        rig.store.lists.keep_token(0, token, seq=seq)


def edited(home: Home, *statements: str) -> None:
    """Do what somebody may who has the file."""
    with closing(sqlite3.connect(home.path / STORE_FILE)) as file, file:
        for trigger in ("list_takes_nothing_back", "journal_keeps_what_is_revoked"):
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            file.execute(statement)


def test_what_was_done_by_commands_is_what_the_log_says(rig: Rig) -> None:
    worked(rig)
    assert found(rig) == []


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE journal SET status = 0 WHERE row_id = 'HC1'", "status"),
        ("UPDATE journal SET status = 2 WHERE row_id = 'HC1'", "status"),
        ("UPDATE journal SET status = 1 WHERE row_id = 'HC4'", "status"),
        ("UPDATE journal SET status = 0 WHERE row_id = 'HC3'", "status"),
        (f"INSERT INTO approver VALUES ('{MALLORY.did}', 'Mallory', 1, NULL)", "approver"),
        ("UPDATE approver SET removed_at = NULL WHERE name = 'Carol'", "approver"),
        ("DELETE FROM approver WHERE name = 'David'", "approver"),
        ("UPDATE setting SET value = '100000000' WHERE name = 'change_limit'", "setting"),
        ("DELETE FROM setting WHERE name = 'change_limit'", "setting"),
        ("DELETE FROM setting WHERE name = 'issue_limit'", "setting"),
        ("UPDATE setting SET value = '86400' WHERE name = 'publish_every'", "setting"),
        ("DELETE FROM setting WHERE name = 'purposes'", "setting"),
        ("INSERT INTO setting VALUES ('first_sound_list', '9')", "setting"),
        ("UPDATE list SET dealt = 0", "dealt"),
        ("UPDATE list SET last_issued_at = last_issued_at - 60", "published"),
        ("UPDATE list SET last_issued_at = last_issued_at + 60", "published"),
    ],
)
def test_one_edit_is_told(home: Home, statement: str, kind: str) -> None:
    with open_issuer_store(home) as store:
        worked(Rig(store))
        assert found(Rig(store)) == []
    edited(home, statement)
    with open_issuer_store(home) as store:
        assert found(Rig(store)) == [(kind, 1)]


def test_two_statuses_that_were_exchanged_are_two(home: Home) -> None:
    with open_issuer_store(home) as store:
        worked(Rig(store))
        (taken_back,) = store.entries(row_id="HC1")
    edited(
        home,
        "UPDATE journal SET status = 0 WHERE row_id = 'HC1'",
        "UPDATE journal SET status = 1 WHERE row_id = 'HC4'",
    )
    with open_issuer_store(home) as store:
        (told,) = differences(Rig(store))
        (good,) = store.entries(row_id="HC4")
    assert (told.kind, told.count) == (DifferenceKind.STATUS, 2)
    assert told.first in (taken_back.credential_id, good.credential_id)


def test_what_was_edited_and_edited_back_by_a_command_is_told(home: Home) -> None:
    with open_issuer_store(home) as store:
        worked(Rig(store))
    edited(home, "UPDATE journal SET status = 0 WHERE row_id = 'HC1'")
    with open_issuer_store(home) as store:
        Rig(store, now=Rig(store).now + 90_000).revoke("HC1")
        assert found(Rig(store)) == [("status", 1)]


def test_a_limit_that_was_written_into_the_table_is_none(home: Home) -> None:
    with open_issuer_store(home) as store:
        rig = Rig(store)
        rig.issue("HC1", "HC2", "HC3")
        rig.desk.add_approver(CAROL.did, name="Carol")
        rig.limit(2)
        assert rig.desk.limit(Limit.CHANGES) == 2
    edited(home, "UPDATE setting SET value = '100000000' WHERE name = 'change_limit'")
    with open_issuer_store(home) as store:
        rig = Rig(store)
        assert rig.desk.limit(Limit.CHANGES) == 2
        waiting(rig.revoke("HC1", "HC2", "HC3"))
        assert rig.value("HC1") == [StatusValue.VALID]


def test_the_newest_of_several_limits_counts(rig: Rig) -> None:
    for number in (4, 3):
        rig.limit(number)
        rig.limit(10 * number, of=Limit.ISSUING)
    assert (rig.desk.limit(Limit.CHANGES), rig.desk.limit(Limit.ISSUING)) == (3, 30)
    assert found(rig) == []


def test_an_approval_by_nobody_in_office_is_told(home: Home) -> None:
    with open_issuer_store(home) as store:
        rig = Rig(store)
        rig.issue("HC1")
        rig.desk.add_approver(CAROL.did, name="Carol")
        request = waiting(rig.desk.set_limit(Limit.CHANGES, 5))
        assert found(rig) == []
    edited(home, f"INSERT INTO approver VALUES ('{MALLORY.did}', 'Mallory', 1, NULL)")
    with open_issuer_store(home) as store:
        rig = Rig(store)
        rig.desk.apply(MALLORY.approve(request, at=rig.now))
    edited_back = f"DELETE FROM approver WHERE did = '{MALLORY.did}'"
    with closing(sqlite3.connect(home.path / STORE_FILE)) as file, file:
        file.execute(edited_back)
    with open_issuer_store(home) as store:
        assert differences(Rig(store)) == [
            Difference(kind=DifferenceKind.APPROVAL, count=1, first=MALLORY.did)
        ]


def test_numbers_other_than_the_logs_are_not_published(home: Home) -> None:
    with open_issuer_store(home) as store:
        worked(Rig(store))
        store.changes.audit.refuse_other_counts()
    edited(home, "UPDATE journal SET status = 0 WHERE row_id = 'HC1'")
    with open_issuer_store(home) as store, pytest.raises(RefusedError, match="other numbers") as caught:
        store.changes.audit.refuse_other_counts()
    assert caught.value.reason is Reason.STATUS_INVALID
