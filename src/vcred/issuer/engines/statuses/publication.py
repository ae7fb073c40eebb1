# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Publish the issuer's status lists: all of them, signed together, on the grid.

Reading the statuses, moving decoys, signing, keeping the tokens and the audit entry are one
transaction: whatever change was acknowledged before is in the tokens (INV-6), and a token that
leaves is kept. So whoever has lost the tokens gets the very same again, and a stop in the middle
has published nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from vcred.clock import Clock, sleeper_of
from vcred.codec.times import format_timestamp
from vcred.errors import RefusedError, StoreError
from vcred.issuer.engines.statuses.places_check import refuse_other_places
from vcred.issuer.engines.store.store import IssuerStore
from vcred.issuer.status_lists import (
    MAX_WAIT_SECONDS,
    ListRecord,
    PublishedStatusList,
    is_told,
    issue_tick,
    sign_list,
)
from vcred.keys.signer import Signer
from vcred.reasons import Reason

OnWait = Callable[[int], None]
"""Told, before it waits, until when (NumericDate)."""

_MAX_WAITS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusKey:
    """The key that signs lists: its DID URL, and from when on it counts, NumericDate."""

    key_id: str
    in_force_since: int
    signer: Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Later:
    """Nothing was signed: the next token is dated ahead. `is_first`: there was never one."""

    at: int
    is_first: bool


def publish(
    store: IssuerStore,
    key: StatusKey,
    *,
    clock: Clock,
    guard: Callable[[], None],
    on_wait: OnWait | None = None,
) -> tuple[PublishedStatusList, ...]:
    """Sign a new token for every list, or return the kept ones where nothing has changed.

    Args:
        store: The issuer's.
        key: In force now.
        clock: Gives now. It waits by its own `sleep`, if it has one.
        guard: Called in the transaction that signs: refuses a store that was put back meanwhile.
        on_wait: Told that it waits.

    Raises:
        RefusedError: RATE_LIMITED: something has changed, and the next interval is too far off to
            wait for it. STATUS_INVALID: the tables have other numbers of revoked and suspended
            credentials than the audit log, or a place or decoy is not that of its deck.
            CLOCK_UNRELIABLE: the clock is far ahead.
        StoreError: The clock is behind what was published, or does not move.
    """
    for _ in range(_MAX_WAITS):
        now = clock()
        outcome = _publish_at(store, key, guard, at=int(now.timestamp()))
        if not isinstance(outcome, _Later):
            return tuple(outcome)
        seconds = outcome.at - now.timestamp()
        if seconds > MAX_WAIT_SECONDS:
            raise _too_far(outcome)
        if on_wait is not None:
            on_wait(outcome.at)
        sleeper_of(clock)(seconds)
    raise StoreError("the clock does not move", hint="set the clock right, then publish again")


def _publish_at(
    store: IssuerStore, key: StatusKey, guard: Callable[[], None], *, at: int
) -> Sequence[PublishedStatusList] | _Later:
    lists = store.lists
    with store.db.transaction():
        guard()
        # Before anything is signed: a list that is dated years ahead keeps every later one from being newer.
        store.changes.audit.refuse_leap(at)
        records, every = lists.records(), lists.interval()
        if not records:
            return ()
        # A status that was changed beside the log must not get into a list.
        store.changes.audit.refuse_other_counts()
        refuse_other_places(store.db, records, first_sound=lists.first_sound())
        last = max(record.last_issued_at for record in records)
        tick = issue_tick(now=at, every=every, last_issued_at=last, not_before=key.in_force_since)
        if tick > at:
            if all(map(is_told, records)):
                return _kept(records, next_at=tick)
            return _Later(at=tick, is_first=not last)
        # They move also where nothing has changed: else a change would show that something has.
        moved = [lists.move_decoys(record) for record in records]
        published = [
            PublishedStatusList(
                uri=record.uri,
                issued_at=tick,
                size=record.size,
                next_at=tick + every,
                token=sign_list(record, issued_at=tick, key_id=key.key_id, signer=key.signer),
            )
            for record in moved
        ]
        lists.note_dealt(at=at)
        seq = lists.note_published((record.number for record in moved), issued_at=tick, at=at)
        for record, item in zip(moved, published, strict=True):
            lists.keep_token(record.number, item, seq=seq)
        return published


def _kept(records: Sequence[ListRecord], *, next_at: int) -> list[PublishedStatusList]:
    return [
        PublishedStatusList(
            uri=record.uri,
            issued_at=record.last_issued_at,
            size=record.size,
            next_at=next_at,
            token=record.token or "",
        )
        for record in records
    ]


def _too_far(later: _Later) -> RefusedError:
    when = format_timestamp(datetime.fromtimestamp(later.at, UTC))
    return RefusedError(
        Reason.RATE_LIMITED,
        "the status key came into force in this interval: the first lists are those of the next"
        if later.is_first
        else "statuses have changed, and lists of this interval are published already",
        hint=f"nothing is lost; run the command again at {when} or later",
    )
