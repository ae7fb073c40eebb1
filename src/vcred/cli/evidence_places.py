# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Where an issuer reads the ledger: in the ledger's own home, or in what its trust bundle has brought."""

from pathlib import Path

from vcred.cli.homes import open_trust
from vcred.clock import Clock
from vcred.home import Home
from vcred.ledger.ledger import Ledger
from vcred.ledger.state import State


def ledger_place(home: Home, given: str | None) -> Path | None:
    """Return the home of the ledger, if it lies on this machine: the one given, or that of `home.toml`."""
    return home.settings.ledger if given is None else Path(given)


def state_at(home: Home, given: str | None, clock: Clock) -> State:
    """Return the state of the ledger that lies on this machine, else of the trust bundle held.

    Raises:
        StoreError: Neither is there.
    """
    place = ledger_place(home, given)
    if place is None:
        return trusted_state(home, clock)
    with Ledger.open(place, clock=clock) as ledger:
        return ledger.state


def trusted_state(home: Home, clock: Clock) -> State:
    """Return the state that the trust bundle of a home has brought. Raises StoreError: none is held."""
    with open_trust(home, clock) as store:
        return store.belief().state
