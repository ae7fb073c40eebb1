# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process that appends: `python -m tests.unit.ledger.engines.appender ADDRESS NAME COUNT`.

Does what the door does: an entry that is there already is acknowledged once it is settled, and
whatever else the store says, it tries again. Says `ready`, waits for a line, then prints a line
`INDEX ENTRY` for each acknowledged entry, and at the end how often which error came.
"""

import sys
from collections import Counter
from time import monotonic, sleep

from tests.unit.ledger.engines.stores import append_at, open_at
from vcred.errors import HeadMovedError, StoreError
from vcred.ledger.engines.log import LogEngine

PATIENCE_SECONDS = 60


class Appender:
    """One writer, and what it has read of the log."""

    def __init__(self, log: LogEngine) -> None:
        self.log = log
        self.indices: dict[bytes, int] = {}
        self.errors: Counter[str] = Counter()

    def catch_up(self) -> None:
        """Read what others have appended."""
        seen = len(self.indices)
        for index, leaf in enumerate(self.log.leaves(seen, self.log.size()), start=seen):
            assert leaf not in self.indices, "an entry stands twice"
            self.indices[leaf] = index

    def append(self, leaf: bytes) -> int:
        """Append until it is acknowledged; returns its index."""
        until = monotonic() + PATIENCE_SECONDS
        while monotonic() < until:
            try:
                self.catch_up()
                if leaf in self.indices:
                    self.log.settle()
                    return self.indices[leaf]
                size = len(self.indices)
                append_at(self.log, size, [leaf])
            except HeadMovedError:
                self.errors["moved"] += 1
            except StoreError as error:
                self.errors["unknown" if "nobody knows" in str(error) else "refused"] += 1
                sleep(0.05)
            else:
                return size
        raise AssertionError("never acknowledged")


def main() -> None:
    address, name, count = sys.argv[1:]
    appender = Appender(open_at(address))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(count)):
        entry = f"{name}/{number}"
        print(appender.append(entry.encode()), entry, flush=True)
    print(*(f"{name}={number}" for name, number in appender.errors.items()))


if __name__ == "__main__":
    main()
