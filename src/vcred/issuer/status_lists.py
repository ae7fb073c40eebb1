# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's status lists: from the values in its store to signed tokens.

One list for each type, 131,072 entries of 2 bits: 0 valid, 1 revoked, 2 suspended. A list
that is full stays published, and the next one opens.

Spec: Token Status List sections 5.1, 7.1 and 13.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vcred.errors import StoreError
from vcred.issuer.journal import StatusValue
from vcred.keys.signer import Signer
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.status.bits import StatusList
from vcred.status.token_status_list import encode_status_token

LIST_SIZE: Final = MIN_STATUS_LIST_SIZE
LIST_BITS: Final = 2
TOKEN_LIFETIME: Final = timedelta(days=7)
TOKEN_TTL: Final = timedelta(hours=12)
MAX_AHEAD_SECONDS: Final = 60

NUMBERS: Final[Mapping[StatusValue, int]] = {
    StatusValue.VALID: 0,
    StatusValue.REVOKED: 1,
    StatusValue.SUSPENDED: 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRecord:
    """A list as the store has it. `last_issued_at`: `iat` of its newest token, or 0."""

    number: int
    vct: str
    uri: str
    size: int
    last_issued_at: int
    values: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStatusList:
    """A signed token, to be handed to whoever builds trust bundles."""

    uri: str
    issued_at: int
    token: str


def next_issue_time(record: ListRecord, now: datetime) -> int:
    """Return the `iat` of the next token: later than any before, for two of one time are a fork.

    Raises:
        StoreError: The clock is behind the newest token: a list dated ahead would hide the next.
    """
    seconds = int(now.timestamp())
    if record.last_issued_at > seconds + MAX_AHEAD_SECONDS:
        raise StoreError(
            "a status list has been published with a later time than this clock shows",
            hint="set the clock right, then publish again",
        )
    return max(seconds, record.last_issued_at + 1)


def sign_list(record: ListRecord, *, issued_at: int, key_id: str, signer: Signer) -> PublishedStatusList:
    """Sign one list as the store has it.

    Args:
        issued_at: As `next_issue_time` gave it, durable in the store by now.
        key_id: DID URL of the status key.
        signer: The status key.
    """
    status_list = StatusList.empty(bits=LIST_BITS, size=record.size).changed(record.values)
    token = encode_status_token(
        status_list,
        uri=record.uri,
        issued_at=issued_at,
        expires_at=issued_at + int(TOKEN_LIFETIME.total_seconds()),
        ttl=int(TOKEN_TTL.total_seconds()),
        kid=key_id,
        signer=signer,
    )
    return PublishedStatusList(uri=record.uri, issued_at=issued_at, token=token)
