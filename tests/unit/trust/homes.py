# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A gate's home on a real disk."""

import sqlite3
from datetime import datetime
from pathlib import Path

from tests.world import START, World
from vcred.home import Home, Role, Settings, create_home
from vcred.ledger.network_file import NetworkFile, encode_network_file
from vcred.trust.held import Held
from vcred.trust.store import FILE_NAME, TrustStore


def make_gate(path: Path, world: World, *, network_file: NetworkFile | None = None) -> Home:
    """The home of a verifier that has got the network file of the world."""
    content = encode_network_file(network_file or world.network_file())
    return create_home(path, Role.VERIFIER, Settings(), network_file=content)


def open_store(home: Home, *, now: datetime = START) -> TrustStore:
    """Its trust store, at a time."""
    return TrustStore.open(home, clock=lambda: now)


def held_in(home: Home) -> Held:
    """What it holds, as it is opened anew."""
    with open_store(home) as store:
        return store.held


def change(gate: Home, statement: str, *values: object) -> None:
    """Do to its file what a disk, or a hand, may do."""
    database = sqlite3.connect(gate.path / FILE_NAME)
    with database:
        assert database.execute(statement, values).rowcount >= 1
    database.close()


def is_void(home: Home, world: World) -> bool:
    """Whether it believes that Guangdong's accreditation is void."""
    with open_store(home) as store:
        return store.belief().accreditations(world.issuer.did, world.vct)[0].void
