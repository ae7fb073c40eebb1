# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the values mean and which may follow which (STA-10, STA-18)."""

import pytest

from vcred.errors import RefusedError
from vcred.reasons import Reason
from vcred.status.values import StatusValue, status_reason, validate_change


def test_sta_10_meanings() -> None:
    assert status_reason(0) is None
    assert status_reason(1) is Reason.REVOKED
    assert status_reason(2) is Reason.SUSPENDED
    assert {status_reason(value) for value in range(3, 256)} == {Reason.STATUS_INVALID}


def test_sta_18_suspending_and_reinstating() -> None:
    for current in (StatusValue.VALID, StatusValue.SUSPENDED):
        for new in StatusValue:
            validate_change(current, new)
    validate_change(StatusValue.REVOKED, StatusValue.REVOKED)


@pytest.mark.parametrize("new", [StatusValue.VALID, StatusValue.SUSPENDED])
def test_sta_18_a_revocation_is_final(new: StatusValue) -> None:
    with pytest.raises(RefusedError) as caught:
        validate_change(StatusValue.REVOKED, new)
    assert caught.value.reason is Reason.REVOKED
    assert caught.value.hint
