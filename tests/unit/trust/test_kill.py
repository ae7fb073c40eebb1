# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""BND-23: whenever an import dies, the gate holds the old or the new, whole. BND-35: it asks nobody."""

import shutil
import sys
from pathlib import Path

from tests.kill import kill_at_every_write, python_module, require_strace, traced_calls
from tests.unit.trust.homes import make_gate, open_store
from tests.unit.trust.samples import carrying, fresh_world, grow, withdrawal
from tests.world import World
from vcred.home import read_home
from vcred.trust.bundle import encode_bundle
from vcred.trust.held import Held

IMPORTER = "tests.unit.trust.importer"


def held_in(folder: Path) -> Held:
    with open_store(read_home(folder)) as store:
        return store.held


def prepare(folder: Path) -> tuple[World, Path, Path]:
    """A gate that holds a bundle, and a newer one: entries, a checkpoint, lists, a type, what is pending."""
    world = fresh_world()
    home = make_gate(folder / "gate", world)
    with open_store(home) as store:
        store.import_bundle(encode_bundle(world.bundle(types={})))
    world.later(hours=1)
    grow(world, 2)
    world.revoke(7)
    bundle = folder / "newer.bundle"
    bundle.write_bytes(encode_bundle(carrying(world, withdrawal(world))))
    return world, home.path, bundle


def test_bnd_23_a_kill_at_every_write_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    require_strace()
    world, gate, bundle = prepare(tmp_path)
    seconds = int(world.now.timestamp())
    old = held_in(gate)

    def copy(name: str) -> Path:
        return Path(shutil.copytree(gate, tmp_path / name))

    def command(place: Path) -> list[str]:
        return python_module(IMPORTER, place, bundle, seconds)

    found = set()
    points = list(kill_at_every_write(copy, command))
    new = held_in(tmp_path / "untouched")
    assert (len(old.leaves), len(new.leaves)) == (8, 10)
    assert (len(old.pending), len(new.pending)) == (0, 1)
    for point, place, _ in points:
        held = held_in(place)
        assert held in (old, new), point
        found.add(len(held.leaves))
        # And the next attempt makes it whole.
        with open_store(read_home(place), now=world.now) as store:
            store.import_bundle(bundle.read_bytes())
            assert store.held == new, point
    # Kills before the commit and after it: else the test would prove nothing.
    assert found == {8, 10}
    assert len(points) > 20


def test_bnd_23_a_first_import_that_dies_leaves_an_empty_gate_or_a_full_one(tmp_path: Path) -> None:
    require_strace()
    world = fresh_world()
    gate = make_gate(tmp_path / "gate", world).path
    bundle = tmp_path / "first.bundle"
    bundle.write_bytes(encode_bundle(world.bundle()))

    def copy(name: str) -> Path:
        return Path(shutil.copytree(gate, tmp_path / name))

    seconds = int(world.now.timestamp())
    points = list(kill_at_every_write(copy, lambda place: python_module(IMPORTER, place, bundle, seconds)))
    new = held_in(tmp_path / "untouched")
    for point, place, _ in points:
        assert held_in(place) in (Held(), new), point


def test_bnd_35_an_import_calls_nobody(tmp_path: Path) -> None:
    require_strace()
    world, gate, bundle = prepare(tmp_path)
    command = python_module(IMPORTER, gate, bundle, int(world.now.timestamp()))
    assert traced_calls(command, trace="%network") == {}
    # The trace would have seen it.
    asking = [sys.executable, "-c", "import socket; socket.socket(socket.AF_UNIX).close()"]
    assert traced_calls(asking, trace="%network")
    assert held_in(gate).newest_checkpoint() is not None
