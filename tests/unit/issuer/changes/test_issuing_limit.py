# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""How much is issued in 24 hours without a second person (threats ISS-21, ISS-22)."""

from datetime import UTC, datetime

import pytest

from tests.unit.issuer.changes.rig import CAROL, DAY, HOUR, NOW, Rig, waiting
from vcred.database import Database
from vcred.errors import RefusedError, UsageError
from vcred.issuer.change_request import Limit
from vcred.reasons import Reason

LIMIT = 10


@pytest.fixture
def limited(rig: Rig) -> Rig:
    """One person alone may issue ten in 24 hours."""
    rig.limit(LIMIT, of=Limit.ISSUING)
    rig.desk.add_approver(CAROL.did, name="Carol")
    return rig


def issue(rig: Rig, count: int) -> None:
    rows = [f"R{rig.now}-{number}-{rig.store.changes.audit.places()}" for number in range(count)]
    assert len(rig.issue(*rows)) == count


def refused(rig: Rig, count: int = 1) -> None:
    """Nothing is dealt."""
    dealt = rig.store.changes.audit.places()
    with pytest.raises(RefusedError) as caught:
        issue(rig, count)
    assert caught.value.reason is Reason.APPROVAL_REQUIRED
    assert rig.store.changes.audit.places() == dealt


def test_up_to_the_limit_and_no_further(limited: Rig) -> None:
    issue(limited, 9)
    refused(limited, 2)
    issue(limited, 1)
    refused(limited)


def test_24_hours_later_it_goes_on(limited: Rig) -> None:
    issue(limited, 6)
    limited.now += 12 * HOUR
    issue(limited, 4)
    limited.now += 12 * HOUR - 1
    refused(limited)
    # What was dealt within an hour after an entry counts as dealt at its end.
    limited.now += HOUR + 1
    issue(limited, 6)
    refused(limited)


def test_a_long_pause_leaves_nothing_behind(limited: Rig) -> None:
    issue(limited, 10)
    limited.now += 30 * DAY
    issue(limited, 10)
    refused(limited)


def test_what_was_dealt_between_two_entries_counts_as_dealt_at_the_later(limited: Rig) -> None:
    """Rather too many than too few: the log is told once an hour, and at every change."""
    issue(limited, 5)
    limited.now += HOUR // 2
    limited.revoke(next(limited.store.entries()).credential_id)
    limited.now += DAY - HOUR // 4
    refused(limited, 6)
    issue(limited, 5)


def test_a_clock_that_is_set_back_begins_no_new_day(limited: Rig) -> None:
    issue(limited, 10)
    limited.now -= 2 * DAY
    refused(limited)


def test_what_was_issued_before_the_log_began_does_not_count(limited: Rig) -> None:
    """An upgraded store."""
    issue(limited, 10)
    refused(limited)
    table = "" if isinstance(limited.store.db, Database) else " ON audit"
    with limited.store.db.transaction():
        limited.store.db.execute(f"DROP TRIGGER audit_keeps_its_rows{table}")
        limited.store.db.execute("DELETE FROM audit")
    limited.limit(LIMIT, of=Limit.ISSUING)
    issue(limited, 10)
    refused(limited)


def test_an_approval_lets_so_many_more_be_issued_until_its_time(limited: Rig) -> None:
    issue(limited, 10)
    until = datetime.fromtimestamp(NOW + 30 * HOUR, UTC)
    request = waiting(limited.desk.allow_issuing(5, until=until, why="renewal"))
    refused(limited)
    limited.desk.apply(CAROL.approve(request))
    issue(limited, 5)
    refused(limited)
    limited.now += 26 * HOUR
    issue(limited, 15)
    refused(limited)
    limited.now += 5 * HOUR
    refused(limited)


def test_a_time_that_is_over_allows_nothing(limited: Rig) -> None:
    with pytest.raises(UsageError):
        limited.desk.allow_issuing(5, until=datetime.fromtimestamp(NOW, UTC), why="")
    soon = datetime.fromtimestamp(NOW + HOUR, UTC)
    request = waiting(limited.desk.allow_issuing(5, until=soon, why=""))
    limited.now += HOUR
    with pytest.raises(RefusedError) as caught:
        limited.desk.apply(CAROL.approve(request, at=limited.now))
    assert caught.value.reason is Reason.EXPIRED
    limited.now -= HOUR
    limited.desk.apply(CAROL.approve(request))
