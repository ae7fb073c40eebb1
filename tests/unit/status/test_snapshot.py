# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Snapshots: lookup, laziness, and what may replace what (STA-09)."""

import base64
import zlib

import pytest

from vcred.errors import LimitExceededError, RefusedError
from vcred.limits import MIN_STATUS_LIST_SIZE
from vcred.reasons import Reason
from vcred.status.bits import StatusList, compress_list
from vcred.status.snapshot import StatusSnapshot

LIST = StatusList.empty(bits=2, size=MIN_STATUS_LIST_SIZE).changed({5: 1, 6: 2})


def _snapshot(
    *,
    lst: str | None = None,
    bits: int = 2,
    issued_at: int = 1000,
    expires_at: int | None = 2000,
    digest: bytes = b"a" * 32,
    uri: str = "https://issuer.example/status/0",
) -> StatusSnapshot:
    return StatusSnapshot(
        uri=uri,
        issued_at=issued_at,
        expires_at=expires_at,
        ttl=60,
        token_digest=digest,
        bits=bits,
        lst=compress_list(LIST) if lst is None else lst,
    )


def test_lookup() -> None:
    snapshot = _snapshot()
    assert [snapshot.lookup(index) for index in (4, 5, 6, 7)] == [0, 1, 2, 0]
    assert snapshot.list == LIST
    assert not snapshot.is_small


def test_expiry() -> None:
    assert not _snapshot().is_expired(1999)
    assert _snapshot().is_expired(2000)
    assert not _snapshot(expires_at=None).is_expired(2**40)


def test_sta_13_a_small_list_is_noticed() -> None:
    assert _snapshot(lst=compress_list(StatusList.empty(bits=2, size=1000))).is_small


def test_sta_05_beyond_the_list() -> None:
    snapshot = _snapshot()
    assert snapshot.lookup(MIN_STATUS_LIST_SIZE - 1) == 0
    for index in (MIN_STATUS_LIST_SIZE, -1, 2**64):
        with pytest.raises(RefusedError) as caught:
            snapshot.lookup(index)
        assert caught.value.reason is Reason.STATUS_INVALID


def test_sta_06_bits_are_checked_at_once() -> None:
    with pytest.raises(RefusedError) as caught:
        _snapshot(bits=3)
    assert caught.value.reason is Reason.STATUS_INVALID


@pytest.mark.parametrize("lst", ["", "AAAA", "*", compress_list(LIST)[:-4]])
def test_sta_14_an_unreadable_list_is_refused_at_the_first_lookup(lst: str) -> None:
    assert _snapshot().lookup(0) == 0
    with pytest.raises(RefusedError) as caught:
        _snapshot(lst=lst).lookup(0)
    assert caught.value.reason is Reason.STATUS_INVALID


def test_sta_14_a_bomb_is_over_the_limit() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(bytes(64 * 1024 * 1024))).decode().rstrip("=")
    snapshot = _snapshot(lst=bomb)
    for _ in range(2):
        with pytest.raises(LimitExceededError):
            snapshot.lookup(0)
