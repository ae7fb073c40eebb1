# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The issuer's status lists: how large, of how many bits, when they are published, and signed.

Every token is dated on a grid: its `iat` is a multiple of an interval, 60 s to a day, and all
lists of the issuer are signed together. So the time at which somebody was taken back is seen
as no finer than the interval, and by no list alone. Within one interval nothing is signed twice:
two tokens of one list and time would be a fork.

    nothing changed since the last token of this interval    the same tokens, byte for byte
    something changed, and the next interval is near         wait for it
    something changed, and it is far                         refuse, and say when

A list that is full or closed stays published: its credentials are still out.

Spec: Token Status List sections 5.1, 7.1, 12.5.1 and 13.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final, Self

from vcred.errors import DecodeError, RefusedError, StoreError, UsageError
from vcred.issuer.journal import StatusValue
from vcred.keys.signer import Signer
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.status.bits import StatusList, inflate_list
from vcred.status.token_status_list import encode_status_token, parse_status_token

MAX_LIST_SIZE: Final = 1_048_576
TOKEN_LIFETIME: Final = timedelta(days=7)
TOKEN_TTL: Final = timedelta(hours=12)
DAY_SECONDS: Final = 86_400
MIN_INTERVAL: Final = 60
MAX_INTERVAL: Final = DAY_SECONDS
DEFAULT_INTERVAL: Final = MIN_INTERVAL
MAX_WAIT_SECONDS: Final = 60
MAX_AHEAD_SECONDS: Final = 60

NUMBERS: Final[Mapping[StatusValue, int]] = {
    StatusValue.VALID: 0,
    StatusValue.REVOKED: 1,
    StatusValue.SUSPENDED: 2,
}


class Purposes(StrEnum):
    """For what an issuer's lists are, as the setting is written."""

    REVOCATION = "revocation"
    REVOCATION_AND_SUSPENSION = "revocation,suspension"


_BITS: Final = {Purposes.REVOCATION: 1, Purposes.REVOCATION_AND_SUSPENSION: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRecord:
    """A list as the store has it, with every value that is not 0, decoys among them.

    Attributes:
        last_issued_at: `iat` of its newest token, or 0.
        token: That token, or None.
    """

    number: int
    uri: str
    bits: int
    size: int
    last_issued_at: int
    token: str | None = field(repr=False)
    values: Mapping[int, int] = field(repr=False)

    def changed(self, values: Mapping[int, int]) -> Self:
        """Return the list with other values at some indices."""
        return replace(self, values={**self.values, **values})

    def status_list(self) -> StatusList:
        """Build the list itself.

        Raises:
            StoreError: An index or a value that is not of this list: the store is damaged.
        """
        try:
            return StatusList.empty(bits=self.bits, size=self.size).changed(self.values)
        except (TypeError, ValueError) as error:
            raise damaged_list() from error


def damaged_list() -> StoreError:
    """Return the error of a list with something that cannot be in it."""
    return StoreError("a status list in the issuer's store is damaged", hint="restore the store from a copy")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStatusList:
    """A signed token, to be handed to whoever builds trust bundles.

    Attributes:
        uri: Of the list.
        issued_at: `iat`, a multiple of the interval.
        size: Entries of the list.
        next_at: From when on the next token can be, NumericDate.
        token: The token.
    """

    uri: str
    issued_at: int
    size: int
    next_at: int
    token: str = field(repr=False)


def next_list_size(issued: int) -> int:
    """Return how many entries the next list of a type gets: the power of two nearest to what it has issued.

    So the lists of a province are few and large, those of a small issuer large enough to hide in
    (threats STA-13).

    Args:
        issued: Places that were dealt for the type so far, in all lists.
    """
    below = 1 << max(issued.bit_length() - 1, 0)
    nearest = below if 2 * issued < 3 * below else 2 * below
    return min(max(nearest, MIN_STATUS_LIST_SIZE), MAX_LIST_SIZE)


def parse_purposes(text: str) -> Purposes:
    """Read for what the lists are to be.

    Raises:
        UsageError: It is none of the two.
    """
    if text not in tuple(Purposes):
        raise UsageError(
            "the purposes of status lists are " + " or ".join(f'"{item}"' for item in Purposes),
            hint='with "revocation" alone nothing can be suspended',
        )
    return Purposes(text)


def purposes_of(setting: object) -> Purposes:
    """Return for what lists are that open from now on; None, no setting, means both.

    Raises:
        StoreError: The setting is damaged.
    """
    if setting is None:
        return Purposes.REVOCATION_AND_SUSPENSION
    if setting not in tuple(Purposes):
        raise StoreError("the setting purposes is damaged", hint="restore the store from a copy")
    return Purposes(str(setting))


def list_bits(setting: object) -> int:
    """Return the bits to an entry of lists that open from now on. Arguments and errors as above."""
    return _BITS[purposes_of(setting)]


def fits(value: StatusValue, *, bits: int) -> bool:
    """Say whether a list of so many bits to an entry can show a value."""
    return NUMBERS[value] < 1 << bits


def parse_interval(seconds: int) -> int:
    """Return an interval of publication, in seconds.

    Raises:
        UsageError: Less than 60 s, more than a day, or not a part of a day without remainder: the
            grid would be another one each day.
    """
    if not MIN_INTERVAL <= seconds <= MAX_INTERVAL or DAY_SECONDS % seconds:
        raise UsageError(
            "an interval of publication is 60 s to 24 h, and goes into a day without remainder",
            hint="take 60s, 5m, 15m, 1h, 6h or 24h",
        )
    return seconds


def interval_of(setting: object) -> int:
    """Return the interval that the setting says, in seconds; None means 60.

    Raises:
        StoreError: The setting is damaged.
    """
    if setting is None:
        return DEFAULT_INTERVAL
    try:
        if not isinstance(setting, str) or not setting.isascii() or not setting.isdigit():
            raise DecodeError("not a number")
        return parse_interval(int(setting))
    except (DecodeError, UsageError) as error:
        raise StoreError("the setting publish_every is damaged", hint="restore the store") from error


def tick_of(at: int, every: int) -> int:
    """Return the begin of the interval in which a time lies.

    Args:
        at: NumericDate.
        every: Interval in seconds.
    """
    return at // every * every


def issue_tick(*, now: int, every: int, last_issued_at: int, not_before: int = 0) -> int:
    """Return the `iat` of the next token, a multiple of the interval; it may lie ahead.

    Args:
        now: NumericDate.
        every: Interval in seconds.
        last_issued_at: Greatest `iat` of any list of the issuer; the next is later.
        not_before: When the key came into force that signs: what it signs as of before counts
            nowhere.

    Raises:
        StoreError: The clock is behind the newest token: a list dated ahead would hide the next.
    """
    if last_issued_at > now + MAX_AHEAD_SECONDS:
        raise StoreError(
            "a status list has been published with a later time than this clock shows",
            hint="set the clock right, then publish again",
        )
    after_last = tick_of(last_issued_at, every) + every if last_issued_at else 0
    in_force = -(-not_before // every) * every
    return max(tick_of(now, every), after_last, in_force)


def sign_list(record: ListRecord, *, issued_at: int, key_id: str, signer: Signer) -> str:
    """Sign one list as the store has it, and return the token.

    Args:
        record: The list.
        issued_at: As `issue_tick` gave it.
        key_id: DID URL of the status key.
        signer: The status key.
    """
    return encode_status_token(
        record.status_list(),
        uri=record.uri,
        issued_at=issued_at,
        expires_at=issued_at + int(TOKEN_LIFETIME.total_seconds()),
        ttl=int(TOKEN_TTL.total_seconds()),
        kid=key_id,
        signer=signer,
    )


def is_told(record: ListRecord) -> bool:
    """Say whether the newest token of a list says what the store does."""
    if record.token is None:
        return False
    try:
        token = parse_status_token(record.token)
        told = inflate_list(token.bits, token.lst)
    except (DecodeError, RefusedError):
        # Damaged on the disk: nobody is to be given it.
        return False
    return told == record.status_list()
