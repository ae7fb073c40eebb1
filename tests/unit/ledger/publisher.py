# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""A process that appends one entry and publishes: `python -m tests.unit.ledger.publisher FOLDER`.

Prints a line for each thing that was acknowledged: it must be there whatever comes after.
"""

import sys
from contextlib import ExitStack
from pathlib import Path

from tests.unit.ledger.homes import AUTHORITIES, Network


def main() -> None:
    network = Network(Path(sys.argv[1]))
    network.clock.later(seconds=10)
    with ExitStack() as stack:
        ledger = stack.enter_context(network.ledger())
        print("appended", network.say(ledger, 2).index, flush=True)
        witnesses = [network.witness(name, stack, ledger) for name in AUTHORITIES]
        print("published", ledger.publish(witnesses).size, flush=True)


if __name__ == "__main__":
    main()
