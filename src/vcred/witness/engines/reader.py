# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A witness's own reading of the ledger: fetch, hash, compare with what was signed, and only then replay.

What has been replayed is kept in memory: up to the recorded head, and up to one signed head
beyond it that was refused for what stands in it. Entries beyond the record may still be others
when they are asked for again; then they have another root, and are read from the record on.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from vcred.errors import LedgerError, VcredError
from vcred.limits import MAX_LOG_GROWTH_PER_IMPORT
from vcred.tlog.tree import leaf_hash
from vcred.tlog.witness import RefusalKind, WitnessRecord
from vcred.witness.monitor import LeafSource, Replayed
from vcred.witness.refusals import refused

# Of at most 64 KiB each; two such pieces are held at most.
LEAVES_AT_A_TIME: Final = 256


class EntryReader:
    """Replays from one source. Not for several threads at once."""

    def __init__(self, source: LeafSource, *, floor: WitnessRecord) -> None:
        self._source = source
        self._floor = floor
        self.replayed = Replayed()
        self._ahead = Replayed()

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

    def founded(self, recorded: WitnessRecord) -> Replayed:
        """Replay entry 0 alone: it says which network this is, and under which key its log begins.

        Raises:
            WitnessRefusedError: It cannot be had, or founds no network.
        """
        return self._grown(Replayed(), 1, recorded)

    def read_on(self, before: Replayed, *, size: int, root: bytes, recorded: WitnessRecord) -> Replayed:
        """Replay the entries up to an offered head, if they have its root.

        Raises:
            WitnessRefusedError: They cannot be had, are more than can be taken in at once, or have
                another root: then no rule was asked.
        """
        if size > recorded.size + MAX_LOG_GROWTH_PER_IMPORT:
            raise refused(RefusalKind.ENTRIES_MISSING, recorded_size=recorded.size)
        if before.state.size < self._ahead.state.size <= size:
            found = self._replayed_if(self._ahead, size, root, recorded)
            if found is not None:
                return found
        found = self._replayed_if(before, size, root, recorded)
        if found is None:
            raise refused(RefusalKind.ENTRIES_DIFFER, recorded_size=recorded.size)
        return found

    def keep(self, after: Replayed) -> None:
        """Spare the next request what was replayed up to a head that the log has signed."""
        if after.state.size > self.replayed.state.size:
            self._ahead = after

    def accept(self, after: Replayed) -> None:
        """Begin from here: it is the record now."""
        self.replayed = after
        self._ahead = Replayed()

    def some(self, start: int, end: int, recorded: WitnessRecord) -> Sequence[bytes]:
        """The leaves that there are of these.

        Raises:
            WitnessRefusedError: The source fails, or gives more than was asked for.
        """
        try:
            leaves = self._source(start, end)
        except VcredError as error:
            raise refused(RefusalKind.ENTRIES_MISSING, recorded_size=recorded.size) from error
        if len(leaves) > end - start:
            raise refused(RefusalKind.ENTRIES_MISSING, recorded_size=recorded.size)
        return leaves

    def _replayed_if(
        self, before: Replayed, size: int, root: bytes, recorded: WitnessRecord
    ) -> Replayed | None:
        """Replay on to `size` if the entries have this root: hashing them costs next to nothing."""
        frontier, leaves = before.frontier, list[bytes]()
        for some in self._all(before.state.size, size, recorded):
            frontier = frontier.grow(map(leaf_hash, some))[0]
            leaves = [*some]
        if frontier.root() != root:
            return None
        if size - before.state.size <= LEAVES_AT_A_TIME:
            return _replayed(before, leaves, recorded)
        # Too many to be held: they are read once more, and may be others now.
        found = self._grown(before, size, recorded)
        return found if found.frontier.root() == root else None

    def _grown(self, replayed: Replayed, size: int, recorded: WitnessRecord) -> Replayed:
        for leaves in self._all(replayed.state.size, size, recorded):
            replayed = _replayed(replayed, leaves, recorded)
        return replayed

    def _all(self, start: int, end: int, recorded: WitnessRecord) -> Iterator[Sequence[bytes]]:
        while start < end:
            until = min(end, start + LEAVES_AT_A_TIME)
            leaves = self.some(start, until, recorded)
            if len(leaves) < until - start:
                raise refused(RefusalKind.ENTRIES_MISSING, recorded_size=recorded.size)
            yield leaves
            start = until


def _replayed(before: Replayed, leaves: Sequence[bytes], recorded: WitnessRecord) -> Replayed:
    try:
        return before.grow(leaves)
    except LedgerError as error:
        # Not even a network.
        raise refused(RefusalKind.ORIGIN_UNKNOWN, recorded_size=recorded.size) from error
