# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""FI-09: clocks that are wrong, or turn wrong midway. Dates never go back; what is old never looks new."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.stage import complaints_of_gate, complaints_of_network, open_gate, prepare_gate, publish
from tests.unit.ledger.homes import found_network
from tests.unit.trust.samples import fresh_world
from tests.world import START, World
from vcred.errors import QuorumError, TrustBundleError, VcredError
from vcred.reasons import Reason
from vcred.verifier.report import Decision

WRONG = {
    "a day behind": START - timedelta(days=1),
    "an hour behind": START - timedelta(hours=1),
    "a second behind": START - timedelta(seconds=1),
    "right": START,
    "an hour ahead": START + timedelta(hours=1),
    "a day ahead": START + timedelta(days=1),
    "ten years ahead": START + timedelta(days=3650),
    "at the epoch": datetime(1970, 1, 1, tzinfo=UTC),
    "in 2038": datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
}
clocks = pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)


@clocks
def test_fi_09_logged_at_never_decreases(tmp_path: Path, wrong: datetime) -> None:
    network = found_network(tmp_path / "network")
    with network.ledger() as ledger:
        dates = [network.say(ledger, 1).logged_at]
        network.clock.now = wrong
        dates.append(network.say(ledger, 2).logged_at)
        # It was set right, and turns an hour back in the middle.
        network.clock.now = START + timedelta(minutes=1)
        dates.append(network.say(ledger, 3).logged_at)
        network.clock.later(hours=-1)
        dates.append(network.say(ledger, 4).logged_at)
    assert dates == sorted(dates)
    assert complaints_of_network(network.folder, []) == []
    with network.ledger() as ledger:
        assert ledger.fsck().void == 0


@clocks
def test_fi_09_a_ledger_publishes_under_any_clock_or_says_why_not(tmp_path: Path, wrong: datetime) -> None:
    network = found_network(tmp_path / "network")
    with network.ledger() as ledger:
        first = publish(network, ledger)
        network.say(ledger, 1)
        network.clock.now = wrong
        try:
            publish(network, ledger)
        except VcredError:
            assert ledger.published() == first
    assert complaints_of_network(network.folder, []) == []


def test_fi_09_entries_from_the_future_are_not_cosigned(tmp_path: Path) -> None:
    """The witnesses' clocks bound that of the log: else a log could date things as it likes."""
    network = found_network(tmp_path / "network")
    with network.ledger() as ledger:
        network.clock.later(days=1)
        network.say(ledger, 1)
        network.clock.later(days=-1)
        with pytest.raises(QuorumError):
            publish(network, ledger)
        assert ledger.published() is None
        # A day later they are of the past.
        network.clock.later(days=1)
        assert publish(network, ledger).size == 2


@clocks
def test_fi_09_the_time_floor_holds(tmp_path: Path, wrong: datetime) -> None:
    world, home, bundles = prepare_gate(tmp_path, bundles=3)
    with open_gate(home, world) as store:
        store.import_bundle(bundles[0].read_bytes())
        store.import_bundle(bundles[1].read_bytes())
        before = store.held
    now, world.now = world.now, wrong
    with open_gate(home, world) as store:
        # Older evidence is older whatever the clock says.
        with pytest.raises(TrustBundleError) as caught:
            store.import_bundle(bundles[0].read_bytes())
        assert caught.value.reason in (Reason.ROLLBACK, Reason.NOT_YET_VALID)
        assert store.held == before
        if wrong < START:
            with pytest.raises(TrustBundleError) as caught:
                store.import_bundle(bundles[2].read_bytes())
            assert caught.value.reason is Reason.NOT_YET_VALID
    world.now = now
    with open_gate(home, world) as store:
        assert store.held.time_floor == before.time_floor
        assert store.import_bundle(bundles[2].read_bytes()).changed
    assert complaints_of_gate(home, []) == []


@pytest.fixture
def shown() -> tuple[World, str]:
    world = fresh_world()
    world.import_bundle()
    return world, world.show()


@clocks
def test_fi_09_a_gate_accepts_under_no_wrong_clock(shown: tuple[World, str], wrong: datetime) -> None:
    world, presentation = shown
    assert world.evaluate(presentation).decision is Decision.ACCEPTED
    report = world.evaluate(presentation, now=wrong)
    # One second is within the skew that is allowed for.
    assert (report.decision is Decision.ACCEPTED) is (abs(wrong - START) <= timedelta(seconds=1))
    if wrong < START - timedelta(minutes=10):
        assert Reason.CLOCK_UNRELIABLE in report.reasons
