# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What waits for a second person: found by its id, with the credentials that it is about."""

import pytest

from tests.unit.issuer.changes.rig import CAROL, Rig, waiting
from vcred.errors import RefusedError, UsageError
from vcred.issuer.change_request import Limit
from vcred.issuer.journal import StatusValue
from vcred.reasons import Reason


@pytest.fixture
def limited(rig: Rig) -> Rig:
    """One person alone may change one status in a day; Carol may approve more."""
    rig.desk.add_approver(CAROL.did, name="Carol")
    rig.limit(1)
    rig.issue("HC1", "HC2", "HC3")
    return rig


def test_a_request_is_found_by_its_id_as_long_as_it_waits(limited: Rig) -> None:
    first = waiting(limited.revoke("HC1", "HC2"))
    second = waiting(limited.desk.set_limit(Limit.CHANGES, 5))
    for request in (first, second):
        assert limited.desk.request(request.request_id) == request
    limited.desk.apply(CAROL.approve(first))
    assert limited.desk.request(second.request_id) == second
    for gone in (first.request_id, "00" * 16):
        with pytest.raises(UsageError, match="no request of this id waits"):
            limited.desk.request(gone)


def test_the_credentials_of_a_request(limited: Rig) -> None:
    known = [entry.credential_id for row in ("HC1", "HC2") for entry in limited.store.entries(row_id=row)]
    about = waiting(limited.revoke("HC1", "HC2"))
    assert limited.desk.request_credentials(about.request_id) == sorted(known)
    of_none = waiting(limited.desk.set_limit(Limit.CHANGES, 5))
    with pytest.raises(UsageError, match="about no credentials"):
        limited.desk.request_credentials(of_none.request_id)


def test_who_changes_one_id_is_not_told_that_it_is_done(limited: Rig) -> None:
    assert [one.status for one in limited.desk.change_one("HC1", StatusValue.REVOKED)] == [
        StatusValue.REVOKED
    ]
    with pytest.raises(RefusedError, match="nothing is changed: request") as caught:
        limited.desk.change_one("HC2", StatusValue.REVOKED)
    assert caught.value.reason is Reason.APPROVAL_REQUIRED
    assert limited.value("HC2") == [StatusValue.VALID]
