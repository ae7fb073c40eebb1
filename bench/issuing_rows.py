# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Issuing a roster, row to durable output, in one process, in two, and through a cluster of two workers.

Without Dask on the machine there is no row of it.
"""

import atexit
from contextlib import ExitStack
from functools import cache, partial
from importlib.util import find_spec

from tests.unit.issuer.run.homes import HEALTH, open_issuer

from bench.history import new_folder
from bench.issuing import keys_home, new_home, peak_bytes, race, rosters, two_unconnected
from bench.row import LongRow, RaceRow, SizeRow, Work

_ROWS = 4_000
# Of the throughput of the other.
_BESIDE_UNCONNECTED = 0.95
_BESIDE_POOL = 0.8
# The texts of so many are 250 MB. Ten million need no more than four times as much: the digests by which
# repeated rows are known again, what SQLite keeps at hand, and a list of a million entries as it is shuffled.
_MANY_ROWS = 100_000
_MEMORY = 128 * 2**20


def _issue(suffix: str, calls: int) -> Work:
    """Each call issues other people of one issuer, whose list of status is open."""
    home = new_home()
    coming = iter(rosters(_ROWS, calls))
    issuer = open_issuer(home)

    def issue_next() -> None:
        roster = next(coming)
        issuer.issue_roster(HEALTH, roster, out=home / f"{roster.stem}{suffix}", workers=1)

    return issue_next


@cache
def _cluster() -> str:
    """Start a scheduler and two workers; they end with this program. Returns its address."""
    from tests.unit.issuer.cluster.machines import a_cluster, make_worker_home

    folder, stack = new_folder(), ExitStack()
    atexit.register(stack.close)
    cluster = stack.enter_context(a_cluster(folder))
    cluster.start_scheduler()
    home = make_worker_home(folder / "worker", keys_home())
    for _ in range(2):
        cluster.start_worker(home)
    return cluster.address


def _through_dask() -> float:
    return race(engine=_cluster())


_DASK_ROWS = (
    (
        RaceRow(
            name="issue through Dask / process pool, 2 workers each",
            goal=1 / _BESIDE_POOL,
            prepare=lambda: (_through_dask, partial(race, workers=2)),
        ),
    )
    if find_spec("distributed")
    else ()
)

ROWS: tuple[LongRow | RaceRow | SizeRow, ...] = (
    LongRow(
        name="issue from a roster, to lines",
        goal=1.0,
        prepare=partial(_issue, ".jsonl"),
        things=_ROWS,
    ),
    LongRow(
        name="issue from a roster, a file each",
        goal=1.0,
        prepare=partial(_issue, ""),
        things=_ROWS,
    ),
    RaceRow(
        name="issue in 2 processes / 2 unconnected programs",
        goal=1 / _BESIDE_UNCONNECTED,
        prepare=lambda: (partial(race, workers=2), two_unconnected),
    ),
    *_DASK_ROWS,
    SizeRow(
        name="memory of issuing 100,000 rows",
        goal=_MEMORY,
        prepare=partial(peak_bytes, _MANY_ROWS),
    ),
)
