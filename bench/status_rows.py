# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Status lists: one lookup, opening a list, making one."""

import random
from collections.abc import Sequence
from functools import partial

from bench.row import Against, Row, Work
from vcred.status.bits import StatusList, compress_list, inflate_list
from vcred.status.snapshot import StatusSnapshot

_SIZE = 1_000_000
_REVOKED = 10_000


def _revoked() -> dict[int, int]:
    return dict.fromkeys(random.Random(1).sample(range(_SIZE), _REVOKED), 1)


def _lookup() -> Sequence[Work]:

    status_list = StatusList.empty(bits=1, size=_SIZE).changed(_revoked())
    snapshot = StatusSnapshot(
        uri="https://issuer.example/status/0",
        issued_at=0,
        expires_at=None,
        ttl=None,
        token_digest=bytes(32),
        bits=1,
        lst=compress_list(status_list),
    )
    snapshot.lookup(0)  # Inflates the list.
    # `partial` calls from C: a lambda would cost a third of what is measured.
    return (partial(snapshot.lookup, 777_777),)


def _open() -> Sequence[Work]:

    lst = compress_list(StatusList.empty(bits=1, size=_SIZE).changed(_revoked()))
    return (lambda: inflate_list(1, lst),)


def _build() -> Sequence[Work]:

    revoked = _revoked()
    return (lambda: compress_list(StatusList.empty(bits=1, size=_SIZE).changed(revoked)),)


ROWS = (
    Row(
        name="status lookup, list open",
        goal=0.15,
        prepare=_lookup,
        against=Against.MICROSECONDS,
    ),
    Row(name="status list open, 1 M at 1 %", goal=450, prepare=_open, against=Against.MICROSECONDS),
    Row(
        name="status list build and encode, 1 M at 1 %",
        goal=10_000,
        prepare=_build,
        against=Against.MICROSECONDS,
    ),
)
