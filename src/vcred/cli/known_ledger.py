# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What is known of the ledger here: the ledger itself where it is named, else the trust bundle."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vcred.cli.command import clock_of, given_home
from vcred.cli.homes import any_home, home_path, naming_role, open_trust
from vcred.cli.ledger_places import LEDGER_HELP, LEDGER_PLACE, is_url, open_ledger_at
from vcred.cli.unlocking import existing_unlock
from vcred.clock import Clock
from vcred.home import Home, Role, open_home, read_home
from vcred.ledger.ledger import Ledger
from vcred.ledger.published import Published
from vcred.ledger.state import State
from vcred.trust.belief import belief_of

if TYPE_CHECKING:
    from vcred.ledger.engines.remote import RemoteLedger

ledger_option = click.option("--ledger", metavar=LEDGER_PLACE, help=LEDGER_HELP)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLog:
    """The entries that are known here, what they make, and the newest checkpoint published with them."""

    state: State
    leaves: Sequence[bytes]
    published: Published | None


def known_log(
    context: click.Context, named: str | None, *, key_file: str | None, passphrase_fd: int | None
) -> KnownLog:
    """Return the entries of the ledger, as far as this home knows it; by default the home is a ledger's.

    Args:
        context: Names the home and the clock.
        named: Of `--ledger`.
        key_file: Opens the keys of a ledger in a folder, as `passphrase_fd`.
        passphrase_fd: See there.

    Raises:
        StoreError: There is no home, or it holds nothing of the ledger yet.
        FetchError: No ledger answers at the URL.
        LedgerError: What answers is the ledger of another network than the home's.
    """
    clock = clock_of(context)
    if named is not None and is_url(named):
        given = given_home(context)
        return _log_at(named, clock, None if given is None else read_home(given))
    if named is not None:
        home = open_home(Path(named), Role.LEDGER)
    else:
        with naming_role(Role.LEDGER):
            home = read_home(home_path(context, Role.LEDGER))
    if home.role is Role.LEDGER:
        unlock = existing_unlock(home, key_file=key_file, passphrase_fd=passphrase_fd)
        with Ledger.open(home, unlock=unlock, clock=clock) as ledger:
            return _log_of(ledger)
    if home.settings.ledger is not None:
        return _log_at(home.settings.ledger, clock, home)
    return _held_log(home, clock)


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


def _log_at(place: str | Path, clock: Clock, home: Home | None) -> KnownLog:
    with open_ledger_at(place, clock, home=home) as ledger:
        return _log_of(ledger)


def _log_of(ledger: "Ledger | RemoteLedger") -> KnownLog:
    state = ledger.state
    return KnownLog(state=state, leaves=ledger.leaves(0, state.size), published=ledger.published())


def _held_log(home: Home, clock: Clock) -> KnownLog:
    with open_trust(home, clock) as store:
        belief, held = store.belief(), store.held
    newest = max(held.checkpoints, key=lambda checkpoint: (checkpoint.size, checkpoint.quorum_time))
    published = Published(size=newest.size, root=newest.root, note=newest.note)
    return KnownLog(state=belief.state, leaves=held.leaves, published=published)


def _state_of(place: str | Path, clock: Clock, home: Home | None = None) -> State:
    with open_ledger_at(place, clock, home=home) as ledger:
        return ledger.state
