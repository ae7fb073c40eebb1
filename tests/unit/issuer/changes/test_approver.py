# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The home of a person who approves."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.issuer.changes.rig import DAVID, NOW
from tests.unit.issuer.changes.test_change_request import request
from vcred.errors import RefusedError, StoreError, UsageError
from vcred.home import Home
from vcred.issuer.approval import verify_approval
from vcred.issuer.approver import Approver
from vcred.issuer.change_request import RemoveApprover
from vcred.keys.custody import KeyRole
from vcred.keys.home_keys import open_home_keyring
from vcred.reasons import Reason


def clock() -> datetime:
    return datetime.fromtimestamp(NOW, UTC)


def test_a_home_has_one_key_that_approves(tmp_path: Path) -> None:
    made = Approver.create(tmp_path / "carol")
    with open_home_keyring(made) as keyring:
        assert [keyring.role(name) for name in keyring.names()] == [KeyRole.APPROVAL]
    with Approver.open(made, clock=clock) as first, Approver.open(tmp_path / "carol", clock=clock) as again:
        assert first.did == again.did
        approval = verify_approval(first.approve(request()))
    assert (approval.approver, approval.request, approval.issued_at) == (first.did, request(), NOW)
    with pytest.raises(StoreError):
        Approver.create(tmp_path / "carol")


def test_nobody_signs_what_is_about_themselves(tmp_path: Path) -> None:
    with Approver.open(Approver.create(tmp_path / "carol"), clock=clock) as carol:
        assert carol.approve(request(RemoveApprover(did=DAVID.did)))
        with pytest.raises(RefusedError) as caught:
            carol.approve(request(RemoveApprover(did=carol.did)))
    assert caught.value.reason is Reason.NOT_AUTHORISED


def test_another_home_does_not_approve(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="approver"):
        Approver.open(home.path)
    made = Approver.create(tmp_path / "carol")
    for key in (made.path / "keys").glob("approval-*"):
        key.unlink()
    with pytest.raises(StoreError, match="no key that approves"):
        Approver.open(made)
