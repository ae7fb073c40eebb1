# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A log to test, in whichever store: opened again and again, grown as the door does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vcred.ledger.engines.log import LogEngine
from vcred.ledger.engines.opening import open_shared_log
from vcred.ledger.engines.sqlite import SqliteLog
from vcred.tlog.tree import frontier_at, leaf_hash

LEAVES = [f"leaf {n}".encode() for n in range(7)]


@dataclass(frozen=True, kw_only=True)
class Store:
    """A store under an address; `execute` speaks to it as a stranger with another program would."""

    address: str
    execute: Callable[[str], object]

    def open(self) -> LogEngine:
        """One more handle, as another process has it."""
        return open_at(self.address)


def open_at(address: str) -> LogEngine:
    """Open a store by what a test, or a process of one, calls it."""
    return open_shared_log(address) if address.startswith("postgresql:") else SqliteLog(Path(address))


def add(log: LogEngine, *leaves: bytes) -> int:
    """Append as the door does, reading the frontier from the store; returns the first index."""
    size = log.size()
    append_at(log, size, leaves)
    return size


def append_at(log: LogEngine, size: int, leaves: Sequence[bytes]) -> None:
    """Append to a log that is believed to be of that size."""
    _, nodes = frontier_at(log.node, size).grow(map(leaf_hash, leaves))
    log.append(leaves, nodes, expected_size=size)
