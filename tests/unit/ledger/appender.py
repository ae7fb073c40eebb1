# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process that appends: `python -m tests.unit.ledger.appender FOLDER AUTHORITY FIRST COUNT`.

Says `ready` and waits for a line. Prints a line `INDEX HASH` for each acknowledged entry, and at the
end how often it was told that the head had moved, and that its author had said something else meanwhile.
"""

import sys
from pathlib import Path

from tests.unit.ledger.homes import Network
from vcred.errors import LedgerError, StoreError
from vcred.ledger.entries import encode_leaf, parse_leaf
from vcred.ledger.ledger import Ledger
from vcred.reasons import Reason

MAX_ATTEMPTS = 500


def append_one(network: Network, ledger: Ledger, name: str, number: int) -> tuple[str, int, int]:
    """Append until it is acknowledged; returns the line, and how often which refusal came."""
    moved = overtaken = 0
    for _ in range(MAX_ATTEMPTS):
        operation = network.statement(name, number, ledger=ledger)
        try:
            appended = ledger.append(operation)
        except StoreError as error:
            assert error.hint == "try again", error
            moved += 1
        except LedgerError as error:
            assert error.reason is Reason.REPLAYED, error
            overtaken += 1
        else:
            entry = parse_leaf(encode_leaf(operation, logged_at=0))
            return f"{appended.index} {entry.hash}", moved, overtaken
    raise AssertionError("never acknowledged")


def main() -> None:
    folder, name, first, count = sys.argv[1:]
    network = Network(Path(folder))
    moved = overtaken = 0
    with network.ledger() as ledger:
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(int(first), int(first) + int(count)):
            line, by_head, by_author = append_one(network, ledger, name, number)
            print(line, flush=True)
            moved, overtaken = moved + by_head, overtaken + by_author
    print(moved, overtaken)


if __name__ == "__main__":
    main()
