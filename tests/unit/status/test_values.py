# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the values mean (STA-10)."""

from vcred.reasons import Reason
from vcred.status.values import status_reason


def test_sta_10_meanings() -> None:
    assert status_reason(0) is None
    assert status_reason(1) is Reason.REVOKED
    assert status_reason(2) is Reason.SUSPENDED
    assert {status_reason(value) for value in range(3, 256)} == {Reason.STATUS_INVALID}
