# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""Which log keys the entries beyond a witness's record name: who else may have signed a head.

Anybody may ask a witness, and a note costs nothing to make. So a head that the log key in force at
the record has not signed is worth a replay only if some `network.change` between names the key
that has. The entries are looked through for those without a rule being asked, and each of them
once in a while only: who asks again, with whatever note, causes no reading.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from vcred.codec.fields import get_object
from vcred.errors import DecodeError, KeyMaterialError
from vcred.keys.public import PublicKey
from vcred.ledger.entries import Kind, parse_leaf
from vcred.ledger.network_rules import parse_log_key
from vcred.limits import MAX_LOG_GROWTH_PER_IMPORT
from vcred.tlog.witness import RefusalKind, WitnessRecord
from vcred.witness.engines.reader import LEAVES_AT_A_TIME, EntryReader
from vcred.witness.refusals import refused

# After that the entries may be others: a source that was damaged is read anew.
_KEPT_SECONDS: Final = 60
_MARKER: Final = f'"{Kind.NETWORK_CHANGE}"'.encode()


class NewLogKeys:
    """What was found, for one record. Not for several threads at once."""

    def __init__(self, reader: EntryReader) -> None:
        self._reader = reader
        self._begin(WitnessRecord(), 0)

    def named(self, *, size: int, recorded: WitnessRecord, now: int) -> tuple[PublicKey, ...]:
        """The keys that entries name from the record on, up to `size`. No rule was asked.

        Args:
            size: Of the offered head.
            recorded: The record.
            now: The witness's time, NumericDate.

        Raises:
            WitnessRefusedError: Entries cannot be had, or are more than can be taken in at once.
        """
        known = (self._recorded.size, self._recorded.root)
        if known != (recorded.size, recorded.root) or not 0 <= now - self._since <= _KEPT_SECONDS:
            self._begin(recorded, now)
        if size > recorded.size + MAX_LOG_GROWTH_PER_IMPORT:
            raise refused(RefusalKind.ENTRIES_MISSING, recorded_size=recorded.size)
        while self._end < size:
            leaves = self._reader.some(self._end, min(size, self._end + LEAVES_AT_A_TIME), recorded)
            if not leaves:
                raise refused(RefusalKind.ENTRIES_MISSING, recorded_size=recorded.size)
            self._found += _log_keys(leaves, start=self._end)
            self._end += len(leaves)
        return tuple(key for index, key in self._found if index < size)

    def _begin(self, recorded: WitnessRecord, now: int) -> None:
        self._recorded = recorded
        self._since = now
        self._end = recorded.size
        self._found: list[tuple[int, PublicKey]] = []


def _log_keys(leaves: Iterable[bytes], *, start: int) -> Iterator[tuple[int, PublicKey]]:
    for index, leaf in enumerate(leaves, start):
        # The form of a leaf is exact, so its kind stands in it as it is written here.
        if _MARKER not in leaf:
            continue
        try:
            yield index, parse_log_key(get_object(parse_leaf(leaf).operation, "log_key"))
        except (DecodeError, KeyMaterialError):
            # Void, or a change of something else.
            continue
