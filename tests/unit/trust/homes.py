# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A gate's home on a real disk."""

from datetime import datetime
from pathlib import Path

from tests.world import START, World
from vcred.home import Home, Role, Settings, create_home
from vcred.trust.network_file import NetworkFile, encode_network_file
from vcred.trust.store import TrustStore


def make_gate(path: Path, world: World, *, network_file: NetworkFile | None = None) -> Home:
    """The home of a verifier that has got the network file of the world."""
    content = encode_network_file(network_file or world.network_file())
    return create_home(path, Role.VERIFIER, Settings(), network_file=content)


def open_store(home: Home, *, now: datetime = START) -> TrustStore:
    """Its trust store, at a time."""
    return TrustStore.open(home, clock=lambda: now)
