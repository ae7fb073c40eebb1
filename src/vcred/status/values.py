# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What the numbers in a status list mean, and which may follow which.

    0 valid       may become 1 or 2
    1 revoked     final
    2 suspended   may become 0 or 1

Spec: Token Status List section 7.
"""

from enum import IntEnum

from vcred.reasons import Reason


class StatusValue(IntEnum):
    """The values every list may use; the rest are of no meaning here."""

    VALID = 0
    REVOKED = 1
    SUSPENDED = 2


def status_reason(value: int) -> Reason | None:
    """Return why a credential with this value is not current, or None if it is.

    A value without a meaning here is never good news: `status_invalid`.
    """
    if value == StatusValue.VALID:
        return None
    if value == StatusValue.REVOKED:
        return Reason.REVOKED
    if value == StatusValue.SUSPENDED:
        return Reason.SUSPENDED
    return Reason.STATUS_INVALID
