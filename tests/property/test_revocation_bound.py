# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-18: whatever the order of events, nothing revoked is accepted beyond the bound of docs/spec/verdict.md.

With signatures, and clocks that jump, the same is asked of fewer schedules in tests/faults/schedules.py.
"""

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from tests.faults.amounts import amount
from tests.property.revocation.schedule import Rules, Schedule, Tally
from vcred.issuer.status_lists import issue_tick

CHUNK = 500
MUCH = ("accepted", "rejected", "indeterminate", "suspended", "final", "imported", "import rollback")


def grid(now: int, every: int, last: int) -> tuple[int, int]:
    """The issuer's own rule: a list is dated at the begin of its interval, and signed within it."""
    tick = issue_tick(now=now, every=every, last_issued_at=last)
    return tick, tick


def ahead(now: int, every: int, last: int) -> tuple[int, int]:
    """Another issuer's: a list is dated at the end of its interval."""
    tick = max(-(-now // every), last // every + 1) * every
    return tick, tick - every + 1


RULES = Rules(grid=grid)


def run_seeds(seeds: Iterable[int], rules: Rules) -> Tally:
    """The schedules of some seeds, together."""
    total = Tally()
    for seed in seeds:
        total.add(Schedule(seed, rules).run())
    return total


def run_all(count: int, rules: Rules) -> Tally:
    chunks = [range(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]
    total = Tally()
    with ProcessPoolExecutor(max_workers=2) as pool:
        for tally in pool.map(partial(run_seeds, rules=rules), chunks):
            total.add(tally)
    return total


def test_fi_18_a_hundred_thousand_schedules() -> None:
    count = amount(100_000, 1_000_000)
    total = run_all(count, RULES)
    assert total.complaints == []
    # Schedules in which little happens would prove little.
    for name in MUCH:
        assert total.counts[name] > count // 4, name
    assert total.counts["accepted before it was heard of"] > count // 10
    # The bound is not merely kept: it is reached.
    assert total.counts["accepted in the last two seconds"] > 0


def test_fi_18_lists_dated_an_interval_ahead_keep_the_wider_bound_and_no_narrower() -> None:
    rules = Rules(grid=ahead, is_exact=False)
    assert run_all(2_000, rules).complaints == []
    narrower = run_seeds(range(2_000), replace(rules, is_exact=True))
    assert "INV-7" in {line.partition(":")[0] for line in narrower.complaints}


@pytest.mark.parametrize(
    ("rules", "invariants"),
    [
        (replace(RULES, is_skipping=True), {"INV-6", "INV-7"}),
        (replace(RULES, is_ageless=True), {"INV-7", "LIFTED"}),
        # What is forgotten comes back, but not beyond the bound: the age of lists alone keeps that.
        (replace(RULES, is_forgetful=True), {"INV-11", "FINAL"}),
    ],
)
def test_fi_18_controls_are_noticed(rules: Rules, invariants: set[str]) -> None:
    """The same seeds as above, and one rule is broken."""
    found = {line.partition(":")[0] for line in run_seeds(range(3_000), rules).complaints}
    assert invariants <= found
