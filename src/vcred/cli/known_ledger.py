# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is known of the ledger here: the ledger itself where it is named, else the trust bundle."""

from pathlib import Path

import click

from vcred.cli.command import clock_of
from vcred.cli.homes import any_home, open_trust
from vcred.cli.ledger_places import LEDGER_HELP, LEDGER_PLACE, open_ledger_at
from vcred.clock import Clock
from vcred.home import Home, Role
from vcred.ledger.state import State
from vcred.trust.belief import belief_of

ledger_option = click.option("--ledger", metavar=LEDGER_PLACE, help=LEDGER_HELP)


def known_state(context: click.Context, named: str | None) -> State:
    """Return the state of the ledger, as far as this home knows it.

    Args:
        context: Names the home and the clock.
        named: Of `--ledger`.

    Raises:
        StoreError: There is no home, or it holds nothing of the ledger yet.
        FetchError: No ledger answers at the URL.
    """
    clock = clock_of(context)
    if named is not None:
        return _state_of(named, clock)
    home = any_home(context)
    return _state_of(home.path, clock) if home.role is Role.LEDGER else required_state(home, None, clock)


def required_state(home: Home, named: str | None, clock: Clock) -> State:
    """Return the state of the ledger, as far as a party's home knows it. Errors as `known_state`."""
    place = named or home.settings.ledger
    if place is not None:
        return _state_of(place, clock, home)
    with open_trust(home, clock) as store:
        return store.belief().state


def state_of_home(home: Home, named: str | None, clock: Clock) -> State | None:
    """Return what a party's home knows of the ledger, or None where it knows nothing yet.

    Errors as `known_state`.
    """
    place = named or home.settings.ledger
    if place is not None:
        return _state_of(place, clock, home)
    if home.settings.network is None:
        return None
    with open_trust(home, clock) as store:
        belief = belief_of(store.held)
    return None if belief is None else belief.state


def _state_of(place: str | Path, clock: Clock, home: Home | None = None) -> State:
    with open_ledger_at(place, clock, home=home) as ledger:
        return ledger.state
