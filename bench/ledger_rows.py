# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The ledger: durable appends, batches, replay, and what a gate does with a bundle.

Every entry bears one ES256 signature. Where a row leaves its check out, its name says so: what is
left is the door's own work, the disk and the tree.
"""

import os
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final
from unittest.mock import patch

from bench.history import History, new_folder
from bench.network import NOW
from bench.row import Against, DurableRow, LongRow, Work
from vcred.home import Role, Settings, create_home
from vcred.keys.public import PublicKey
from vcred.ledger.engines.sqlite import SqliteLog
from vcred.ledger.network_file import encode_network_file
from vcred.ledger.rules import replay
from vcred.tlog.tree import Frontier, leaf_hash
from vcred.trust.bundle import encode_bundle
from vcred.trust.store import TrustStore

# 0.65 of the rate of `fdatasync`.
_DURABLE: Final = 1 / 0.65
# 0.75 of what the signatures alone allow.
_CHECKED: Final = 1 / 0.75
# With it 10,000 entries are replayed in 3 seconds, and a whole import has room for its fixed part.
_REPLAYED: Final = 3
_IMPORTED: Final = 4
_SIZE: Final = 10_000
_HELD: Final = 1000
_BATCH: Final = 100
_LEAF_BYTES: Final = 900


def _append_to_log(calls: int) -> tuple[Work, Path]:
    del calls
    folder = new_folder()
    log, place, frontier = SqliteLog(folder / "ledger.sqlite"), count(), Frontier()

    def append() -> None:
        nonlocal frontier
        leaf = os.urandom(_LEAF_BYTES)
        frontier, nodes = frontier.grow([leaf_hash(leaf)])
        log.append([leaf], nodes, expected_size=next(place))

    return append, folder


def _append_one(calls: int) -> tuple[Work, Path]:
    folder, history = new_folder(), History.begin().grow(_SIZE)
    ledger, coming = history.ledger(folder), iter(history.operations(calls))
    return (lambda: ledger.append(next(coming))), folder


def _append_one_unchecked(calls: int) -> tuple[Work, Path]:
    append, folder = _append_one(calls)
    return partial(_unchecked, append), folder


def _append_hundred_to_log(calls: int) -> Work:
    del calls
    folder = new_folder()
    log, frontier = SqliteLog(folder / "ledger.sqlite"), Frontier()
    leaves = [os.urandom(_LEAF_BYTES) for _ in range(_BATCH)]

    def append() -> None:
        nonlocal frontier
        size = frontier.size
        frontier, nodes = frontier.grow(map(leaf_hash, leaves))
        log.append(leaves, nodes, expected_size=size)

    return append


def _append_hundred(calls: int) -> Work:
    history = History.begin().grow(_SIZE)
    ledger = history.ledger(new_folder())
    coming = iter([history.operations(_BATCH) for _ in range(calls)])
    return lambda: ledger.append_many(next(coming))


def _replay(calls: int) -> Work:
    del calls
    leaves = History.begin().grow(_SIZE).world.leaves
    assert not replay(leaves).void
    return lambda: replay(leaves)


def _import(calls: int) -> Work:
    """Each call is another gate's, which has decided before and is ready to decide again after it."""
    folder, history = new_folder(), History.begin().grow(_HELD)
    network_file, first = folder / "network.json", encode_bundle(history.world.bundle())
    network_file.write_bytes(encode_network_file(history.world.network_file()))
    history.grow(_HELD + _BATCH)
    more = encode_bundle(
        history.world.bundle(first=_HELD, leaves=tuple(history.world.leaves[_HELD:]), status_tokens=())
    )
    gates = []
    for number in range(calls):
        home = create_home(folder / f"gate-{number}", Role.VERIFIER, Settings(network=network_file))
        gates.append(TrustStore.open(home, clock=lambda: NOW))
        gates[-1].import_bundle(first)
        gates[-1].belief()
    coming = iter(gates)

    def import_more() -> None:
        gate = next(coming)
        gate.import_bundle(more)
        gate.belief()

    return import_more


def _unchecked(work: Work) -> object:
    with patch.object(PublicKey, "verify", _believe):
        return work()


def _believe(*_: object) -> None:
    pass


ROWS = (
    DurableRow(name="append one, durable: leaf and tree only", goal=_DURABLE, prepare=_append_to_log),
    DurableRow(
        name="append one, durable, at 10,000: signature check out",
        goal=_DURABLE,
        prepare=_append_one_unchecked,
    ),
    DurableRow(name="append one, durable, at 10,000: all in", goal=_DURABLE, prepare=_append_one),
    LongRow(
        name="append 100 at once: leaves and tree only, an entry",
        goal=20,
        prepare=_append_hundred_to_log,
        things=_BATCH,
        against=Against.MICROSECONDS,
        rounds=41,
    ),
    LongRow(
        name="append 100 at once, at 10,000: all in, an entry",
        goal=_CHECKED,
        prepare=_append_hundred,
        things=_BATCH,
        rounds=15,
    ),
    LongRow(name="replay of 10,000, an entry", goal=_REPLAYED, prepare=_replay, things=_SIZE),
    LongRow(
        name="import of 100 new into 1,000, an entry",
        goal=_IMPORTED,
        prepare=_import,
        things=_BATCH,
        rounds=7,
    ),
)
