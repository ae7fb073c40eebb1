# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Choose where chunks are worked on: what the person says, else by the size of the roster."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from vcred.errors import UsageError
from vcred.home import Home
from vcred.issuer.engines.workers.chunk_engine import ChunkEngine
from vcred.issuer.engines.workers.inline import InlineEngine
from vcred.issuer.engines.workers.processes import ProcessEngine
from vcred.keys.custody import Unlock
from vcred.keys.signer import Signer

SMALL_ROSTER: Final = 1_024
"""Up to so many rows, starting processes takes longer than the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """What the person says.

    Attributes:
        engine: Address of a scheduler of many machines; None: this machine alone.
        workers: How many processes of this machine; None: one for each processor.
    """

    engine: str | None = None
    workers: int | None = None

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise UsageError("the number of workers must be at least 1")
        if self.engine is not None and self.workers is not None:
            raise UsageError(
                "--engine and --workers exclude each other",
                hint="how many work behind a scheduler is said where they are started",
            )
        if self.engine is not None:
            # Here: who issues on one machine is spared all that speaks TLS.
            from vcred.issuer.engines.workers.cluster_connection import check_scheduler_address

            check_scheduler_address(self.engine)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHome:
    """Where other processes find the keys: the issuer's home, and what opens them."""

    home: Home
    unlock: Unlock | None


@contextmanager
def open_engine(
    choice: EngineChoice, *, signer: Signer, keys: KeyHome | None, is_small: bool
) -> Iterator[ChunkEngine]:
    """Open the engine that fits, for as long as the `with` block runs.

    Args:
        signer: The key that signs, in this process.
        keys: None: the key is in this process only, and so is the work.
        is_small: The roster has at most `SMALL_ROSTER` rows.
    """
    engine = _engine(choice, signer, keys, is_small=is_small)
    try:
        yield engine
    finally:
        engine.close()


def _engine(choice: EngineChoice, signer: Signer, keys: KeyHome | None, *, is_small: bool) -> ChunkEngine:
    if choice.engine is not None:
        from vcred.issuer.engines.workers.cluster import DaskEngine

        return DaskEngine(choice.engine)
    workers = choice.workers or (1 if is_small else _processors())
    if keys is None or workers == 1:
        return InlineEngine(signer)
    return ProcessEngine(home=keys.home, unlock=keys.unlock, workers=workers, key=signer.public_key)


def _processors() -> int:
    """How many processors this process may use: a container may have fewer than the machine."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        # Only Linux says which.
        return os.cpu_count() or 1
