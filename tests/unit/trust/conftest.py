# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A gate whose store has something in every table."""

from pathlib import Path

import pytest

from tests.unit.trust.homes import make_gate, open_store
from tests.unit.trust.samples import carrying, fresh_world, head, note_of, withdrawal
from tests.world import ORIGIN, START, World
from vcred.home import Home
from vcred.trust.bundle import Bundle, encode_bundle

NOW = int(START.timestamp())


@pytest.fixture
def world() -> World:
    return fresh_world()


def with_void(world: World) -> Bundle:
    """A ledger on which log and witnesses let two entries stand that mean nothing."""
    world.leaves += [b"{}", world.leaves[5]]
    lines = [(name, signer, NOW) for name, signer in world.witnesses.items()]
    return world.bundle(checkpoint=note_of(head(world.leaves, origin=ORIGIN), world.log_key, lines))


@pytest.fixture
def gate(tmp_path: Path, world: World) -> Home:
    """A gate that holds void entries, a pending withdrawal and a floor."""
    gate = make_gate(tmp_path / "gate", world)
    bundle = with_void(world)
    with open_store(gate) as store:
        store.import_bundle(encode_bundle(bundle))
        store.import_bundle(encode_bundle(carrying(world, withdrawal(world), checkpoint=bundle.checkpoint)))
        store.enter_floor(store.gossip())
    return gate
