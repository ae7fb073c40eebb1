# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-18: random schedules in virtual time keep INV-7 and INV-11."""

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta

from tests.faults.amounts import amount
from tests.faults.schedules import Schedule, Tally

# Seeds that have failed once stay here.
FAILED_ONCE: tuple[int, ...] = ()
CHUNK = 50


def run_seeds(seeds: Iterable[int]) -> Tally:
    """The schedules of some seeds, together."""
    total = Tally()
    for seed in seeds:
        total.add(Schedule(seed).run())
    return total


def test_fi_18_no_revocation_is_forgotten_and_nothing_held_grows_older() -> None:
    seeds = [*FAILED_ONCE, *range(amount(300, 100_000))]
    total = Tally()
    with ProcessPoolExecutor(max_workers=2) as pool:
        for tally in pool.map(run_seeds, [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]):
            total.add(tally)
    assert total.complaints == []
    # Schedules in which little happens would prove little.
    assert min(total.accepted, total.refused_revoked, total.imports, total.refused_imports) > len(seeds) // 4
    assert total.accepted_revoked > 0


def test_fi_18_control_a_gate_that_takes_old_lists_is_noticed() -> None:
    total = Tally()
    for seed in range(200):
        total.add(Schedule(seed, status_age=timedelta(days=6)).run())
        if total.complaints:
            break
    assert any(line.startswith("INV-7") for line in total.complaints)
