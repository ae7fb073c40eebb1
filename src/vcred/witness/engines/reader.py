# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A witness's own reading of the ledger: fetch, replay, compare with what was cosigned.

What has been replayed is kept in memory, up to the recorded head and no further: entries
beyond it may still be others when they are asked for again.
"""

from collections.abc import Sequence
from typing import Final

from vcred.errors import LedgerError, VcredError
from vcred.limits import MAX_LOG_GROWTH_PER_IMPORT
from vcred.tlog.witness import RefusalKind, WitnessRecord
from vcred.witness.monitor import LeafSource, Replayed
from vcred.witness.refusals import refused

_LEAVES_AT_A_TIME: Final = 10_000


class EntryReader:
    """Replays from one source. Not for several threads at once."""

    def __init__(self, source: LeafSource, *, floor: WitnessRecord) -> None:
        self._source = source
        self._floor = floor
        self.replayed = Replayed()

    def catch_up(self, recorded: WitnessRecord) -> Replayed:
        """Replay up to the record: the entries must have its root, and on the way that of the floor.

        Raises:
            WitnessRefusedError: They cannot be had, or have another root: then the source lies,
                or is damaged, and the next attempt begins anew.
        """
        replayed = self.replayed
        if replayed.state.size > recorded.size:
            replayed = Replayed()
        for known in sorted((self._floor, recorded), key=lambda record: record.size):
            if replayed.state.size < known.size:
                replayed = self._grown(replayed, known.size, recorded)
            if replayed.state.size == known.size and replayed.frontier.root() != known.root:
                self.replayed = Replayed()
                raise refused(
                    RefusalKind.ENTRIES_DIFFER, recorded_size=recorded.size, evidence=(recorded.note,)
                )
        self.replayed = replayed
        return replayed

    def read_on(self, before: Replayed, size: int, recorded: WitnessRecord) -> Replayed:
        """Replay the entries up to an offered head. Nothing of them is believed yet.

        Raises:
            WitnessRefusedError: They cannot be had, or are more than can be taken in at once.
        """
        if size > recorded.size + MAX_LOG_GROWTH_PER_IMPORT:
            raise refused(RefusalKind.ENTRIES_MISSING, recorded_size=recorded.size)
        return self._grown(before, size, recorded)

    def _grown(self, replayed: Replayed, size: int, recorded: WitnessRecord) -> Replayed:
        while replayed.state.size < size:
            start = replayed.state.size
            leaves = self._leaves(start, min(size, start + _LEAVES_AT_A_TIME), recorded)
            try:
                replayed = replayed.grow(leaves)
            except LedgerError as error:
                # Not even a network.
                raise refused(RefusalKind.ORIGIN_UNKNOWN, recorded_size=recorded.size) from error
        return replayed

    def _leaves(self, start: int, end: int, recorded: WitnessRecord) -> Sequence[bytes]:
        try:
            leaves = self._source(start, end)
        except VcredError as error:
            raise refused(RefusalKind.ENTRIES_MISSING, recorded_size=recorded.size) from error
        if len(leaves) != end - start:
            raise refused(RefusalKind.ENTRIES_MISSING, recorded_size=recorded.size)
        return leaves
