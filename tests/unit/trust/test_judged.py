# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""What a replay has found is kept: opening verifies no signature twice.

Older stores are brought to the present form.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.trust.homes import held_in, is_void, make_gate, open_store
from tests.unit.trust.samples import another_network, carrying, grow, withdrawal
from tests.world import START, World
from vcred.errors import StoreError
from vcred.home import Home
from vcred.keys.public import PublicKey
from vcred.ledger.network_file import encode_network_file
from vcred.ledger.rules import Judged
from vcred.reasons import Reason
from vcred.trust import judgement
from vcred.trust.bundle import encode_bundle
from vcred.trust.engines.sqlite import SCHEMA
from vcred.trust.held import Held
from vcred.trust.judgement import encode_judged, parse_judged
from vcred.trust.store import FILE_NAME

NOW = int(START.timestamp())
# The log's line and two cosignatures: the newest checkpoint is looked at whenever the store is opened.
OF_THE_CHECKPOINT = 3


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many signatures have been verified, in its one element."""
    count = [0]
    real = PublicKey.verify

    def counting(key: PublicKey, signature: bytes, message: bytes) -> None:
        count[0] += 1
        real(key, signature, message)

    monkeypatch.setattr(PublicKey, "verify", counting)
    yield count


# Opened again.


def test_a_store_that_is_opened_verifies_the_checkpoint_and_no_entry(
    gate: Home, world: World, verified: list[int]
) -> None:
    held = held_in(gate)
    assert verified == [OF_THE_CHECKPOINT]
    # With nothing known it would verify each of them, and find the same.
    alone = Held(leaves=held.leaves)
    assert alone.state == held.state
    assert verified[0] > OF_THE_CHECKPOINT + len(world.leaves)
    assert held.judged == Judged(size=10, void={8: Reason.MALFORMED, 9: Reason.REPLAYED})


def test_a_later_bundle_has_only_its_own_entries_verified(
    gate: Home, world: World, verified: list[int]
) -> None:
    grow(world)
    world.later(seconds=1)
    data = encode_bundle(world.bundle(first=10, leaves=tuple(world.leaves[10:]), status_tokens=()))
    with open_store(gate, now=world.now) as store:
        verified[0] = 0
        store.import_bundle(data)
        # The head as it comes, and the entry.
        assert verified == [OF_THE_CHECKPOINT + 1]
    verified[0] = 0
    assert held_in(gate).judged == Judged(size=11, void={8: Reason.MALFORMED, 9: Reason.REPLAYED})
    assert verified == [OF_THE_CHECKPOINT]


@pytest.mark.parametrize("what", ["__version__", "RULES_VERSION"])
def test_what_other_rules_have_found_is_found_anew(
    gate: Home, world: World, verified: list[int], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    held = held_in(gate)
    verified[0] = 0
    monkeypatch.setattr(judgement, what, "another")
    again = held_in(gate)
    assert again.judged is None
    assert again.state == held.state
    assert verified[0] > OF_THE_CHECKPOINT + len(world.leaves)


def test_what_is_found_is_read_back_or_nothing() -> None:
    judged = Judged(size=10, void={8: Reason.MALFORMED, 9: Reason.REPLAYED})
    seal, found = encode_judged(judged)
    assert parse_judged(seal, found, size=10) == judged
    assert parse_judged(seal, found, size=11) is None
    assert parse_judged(seal[:-1], found, size=10) is None
    assert parse_judged(None, found, size=10) is None
    assert parse_judged(seal, b"x", size=10) is None
    for position in range(len(found)):
        assert parse_judged(seal, found[:position] + "7" + found[position + 1 :], size=10) in (None, judged)


# Older stores, and other networks.

_VERSION_1 = """
CREATE TABLE leaf (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, quorum_time INTEGER NOT NULL,
    note BLOB NOT NULL) STRICT;
CREATE TABLE status (
    id INTEGER PRIMARY KEY, uri TEXT NOT NULL, did TEXT NOT NULL, issued_at INTEGER NOT NULL,
    token TEXT NOT NULL, UNIQUE (uri, issued_at)) STRICT;
CREATE TABLE type (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE time_floor (id INTEGER PRIMARY KEY CHECK (id = 0), value INTEGER NOT NULL) STRICT;
CREATE TABLE evidence (id INTEGER PRIMARY KEY, head BLOB NOT NULL UNIQUE) STRICT;
PRAGMA user_version=1;
"""


def made_by_version_1(path: Path, held: Held) -> None:
    """A store as vcred 0.1 wrote it."""
    database = sqlite3.connect(path)
    database.executescript(_VERSION_1)
    with database:
        database.executemany("INSERT INTO leaf VALUES (?, ?)", enumerate(held.leaves))
        for c in held.checkpoints:
            row = (c.size, c.root, c.quorum_time, c.note)
            database.execute("INSERT INTO checkpoint VALUES (NULL, ?, ?, ?, ?)", row)
        for s in held.statuses:
            database.execute(
                "INSERT INTO status VALUES (NULL, ?, ?, ?, ?)", (s.uri, s.did, s.issued_at, s.token)
            )
        database.executemany("INSERT INTO type VALUES (?, ?)", held.types.items())
        database.execute("INSERT INTO time_floor VALUES (0, ?)", (held.time_floor,))
        database.execute("INSERT INTO evidence VALUES (NULL, ?)", (b"a head",))
    database.close()


def test_a_store_of_version_1_is_brought_to_the_present_one(tmp_path: Path, world: World) -> None:
    gate = make_gate(tmp_path / "gate", world)
    known = world.import_bundle()
    made_by_version_1(gate.path / FILE_NAME, known)
    with open_store(gate) as store:
        assert store.held.judged is None
        assert store.belief().state == known.state
        assert store.evidence() == (b"a head",)
        assert store.held.pending == ()
        version = store._engine._db.value("PRAGMA user_version")
        assert version == SCHEMA.version == 2
        store.import_bundle(encode_bundle(carrying(world, withdrawal(world))))
    assert is_void(gate, world)
    assert held_in(gate).judged == Judged(size=8)


def test_a_network_file_that_was_swapped_is_noticed(gate: Home, world: World) -> None:
    """Else the policy of one network would be asked of another."""
    path = gate.settings.network
    assert path is not None
    good = path.read_bytes()
    path.write_bytes(encode_network_file(another_network().network_file()))
    with pytest.raises(StoreError, match="another network"):
        open_store(gate)
    path.write_bytes(good)
    assert is_void(gate, world)
